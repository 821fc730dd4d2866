"""Space on the disk that is held for what must be written when the disk is full."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Ballast"]


@dataclass(frozen=True, slots=True)
class Ballast:
    """A file of ``size`` bytes that is thrown away to make room, and made again when there is room."""

    file: Path
    size: int

    def restore(self) -> bool:
        """Make the file where it is missing; return whether it is there whole."""
        if self._is_whole():
            return True
        try:
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self.size)
            finally:
                os.close(descriptor)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the space back to the disk."""
        with suppress(OSError):
            self.file.unlink(missing_ok=True)

    def _is_whole(self) -> bool:
        try:
            return self.file.stat().st_size == self.size
        except OSError:
            return False
