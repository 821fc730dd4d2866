"""Looking only where something moves: moving regions are cut out, packed side by side into a small picture, and looked at together.

A detector's time goes with the area of its input, and in most pictures people cover a tenth of it. Regions are taken at the scale of
the whole picture, so a person looks as they would have there; overlapping regions become one, so nobody is cut by another's region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.model import Detections
from consentry.vision.motion import CELL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Regions = NDArray[np.int32]

__all__ = ["Mosaic", "divisors", "moving_regions", "pack"]

MARGIN = 16
"""Pixels around a moving region and a person seen before: what a detector needs to see around a person."""
STEP = 0.15
"""Heights that a person may move from one picture to the next, if that is more than the margin."""

ENOUGH = 64
"""Pixels of height at which people are found nearly as surely as when they are larger."""

_MOST = 4.0
_GAP = 4
_GREY = 114
_FEWEST_CELLS = 16
_NEIGHBOURS = np.ones((3, 3), np.uint8)


def moving_regions(moving: NDArray[np.bool_], people: NDArray[np.float32], width: int, height: int) -> Regions:
    """Return the regions to look at, int32 [N, 4] x1 y1 x2 y2 in pixels, none overlapping another.

    ``moving``: cells of the motion gate. ``people``: float32 [M, 4], the boxes of the picture before; one touched by motion is taken whole,
    so that a person who moves an arm is seen from head to foot. Motion that no such person explains makes regions of its own.
    ``width``, ``height``: of the picture.
    """
    frame = (width, height)
    people_around = [_inside(box, frame) for box in _with_margin(people).tolist()]
    touched = [box for box in people_around if moving[_cells(box)].any()]
    unexplained = moving.astype(np.uint8)
    for box in touched:
        unexplained[_cells(box)] = 0
    regions = _disjoint([*touched, *(_inside(box, frame) for box in _blobs(unexplained))])
    while cut := [box for box in people_around if _is_cut(box, regions)]:
        regions = _disjoint([*regions, *cut])
    return np.array(regions, np.int32).reshape(-1, 4)


def _inside(box: Sequence[int], frame: tuple[int, int]) -> list[int]:
    x1, y1, x2, y2 = box
    return [max(0, x1), max(0, y1), min(frame[0], x2), min(frame[1], y2)]


def _is_cut(box: list[int], regions: list[list[int]]) -> bool:
    """Tell whether a region covers part of ``box`` but none all of it: whoever stands there would be seen in part."""
    met = [region for region in regions if _touch(box, region)]
    return bool(met) and not any(r[0] <= box[0] and r[1] <= box[1] and box[2] <= r[2] and box[3] <= r[3] for r in met)


def _with_margin(people: NDArray[np.float32]) -> NDArray[np.int32]:
    margin = np.maximum(MARGIN, STEP * (people[:, 3] - people[:, 1]))[:, None]
    return np.concatenate([people[:, :2] - margin, people[:, 2:] + margin], axis=1).astype(np.int32)


def _cells(box: Sequence[int]) -> tuple[slice, slice]:
    x1, y1, x2, y2 = (max(0, side) // CELL for side in box)
    return slice(y1, y2 + 1), slice(x1, x2 + 1)


def _blobs(cells: NDArray[np.uint8]) -> list[list[int]]:
    """Return the boxes around connected cells, in pixels with their margin; specks are left out."""
    _, _, found, _ = cv2.connectedComponentsWithStats(cv2.dilate(cells, _NEIGHBOURS), connectivity=8)
    return [
        [x * CELL - MARGIN, y * CELL - MARGIN, (x + width) * CELL + MARGIN, (y + height) * CELL + MARGIN]
        for x, y, width, height, size in found[1:].tolist()
        if size >= _FEWEST_CELLS
    ]


def _disjoint(regions: list[list[int]]) -> list[list[int]]:
    """Replace regions that overlap by the region around both, until none do."""
    apart: list[list[int]] = []
    for region in regions:
        joined = region
        while touching := [other for other in apart if _touch(joined, other)]:
            apart = [other for other in apart if other not in touching]
            lows, highs = zip(*(part[:2] for part in (joined, *touching)), strict=True), zip(*(part[2:] for part in (joined, *touching)), strict=True)
            joined = [*map(min, lows), *map(max, highs)]
        apart.append(joined)
    return apart


def _touch(a: list[int], b: list[int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def divisors(regions: Regions, people: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return by how much each region may be shrunk, float64 [N]: until the smallest person seen in it before is ``ENOUGH`` pixels high.

    Where nobody was seen there is no telling how small a newcomer is, so such a region is not shrunk.
    """
    centres, heights = (people[:, :2] + people[:, 2:]) / 2, people[:, 3] - people[:, 1]
    within = _within(centres, regions[:, :2], regions[:, 2:])
    lowest = np.where(within, heights[:, None], np.inf).min(axis=0, initial=np.inf)
    return np.clip(np.where(np.isfinite(lowest), lowest, ENOUGH) / ENOUGH, 1.0, _MOST)


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Regions of a picture and their places in a packed picture of width x height; both int32 [N, 4], x1 y1 x2 y2, pixels.

    A place is as large as its region, or smaller.
    """

    regions: Regions
    places: Regions
    width: int
    height: int

    def compose(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the packed picture, uint8 [height, width, 3], of ``image`` (uint8 [h, w, 3])."""
        packed = np.full((self.height, self.width, 3), _GREY, np.uint8)
        for (x1, y1, x2, y2), (left, top, right, bottom) in zip(self.regions.tolist(), self.places.tolist(), strict=True):
            part, room = image[y1:y2, x1:x2], packed[top:bottom, left:right]
            room[:] = part if part.shape == room.shape else cv2.resize(part, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
        return packed

    def restore(self, found: Detections) -> Detections:
        """Return detections of the packed picture in pixels of the picture; those centred between regions are dropped."""
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        within = _within(centres, self.places[:, :2], self.places[:, 2:])
        kept = within.any(axis=1)
        which = within[kept].argmax(axis=1)
        region, place = self.regions[which], self.places[which]
        growth = np.tile((region[:, 2:] - region[:, :2]) / (place[:, 2:] - place[:, :2]), 2)
        boxes = (found.boxes[kept] - np.tile(place[:, :2], 2)) * growth + np.tile(region[:, :2], 2)
        boxes = np.clip(boxes, np.tile(region[:, :2], 2), np.tile(region[:, 2:], 2))
        return Detections(boxes.astype(np.float32), found.scores[kept])

    def outside(self, found: Detections) -> Detections:
        """Return the detections of the picture whose centre lies in no region: nothing moved there, so they still hold."""
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        still = ~_within(centres, self.regions[:, :2], self.regions[:, 2:]).any(axis=1)
        return Detections(found.boxes[still], found.scores[still])


def _within(points: NDArray[np.floating], low: NDArray[np.int32], high: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell for each point (float [N, 2]) in which of the M rectangles it lies, bool [N, M]."""
    inside: NDArray[np.bool_] = np.all((points[:, None] >= low) & (points[:, None] < high), axis=-1)
    return inside


def pack(regions: Regions, sizes: Sequence[tuple[int, int]], shrink: NDArray[np.float64] | None = None) -> Mosaic | None:
    """Pack regions into the first of ``sizes`` (width, height) that holds them, highest first on shelves; None where none does.

    ``shrink``: a divisor for each region's sides; none is shrunk without it.
    """
    divisor = np.ones(len(regions)) if shrink is None else shrink
    shapes = np.ceil((regions[:, 2:] - regions[:, :2]) / divisor[:, None]).astype(np.int32)
    order = np.argsort(-shapes[:, 1], kind="stable")
    for width, height in sizes:
        placed = _shelved(shapes[order].tolist(), width, height)
        if placed is not None:
            corners = np.empty((len(regions), 2), np.int32)
            corners[order] = placed
            return Mosaic(regions, np.concatenate([corners, corners + shapes], axis=1).astype(np.int32), width, height)
    return None


def _shelved(shapes: Sequence[tuple[int, int]], width: int, height: int) -> list[tuple[int, int]] | None:
    """Return corners of ``shapes`` (width, height; highest first), each on the first shelf with room; None where they do not fit."""
    shelves: list[tuple[int, int]] = []  # top and used width; a shelf is as high as its first shape
    bottom, placed = 0, []
    for wide, high in shapes:
        shelf = next((index for index, (_, used) in enumerate(shelves) if used + wide <= width), None)
        if shelf is None:
            if wide > width or bottom + high > height:
                return None
            shelf = len(shelves)
            shelves.append((bottom, 0))
            bottom += high + _GAP
        top, used = shelves[shelf]
        placed.append((used, top))
        shelves[shelf] = (top, used + wide + _GAP)
    return placed
