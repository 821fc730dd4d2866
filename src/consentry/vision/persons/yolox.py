"""YOLOX-nano (Ge et al. 2021, arXiv:2107.08430): one row a cell; centre and logarithm of the size relative to the cell."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.vision.model import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SIZE", "STRIDES", "decode"]

SIZE = 416
STRIDES = (8, 16, 32)
OBJECTNESS, PERSON = 4, 5


def decode(outputs: tuple[NDArray[Any], ...], low_score: float) -> Detections:
    """Return the people in pixels of the input, not yet suppressed, from float32 [1, 3549, 85] (x y w h, objectness, 80 classes)."""
    rows = outputs[0][0]
    scores = rows[:, OBJECTNESS] * rows[:, PERSON]
    kept = scores >= low_score
    corners, strides = _cells()
    centres = (rows[kept, :2] + corners[kept]) * strides[kept]
    halves = np.exp(rows[kept, 2:4]) * strides[kept] / 2
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    return Detections(boxes.astype(np.float32), scores[kept].astype(np.float32))


@cache
def _cells() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the place of each cell in its own grid, float32 [3549, 2], and its stride in pixels, float32 [3549, 1]."""
    corners, strides = [], []
    for stride in STRIDES:
        across = np.arange(SIZE // stride, dtype=np.float32)
        grid = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
        corners.append(grid)
        strides.append(np.full((len(grid), 1), stride, np.float32))
    return np.concatenate(corners), np.concatenate(strides)
