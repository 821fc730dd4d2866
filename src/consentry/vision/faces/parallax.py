"""Whether a face that turns has depth. A flat picture, however it is moved, tilted or zoomed, changes by one perspective map as a whole.

Two measures of it, each in inter-eye distances, > 0 where the nose moved to the right of the picture. ``landmark_parallax`` needs nothing but
the five landmarks, but a detector misplaces them on tilted pictures by up to 0.2. ``ReliefTrack`` follows a hundred points of the skin
(Lucas and Kanade 1981, pyramids) and asks how many of them one homography explains: on a flat picture more than nine in ten, within a
fiftieth; on a head that turned by twenty degrees about half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.faces.frontal import FLAT_POINTS, INTER_EYE, SIDE, inter_eye, window

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Relief", "ReliefTrack", "landmark_parallax", "share_followed"]

_NOSE = 2
_FACE = (-0.8, -0.3, 0.8, 1.35)
_NOSE_PLACE = (-0.26, 0.12, 0.26, 0.78)
_MOST_POINTS, _MOST_NOSE_POINTS = 90, 30
_FEWEST_POINTS, _FEWEST_NOSE_POINTS = 15, 3
_FEWEST_KEPT = 0.35
"""Share of the points that must still be followed; a picture that was exchanged keeps fewer."""
_LONGEST_STEP = 0.2
"""Inter-eye distances that the nose may move between two frames: a head takes several frames to turn, two photographs take one."""
_THERE_AND_BACK = 1.0
"""Pixels by which a point may miss its start when it is followed there and back."""
_ON_PLANE = 2.0
"""Pixels of the square within which one homography explains a point."""
_FOLLOW = {"winSize": (17, 17), "maxLevel": 3, "criteria": (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.01)}


@dataclass(frozen=True, slots=True)
class Relief:
    """How a face has changed since the track began.

    ``nose``: how far its nose moved against the rest of it, at most; far turned, one plane no longer says where the rest is. ``flat``: share of
    the points on one plane now.
    """

    nose: float
    flat: float


def landmark_parallax(front: NDArray[np.float32], now: NDArray[np.float32]) -> float:
    """Return how far the tip of the nose moved across, beyond what one plane would explain that carries eyes and mouth from ``front`` to ``now``.

    Both: float32 [5, 2], pixels; the answer is in inter-eye distances of ``front``.
    """
    flat = list(FLAT_POINTS)
    to_front = cv2.getPerspectiveTransform(np.asarray(now[flat], np.float32), np.asarray(front[flat], np.float32))
    nose = cv2.perspectiveTransform(now[_NOSE].reshape(1, 1, 2).astype(np.float64), to_front).reshape(2)
    across = (front[1] - front[0]) / inter_eye(front)
    return float((nose - front[_NOSE]) @ across) / inter_eye(front)


class ReliefTrack:
    """Points of one face followed from frame to frame, from a frontal view on."""

    def __init__(self, view: NDArray[np.uint8]) -> None:
        """Begin with a frontal view in grey, uint8 [SIDE, SIDE] (``frontal.front_view``)."""
        nose = _corners(view, _mask(_NOSE_PLACE), _MOST_NOSE_POINTS, 0.003)
        rest = _corners(view, _mask(_FACE) & ~_mask(_NOSE_PLACE), _MOST_POINTS, 0.01)
        self._view = view
        self._start = self._now = np.concatenate([rest, nose])
        self._on_nose = np.arange(len(self._now)) >= len(rest)
        self._at_first = max(len(rest), 1)
        self._farthest = 0.0

    def follow(self, view: NDArray[np.uint8]) -> Relief | None:
        """Follow the points into the next view; return None where too few are left to tell. That holds for all later views, too."""
        if len(self._now):
            self._step(view)
        self._view = view
        rest = ~self._on_nose
        if rest.sum() < max(_FEWEST_POINTS, _FEWEST_KEPT * self._at_first) or self._on_nose.sum() < _FEWEST_NOSE_POINTS:
            return None
        found, on_plane = cv2.findHomography(self._now[rest], self._start[rest], cv2.RANSAC, _ON_PLANE)
        plane = np.asarray(found, np.float64)
        if plane.shape != (3, 3):  # OpenCV gives None where the points determine no homography
            return None
        back = cv2.perspectiveTransform(self._now[self._on_nose].reshape(-1, 1, 2), plane).reshape(-1, 2)
        moved = float(np.median((back - self._start[self._on_nose])[:, 0])) / INTER_EYE
        self._farthest = max(self._farthest, moved, key=abs)
        return Relief(self._farthest, float(np.mean(on_plane)))

    def _step(self, view: NDArray[np.uint8]) -> None:
        there, kept = _there_and_back(self._view, view, self._now)
        nose = kept & self._on_nose
        if nose.any() and np.median(np.linalg.norm((there - self._now)[nose], axis=1)) > _LONGEST_STEP * INTER_EYE:
            kept[:] = False
        self._start, self._now, self._on_nose = self._start[kept], there[kept], self._on_nose[kept]


def share_followed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
    """Return how many points of the skin are found again in the next view, 0 to 1. Both: frontal views in grey, uint8 [SIDE, SIDE]."""
    points = _corners(before, _mask(_FACE), _MOST_POINTS, 0.01)
    return float(_there_and_back(before, after, points)[1].mean()) if len(points) else 0.0


def _there_and_back(before: NDArray[np.uint8], after: NDArray[np.uint8], points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return where the points (float32 [N, 2]) are in the next view, and which of them are followed back to where they were."""
    there, found = _followed(before, after, points)
    back, found_back = _followed(after, before, there)
    return there, found & found_back & (np.linalg.norm(back - points, axis=1) < _THERE_AND_BACK)


def _followed(before: NDArray[np.uint8], after: NDArray[np.uint8], points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    there, found, _ = cv2.calcOpticalFlowPyrLK(before, after, points.reshape(-1, 1, 2), None, **_FOLLOW)  # type: ignore[call-overload]
    return np.asarray(there, np.float32).reshape(-1, 2), np.asarray(found, np.bool_).reshape(-1)


def _corners(view: NDArray[np.uint8], where: NDArray[np.uint8], most: int, quality: float) -> NDArray[np.float32]:
    found = cv2.goodFeaturesToTrack(view, most, quality, 4, mask=where, blockSize=5)
    # OpenCV gives None, of no dimension, where it finds none.
    return np.asarray(found if np.ndim(found) else [], np.float32).reshape(-1, 2)


def _mask(place: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[window(*place)] = 255
    return mask
