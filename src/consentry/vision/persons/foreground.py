"""What moves in front of a fixed camera: a background model at small scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Foreground", "covered"]

WIDTH = 240
"""Pixels across of the model's picture: enough for an arm of a person as tall as a fifth of the picture, and under a millisecond."""
HISTORY = 1000
BACKGROUND_RATIO = 0.7
"""With ``HISTORY``: someone who stands still is foreground for some 350 pictures before they become background."""
VARIANCE = 16.0
WARM_UP = 5
NOT_FIXED = 0.4
"""A larger share of moving pixels means that the camera, the light or the scene changed, not that people walk."""
OBJECT = 255  # OpenCV marks an object's shadow by another value


class Foreground:
    """Adaptive mixture of Gaussians (Zivkovic 2004) with shadows left out; its state is one model of a small picture."""

    def __init__(self) -> None:
        """Start without a background."""
        self._shape: tuple[int, ...] = ()
        self._pictures = 0
        self._model = _fresh_model()

    def update(self, image: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
        """Learn ``image`` (uint8 [h, w, 3]) and return what moves in it (uint8 [h', w'], 0 or 1).

        None where that says nothing: during the first pictures, and when most of the picture changed.
        """
        if image.shape != self._shape:
            self._shape, self._pictures, self._model = image.shape, 0, _fresh_model()
        height, width = image.shape[:2]
        small = cv2.resize(image, (WIDTH, max(round(WIDTH * height / width), 1)), interpolation=cv2.INTER_AREA)
        mask = (self._model.apply(small) == OBJECT).astype(np.uint8)
        self._pictures = min(self._pictures + 1, WARM_UP + 1)
        return mask if self._pictures > WARM_UP and mask.mean() < NOT_FIXED else None


def covered(boxes: NDArray[np.float32], mask: NDArray[np.uint8], width: int) -> NDArray[np.float32]:
    """Return the share of each box (float32 [N, 4], pixels of a picture ``width`` across) that ``mask`` marks, float32 [N], 0 to 1."""
    height_small, width_small = mask.shape
    limits = np.asarray([width_small, height_small] * 2)
    corners = np.clip(np.rint(boxes * (width_small / width)), 0, limits).astype(np.intp)
    left, top, right, bottom = corners.T
    sums = cv2.integral(mask)
    inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray(inside / np.maximum((right - left) * (bottom - top), 1), np.float32)


def _fresh_model() -> cv2.BackgroundSubtractorMOG2:
    model = cv2.createBackgroundSubtractorMOG2(history=HISTORY, varThreshold=VARIANCE, detectShadows=True)
    model.setBackgroundRatio(BACKGROUND_RATIO)
    return model
