"""A face detector made of a network and the function that reads its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from consentry.vision.faces.geometry import clipped, placed, suppressed
from consentry.vision.letterbox import Canvas, fit_longest

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from consentry.vision.faces.model import Faces
    from consentry.vision.letterbox import Fit
    from consentry.vision.manifest import Layout
    from consentry.vision.runtime import Network

    Decode = Callable[[tuple[NDArray[Any], ...], int, float], Faces]

__all__ = ["OVERLAP", "Enlarged", "NetworkFaceDetector"]

OVERLAP = 0.3
"""Two faces side by side overlap less than this, also in a crowd; two boxes of one face more."""


@dataclass(frozen=True, slots=True)
class Enlarged:
    """Enlarge a picture until its longer side has ``longest_side`` pixels, but at most ``most`` times; larger ones keep their size."""

    longest_side: int
    most: int


class NetworkFaceDetector:
    """Draws the picture into the network's input, infers, decodes, suppresses doubles and maps the faces back."""

    def __init__(  # noqa: PLR0913  - what makes one detector
        self, name: str, network: Network, layout: Layout, decode: Decode, *, longest_side: int | Enlarged | None, low_score: float
    ) -> None:
        """Take the ``network`` with its ``layout`` and ``decode`` (outputs, width of the input, lowest score); see ``open_face_detector``."""
        self.name = name
        self._network = network
        self._layout = layout
        self._decode = decode
        self._longest_side = longest_side
        self._low_score = low_score
        self._canvas = Canvas()

    def detect(self, picture: NDArray[np.uint8]) -> Faces:
        """Return the faces of ``picture``; see ``FaceDetector``."""
        height, width = picture.shape[:2]
        fit = self._fit(width, height)
        found = self._decode(self._network.infer(self._drawn(picture, fit)), fit.width, self._low_score)
        scale = (fit.content_width / width, fit.content_height / height)
        inside = clipped(placed(found, scale, (0, 0)), width, height)
        return suppressed(inside, OVERLAP)

    def _fit(self, width: int, height: int) -> Fit:
        multiple = self._layout.multiple
        return fit_longest(width, height, -(-self._longest(max(width, height)) // multiple) * multiple, multiple)

    def _longest(self, side: int) -> int:
        match self._longest_side:
            case Enlarged(target, most):
                return max(side, min(target, most * side))
            case int(wanted):
                return wanted
        return side

    def _drawn(self, picture: NDArray[np.uint8], fit: Fit) -> NDArray[np.uint8]:
        pixels = self._canvas.draw(picture, fit)
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8) if self._layout.colour == "RGB" else pixels
