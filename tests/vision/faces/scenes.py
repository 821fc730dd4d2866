"""Faces that move in front of a camera, made from two public-domain portraits: as flat pictures, and as heads with a nose that stands out.

Nothing here knows how liveness is judged: a flat picture is seen by a pinhole camera, a head is a surface of its own that turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import cos, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import matplotlib as mpl
import numpy as np
import skimage.data

from consentry.vision.faces.align import similarity
from consentry.vision.faces.detectors import open_face_detector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.faces.network_detector import NetworkFaceDetector

__all__ = ["NAMES", "Portrait", "detector", "encoded", "flat", "head", "portrait"]

NAMES = ("astronaut", "officer")
WIDTH, HEIGHT = 640, 480
_FOCAL = 600.0
_STEP = 4
"""Pixels between the rays of a head that are followed; in between is interpolated."""
_WALL = (110, 120, 115)
# Where the landmarks of a frontal face lie, in inter-eye distances from the middle between the eyes.
_PLACES = np.asarray(((-0.5, 0.0), (0.5, 0.0), (0.0, 0.57), (-0.415, 1.155), (0.415, 1.155)), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A picture (uint8 [H, W, 3], BGR) and the landmarks of the one face in it, as the detector finds them."""

    picture: NDArray[np.uint8]
    landmarks: NDArray[np.float32]

    @property
    def inter_eye(self) -> float:
        return float(np.linalg.norm(self.landmarks[1] - self.landmarks[0]))


@cache
def detector() -> NetworkFaceDetector:
    return open_face_detector("centerface", longest_side=640)


@cache
def portrait(name: str) -> Portrait:
    if name == "astronaut":
        picture = np.asarray(cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)  # type: ignore[no-untyped-call]
    else:
        picture = np.asarray(cv2.imread(str(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg")), np.uint8)
    return Portrait(picture, detector().detect(picture).landmarks[0])


def flat(  # noqa: PLR0917  - the six ways in which a sheet of paper moves
    shown: Portrait, yaw: float = 0, pitch: float = 0, roll: float = 0, inter_eye: float = 90, right: float = 0, down: float = 0
) -> NDArray[np.uint8]:
    """Return what a camera sees of the portrait on paper that is held turned by these degrees; ``right``, ``down``: pixels."""
    middle = shown.landmarks.mean(axis=0)
    turned = _turn(yaw, pitch, roll) @ np.asarray([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 0]])
    turned[2, 2] += _FOCAL * shown.inter_eye / inter_eye
    camera = np.asarray([[_FOCAL, 0, WIDTH / 2 + right], [0, _FOCAL, HEIGHT / 2 + down], [0, 0, 1]])
    seen = cv2.warpPerspective(shown.picture, camera @ turned, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderValue=_WALL)
    return np.asarray(seen, np.uint8)


def head(shown: Portrait, yaw: float = 0, *, closed: bool = False, inter_eye: float = 90) -> NDArray[np.uint8]:
    """Return what a camera sees of a head that bears the portrait's face and is turned by ``yaw`` degrees to the right of the picture."""
    across, down = np.meshgrid((np.arange(0, WIDTH, _STEP) - WIDTH / 2) / inter_eye, (np.arange(0, HEIGHT, _STEP) - HEIGHT / 2) / inter_eye + 0.55)
    x = across.copy()
    # Where on the head each ray ends: it starts at the pixel and is put right step by step.
    for _ in range(20):
        x += 0.7 * (across - (x * cos(radians(yaw)) + (_relief(x, down) + 0.5) * sin(radians(yaw))))
    back = cv2.invertAffineTransform(similarity(shown.landmarks, _PLACES))
    at = [_for_every_pixel(back[row, 0] * x + back[row, 1] * down + back[row, 2]) for row in (0, 1)]
    picture = _with_closed_eyes(shown) if closed else shown.picture
    return np.asarray(cv2.remap(picture, at[0], at[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def encoded(picture: NDArray[np.uint8], quality: int = 90) -> bytes:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return bytes(data)


def _for_every_pixel(coarse: NDArray[np.float64]) -> NDArray[np.float32]:
    to_full = np.asarray([[_STEP, 0, 0], [0, _STEP, 0]], np.float64)
    return np.asarray(cv2.warpAffine(coarse.astype(np.float32), to_full, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE))


def _relief(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far the head stands out towards the camera, in inter-eye distances: an ellipsoid with a nose on it."""
    skull = 1.3 * np.sqrt(np.clip(1 - (x / 1.35) ** 2 - ((y - 0.4) / 2.0) ** 2, 0.02, None)) - 1.3
    below = np.where(y > 0.57, np.exp(-(((y - 0.57) / 0.12) ** 2)), 1)
    return np.asarray(skull + 0.4 * np.exp(-((x / 0.17) ** 2)) * np.clip((y + 0.05) / 0.6, 0, 1) * below)


def _with_closed_eyes(shown: Portrait) -> NDArray[np.uint8]:
    """Return the portrait with lids of the skin around them, and a dark line of lashes."""
    picture, unit = shown.picture.copy(), shown.inter_eye
    for eye in shown.landmarks[:2]:
        x, y = (float(value) for value in eye)
        skin = picture[round(y + 0.25 * unit), round(x)].tolist()
        cv2.ellipse(picture, (round(x), round(y)), (round(0.26 * unit), round(0.14 * unit)), 0, 0, 360, skin, -1)
        cv2.line(picture, (round(x - 0.2 * unit), round(y + 0.06 * unit)), (round(x + 0.2 * unit), round(y + 0.06 * unit)), (40, 40, 60), 1)
    return picture


def _turn(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    axes = ((radians(pitch), 0, 0), (0, radians(yaw), 0), (0, 0, radians(roll)))
    pitched, yawed, rolled = (np.asarray(cv2.Rodrigues(np.asarray(axis, np.float64))[0]) for axis in axes)
    return np.asarray(rolled @ pitched @ yawed)
