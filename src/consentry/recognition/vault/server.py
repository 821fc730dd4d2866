"""The vault's two doors: Unix sockets, a thread a connection, few of them, each peer checked and nobody waited for long."""

from __future__ import annotations

import logging
import os
import selectors
import socket
import struct
import sys
import time
from contextlib import suppress
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING

from consentry.platform.errors import ConsentryError
from consentry.recognition import wire
from consentry.recognition.messages import Refused, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from consentry.ledger.model import JSONValue
    from consentry.recognition.messages import Answer

    Answering = Callable[[Mapping[str, JSONValue], bytearray], Answer]

__all__ = ["MOST_CONNECTIONS", "Door", "listening", "serve"]

MOST_CONNECTIONS = 32
"""Connections that one door has open at once; further ones are closed at once."""
_WAITING = 128
_IDLE_S = 30.0
_BEAT_S = 5.0
_PEER = struct.Struct("=iII")

log = logging.getLogger(__name__)


def listening(path: Path) -> socket.socket:
    """Return a socket at ``path`` for its owner and group alone."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The socket exists with these rights from its first moment on.
    before = os.umask(0o117)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(_WAITING)
    return listener


class Door:
    """One listening socket: who may come in, and who answers."""

    def __init__(self, listener: socket.socket, askers: Sequence[int], answer: Answering, settle: Callable[[], None]) -> None:
        """``askers``: users. ``settle`` runs after each answer was sent."""
        self.listener = listener
        self._askers = frozenset(askers)
        self._answer = answer
        self._settle = settle
        self._places = BoundedSemaphore(MOST_CONNECTIONS)

    def admit(self) -> None:
        """Take the next connection and answer it in a thread of its own."""
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return
        if not self._may_ask(connection) or not self._places.acquire(blocking=False):
            connection.close()
            return
        Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _may_ask(self, connection: socket.socket) -> bool:
        _, user, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        if user not in self._askers:
            log.warning("user %s may not ask the vault here", user)
            return False
        return True

    def _attend(self, connection: socket.socket) -> None:
        """Answer question after question until the other side hangs up, is silent for too long, or sends what is no frame."""
        try:
            with connection, suppress(OSError, EOFError):
                while self._exchange(connection):
                    pass
        finally:
            self._places.release()

    def _exchange(self, connection: socket.socket) -> bool:
        connection.settimeout(_IDLE_S)
        try:
            header, body = wire.receive(connection)
        except ConsentryError as error:
            wire.send(connection, written(Refused(error.code, error.problem, error.mend)))
            return False
        try:
            wire.send(connection, written(self._answer(header, body)))
        finally:
            self._settle()
        return True


def serve(doors: Sequence[Door]) -> None:
    """Let people in until standard input closes, and say every few seconds that this process lives."""
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        for door in doors:
            selector.register(door.listener, selectors.EVENT_READ, door)
        told = 0.0
        while True:
            if time.monotonic() - told >= _BEAT_S:
                told = time.monotonic()
                sys.stdout.write('{"type":"beat"}\n')
                sys.stdout.flush()
            for key, _ in selector.select(_BEAT_S):
                if key.fileobj is sys.stdin:
                    return
                key.data.admit()
