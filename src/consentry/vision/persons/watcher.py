"""Watching a camera: people in frame after frame, looked for only where and when something moves.

What stands still keeps the detections it had. Every ``REFRESH`` seconds the whole picture is looked at, so that nothing missed stays
missed for longer. A detector that takes pictures of any size looks at the moving regions packed together; any other one looks at the
whole picture, or not at all when nothing moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from consentry.vision.boxes import no_people
from consentry.vision.letterbox import Canvas
from consentry.vision.model import Detections
from consentry.vision.mosaic import moving_regions, pack
from consentry.vision.motion import MotionGate

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.letterbox import Fit
    from consentry.vision.model import PersonDetector

__all__ = ["REFRESH", "GatedWatcher", "MosaicDetector", "MosaicWatcher"]

REFRESH = 1.0
"""Seconds after which the whole picture is looked at again."""

_MULTIPLE = 32
_SHARES = (0.12, 0.22, 0.36, 0.55)
_SURE = 0.3


class MosaicDetector(Protocol):
    """A detector whose input may have any size that is a multiple of 32."""

    def fit(self, width: int, height: int) -> Fit:
        """Return how a picture of this size is laid into the input."""
        ...

    def detect_input(self, pixels: NDArray[np.uint8]) -> Detections:
        """Return the people in an input (uint8 [h, w, 3]) in pixels of the input."""
        ...


class GatedWatcher:
    """Runs a detector on every picture in which something moves."""

    def __init__(self, detector: PersonDetector) -> None:
        """Watch with ``detector``; one watcher per camera."""
        self._detector = detector
        self._gate = MotionGate()
        self._held = no_people()
        self._looked = -REFRESH

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:
        """Return the people in ``image`` (uint8 [h, w, 3]) at ``time`` seconds, in pixels of the image."""
        moving = self._gate.update(image, time).any()
        if moving or time - self._looked >= REFRESH:
            self._held, self._looked = self._detector.detect(image), time
        return self._held


class MosaicWatcher:
    """Runs an any-size detector on the moving regions of each picture."""

    def __init__(self, detector: MosaicDetector) -> None:
        """Watch with ``detector``; one watcher per camera."""
        self._detector = detector
        self._gate = MotionGate()
        self._canvas = Canvas()
        self._held = no_people()
        self._looked = -REFRESH

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:
        """Return the people in ``image`` (uint8 [h, w, 3]) at ``time`` seconds, in pixels of the image."""
        fit = self._detector.fit(image.shape[1], image.shape[0])
        pixels = self._canvas.draw(image, fit)
        moving = self._gate.update(pixels, time)
        if time - self._looked >= REFRESH:
            self._held, self._looked = self._detector.detect_input(pixels), time
        elif moving.any():
            self._held = self._glance(pixels, moving, fit)
        return fit.to_picture(self._held)

    def _glance(self, pixels: NDArray[np.uint8], moving: NDArray[np.bool_], fit: Fit) -> Detections:
        people = self._held.boxes[self._held.scores >= _SURE]
        regions = moving_regions(moving, people, fit.width, fit.height)
        if not len(regions):
            return self._held
        mosaic = pack(regions, _sizes(fit))
        if mosaic is None:
            return self._detector.detect_input(pixels)
        found, still = mosaic.restore(self._detector.detect_input(mosaic.compose(pixels))), mosaic.outside(self._held)
        return Detections(np.concatenate([found.boxes, still.boxes]), np.concatenate([found.scores, still.scores]))


def _sizes(fit: Fit) -> list[tuple[int, int]]:
    """Return the sizes of a packed picture, from a tenth to half of the input's area and of its shape: few, as each one is compiled."""
    return [(_rounded(fit.width * share**0.5), _rounded(fit.height * share**0.5)) for share in _SHARES]


def _rounded(side: float) -> int:
    return max(_MULTIPLE, round(side / _MULTIPLE) * _MULTIPLE)
