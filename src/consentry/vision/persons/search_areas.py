"""Where a sliding window has to look: around what moves and around the people seen last. Pure functions."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Area", "search_areas"]

Area = tuple[int, int, int, int]
"""Left, top, right, bottom; pixels of the picture."""

MARGIN = 0.12
"""Share of the mask's width added on every side: what moves may be a person's legs alone."""
ROOM = 0.27
"""Share of the tallest spot's height added at the least: the detector's window reaches a fifth of a person's height beyond their head and feet, and a
quarter beyond the sides of somebody slim. A window that an area cuts off is not searched, and in a narrow region of a picture ``MARGIN`` cut it off."""
SPECK = 6
"""Pixels of the mask; smaller spots are noise."""
WHOLE = 0.6
"""Where the areas together are a larger share of the picture, the whole picture is one search and costs less than many."""


def search_areas(mask: NDArray[np.uint8], seen: NDArray[np.float32], width: int, height: int) -> list[Area]:
    """Return disjoint areas of a picture of ``width`` x ``height`` that hold every moving spot of ``mask`` and every box of ``seen`` with a margin."""
    spots = _without_specks(mask)
    _fill(spots, seen, spots.shape[1] / width)
    across = 2 * _reach(spots) + 1
    grown = cv2.dilate(spots, np.ones((across, across), np.uint8))
    areas = _disjoint([_scaled(row, width / spots.shape[1], width, height) for row in cv2.connectedComponentsWithStats(grown)[2][1:]])
    if sum((right - left) * (bottom - top) for left, top, right, bottom in areas) > WHOLE * width * height:
        return [(0, 0, width, height)]
    return areas


def _reach(spots: NDArray[np.uint8]) -> int:
    """Return the pixels by which every spot is widened on each side."""
    tallest = cv2.connectedComponentsWithStats(spots)[2][1:, cv2.CC_STAT_HEIGHT].max(initial=0)
    reach: float = max(MARGIN * spots.shape[1], ROOM * float(tallest))
    return ceil(reach)


def _without_specks(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    labels, stats = cv2.connectedComponentsWithStats(mask)[1:3]
    large = stats[:, cv2.CC_STAT_AREA] >= SPECK
    large[0] = False
    return np.asarray(large[labels], np.uint8)


def _fill(spots: NDArray[np.uint8], boxes: NDArray[np.float32], scale: float) -> None:
    for left, top, right, bottom in np.rint(boxes * scale).astype(int):
        spots[top : bottom + 1, left : right + 1] = 1


def _scaled(stats: NDArray[np.int32], scale: float, width: int, height: int) -> Area:
    left, top, across, down = (int(value) for value in stats[:4])
    return int(left * scale), int(top * scale), min(int((left + across) * scale) + 1, width), min(int((top + down) * scale) + 1, height)


def _disjoint(areas: list[Area]) -> list[Area]:
    """Join areas that overlap until none do."""
    apart: list[Area] = []
    for area in areas:
        joined, others = area, apart
        while touching := [other for other in others if _touch(joined, other)]:
            others = [other for other in others if not _touch(joined, other)]
            joined = _hull([joined, *touching])
        apart = [*others, joined]
    return apart


def _touch(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _hull(areas: list[Area]) -> Area:
    lefts, tops, rights, bottoms = zip(*areas, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
