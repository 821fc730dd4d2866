"""Files with secrets beside the device file: only their owner reads them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from consentry.platform.errors import KeyStoreError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["private_text"]


def private_text(file: Path) -> str:
    """Return the text of a file that nobody but its owner may read or write.

    Raises:
        KeyStoreError: ``devices.secret-exposed`` where others may, ``devices.secret`` where it cannot be read.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        problem = error.strerror or str(error)
        raise KeyStoreError("devices.secret", str(file), problem, "Write the file that the device file names, and no link to it.") from error
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as opened:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) & 0o077:
            raise KeyStoreError("devices.secret-exposed", str(file), "others than its owner may read or write it", f"Run: chmod 600 {file}")
        return opened.read()
