"""Tells systemd how the service is (``sd_notify(3)``), where systemd asked to be told."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

__all__ = ["notify"]


def notify(state: str) -> None:
    """Send ``state``, such as ``READY=1``, to the socket that systemd named; without one, or where it does not listen, do nothing."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock, suppress(OSError):
        # An address that begins with @ is abstract: it has no name in the file system.
        sock.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)
