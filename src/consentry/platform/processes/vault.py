"""The vault process: holder of the second key root. Until templates exist it answers who it is, behind the walls it will need.

It opens ``vault.key``, listens on a Unix socket in a folder that only its user and the web process may enter, checks who connects
(``SO_PEERCRED``), answers ``{"ask": "status"}`` and nothing else, and can make no socket of another kind (seccomp).
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from consentry.platform.errors import ConsentryError
from consentry.platform.keys import SiteKeys
from consentry.platform.logs import write_logs
from consentry.platform.sandbox import allow_sockets, forbid_dumps_and_privileges

__all__ = ["VaultOrder", "main"]

log = logging.getLogger(__name__)

_BEAT_S = 5.0
_LONGEST_QUESTION = 4096
_PATIENCE_S = 1.0
_PEER = struct.Struct("=iII")


@dataclass(frozen=True, slots=True)
class VaultOrder:
    """Where the key and the socket lie, the data folder (no key may lie in it), and the users who may ask."""

    key: str
    data: str
    socket: str
    askers: tuple[int, ...]

    def to_line(self) -> str:
        """Return the order as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> VaultOrder:
        """Return the order written by ``to_line``."""
        fields = json.loads(line)
        return cls(**{**fields, "askers": tuple(fields["askers"])})


def main() -> int:
    """Carry out the order on standard input until that closes."""
    write_logs()
    order = VaultOrder.from_line(sys.stdin.readline())
    forbid_dumps_and_privileges()
    allow_sockets([socket.AF_UNIX])
    try:
        keys = SiteKeys.open(Path(order.key), data_folder=Path(order.data))
    except ConsentryError as error:
        log.error("%s [%s]", error, error.code)  # noqa: TRY400 - an error meant for the reader needs no traceback
        return error.exit_code
    with _listening(Path(order.socket)) as listener:
        _serve(listener, order.askers, {"state": "ready", "epochs": list(keys.epochs)})
    return 0


def _listening(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The socket exists with these rights from its first moment on.
    before = os.umask(0o117)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen()
    return listener


def _serve(listener: socket.socket, askers: tuple[int, ...], status: dict[str, object]) -> None:
    """Answer until standard input closes, and say every few seconds that this process lives."""
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        told = 0.0
        while True:
            if time.monotonic() - told >= _BEAT_S:
                told = time.monotonic()
                sys.stdout.write('{"type":"beat"}\n')
                sys.stdout.flush()
            for key, _ in selector.select(_BEAT_S):
                if key.fileobj is sys.stdin:
                    return
                _answer(listener, askers, status)


def _answer(listener: socket.socket, askers: tuple[int, ...], status: dict[str, object]) -> None:
    connection, _ = listener.accept()
    with connection, suppress(OSError):
        connection.settimeout(_PATIENCE_S)
        _, user, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        if user not in askers:
            log.warning("user %s may not ask the vault", user)
            return
        asked = _question(connection)
        connection.sendall(json.dumps(status if asked == {"ask": "status"} else {"refused": "unknown question"}).encode() + b"\n")


def _question(connection: socket.socket) -> object:
    try:
        return json.loads(connection.recv(_LONGEST_QUESTION))
    except ValueError:
        return None


if __name__ == "__main__":
    sys.exit(main())
