"""How messages travel between web process, station workers and vault: frames on a Unix socket, with every length bounded.

A frame: ``uint32 length of header ‖ header ‖ uint32 length of body ‖ body``, big endian. The header is canonical JSON of at most 64 KiB, the
body (pixels of aligned faces, nothing else) has at most 4 MiB.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

from consentry.ledger.rules.canonical import canonical, parse
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from consentry.ledger.model import JSONValue

__all__ = ["LONGEST_BODY", "LONGEST_HEADER", "PATIENCE_S", "decode", "encode", "receive", "send"]

LONGEST_HEADER = 1 << 16
"""Bytes of the longest header."""
LONGEST_BODY = 1 << 22
"""Bytes of the longest body."""
PATIENCE_S = 10.0
"""Seconds within which a frame that has begun must have come or gone whole."""

_LENGTH = struct.Struct(">I")
_MEND = "Send frames as docs/vault.md describes them."


def encode(message: Mapping[str, JSONValue], body: bytes | bytearray | memoryview = b"") -> bytes:
    """Return the frame of a message.

    Raises:
        InputError: ``vault.message`` where header or body is too long, ``ledger.not-json`` where the message is no JSON of ours.
    """
    header = canonical(message)
    if len(header) > LONGEST_HEADER or len(body) > LONGEST_BODY:
        raise _refusal("it is longer than a frame may be")
    return b"".join((_LENGTH.pack(len(header)), header, _LENGTH.pack(len(body)), body))


def decode(frame: bytes) -> tuple[dict[str, JSONValue], bytes]:
    """Return header and body of exactly one frame.

    Raises:
        InputError: ``vault.message`` for anything else.
    """
    header, rest = _cut(frame, LONGEST_HEADER)
    body, rest = _cut(rest, LONGEST_BODY)
    if rest:
        raise _refusal("bytes follow its end")
    return _header(header), body


def send(sock: socket.socket, message: Mapping[str, JSONValue], body: bytes | bytearray | memoryview = b"") -> None:
    """Write one frame.

    Raises:
        InputError: As :func:`encode`.
        OSError: Where the other side is gone or does not read; ``TimeoutError`` after ``PATIENCE_S``.
    """
    sock.settimeout(PATIENCE_S)
    sock.sendall(encode(message, body))


def receive(sock: socket.socket) -> tuple[dict[str, JSONValue], bytearray]:
    """Wait for one frame, at most as long as the socket's own timeout until it begins, and return its header and body.

    The body is a buffer of its own, which whoever is done with it can overwrite.

    Raises:
        InputError: ``vault.message`` where it is no frame of ours; the connection cannot be used further.
        EOFError: Where the other side hung up between two frames.
        OSError: Where the connection broke; ``TimeoutError`` where nothing began in time, or a frame took longer than ``PATIENCE_S``.
    """
    first = bytearray(1)
    if sock.recv_into(first) == 0:
        raise EOFError
    until = time.monotonic() + PATIENCE_S
    header = _read(sock, _length(first + _read(sock, _LENGTH.size - 1, until), LONGEST_HEADER), until)
    body = _read(sock, _length(_read(sock, _LENGTH.size, until), LONGEST_BODY), until)
    return _header(bytes(header)), body


def _read(sock: socket.socket, count: int, until: float) -> bytearray:
    """Return exactly ``count`` bytes; the buffer never grows, so that no copy of it is left behind."""
    data = bytearray(count)
    view, done = memoryview(data), 0
    while done < count:
        sock.settimeout(max(1e-3, until - time.monotonic()))
        got = sock.recv_into(view[done:])
        if got == 0:
            raise _refusal("it ends too early")
        done += got
    return data


def _length(data: bytes | bytearray, longest: int) -> int:
    (count,) = _LENGTH.unpack(data)
    if count > longest:
        raise _refusal("it is longer than a frame may be")
    return int(count)


def _cut(data: bytes, longest: int) -> tuple[bytes, bytes]:
    head = _LENGTH.size
    end = head + _length(data[:head], longest) if len(data) >= head else 0
    if not head <= end <= len(data):
        raise _refusal("it ends too early")
    return data[head:end], data[end:]


def _header(data: bytes) -> dict[str, JSONValue]:
    try:
        document = parse(data)
    except InputError:
        raise _refusal("its header is no canonical JSON") from None
    if not isinstance(document, dict):
        raise _refusal("its header is no object")
    return document


def _refusal(problem: str) -> InputError:
    return InputError("vault.message", "a frame", problem, _MEND)
