"""Files that survive a power cut whole: either the old text or the new one, never a part."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

__all__ = ["sync_folder", "write_atomically", "write_new"]


def write_atomically(path: Path, content: bytes, *, mode: int) -> None:
    """Write ``content`` beside ``path``, push it to the disk, put it in place, and push the folder to the disk.

    ``mode``: permissions of the file. It belongs to whom the file before it did, or the folder, where this process may say so.
    """
    descriptor, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _keep_owner(path, file.fileno())
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that must not be there yet: it appears whole, or not at all.

    Raises:
        FileExistsError: Where there is one; it stays as it is.
    """
    descriptor, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path, follow_symlinks=False)  # unlike a rename, a link never replaces what is there
    finally:
        beside.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Push the names in ``folder`` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_owner(path: Path, descriptor: int) -> None:
    """Let a command that root runs leave nothing behind that the account of the files cannot read."""
    try:
        before = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        before = path.parent.stat()
    with suppress(PermissionError):
        os.fchown(descriptor, before.st_uid, before.st_gid)
