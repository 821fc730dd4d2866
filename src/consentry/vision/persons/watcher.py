"""Watching a camera: people in frame after frame, looked for only where and when something moves.

What stands still keeps the detections it had. Every ``REFRESH`` seconds the whole picture is looked at, so that nothing missed stays
missed for longer. Those looks fall on multiples of ``REFRESH``, so that a watcher started anew soon sees what one started before sees.
A detector that takes inputs of any size looks at the moving regions packed together; any other one looks at the whole picture, or not
at all when nothing moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from consentry.vision.boxes import no_people
from consentry.vision.letterbox import Canvas
from consentry.vision.model import Detections
from consentry.vision.mosaic import divisors, moving_regions, pack
from consentry.vision.motion import MotionGate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.letterbox import Fit
    from consentry.vision.model import PersonDetector

__all__ = ["REFRESH", "AnySizeDetector", "GatedWatcher", "MosaicWatcher", "Watcher"]

REFRESH = 2.0
"""Seconds after which the whole picture is looked at again."""

_MULTIPLE = 32
_SHARES = ((0.35, 0.6), (0.4, 0.75), (0.5, 0.75), (0.55, 0.9))
"""Widths and heights of packed pictures, of the whole input's. High rather than wide, as people are; few, as a network is compiled for each."""
_SURE = 0.3
"""Score from which a detection of the picture before is looked at whole when part of it moves."""


class Watcher(Protocol):
    """Sees the people in one camera's frames, in order of time."""

    @property
    def name(self) -> str:
        """The detector's name in commands and reports."""
        ...

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:
        """Return the people in ``image`` (uint8 [h, w, 3]) at ``time`` seconds, in pixels of the image."""
        ...


class AnySizeDetector(Protocol):
    """A detector whose input may have any sides that are multiples of 32."""

    @property
    def name(self) -> str:
        """The detector's name in commands and reports."""
        ...

    def fit(self, width: int, height: int) -> Fit:
        """Return how a picture of this size is laid into the input."""
        ...

    def detect_input(self, pixels: NDArray[np.uint8]) -> Detections:
        """Return the people in an input (uint8 [h, w, 3]), in pixels of the input."""
        ...


class GatedWatcher:
    """Runs a detector on every picture in which something moves."""

    def __init__(self, detector: PersonDetector) -> None:
        """Watch with ``detector``; one watcher per camera."""
        self.name = detector.name
        self._detector = detector
        self._gate = MotionGate()
        self._held = no_people()
        self._looked = -REFRESH

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:
        """Return the people in ``image``; see ``Watcher``."""
        moving = self._gate.update(image, time).any()
        if moving or time - self._looked >= REFRESH:
            self._held, self._looked = self._detector.detect(image), time
        return self._held


class MosaicWatcher:
    """Runs an any-size detector on the moving regions of each picture."""

    def __init__(self, detector: AnySizeDetector) -> None:
        """Watch with ``detector``; one watcher per camera."""
        self.name = detector.name
        self._detector = detector
        self._gate = MotionGate()
        self._canvas = Canvas()
        self._fit: Fit | None = None
        self._sizes: list[tuple[int, int]] = []
        self._held = no_people()
        self._looked = 0.0

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:
        """Return the people in ``image``; see ``Watcher``. The first picture of a size takes as long as compiling the network for it."""
        fit = self._detector.fit(image.shape[1], image.shape[0])
        pixels = self._canvas.draw(image, fit)
        moving = self._gate.update(pixels, time)
        if fit != self._fit:
            self._prepare(fit)
            self._held, self._looked = self._detector.detect_input(pixels), time
        elif time // REFRESH > self._looked // REFRESH:
            self._held, self._looked = self._detector.detect_input(pixels), time
        elif moving.any():
            self._held = self._glance(pixels, moving)
        return fit.to_picture(self._held)

    def _prepare(self, fit: Fit) -> None:
        self._fit = fit
        self._sizes = [(_rounded(fit.width * wide), _rounded(fit.height * high)) for wide, high in _SHARES]
        for width, height in self._sizes:
            self._detector.detect_input(np.zeros((height, width, 3), np.uint8))

    def _glance(self, pixels: NDArray[np.uint8], moving: NDArray[np.bool_]) -> Detections:
        height, width = pixels.shape[:2]
        people = self._held.boxes[self._held.scores >= _SURE]
        regions = moving_regions(moving, people, width, height)
        if not len(regions):
            return self._held
        mosaic = pack(regions, self._sizes, divisors(regions, people))
        if mosaic is None:
            return self._detector.detect_input(pixels)
        found, still = mosaic.restore(self._detector.detect_input(mosaic.compose(pixels))), mosaic.outside(self._held)
        return Detections(np.concatenate([found.boxes, still.boxes]), np.concatenate([found.scores, still.scores]))


def _rounded(side: float) -> int:
    return max(_MULTIPLE, round(side / _MULTIPLE) * _MULTIPLE)
