"""How far the camera itself has turned: the shift of the whole picture from one look to the next, by phase correlation.

In a pan, a face of 10 pixels moves by several times its size between two looks. Where the picture as a whole goes is known, so that tracks need only
follow how faces move within it. (Kuglin and Hines 1975, The Phase Correlation Image Alignment Method.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CameraMotion"]

LONGEST_SIDE = 480
"""Pixels of the pictures compared; a shift is found to a tenth of one."""
LEAST_RESPONSE = 0.08
"""Below it the two pictures have little in common (a cut, a crowd that fills the picture), and the camera is taken to stand."""


class CameraMotion:
    """Adds up the shifts since the first picture."""

    def __init__(self) -> None:
        """Start with a camera that has not moved."""
        self._last: NDArray[np.float32] | None = None
        self._window: NDArray[np.float32] | None = None
        self._offset = np.zeros(2)

    def moved(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return where the first picture's corner now is, float64 [2], pixels across and down. ``picture``: uint8 [H, W, 3], all of one size."""
        factor = min(LONGEST_SIDE / max(picture.shape[:2]), 1.0)
        small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32)
        if self._last is not None:
            self._offset = self._offset + self._shift(self._last, grey) / factor
        self._last = grey
        return self._offset

    def _shift(self, before: NDArray[np.float32], now: NDArray[np.float32]) -> NDArray[np.float64]:
        if self._window is None:
            # Without a window the edges of the picture, which do not move, would be taken for its content.
            self._window = np.asarray(cv2.createHanningWindow((now.shape[1], now.shape[0]), cv2.CV_32F), np.float32)
        shift, response = cv2.phaseCorrelate(before, now, self._window)
        return np.asarray(shift if response >= LEAST_RESPONSE else (0.0, 0.0))
