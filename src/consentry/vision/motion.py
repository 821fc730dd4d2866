"""Where something moves: the motion gate of a fixed camera.

The picture is compared, in cells of a few pixels, with two running means of itself: a short one that finds what moves now and a long
one that finds what has come to stand where nothing stood. Both forget by time, so the frame rate does not matter.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CELL", "MotionGate"]

CELL = 4
"""Pixels along one side of a cell."""

_CHANGE = 20.0
"""Grey levels by which a cell's mean must differ from the short memory."""
_STANDING_CHANGE = 33.0
"""Grey levels by which it must differ from the long memory."""
_SHORT = 0.15
_LONG = 4.0


class MotionGate:
    """Tells the moving cells of each picture. State: two pictures of one cell per pixel."""

    def __init__(self) -> None:
        """Begin without memory: in the first picture everything moves."""
        self._short: NDArray[np.float32] | None = None
        self._long: NDArray[np.float32] | None = None
        self._time = 0.0

    def update(self, image: NDArray[np.uint8], time: float) -> NDArray[np.bool_]:
        """Return the moving cells (bool [ceil(h / CELL), ceil(w / CELL)]) of ``image`` (uint8 [h, w, 3]) at ``time`` seconds."""
        cells = _cells(image)
        if self._short is None or self._long is None or self._short.shape != cells.shape:
            self._short, self._long, self._time = cells.copy(), cells.copy(), time
            return np.ones(cells.shape, bool)
        moving: NDArray[np.bool_] = cv2.absdiff(cells, self._short) > _CHANGE
        moving |= cv2.absdiff(cells, self._long) > _STANDING_CHANGE
        elapsed, self._time = max(0.0, time - self._time), time
        cv2.accumulateWeighted(cells, self._short, 1 - exp(-elapsed / _SHORT))
        cv2.accumulateWeighted(cells, self._long, 1 - exp(-elapsed / _LONG))
        return moving


def _cells(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = image.shape[:2]
    # Green carries most of the brightness, and taking one channel costs a third of converting to grey.
    green = cv2.extractChannel(image, 1)
    small = cv2.resize(green, (-(-width // CELL), -(-height // CELL)), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
