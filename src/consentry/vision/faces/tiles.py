"""Finds faces of any size in pictures of any size: overlapping tiles at three times the picture's size, at its own, at a third, and so on.

A network finds faces best in a certain range of sizes, so each enlargement answers only for the faces that suit it (Singh and Davis 2018,
An Analysis of Scale Invariance in Object Detection, arXiv:1711.08189). A face belongs to the tile whose core holds its centre; tiles overlap
by more than the largest face they answer for, so that tile sees it whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.faces.geometry import chosen, clipped, joined, placed, suppressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from consentry.vision.faces.model import FaceDetector, Faces

__all__ = ["Span", "TiledFaces", "View", "spans", "views"]

ENLARGEMENT = 3.0
"""Between two sizes that a picture is looked at; the first look is this much larger than the picture, so that a face of 8 pixels has 24."""
LARGEST = 192
"""Width or height in pixels of a tile of the largest face that a tile answers for, and what tiles have in common."""
SLACK = 0.8
"""Neighbouring enlargements share the faces in between: the smaller one also answers for faces this much smaller than the larger one's largest."""
TILE = 1280
"""Longest side of a tile, for its memory (a few hundred MB)."""
SMALLEST_VIEW = 640
"""Longest side at which the series of views ends: a face that fills such a picture is still one that a network knows."""
OVERLAP = 0.3
_EDGE = 3
"""Pixels by which two tiles may differ over the centre of one face."""


@dataclass(frozen=True, slots=True)
class View:
    """A picture looked at ``scale`` times its size, for faces whose longer side has ``smallest`` to ``largest`` pixels of the picture."""

    scale: float
    smallest: float
    largest: float


@dataclass(frozen=True, slots=True)
class Span:
    """A tile along one axis: it sees ``start`` to ``stop`` and owns the centres from ``low`` to ``high``; pixels of the view."""

    start: int
    stop: int
    low: float
    high: float


class TiledFaces:
    """A face detector made of one that looks at pictures at their own size."""

    def __init__(self, detector: FaceDetector, *, low_score: float, on_progress: Callable[[float], None] = lambda _: None) -> None:
        """Look with ``detector``; faces scored below ``low_score`` are left out. ``on_progress`` is told the share of the tiles that is done."""
        self.name = detector.name
        self._detector = detector
        self._low_score = low_score
        self._on_progress = on_progress

    def detect(self, picture: NDArray[np.uint8]) -> Faces:
        """Return the faces of ``picture``; see ``FaceDetector``."""
        height, width = picture.shape[:2]
        tiles = [tile for view in views(width, height) for tile in _tiles(view, width, height)]
        parts = []
        for done, tile in enumerate(tiles, 1):
            parts.append(self._seen(picture, *tile))
            self._on_progress(done / len(tiles))
        found = joined(parts)
        return suppressed(clipped(chosen(found, found.scores >= self._low_score), width, height), OVERLAP)

    def _seen(self, picture: NDArray[np.uint8], view: View, scale: tuple[float, float], across: Span, down: Span) -> Faces:
        """Return the faces of one tile that its view answers for, in pixels of the picture."""
        found = placed(self._of_tile(picture, scale, across, down), scale, (0, 0))
        sides = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0)
        return chosen(found, (sides >= view.smallest) & (sides <= view.largest))

    def _of_tile(self, picture: NDArray[np.uint8], scale: tuple[float, float], across: Span, down: Span) -> Faces:
        """Return the faces that belong to one tile, in pixels of the view."""
        found = placed(self._detector.detect(_tile(picture, scale, across, down)), (1, 1), (across.start, down.start))
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        low, high = np.asarray([across.low, down.low]), np.asarray([across.high, down.high])
        return chosen(found, np.all((centres >= low) & (centres <= high), axis=1))


def views(width: int, height: int) -> tuple[View, ...]:
    """Return how a picture of ``width`` x ``height`` pixels is looked at: enlarged, then ever smaller until a face may fill it."""
    found: list[View] = []
    scale = ENLARGEMENT
    while True:
        smallest = SLACK * found[-1].largest if found else 0.0
        if max(width, height) * scale <= SMALLEST_VIEW:
            return (*found, View(scale, smallest, float("inf")))
        found.append(View(scale, smallest, LARGEST / scale))
        scale /= ENLARGEMENT


def _tiles(view: View, width: int, height: int) -> Iterator[tuple[View, tuple[float, float], Span, Span]]:
    """Yield the tiles of a view: the view, its scale across and down as whole pixels make it, and where a tile lies across and down."""
    size = max(round(width * view.scale), 1), max(round(height * view.scale), 1)
    scale = (size[0] / width, size[1] / height)
    for down, across in product(spans(size[1]), spans(size[0])):
        yield view, scale, across, down


def spans(length: int) -> tuple[Span, ...]:
    """Return tiles of one size over ``length`` pixels, which overlap by ``LARGEST`` or more; one where it is short enough."""
    number = max(-(-(length - LARGEST) // (TILE - LARGEST)), 1)
    size = -(-(length + (number - 1) * LARGEST) // number)
    starts = [round(index * (length - size) / max(number - 1, 1)) for index in range(number)]
    borders = [(second + first + size) / 2 for first, second in pairwise(starts)]
    lows = [-float("inf"), *(border - _EDGE for border in borders)]
    highs = [*(border + _EDGE for border in borders), float("inf")]
    return tuple(Span(start, start + size, low, high) for start, low, high in zip(starts, lows, highs, strict=True))


def _tile(picture: NDArray[np.uint8], scale: tuple[float, float], across: Span, down: Span) -> NDArray[np.uint8]:
    """Return one tile, drawn straight from the picture: the whole enlarged picture would not fit into memory."""
    size = (across.stop - across.start, down.stop - down.start)
    if scale[0] < 1:
        left, top, right, bottom = (round(value) for value in _source(scale, across, down))
        return np.asarray(cv2.resize(picture[top:bottom, left:right], size, interpolation=cv2.INTER_AREA), np.uint8)
    # Centre of pixel to centre of pixel, as cv2.resize maps them.
    shift = [(0.5 / by - 0.5) + span.start / by for by, span in zip(scale, (across, down), strict=True)]
    matrix = np.asarray([[1 / scale[0], 0, shift[0]], [0, 1 / scale[1], shift[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _source(scale: tuple[float, float], across: Span, down: Span) -> Iterator[float]:
    for edge in ("start", "stop"):
        for by, span in zip(scale, (across, down), strict=True):
            yield getattr(span, edge) / by
