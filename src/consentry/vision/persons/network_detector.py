"""A person detector made of a network and the function that reads its outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consentry.vision.boxes import suppressed
from consentry.vision.letterbox import Canvas, Fit

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from consentry.vision.model import Detections
    from consentry.vision.runtime import Network

__all__ = ["NetworkDetector"]

OVERLAP = 0.6
"""Two people side by side overlap less than this; two boxes of one person more."""


class NetworkDetector:
    """Draws the picture into the network's input, infers, decodes, suppresses doubles and maps the boxes back."""

    def __init__(self, name: str, network: Network, fit: Callable[[int, int], Fit], decode: Callable[[tuple[NDArray[Any], ...]], Detections]) -> None:
        """Take the network, ``fit`` (width and height of a picture to its place in the input) and ``decode`` (outputs to boxes of the input)."""
        self.name = name
        self.fit = fit
        self._network = network
        self._decode = decode
        self._canvas = Canvas()

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Return the people in ``image``; see ``PersonDetector``."""
        fit = self.fit(image.shape[1], image.shape[0])
        return fit.to_picture(self.detect_input(self._canvas.draw(image, fit)))

    def detect_input(self, pixels: NDArray[np.uint8]) -> Detections:
        """Return the people in an input of the network (uint8 [h, w, 3]), in pixels of the input."""
        return suppressed(self._decode(self._network.infer(pixels)), OVERLAP)
