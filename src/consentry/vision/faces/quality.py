"""How fit a face in a picture is for comparison, by named components after ISO/IEC 29794-5: each 0 to 100, 50 is just good enough.

The components have the names and the sense of the standard. Their formulas are ours, need no model and are not conformance-tested. The two
about occlusion are weak: they see dark glasses, a hand over an eye and a mask of another colour than the skin; they miss clear visors, hair
over the forehead and a mask printed like skin.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.faces.eyes import look_at_eyes
from consentry.vision.faces.frontal import front_view, inter_eye, upright_view, window
from consentry.vision.faces.pose import head_pose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from consentry.vision.faces.model import Faces

__all__ = ["MINIMUM", "Component", "Quality", "measure"]

MINIMUM = 50
"""What every component must reach. The scales below are set so that this one figure holds for all of them."""


class Component(StrEnum):
    """A component of quality. Those that a person mends first come first."""

    SINGLE_FACE = "single-face-present"
    INTER_EYE_DISTANCE = "inter-eye-distance"
    YAW = "head-pose-yaw"
    PITCH = "head-pose-pitch"
    ROLL = "head-pose-roll"
    LUMINANCE = "luminance-mean"
    UNIFORMITY = "illumination-uniformity"
    DYNAMIC_RANGE = "dynamic-range"
    EYES_VISIBLE = "eyes-visible"
    MOUTH_VISIBLE = "mouth-occlusion-prevention"
    SHARPNESS = "sharpness"


_SCALES: Mapping[Component, tuple[tuple[float, float], ...]] = {
    Component.SINGLE_FACE: ((1, 100), (2, 0)),
    Component.INTER_EYE_DISTANCE: ((0, 0), (40, 50), (90, 100)),
    Component.YAW: ((3, 100), (18, 50), (33, 0)),
    Component.PITCH: ((5, 100), (22, 50), (40, 0)),
    Component.ROLL: ((5, 100), (22, 50), (40, 0)),
    Component.LUMINANCE: ((20, 0), (55, 50), (85, 100), (185, 100), (215, 50), (245, 0)),
    Component.UNIFORMITY: ((0.08, 100), (0.35, 50), (0.6, 0)),
    Component.DYNAMIC_RANGE: ((3, 0), (11, 50), (30, 100)),
    Component.EYES_VISIBLE: ((0, 0), (0.035, 50), (0.06, 100), (0.2, 100), (0.26, 50), (0.33, 0)),
    Component.MOUTH_VISIBLE: ((6, 100), (16, 50), (26, 0)),
    Component.SHARPNESS: ((0.01, 0), (0.04, 50), (0.1, 100)),
}
"""From the natural measure of a component (see ``_measures``) to its score, in straight lines between these points."""

_PITCH_OF_FRONT = 8.0
"""Degrees at which the average person looks into the camera, as ``head_pose`` sees it."""
_FACE = (-0.75, -0.3, 0.75, 1.3)
_LEFT_HALF, _RIGHT_HALF = (-0.7, 0.0, -0.1, 1.2), (0.1, 0.0, 0.7, 1.2)
_CHEEKS = ((-0.6, 0.35, -0.3, 0.65), (0.3, 0.35, 0.6, 0.65))
_BELOW_NOSE = (-0.45, 0.95, 0.45, 1.5)


@dataclass(frozen=True, slots=True)
class Quality:
    """The score of every component of one face."""

    scores: Mapping[Component, int]

    @property
    def failing(self) -> tuple[Component, ...]:
        """The components that are not good enough, in the order in which to mend them."""
        return tuple(component for component in Component if self.scores[component] < MINIMUM)

    @property
    def weakest(self) -> int:
        """The lowest score: how good the picture is as a whole."""
        return min(self.scores.values())


def measure(picture: NDArray[np.uint8], faces: Faces, index: int = 0) -> Quality:
    """Return the quality of the face at ``index`` among all ``faces`` that were found in ``picture`` (uint8 [H, W, 3], BGR)."""
    landmarks = faces.landmarks[index]
    view, upright = front_view(picture, landmarks), upright_view(picture, landmarks)
    values = {Component.SINGLE_FACE: float(len(faces)), **_geometry(landmarks), **_light(view), **_occlusion(view, upright)}
    return Quality({component: _score(component, values[component]) for component in Component})


def _score(component: Component, value: float) -> int:
    xs, ys = zip(*_SCALES[component], strict=True)
    return round(float(np.interp(value, xs, ys)))


def _geometry(landmarks: NDArray[np.float32]) -> dict[Component, float]:
    """Return pixels between the eyes, and degrees away from looking into the camera."""
    pose = head_pose(landmarks)
    return {
        Component.INTER_EYE_DISTANCE: inter_eye(landmarks),
        Component.YAW: abs(pose.yaw),
        Component.PITCH: abs(pose.pitch - _PITCH_OF_FRONT),
        Component.ROLL: abs(pose.roll),
    }


def _light(view: NDArray[np.uint8]) -> dict[Component, float]:
    """Return the mean of the face's luminance, its standard deviation, how unequal its halves are (0 to 1), and its sharpness.

    Sharpness: what is left of the picture's changes after a blur of one and a half pixels is taken away, as a share of all its changes.
    """
    grey = np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), np.float32)
    face = grey[window(*_FACE)]
    left, right = (float(grey[window(*half)].mean()) for half in (_LEFT_HALF, _RIGHT_HALF))
    fine = face - np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.5), np.float32)[window(*_FACE)]
    spread = max(float(face.std()), 1.0)
    return {
        Component.LUMINANCE: float(face.mean()),
        Component.DYNAMIC_RANGE: spread,
        Component.UNIFORMITY: abs(left - right) / max(left + right, 1.0),
        Component.SHARPNESS: float(fine.std()) / spread,
    }


def _occlusion(view: NDArray[np.uint8], upright: NDArray[np.uint8]) -> dict[Component, float]:
    """Return the dark height between the lids, and how far the colour below the nose is from that of the cheeks (CIELAB a* and b*).

    The height is that of the eye that shows less, or the greater where it is more than any eye is high: a thick frame or a shadow.
    """
    eyes = look_at_eyes(upright)
    less, more = sorted((eyes.left, eyes.right))
    lab = np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2Lab), np.float32)[..., 1:]
    cheeks = np.median(np.concatenate([lab[window(*cheek)].reshape(-1, 2) for cheek in _CHEEKS]), axis=0)
    below = np.median(lab[window(*_BELOW_NOSE)].reshape(-1, 2), axis=0)
    covered = more > _SCALES[Component.EYES_VISIBLE][3][0]
    return {Component.EYES_VISIBLE: more if covered else less, Component.MOUTH_VISIBLE: float(np.linalg.norm(below - cheeks))}
