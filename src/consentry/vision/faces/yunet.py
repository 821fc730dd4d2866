"""YuNet (Wu et al. 2023, Machine Intelligence Research 20): one cell, one answer, at strides of 8, 16 and 32 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.vision.faces.geometry import joined
from consentry.vision.faces.model import Faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["STRIDES", "decode"]

STRIDES = (8, 16, 32)
_POINTS = 5


def decode(outputs: tuple[NDArray[Any], ...], width: int, low_score: float) -> Faces:
    """Return the faces of an input of ``width`` pixels, in its pixels, not yet suppressed.

    ``outputs``: float32 [1, n, C], for each stride in turn: class (C = 1), objectness (1), box (4: offset across and down in cells, logarithm
    of width and height in cells), landmarks (10: across and down in cells, five times); all classes first, then all objectnesses, and so on.
    """
    levels = len(STRIDES)
    return joined([_level(tuple(output[0] for output in outputs[index::levels]), width, stride, low_score) for index, stride in enumerate(STRIDES)])


def _level(maps: tuple[NDArray[np.float32], ...], width: int, stride: int, low_score: float) -> Faces:
    classes, objectness, shapes, points = maps
    scores = np.sqrt(np.clip(classes[:, 0], 0, 1) * np.clip(objectness[:, 0], 0, 1))
    kept = np.flatnonzero(scores >= low_score)
    cells = np.stack([kept % (width // stride), kept // (width // stride)], axis=1).astype(np.float32)
    centres = (cells + shapes[kept, :2]) * stride
    halves = np.exp(shapes[kept, 2:]) * stride / 2
    landmarks = (points[kept].reshape(-1, _POINTS, 2) + cells[:, None]) * stride
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    return Faces(boxes.astype(np.float32), scores[kept].astype(np.float32), landmarks.astype(np.float32))
