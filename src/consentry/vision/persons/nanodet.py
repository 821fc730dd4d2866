"""NanoDet-Plus-m: each side of a box is a distribution over eight distances (Li et al. 2020, Generalized Focal Loss, arXiv:2006.04388)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.vision.model import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BINS", "SIZE", "STRIDES", "decode"]

SIZE = 416
STRIDES = (8, 16, 32)
BINS = 8
PERSON = 0


def decode(outputs: tuple[NDArray[Any], ...], low_score: float) -> Detections:
    """Return the people in pixels of the input, not yet suppressed.

    ``outputs``: per stride the classes, float32 [1, n, 80], then per stride the distances, float32 [1, n, 32] (left, top, right, bottom in 8 bins).
    """
    parts = [_level(outputs[level][0], outputs[level + len(STRIDES)][0], stride, low_score) for level, stride in enumerate(STRIDES)]
    return Detections(np.concatenate([part.boxes for part in parts]), np.concatenate([part.scores for part in parts]))


def _level(classes: NDArray[np.float32], distances: NDArray[np.float32], stride: int, low_score: float) -> Detections:
    kept = np.flatnonzero(classes[:, PERSON] >= low_score)
    reach = _expected(distances[kept].reshape(-1, 4, BINS)) * stride
    centres = _centres(stride)[kept]
    boxes = np.concatenate([centres - reach[:, :2], centres + reach[:, 2:]], axis=1)
    return Detections(boxes.astype(np.float32), classes[kept, PERSON].astype(np.float32))


def _expected(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of each distribution over the bins, float32 [n, 4], in strides."""
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray((weights / weights.sum(axis=-1, keepdims=True)) @ np.arange(BINS, dtype=np.float32), np.float32)


@cache
def _centres(stride: int) -> NDArray[np.float32]:
    across = (np.arange(SIZE // stride, dtype=np.float32) + 0.5) * stride
    return np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
