"""One server for one data folder: a lock that names the supervisor, so that others find it and can ask it to read the settings anew."""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from consentry.platform.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LOCK_NAME", "ask_reload", "only_server", "running_server"]

LOCK_NAME = "serve.lock"


@contextmanager
def only_server(data: Path) -> Iterator[None]:
    """Hold the lock of the data folder; it names this process.

    Raises:
        ConflictError: ``serve.running`` where another server holds it.
    """
    descriptor = os.open(data / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mend = "Stop it first, or give this site a data folder of its own."
            raise ConflictError("serve.running", str(data), "another server works on this data folder", mend) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def running_server(data: Path) -> int | None:
    """Return the process number of the server that works on a data folder, or None where none does."""
    try:
        descriptor = os.open(data / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.read(descriptor, 32))
    else:
        return None
    finally:
        os.close(descriptor)


def ask_reload(data: Path) -> bool:
    """Ask the server of a data folder to read its settings anew; return whether there is one.

    Raises:
        PermissionError: this user may not signal it.
    """
    server = running_server(data)
    if server is None:
        return False
    os.kill(server, signal.SIGHUP)
    return True
