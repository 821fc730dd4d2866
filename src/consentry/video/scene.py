"""A rendered entrance whose true counts are known: who walks where and when, pure and deterministic from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from consentry.video.figure import body, extent
from consentry.video.walk import position, stance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.video.model import Size
    from consentry.video.walk import Walker, Waypoint

__all__ = ["Box", "Line", "Scene", "boxes", "crossings", "truth"]

CLEARANCE = 0.05
"""Body heights by which a foot point must have left the line before its side counts: standing on the line is no crossing."""


@dataclass(frozen=True, slots=True)
class Line:
    """A counting line directed from ``start`` to ``end`` (x, y in pixels); *in* leads from its left bank to its right bank on the picture."""

    start: tuple[float, float]
    end: tuple[float, float]

    def offset(self, x: float, y: float) -> float:
        """Return the distance of a point from the endless line, pixels, positive on the right bank (the y axis points down)."""
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        return float((dx * (y - self.start[1]) - dy * (x - self.start[0])) / np.hypot(dx, dy))

    def part(self, x: float, y: float) -> float:
        """Return where along the line a point lies: 0 at ``start``, 1 at ``end``."""
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        return ((x - self.start[0]) * dx + (y - self.start[1]) * dy) / (dx * dx + dy * dy)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a clip shows: ``duration`` in seconds, ``noise`` the sensor's standard deviation in grey levels, ``seed`` of noise and lamp."""

    size: Size
    fps: float
    duration: float
    line: Line
    walkers: tuple[Walker, ...]
    noise: float = 3.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """Where a walker's body is drawn: corners in pixels, and the walker's index in the scene."""

    walker: int
    x1: float
    y1: float
    x2: float
    y2: float


def truth(scene: Scene) -> dict[str, int]:
    """Return the true counts ``in`` and ``out`` of the scene's line: every change of bank that leads through the line's length."""
    counts = {"in": 0, "out": 0}
    for _, direction in crossings(scene):
        counts[direction] += 1
    return counts


def crossings(scene: Scene) -> list[tuple[float, str]]:
    """Return every true crossing in order of time: when the line was met (seconds), and ``in`` or ``out``."""
    return sorted(crossing for walker in scene.walkers for crossing in _crossings(scene.line, walker))


def boxes(scene: Scene, time: float) -> tuple[Box, ...]:
    """Return the bodies present at ``time`` (seconds) as they are drawn, hidden parts and parts outside the picture included."""
    return tuple(box for index, walker in enumerate(scene.walkers) if (box := _box(index, walker, time)) is not None)


def _box(index: int, walker: Walker, time: float) -> Box | None:
    place = position(walker, time)
    if place is None:
        return None
    left, bottom, right, top = extent(body(stance(walker, time), walker.look))
    size = place.height
    return Box(index, place.x + size * left, place.y - size * top, place.x + size * right, place.y - size * bottom)


def _crossings(line: Line, walker: Walker) -> Iterator[tuple[float, str]]:
    """Yield the time and ``in`` or ``out`` for each change of bank.

    Between two way-points distance and height change linearly, so whoever is ever clear of the line on a leg is clear at one of its ends.
    """
    bank, gate = 0.0, _Gate(0.0, 0.0)
    for start, end in pairwise(walker.path):
        if bank == 0.0:
            bank = _bank(line, start)
        gate = _gate(line, start, end) or gate
        reached = _bank(line, end)
        if bank * reached < 0.0 and 0.0 <= gate.along <= 1.0:
            yield gate.time, "in" if reached > 0.0 else "out"
        bank = reached or bank


class _Gate(NamedTuple):
    """Where along the endless line somebody met it (0 its start, 1 its end), and when."""

    along: float
    time: float


def _bank(line: Line, point: Waypoint) -> float:
    """Return 1 on the right bank, -1 on the left, 0 too near to tell."""
    offset = line.offset(point.x, point.y)
    return float(np.sign(offset)) if abs(offset) >= CLEARANCE * point.height else 0.0


def _gate(line: Line, start: Waypoint, end: Waypoint) -> _Gate | None:
    """Return where and when the leg meets the endless line, or None where it does not."""
    first, last = line.offset(start.x, start.y), line.offset(end.x, end.y)
    if first == last or first * last > 0.0:
        return None
    part = first / (first - last)
    along = line.part(start.x + part * (end.x - start.x), start.y + part * (end.y - start.y))
    return _Gate(along, start.time + part * (end.time - start.time))
