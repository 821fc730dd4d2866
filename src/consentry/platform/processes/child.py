"""One process that the supervisor started: how it is started, and the line to it."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consentry.platform.processes.channel import Channel
from consentry.platform.processes.link import LINK_VARIABLE, LISTENER_VARIABLE
from consentry.platform.processes.rules import Patience
from consentry.platform.sandbox import die_with_parent, forbid_dumps_and_privileges

if TYPE_CHECKING:
    from consentry.platform.processes.accounts import Account

__all__ = ["ChildSpec", "Fork", "PipedSpec", "Plumbing", "WebSpec"]


STDERR = 2
PATIENCE = Patience()
WEB_PATIENCE = Patience(silence_s=60.0, ending_s=6.0)
"""Requests under way have time to end, and one slow answer does not end the process."""


@dataclass(frozen=True, slots=True)
class Plumbing:
    """The descriptors that become standard input and output, those that are inherited as they are, and the variables that name them."""

    stdin: int
    stdout: int
    inherited: tuple[int, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PipedSpec:
    """A process that hears on standard input and speaks on standard output: a camera worker (``name`` is ``camera:<id>``) or the vault.

    ``order``: what it is told first; it may hold a secret, so it never shows. ``account``: None for the supervisor's own.
    """

    name: str
    command: tuple[str, ...]
    account: Account | None = None
    environment: tuple[tuple[str, str], ...] = ()
    order: bytes = field(default=b"", repr=False)
    patience: Patience = PATIENCE

    @property
    def camera(self) -> str | None:
        """The camera that it counts, if it does."""
        kind, _, camera = self.name.partition(":")
        return camera if kind == "camera" else None

    def plumbing(self, theirs: int) -> Plumbing:
        """Return how its end of the line is handed to it."""
        return Plumbing(theirs, theirs)


@dataclass(frozen=True, slots=True)
class WebSpec:
    """The web process: it inherits the listening socket and its end of the line, and finds their numbers in its environment."""

    command: tuple[str, ...]
    listener: int
    account: Account | None = None
    environment: tuple[tuple[str, str], ...] = ()
    patience: Patience = WEB_PATIENCE
    name: str = "web"
    order: bytes = b""
    camera: None = None

    def plumbing(self, theirs: int) -> Plumbing:
        """Return how its end of the line is handed to it. Its standard output joins the logs."""
        variables = ((LISTENER_VARIABLE, str(self.listener)), (LINK_VARIABLE, str(theirs)))
        return Plumbing(subprocess.DEVNULL, STDERR, (self.listener, theirs), variables)


ChildSpec = PipedSpec | WebSpec


class Fork:
    """A started process and the supervisor's end of the line to it."""

    def __init__(self, spec: ChildSpec) -> None:
        """Start it. Raises ``OSError`` where that cannot be done."""
        ours, theirs = socket.socketpair()
        try:
            self.process = _started(spec, theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self.channel = Channel(ours)
        self.channel.write_raw(spec.order)

    def close(self) -> None:
        """Close the line."""
        self.channel.close()


def _started(spec: ChildSpec, theirs: socket.socket) -> subprocess.Popen[bytes]:
    plumbing, account = spec.plumbing(theirs.fileno()), spec.account
    parent = os.getpid()

    def confine() -> None:
        die_with_parent(parent)
        forbid_dumps_and_privileges()

    # The supervisor has one thread, so code may run between fork and exec; after the change of user, which would take the limits back.
    return subprocess.Popen(  # noqa: S603 - the command is the supervisor's own
        spec.command,
        preexec_fn=confine,  # noqa: PLW1509
        start_new_session=True,
        stdin=plumbing.stdin,
        stdout=plumbing.stdout,
        pass_fds=plumbing.inherited,
        env={**os.environ, **dict(spec.environment), **dict(plumbing.variables)},
        user=account.user if account else None,
        group=account.group if account else None,
        extra_groups=() if account else None,
    )
