"""RTMDet-nano (Lyu et al. 2022, arXiv:2212.07784), exported with one class, person.

The graph ends in a suppression of overlapping boxes that costs up to a sixth of a small look. A runtime that can reads boxes and scores
before it; ONNX Runtime cannot, and gives what is left after it. Both lead to the same people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.vision.model import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode"]

PERSON = 0
_WITH_SCORE = 5


def decode(outputs: tuple[NDArray[Any], ...], low_score: float) -> Detections:
    """Return the people in pixels of the input.

    ``outputs``: boxes float32 [1, N, 4] and scores float32 [1, N, 1]; or, after the graph's suppression, ``dets`` float32 [1, k, 5]
    (box, score) and ``labels`` int64 [1, k].
    """
    first, second = outputs[0][0], outputs[1][0]
    if first.shape[1] == _WITH_SCORE:
        people = first[(second == PERSON) & (first[:, 4] >= low_score)].astype(np.float32)
        return Detections(people[:, :4], people[:, 4])
    likely = np.flatnonzero(second[:, 0] >= low_score)
    return Detections(first[likely].astype(np.float32), second[likely, 0].astype(np.float32))
