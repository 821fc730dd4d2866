"""Ports at which nobody listens, for what cannot be given a socket that is open already."""

from __future__ import annotations

import secrets
import socket

__all__ = ["free_port"]

# Below those that Linux gives to connections and to whoever asks for any port: none of them can take it before it is used.
FIRST, LAST = 20_000, 32_000


def free_port() -> int:
    """Return a port of this machine at which nobody listens; by real chance, because other runs of tests look for one at the same time."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
