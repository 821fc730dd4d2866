"""The worker's socket: who may ask, one question after the other, and a beat every few seconds."""

from __future__ import annotations

import json
import logging
import os
import selectors
import socket
import struct
import time
from typing import TYPE_CHECKING, TextIO

from consentry.platform.errors import ConsentryError
from consentry.recognition import wire
from consentry.recognition.station.model import CapturePhase, CaptureState, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from consentry.ledger.model import JSONValue
    from consentry.recognition.station.station import Station

__all__ = ["listening", "serve"]

log = logging.getLogger(__name__)

BEAT_S = 5.0
_LOOK_S = 0.5
"""Seconds between two looks whether a capture's time is over."""
_PATIENCE_S = 5.0
_PEER = struct.Struct("=iII")


def listening(path: Path) -> socket.socket:
    """Return a socket that listens at ``path``; the folder's group, which it inherits, may connect, and nobody else."""
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


def serve(listener: socket.socket, askers: tuple[int, ...], station: Station, commands: TextIO, beats: TextIO) -> None:
    """Answer the users ``askers`` until ``commands`` closes; say on ``beats`` that this process lives, and how its captures ended."""
    told = -BEAT_S
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(commands, selectors.EVENT_READ)
        while True:
            if time.monotonic() - told >= BEAT_S:
                told = time.monotonic()
                _beat(beats, station.counts)
            station.expire()
            for key, _ in selector.select(_LOOK_S):
                if key.fileobj is commands:
                    return
                _welcome(listener, askers, station.answer)


def _beat(beats: TextIO, counts: Mapping[str, int]) -> None:
    beats.write(json.dumps({"type": "beat", "captures": counts}) + "\n")
    beats.flush()


def _welcome(listener: socket.socket, askers: tuple[int, ...], answer: Callable[[Mapping[str, JSONValue], bytearray], CaptureState]) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(_PATIENCE_S)
        _, user, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        if user not in askers:
            log.warning("user %s may not ask this station", user)
            return
        try:
            header, body = wire.receive(connection)
            wire.send(connection, answer(header, body).to_document())
        except ConsentryError as error:
            _refuse(connection, error)
        except (OSError, EOFError):
            log.info("a question broke off")


def _refuse(connection: socket.socket, error: ConsentryError) -> None:
    refusal = Refusal("station.message", error.problem, error.mend)
    try:
        wire.send(connection, CaptureState(CapturePhase.REFUSED, refusal=refusal).to_document())
    except OSError:
        log.info("a question broke off")
