"""The snapshot that a controller works by: the newest that its server signed for it, kept so that a power cut leaves the old one or the new one."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.access.rules.compiling import compile_snapshot
from consentry.access.snapshot_text import read_snapshot
from consentry.platform.durable import write_atomically
from consentry.platform.errors import ConflictError, ConsentryError, InputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.access.controller.identity import Identity
    from consentry.access.rules.compiling import Compiled

__all__ = ["SNAPSHOT_NAME", "PolicyFile", "open_policy", "snapshot_text", "too_old"]

log = logging.getLogger(__name__)

SNAPSHOT_NAME = "snapshot.txt"
"""The file in the data folder that holds the snapshot in force."""
_LARGEST = 64 << 20
"""Bytes; a snapshot of 10,000 people has about three million."""


@dataclass(slots=True)
class PolicyFile:
    """The snapshot in force, and the file that holds it over restarts. ``unkept``: its text while the disk has not taken it."""

    file: Path
    identity: Identity
    compiled: Compiled
    unkept: str | None = None

    @property
    def number(self) -> int:
        """Return the number of the snapshot in force."""
        return self.compiled.snapshot.number

    def read(self, text: str) -> Compiled:
        """Return a snapshot ready to be put in force; from any thread, for a large one takes a while.

        Raises:
            ProofError: Where the server did not sign it, or not for this controller; see ``read_snapshot``.
            InputError: Where it contradicts itself; see ``compile_snapshot``.
        """
        return _compiled(text, self.identity)

    def apply(self, text: str, compiled: Compiled) -> None:
        """Put a snapshot that was read in force. Where the disk does not take it, it holds all the same, for it may take rights away; see :meth:`keep`.

        Raises:
            ConflictError: ``door.snapshot-old`` where its number is not higher than that in force.
        """
        if compiled.snapshot.number <= self.number:
            raise too_old(compiled.snapshot.number, self.number + 1)
        self.compiled, self.unkept = compiled, text
        self.keep()

    def keep(self) -> None:
        """Write the snapshot in force to the disk where that has not been done: whole, or not at all."""
        if self.unkept is None:
            return
        try:
            write_atomically(self.file, self.unkept.encode(), mode=0o600)
        except OSError as error:
            log.error("the snapshot in force cannot be kept: %s", error)  # noqa: TRY400 - meant for the operator, without a traceback
        else:
            self.unkept = None


def open_policy(given: Path | None, data: Path, identity: Identity, least: int = 0) -> PolicyFile:
    """Return the newer of the snapshot that was given and the one that is kept; ``least``: the highest number that was ever in force.

    Raises:
        NotFoundError: ``door.no-snapshot`` where there is neither.
        ConflictError: ``door.snapshot-old`` where both have lower numbers than ``least``.
        ProofError: Where neither was signed for this controller.
    """
    kept = data / SNAPSHOT_NAME
    found: list[tuple[Compiled, Path]] = []
    problems: list[ConsentryError] = []
    for file in (kept, given):
        if file is not None and file.exists():
            try:
                found.append((_compiled(snapshot_text(file), identity), file))
            except ConsentryError as error:
                problems.append(error)
                log.error("%s [%s]", error, error.code)  # noqa: TRY400 - meant for the operator, without a traceback
    if not found:
        raise problems[0] if problems else _missing(given or kept)
    compiled, file = max(found, key=lambda one: one[0].snapshot.number)
    if compiled.snapshot.number < least:
        raise too_old(compiled.snapshot.number, least)
    if file != kept:
        write_atomically(kept, file.read_bytes(), mode=0o600)
    return PolicyFile(kept, identity, compiled)


def _compiled(text: str, identity: Identity) -> Compiled:
    return compile_snapshot(read_snapshot(text, identity.snapshot_key, site=identity.site, controller=identity.controller))


def snapshot_text(file: Path) -> str:
    """Return the text of a snapshot in a file.

    Raises:
        InputError: ``door.snapshot`` where it cannot be read.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise _unreadable(file, f"it is larger than {_LARGEST >> 20} MiB")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(file, f"it cannot be read: {error}") from error


def too_old(number: int, least: int) -> ConflictError:
    """Return the refusal of a snapshot whose number is below ``least``."""
    return ConflictError(
        "door.snapshot-old", "snapshot", f"its number is {number}, and this controller takes {least} or higher", "Let the server make a new one."
    )


def _unreadable(file: Path, problem: str) -> InputError:
    return InputError("door.snapshot", str(file), problem, "Give the file as the server wrote it.")


def _missing(file: Path) -> NotFoundError:
    mend = "Give --policy FILE as the server wrote it, or --server URL."
    return NotFoundError("door.no-snapshot", str(file), "there is no snapshot of a policy", mend)
