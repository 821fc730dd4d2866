"""How a head is turned, from the five landmarks alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, atan2, degrees
from typing import TYPE_CHECKING

import numpy as np

from consentry.vision.faces.frontal import FRONTAL, INTER_EYE, ORIGIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HeadPose", "head_pose"]

_DEPTHS = (0.0, 0.0, -0.43, -0.05, -0.05)
"""How far the landmarks of an average head lie behind the eyes, in inter-eye distances; the tip of the nose lies before them.

Of the average head that is used with OpenCV's ``solvePnP`` (nose tip 27 mm before the corners of the eyes, 63 mm between the pupils).
"""
_HEAD = np.column_stack([(FRONTAL.points - np.asarray(ORIGIN)) / INTER_EYE, np.asarray(_DEPTHS)])
_CENTRED = _HEAD - _HEAD.mean(axis=0)
_SOLVER = np.linalg.pinv(_CENTRED)


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Degrees. ``yaw``: > 0 where the nose points to the right of the picture. ``pitch``: > 0 down. ``roll``: > 0 clockwise in the picture.

    Zero is the average face looking into the camera; a person's own zero differs from it by several degrees, in pitch by ten and more.
    """

    yaw: float
    pitch: float
    roll: float


def head_pose(landmarks: NDArray[np.float32]) -> HeadPose:
    """Return the pose of one face (float32 [5, 2], pixels): the rotation of an average head whose parallel projection fits best."""
    seen = landmarks.astype(np.float64) - landmarks.mean(axis=0)
    rows = (_SOLVER @ seen).T
    # The nearest two rows of a rotation, times one scale (orthogonal Procrustes).
    u, _, v = np.linalg.svd(rows, full_matrices=False)
    across, down = u @ v
    forward = np.cross(across, down)
    # The rotation is a turn about the head's own vertical (yaw), then about the picture's horizontal (pitch), then in the picture (roll).
    yaw, pitch, roll = atan2(forward[0], forward[2]), asin(float(np.clip(forward[1], -1, 1))), atan2(-across[1], down[1])
    return HeadPose(degrees(yaw), degrees(pitch), degrees(roll))
