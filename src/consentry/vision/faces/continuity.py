"""Whether two frames show one face that stayed: what was asked of one face must not be credited to another held up afterwards. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.boxes import overlaps
from consentry.vision.faces.frontal import window

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Moment", "moment", "stayed"]

LONGEST_GAP_S = 1.0
LEAST_OVERLAP = 0.25
LEAST_LIKENESS = 0.5
"""Correlation of the two views. One face from frame to frame, turning and blinking: above 0.55; different faces: mostly below 0.5.

It is no comparison of persons, and finds an exchange only as often as two faces differ in light and shade; the vault compares the shots.
"""

_FACE = (-0.75, -0.3, 0.75, 1.3)
_SMALL = (32, 34)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A face in one frame: ``at`` seconds, its ``box`` (float32 [4], pixels), and a small grey ``view`` of mean 0 and length 1 (float32 [N])."""

    at: float
    box: NDArray[np.float32]
    view: NDArray[np.float32]


def moment(at: float, box: NDArray[np.float32], view: NDArray[np.uint8]) -> Moment:
    """Return what is kept of a frame; ``view``: uint8 [SIDE, SIDE, 3], RGB (``frontal.front_view``)."""
    grey = cv2.cvtColor(np.ascontiguousarray(view[window(*_FACE)]), cv2.COLOR_RGB2GRAY)
    small = np.asarray(cv2.resize(grey, _SMALL, interpolation=cv2.INTER_AREA), np.float32).reshape(-1)
    level = small - small.mean()
    return Moment(at, box, level / max(float(np.linalg.norm(level)), 1e-6))


def stayed(before: Moment, after: Moment) -> bool:
    """Return whether ``after`` continues ``before``: soon, in the same place, looking alike."""
    soon = 0 <= after.at - before.at <= LONGEST_GAP_S
    overlap = float(overlaps(before.box[None], after.box[None])[0, 0])
    return soon and overlap >= LEAST_OVERLAP and float(before.view @ after.view) >= LEAST_LIKENESS
