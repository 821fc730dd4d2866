"""Whether two frames show one face that stayed: what was asked of one face must not be credited to another held up afterwards. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.boxes import overlaps
from consentry.vision.faces.frontal import window
from consentry.vision.faces.parallax import share_followed

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Moment", "moment", "stayed"]

LONGEST_GAP_S = 1.0
LEAST_OVERLAP = 0.25
LEAST_LIKENESS = 0.5
"""Correlation of the two views. One face from frame to frame, turning and blinking: above 0.55. Of two persons, one pair in five is above it, too."""
LEAST_FOLLOWED = 0.4
"""Share of the points of the skin that are found again. One face in the live clips at hand, five frames a second and more: above 0.5. Of 4,000 pairs
of two persons (LFW) none was above 0.33. It is no comparison of persons; a film that blends one into the other slowly has no jump.
"""

_FACE = (-0.75, -0.3, 0.75, 1.3)
_SMALL = (32, 34)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A face in one frame.

    ``at``: seconds. ``box``: float32 [4], pixels. ``skin``: its frontal view in grey, uint8 [SIDE, SIDE]. ``light``: the same, very small, of mean 0
    and length 1, float32 [N].
    """

    at: float
    box: NDArray[np.float32]
    skin: NDArray[np.uint8]
    light: NDArray[np.float32]

    def wipe(self) -> None:
        """Overwrite what it shows of the face."""
        self.skin.fill(0)
        self.light.fill(0)


def moment(at: float, box: NDArray[np.float32], view: NDArray[np.uint8]) -> Moment:
    """Return what is kept of a frame; ``view``: uint8 [SIDE, SIDE, 3], RGB (``frontal.front_view``)."""
    skin = np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), np.uint8)
    small = np.asarray(cv2.resize(skin[window(*_FACE)], _SMALL, interpolation=cv2.INTER_AREA), np.float32).reshape(-1)
    level = small - small.mean()
    return Moment(at, box, skin, level / max(float(np.linalg.norm(level)), 1e-6))


def stayed(before: Moment, after: Moment) -> bool:
    """Return whether ``after`` continues ``before``: soon, in the same place, of the same light and shade, and of the same skin."""
    soon = 0 <= after.at - before.at <= LONGEST_GAP_S
    overlap = float(overlaps(before.box[None], after.box[None])[0, 0])
    near = soon and overlap >= LEAST_OVERLAP and float(before.light @ after.light) >= LEAST_LIKENESS
    return near and share_followed(before.skin, after.skin) >= LEAST_FOLLOWED
