"""One end of a socket on which JSON objects go both ways, a line each, without ever waiting."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

__all__ = ["LONGEST_LINE", "Channel", "ChannelError"]

LONGEST_LINE = 1 << 20
"""Bytes of the longest line either side accepts."""
_MOST_UNSENT = 1 << 24
_AT_ONCE = 1 << 18


class ChannelError(Exception):
    """The other side does not keep to the form, or does not read what it is sent."""


class Channel:
    """Reads and writes what can be read and written now. The other side is not trusted: lines and what waits for it are bounded."""

    def __init__(self, sock: socket.socket) -> None:
        """Take a connected socket, which the channel owns from here on."""
        sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self.socket = sock
        self._incoming = b""
        self._outgoing = bytearray()

    @property
    def wants_to_write(self) -> bool:
        """Whether something waits to be written."""
        return bool(self._outgoing)

    def read(self) -> tuple[list[dict[str, Any]], bool]:
        """Return the objects that have come, and whether the other side is still there.

        Raises:
            ChannelError: a line is too long or no JSON object.
        """
        try:
            data = self.socket.recv(_AT_ONCE)
        except BlockingIOError:
            return [], True
        except ConnectionError:
            return [], False
        *lines, self._incoming = (self._incoming + data).split(b"\n")
        if len(self._incoming) > LONGEST_LINE:
            msg = f"a line is longer than {LONGEST_LINE} bytes"
            raise ChannelError(msg)
        return [_parsed(line) for line in lines], bool(data)

    def write(self, document: Mapping[str, Any]) -> None:
        """Write an object as soon as the other side reads.

        Raises:
            ChannelError: too much waits already.
        """
        self._outgoing += json.dumps(document, separators=(",", ":")).encode() + b"\n"
        if len(self._outgoing) > _MOST_UNSENT:
            msg = "it does not read what it is sent"
            raise ChannelError(msg)
        self.flush()

    def write_raw(self, lines: bytes) -> None:
        """Write whole lines as they are."""
        self._outgoing += lines
        self.flush()

    def flush(self) -> None:
        """Write what the other side takes now; what it will never read is forgotten."""
        try:
            sent = self.socket.send(self._outgoing) if self._outgoing else 0
        except BlockingIOError:
            return
        except ConnectionError:
            self._outgoing.clear()
            return
        del self._outgoing[:sent]

    def close(self) -> None:
        """Close the socket; safe to call twice."""
        self.socket.close()


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        msg = "a line is no JSON object"
        raise ChannelError(msg)
    return document
