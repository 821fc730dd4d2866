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

__all__ = ["Mosaic", "moving_regions", "pack"]

MARGIN = 12
"""Pixels around a moving region and around a person seen before: a step ahead, and what a detector needs to see around a person."""

_GAP = 4
_GREY = 114
_FEWEST_CELLS = 16


def moving_regions(moving: NDArray[np.bool_], people: NDArray[np.float32], width: int, height: int) -> Regions:
    """Return the regions to look at, int32 [N, 4] x1 y1 x2 y2 in pixels, none overlapping another.

    ``moving``: cells of the motion gate. ``people``: float32 [M, 4], the boxes of the picture before; one touched by motion is taken whole,
    so that a person who moves an arm is seen from head to foot. ``width``, ``height``: of the picture.
    """
    _, _, blobs, _ = cv2.connectedComponentsWithStats(cv2.dilate(moving.astype(np.uint8), np.ones((3, 3), np.uint8)), connectivity=8)
    blobs = blobs[1:][blobs[1:, 4] >= _FEWEST_CELLS]
    found = np.stack([blobs[:, 0], blobs[:, 1], blobs[:, 0] + blobs[:, 2], blobs[:, 1] + blobs[:, 3]], axis=1) * CELL
    touched = [box for box in people if _moves(moving, box)]
    regions = np.concatenate([found, np.asarray(touched).reshape(-1, 4)]).astype(np.int32)
    regions = regions + np.array([-MARGIN, -MARGIN, MARGIN, MARGIN], np.int32)
    return _disjoint(np.clip(regions, 0, np.array([width, height, width, height], np.int32)))


def _moves(moving: NDArray[np.bool_], box: NDArray[np.float32]) -> bool:
    x1, y1, x2, y2 = np.maximum(0, box / CELL).astype(int)
    return bool(moving[y1 : y2 + 1, x1 : x2 + 1].any())


def _disjoint(regions: Regions) -> Regions:
    """Replace regions that overlap by the region around both, until none do."""
    while True:
        low, high = np.maximum(regions[:, None, :2], regions[None, :, :2]), np.minimum(regions[:, None, 2:], regions[None, :, 2:])
        overlap = np.triu((low < high).all(axis=-1), 1)
        if not overlap.any():
            return regions
        a, b = np.argwhere(overlap)[0]
        around = np.concatenate([np.minimum(regions[a, :2], regions[b, :2]), np.maximum(regions[a, 2:], regions[b, 2:])])
        regions = np.vstack([np.delete(regions, [a, b], axis=0), around])


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Regions of a picture (int32 [N, 4]) and where each one's top left corner lies in a packed picture (int32 [N, 2]) of width x height."""

    regions: Regions
    corners: NDArray[np.int32]
    width: int
    height: int

    def compose(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the packed picture, uint8 [height, width, 3], of ``image`` (uint8 [h, w, 3])."""
        packed = np.full((self.height, self.width, 3), _GREY, np.uint8)
        for (x1, y1, x2, y2), (x, y) in zip(self.regions.tolist(), self.corners.tolist(), strict=True):
            packed[y : y + y2 - y1, x : x + x2 - x1] = image[y1:y2, x1:x2]
        return packed

    def restore(self, found: Detections) -> Detections:
        """Return detections of the packed picture in pixels of the picture; those centred between regions are dropped."""
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        sizes = self.regions[:, 2:] - self.regions[:, :2]
        within = _within(centres, self.corners, self.corners + sizes)
        kept = within.any(axis=1)
        region = within[kept].argmax(axis=1)
        shift = np.tile(self.regions[region, :2] - self.corners[region], 2)
        boxes = np.clip(found.boxes[kept] + shift, np.tile(self.regions[region, :2], 2), np.tile(self.regions[region, 2:], 2))
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


def pack(regions: Regions, sizes: Sequence[tuple[int, int]]) -> Mosaic | None:
    """Pack regions into the first of ``sizes`` (width, height) that holds them, highest first on shelves; None where none does."""
    order = np.argsort(-(regions[:, 3] - regions[:, 1]), kind="stable")
    shapes = (regions[:, 2:] - regions[:, :2])[order].tolist()
    for width, height in sizes:
        placed = _shelved(shapes, width, height)
        if placed is not None:
            corners = np.empty((len(regions), 2), np.int32)
            corners[order] = placed
            return Mosaic(regions, corners, width, height)
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
