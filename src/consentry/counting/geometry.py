"""Plane geometry on the picture: sides of a line, crossings of a segment, points in a polygon.

The y axis points down. Seen walking from a line's start to its end, the left bank is where :func:`side` is negative.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from consentry.counting.model import Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.counting.model import Line

__all__ = ["between", "crossing_share", "distance_to_segment", "inside", "length", "polygon_area", "side"]


def length(line: Line) -> float:
    """Return the line's length in pixels."""
    return hypot(line.end.x - line.start.x, line.end.y - line.start.y)


def side(start: Point, end: Point, point: Point) -> float:
    """Return a value below zero on the left bank of start → end, above zero on the right bank, zero on the line."""
    return (end.x - start.x) * (point.y - start.y) - (end.y - start.y) * (point.x - start.x)


def distance_to_segment(line: Line, point: Point) -> float:
    """Return the distance in pixels from ``point`` to the nearest point of the line, its ends included."""
    dx, dy = line.end.x - line.start.x, line.end.y - line.start.y
    along = ((point.x - line.start.x) * dx + (point.y - line.start.y) * dy) / (dx * dx + dy * dy)
    along = min(1.0, max(0.0, along))
    return hypot(point.x - line.start.x - along * dx, point.y - line.start.y - along * dy)


def crossing_share(line: Line, before: Point, after: Point) -> tuple[int, float] | None:
    """Return +1 (left to right bank) or -1 and the share of the step ``before`` → ``after`` at which it crosses the line, or None.

    A point exactly on the line counts as on the right bank, so that a path through it crosses exactly once.
    """
    a, b = side(line.start, line.end, before), side(line.start, line.end, after)
    if (a >= 0) == (b >= 0):
        return None
    share = a / (a - b)
    at = between(before, after, share)
    dx, dy = line.end.x - line.start.x, line.end.y - line.start.y
    along = (at.x - line.start.x) * dx + (at.y - line.start.y) * dy
    if not 0.0 <= along <= dx * dx + dy * dy:
        return None
    return (1 if b >= 0 else -1), share


def between(a: Point, b: Point, share: float) -> Point:
    """Return the point that lies ``share`` (0 to 1) of the way from ``a`` to ``b``."""
    return Point(a.x + share * (b.x - a.x), a.y + share * (b.y - a.y))


def inside(corners: Sequence[Point], point: Point) -> bool:
    """Tell whether ``point`` is inside the polygon, by the even-odd rule; points on a border may fall either way."""
    result = False
    last = corners[-1]
    for corner in corners:
        if (corner.y > point.y) != (last.y > point.y):
            x = corner.x + (point.y - corner.y) * (last.x - corner.x) / (last.y - corner.y)
            result ^= point.x < x
        last = corner
    return result


def polygon_area(corners: Sequence[Point]) -> float:
    """Return the polygon's area in square pixels (shoelace formula)."""
    pairs = zip(corners, (*corners[1:], corners[0]), strict=True)
    return abs(sum(a.x * b.y - b.x * a.y for a, b in pairs)) / 2
