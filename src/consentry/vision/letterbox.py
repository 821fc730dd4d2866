"""How a picture is laid into a network's input: scaled with its aspect kept, at the top left, the rest grey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.boxes import clipped
from consentry.vision.model import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Canvas", "Fit", "fit_fixed", "fit_longest"]

GREY = 114
"""The padding that all three detectors were trained with."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The place of a picture (``picture_width`` x ``picture_height``) in an input of ``width`` x ``height``; all in pixels."""

    picture_width: int
    picture_height: int
    content_width: int
    content_height: int
    width: int
    height: int

    def to_picture(self, found: Detections) -> Detections:
        """Return boxes given in pixels of the input in pixels of the picture, clipped to it."""
        return clipped(Detections((found.boxes / self._scale()).astype(np.float32), found.scores), self.picture_width, self.picture_height)

    def to_input(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return boxes given in pixels of the picture (float32 [N, 4]) in pixels of the input."""
        return (boxes * self._scale()).astype(np.float32)

    def _scale(self) -> NDArray[np.float64]:
        # Each axis has its own factor: rounding the content to whole pixels makes them differ by up to half a pixel over the picture.
        return np.asarray([self.content_width / self.picture_width, self.content_height / self.picture_height] * 2)


def fit_fixed(picture_width: int, picture_height: int, width: int, height: int) -> Fit:
    """Fit a picture into an input of fixed size."""
    scale = min(width / picture_width, height / picture_height)
    return Fit(picture_width, picture_height, *_content(picture_width, picture_height, scale), width, height)


def fit_longest(picture_width: int, picture_height: int, longest: int, multiple: int) -> Fit:
    """Fit a picture, enlarged if need be, into an input whose longer side is ``longest`` and whose sides are multiples of ``multiple``.

    480 x 360 becomes 640 x 480; 1920 x 1080 becomes 640 x 360 in an input of 640 x 384.
    """
    target = max(longest // multiple, 1) * multiple
    content = _content(picture_width, picture_height, target / max(picture_width, picture_height))
    width, height = (-(-side // multiple) * multiple for side in content)
    return Fit(picture_width, picture_height, *content, width, height)


class Canvas:
    """A reused input: only the content is drawn anew while pictures keep their size."""

    def __init__(self) -> None:
        """Start without a picture."""
        self._fit: Fit | None = None
        self._pixels = np.zeros((0, 0, 3), np.uint8)

    def draw(self, picture: NDArray[np.uint8], fit: Fit) -> NDArray[np.uint8]:
        """Return the input (uint8 [height, width, 3]) with ``picture`` in its place; valid until the next call."""
        if fit != self._fit:
            self._fit = fit
            self._pixels = np.full((fit.height, fit.width, 3), GREY, np.uint8)
        content = self._pixels[: fit.content_height, : fit.content_width]
        cv2.resize(picture, (fit.content_width, fit.content_height), dst=content, interpolation=cv2.INTER_LINEAR)
        return self._pixels


def _content(width: int, height: int, scale: float) -> tuple[int, int]:
    return max(round(width * scale), 1), max(round(height * scale), 1)
