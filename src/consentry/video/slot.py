"""The newest-frame slot: memory shared by a capture process that writes and a reader that must never wait for it.

Two sides, each guarded by a POSIX record lock. The writer fills the side that is not the newest and then names it the
newest; the reader locks the newest side without waiting. The kernel drops a killed process's locks, so a kill in the
middle of a copy neither blocks the reader nor lets a torn frame through: a half-written side is never the newest.
The memory is anonymous: it has no name in the file system, is never written to a disk and vanishes with its last user.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.video.model import Frame, Size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from numpy.typing import NDArray

__all__ = ["Arrival", "FrameSlot"]

_HEADER = struct.Struct("=QddIIII")
_SIDES_AT = 64
_NONE = 255
LARGEST_PICTURE = Size(7680, 4320)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A frame as the capture process saw it: its running ``number`` and the monotonic instant it ``arrived``."""

    number: int
    arrived: float
    frame: Frame


class FrameSlot:
    """Shared memory for two pictures of at most ``capacity`` bytes each; pages are only used when they are written."""

    def __init__(self, descriptor: int, capacity: int) -> None:
        """Map the memory behind ``descriptor``, which the slot owns from here on."""
        self.descriptor = descriptor
        self.capacity = capacity
        self._stride = _HEADER.size + capacity
        self._memory = mmap.mmap(descriptor, _SIDES_AT + 2 * self._stride)

    @classmethod
    def create(cls, capacity: int) -> Self:
        """Return a new, empty slot."""
        descriptor = os.memfd_create("consentry-frame")
        os.ftruncate(descriptor, _SIDES_AT + 2 * (_HEADER.size + capacity))
        slot = cls(descriptor, capacity)
        slot._memory[0] = _NONE
        return slot

    @staticmethod
    def capacity_for(longest_side: int | None) -> int:
        """Return the bytes that a picture of this longest side can need; without one, those of an 8K picture."""
        if longest_side is None:
            return LARGEST_PICTURE.width * LARGEST_PICTURE.height * 3
        return longest_side * longest_side * 3

    def publish(self, arrival: Arrival) -> None:
        """Make ``arrival`` the newest frame; raise ``ValueError`` when its picture is larger than the capacity."""
        image = arrival.frame.image
        if image.nbytes > self.capacity:
            message = f"a picture of {image.nbytes} bytes does not fit into {self.capacity}"
            raise ValueError(message)
        side = 1 - self._memory[0] if self._memory[0] != _NONE else 0
        with self._locked(side, fcntl.LOCK_EX):
            _HEADER.pack_into(self._memory, self._at(side), *_header(arrival))
            self._pixels(side, image.shape)[...] = image
        self._memory[0] = side

    def take(self, after: int) -> Arrival | None:
        """Return the newest frame if its number is above ``after``; ``None`` also while the writer holds it."""
        side = self._memory[0]
        if side == _NONE:
            return None
        try:
            with self._locked(side, fcntl.LOCK_EX | fcntl.LOCK_NB):
                return self._copied(side, after)
        except (BlockingIOError, PermissionError):
            return None

    def close(self) -> None:
        """Unmap the memory and close its descriptor; safe to call twice."""
        if not self._memory.closed:
            self._memory.close()
            os.close(self.descriptor)

    def _copied(self, side: int, after: int) -> Arrival | None:
        number, time, arrived, width, height, full_width, full_height = _HEADER.unpack_from(self._memory, self._at(side))
        # The writer may have moved on before the lock was held; only the newest side is known to be whole.
        if self._memory[0] != side or number <= after:
            return None
        image = self._pixels(side, (height, width, 3)).copy()
        return Arrival(number, arrived, Frame(image, time, Size(full_width, full_height)))

    def _at(self, side: int) -> int:
        return _SIDES_AT + side * self._stride

    def _pixels(self, side: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        height, width, channels = shape
        return np.ndarray((height, width, channels), np.uint8, self._memory, self._at(side) + _HEADER.size)

    @contextmanager
    def _locked(self, side: int, mode: int) -> Iterator[None]:
        fcntl.lockf(self.descriptor, mode, 1, side)
        try:
            yield
        finally:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN, 1, side)


def _header(arrival: Arrival) -> tuple[int, float, float, int, int, int, int]:
    frame = arrival.frame
    height, width = frame.image.shape[:2]
    return arrival.number, frame.time, arrival.arrived, width, height, frame.size.width, frame.size.height
