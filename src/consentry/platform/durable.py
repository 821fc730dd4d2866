"""Files that survive a power cut whole: either the old text or the new one, never a part."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

__all__ = ["sync_folder", "write_atomically"]


def write_atomically(path: Path, content: bytes, *, mode: int) -> None:
    """Write ``content`` beside ``path``, push it to the disk, put it in place, and push the folder to the disk.

    ``mode``: permissions of the file. A file that was there before keeps its owner where this process may set it.
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


def sync_folder(folder: Path) -> None:
    """Push the names in ``folder`` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_owner(path: Path, descriptor: int) -> None:
    with suppress(FileNotFoundError, PermissionError):
        before = path.stat(follow_symlinks=False)
        os.fchown(descriptor, before.st_uid, before.st_gid)
