"""OpenCV's HOG person detector (Dalal and Triggs 2005), helped by motion: the fallback that needs no weights of ours.

What was measured to matter, in this order: enlarging the picture so that a person is as tall as the detector's own training windows;
trimming the margin that those windows carry; keeping weak answers where something moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.boxes import clipped, no_people, without_parts
from consentry.vision.model import Detections
from consentry.vision.persons.foreground import Foreground, covered
from consentry.vision.persons.search_areas import search_areas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.persons.search_areas import Area

__all__ = ["HogDetector"]

WINDOW = (64, 128)
STRIDE = 8
PADDING = 16
PYRAMID = 1.1
TRIM_X, TRIM_Y = 0.18, 0.14
"""Margins of the window around a person. The training pictures had 16 of 128 rows above and below; the rest is how far the answers lie outside."""
FAINTEST = -0.8
"""The lowest margin of the classifier that motion can raise to a score of 0.05."""
OVERLAP, CONTAINMENT = 0.45, 0.8
"""Legs or a torso alone often look like a smaller person, so a box inside a better one is left out."""
FULL_COVER = 0.35
"""From this share of moving pixels on, a box moves as a whole: a person does not fill their box."""
STEEPNESS = 2.2
NEED_ALONE, NEED_STILL, NEED_MOVING = 0.75, 2.95, 0.55
"""The classifier's margin that earns a score of 0.5: when motion is unknown, in a still box of a fixed scene, and in a moving box."""
WORTH_A_LOOK = 0.2
"""Around people who scored this in the last picture the next one is searched, moving or not."""
FULL_SEARCH_EVERY = 20
"""Pictures of a fixed scene between searches of all of it, for people who stand still."""


class HogDetector:
    """Searches where something moves, or everywhere while the scene is not known to be fixed.

    State: a background model, the boxes of the last picture, and a counter. Show it the pictures of one camera in order.
    """

    name = "hog"

    def __init__(self, *, longest_side: int = 1280, low_score: float = 0.05) -> None:
        """Take the longer side to which pictures are scaled, pixels (a person must then be 96 tall), and the lowest score returned."""
        self._longest_side = longest_side
        self._low_score = low_score
        self._foreground = Foreground()
        self._seen = no_people().boxes
        self._until_full_search = 0
        self._hog = cv2.HOGDescriptor()
        self._hog.setSVMDetector(np.asarray(cv2.HOGDescriptor.getDefaultPeopleDetector(), np.float32))

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Return the people in ``image``; see ``PersonDetector``."""
        height, width = image.shape[:2]
        mask = self._foreground.update(image)
        windows = [self._search(image, area) for area in self._areas(mask, width, height)]
        boxes = np.concatenate([no_people().boxes, *(window.boxes for window in windows)])
        margins = np.concatenate([no_people().scores, *(window.scores for window in windows)])
        scores = _scores(margins, None if mask is None else covered(boxes, mask, width))
        kept = scores >= self._low_score
        found = clipped(without_parts(Detections(boxes[kept], scores[kept]), OVERLAP, CONTAINMENT), width, height)
        self._seen = found.boxes[found.scores >= WORTH_A_LOOK]
        return found

    def _areas(self, mask: NDArray[np.uint8] | None, width: int, height: int) -> list[Area]:
        if mask is None or self._until_full_search == 0:
            self._until_full_search = FULL_SEARCH_EVERY
            return [(0, 0, width, height)]
        self._until_full_search -= 1
        return search_areas(mask, self._seen, width, height)

    def _search(self, image: NDArray[np.uint8], area: Area) -> Detections:
        """Return the classifier's windows in one area, trimmed to the person, with their margins as scores."""
        left, top, right, bottom = area
        scale = self._longest_side / max(image.shape[:2])
        size = (max(round((right - left) * scale), WINDOW[0]), max(round((bottom - top) * scale), WINDOW[1]))
        enlarged = cv2.resize(image[top:bottom, left:right], size, interpolation=cv2.INTER_LINEAR)
        found, margins = self._hog.detectMultiScale(
            enlarged, hitThreshold=FAINTEST, winStride=(STRIDE, STRIDE), padding=(PADDING, PADDING), scale=PYRAMID, groupThreshold=0
        )
        if len(found) == 0:
            return no_people()
        boxes = _trimmed(np.asarray(found, np.float32)) * np.asarray([(right - left) / size[0], (bottom - top) / size[1]] * 2, np.float32)
        return Detections((boxes + np.asarray([left, top] * 2, np.float32)).astype(np.float32), np.asarray(margins, np.float32).ravel())


def _trimmed(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the people's boxes (x1 y1 x2 y2) in windows given as x y width height."""
    corner, size = windows[:, :2], windows[:, 2:]
    trim = np.asarray([TRIM_X, TRIM_Y], np.float32)
    return np.concatenate([corner + trim * size, corner + (1 - trim) * size], axis=1)


def _scores(margins: NDArray[np.float32], cover: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Return scores from the classifier's margins and, in a fixed scene, the moving share of each box."""
    if cover is None:
        needed: NDArray[np.float32] | float = NEED_ALONE
    else:
        needed = NEED_STILL + (NEED_MOVING - NEED_STILL) * np.minimum(cover / FULL_COVER, 1)
    return np.asarray(1 / (1 + np.exp(-STEEPNESS * (margins - needed))), np.float32)
