"""RTMDet-nano (Lyu et al. 2022, arXiv:2212.07784): boxes come decoded and suppressed out of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.vision.model import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode"]

PERSON = 0


def decode(outputs: tuple[NDArray[Any], ...], low_score: float) -> Detections:
    """Return the people in pixels of the input, from ``dets`` float32 [1, k, 5] (box, score) and ``labels`` int64 [1, k]."""
    rows, labels = outputs[0][0], outputs[1][0]
    people = rows[(labels == PERSON) & (rows[:, 4] >= low_score)].astype(np.float32)
    return Detections(people[:, :4], people[:, 4])
