"""The same few places of every face: a square cut by its landmarks, and an upright view in which a flat picture always looks the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.faces.align import aligned
from consentry.vision.faces.model import ChipLayout

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FLAT_POINTS", "FRONTAL", "INTER_EYE", "ORIGIN", "SIDE", "front_view", "inter_eye", "upright_view", "window"]

SIDE = 192
"""Pixels of a side of the square."""
INTER_EYE = 72.0
"""Pixels between the eyes in the square. Places in it are given in inter-eye distances from the middle between the eyes, right and down."""
ORIGIN = (SIDE / 2, SIDE * 0.36)
"""Pixel of the middle between the eyes."""
FLAT_POINTS = (0, 1, 3, 4)
"""Of the five landmarks, the eyes and the corners of the mouth. They lie nearly in one plane; the tip of the nose stands out of it."""

_PLACES = ((-0.5, 0.0), (0.5, 0.0), (0.0, 0.57), (-0.415, 1.155), (0.415, 1.155))
"""Where the five landmarks of a frontal face lie, after InsightFace's ``arcface_dst``."""

FRONTAL = ChipLayout("frontal", SIDE, np.asarray(_PLACES, np.float32) * np.float32(INTER_EYE) + np.asarray(ORIGIN, np.float32))


def inter_eye(landmarks: NDArray[np.float32]) -> float:
    """Return the pixels between the two eyes of one face (float32 [5, 2])."""
    return float(np.linalg.norm(landmarks[1] - landmarks[0]))


def front_view(picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the square, uint8 [SIDE, SIDE, 3], RGB: turned, scaled and shifted only, so that what is sharp or dark stays so."""
    return aligned(picture, landmarks, FRONTAL)


def upright_view(picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the luminance of the square, uint8 [SIDE, SIDE], with eyes and corners of the mouth exactly in their places.

    A perspective map does it: however a flat picture of a face is tilted, this view of it stays the same.
    """
    flat = list(FLAT_POINTS)
    to_square = cv2.getPerspectiveTransform(np.asarray(landmarks[flat], np.float32), np.asarray(FRONTAL.points[flat], np.float32))
    upright = cv2.warpPerspective(picture, to_square, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(upright, cv2.COLOR_BGR2GRAY), np.uint8)


def window(left: float, top: float, right: float, bottom: float) -> tuple[slice, slice]:
    """Return rows and columns of the square between places given in inter-eye distances."""
    columns = (round(ORIGIN[0] + left * INTER_EYE), round(ORIGIN[0] + right * INTER_EYE))
    rows = (round(ORIGIN[1] + top * INTER_EYE), round(ORIGIN[1] + bottom * INTER_EYE))
    return slice(max(rows[0], 0), min(rows[1], SIDE)), slice(max(columns[0], 0), min(columns[1], SIDE))
