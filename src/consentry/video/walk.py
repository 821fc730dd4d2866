"""Walkers of a rendered scene: timed way-points, and how the body moves between them. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from consentry.platform.errors import InputError

__all__ = ["Colour", "Garment", "Look", "Position", "Stance", "Walker", "Waypoint", "position", "stance"]

Colour = tuple[int, int, int]

STRIDE_LENGTH = 0.82
"""Two steps of an adult at ease, in body heights (Perry and Burnfield, Gait Analysis: 1.41 m at 1.7 m)."""
BRISK = 0.35
"""Body heights a second from which arms and legs swing fully."""
HALF_WINDOW = 0.2
"""Seconds before and after over which the pace is averaged, so that nobody stops or turns within one frame."""


class Garment(StrEnum):
    """What is worn on the upper body; decides sleeves and hem."""

    SHIRT = "shirt"
    JACKET = "jacket"
    COAT = "coat"
    DRESS = "dress"


@dataclass(frozen=True, slots=True)
class Look:
    """Clothes and colours (blue, green, red); ``bag`` is a backpack. There is no face to describe: figures have none."""

    garment: Garment = Garment.JACKET
    top: Colour = (120, 70, 45)
    bottom: Colour = (70, 55, 45)
    shoes: Colour = (35, 35, 40)
    skin: Colour = (150, 180, 220)
    hair: Colour = (35, 45, 60)
    long_hair: bool = False
    bag: Colour | None = None


@dataclass(frozen=True, slots=True)
class Waypoint:
    """Where the foot point is at ``time`` (seconds), and how tall the figure stands there; ``x``, ``y``, ``height`` in pixels."""

    time: float
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Walker:
    """A person in the scene from the first way-point to the last; ``phase`` is the part of a stride already done at the start."""

    path: tuple[Waypoint, ...]
    look: Look = Look()
    phase: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a path that is no path.

        Raises:
            InputError: fewer than two way-points, or times that do not rise.
        """
        if len(self.path) < 2 or any(a.time >= b.time for a, b in pairwise(self.path)):  # noqa: PLR2004 - two ends
            raise InputError("scene.path", "walker", "its way-points do not rise in time", "Give at least two, each later than the one before.")


@dataclass(frozen=True, slots=True)
class Position:
    """Foot point and height of a figure, pixels."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Stance:
    """How the body is held: ``phase`` of the stride (whole number = one stride), ``swing`` 0 standing to 1 walking, ``yaw`` -1 left to 1 right, 0 away."""

    phase: float
    swing: float
    yaw: float


def position(walker: Walker, time: float) -> Position | None:
    """Return where ``walker`` is at ``time`` (seconds), or None before the first and after the last way-point."""
    if not walker.path[0].time <= time <= walker.path[-1].time:
        return None
    return _interpolate(walker, time)


def stance(walker: Walker, time: float) -> Stance:
    """Return how ``walker`` holds the body at ``time``: the stride follows the way walked, so feet do not slide."""
    before, after = _interpolate(walker, time - HALF_WINDOW), _interpolate(walker, time + HALF_WINDOW)
    reach = 2 * HALF_WINDOW * BRISK * _interpolate(walker, time).height
    across, away = after.x - before.x, after.y - before.y
    pace = math.hypot(across, away)
    return Stance(walker.phase + _strides(walker, time), min(1.0, pace / reach), across / max(pace, reach))


def _interpolate(walker: Walker, time: float) -> Position:
    """Return the place on the path, held at its ends."""
    leg = min(max(bisect_right(walker.path, time, key=lambda point: point.time), 1), len(walker.path) - 1)
    start, end = walker.path[leg - 1], walker.path[leg]
    part = min(max((time - start.time) / (end.time - start.time), 0.0), 1.0)
    return Position(
        start.x + part * (end.x - start.x),
        start.y + part * (end.y - start.y),
        start.height + part * (end.height - start.height),
    )


def _strides(walker: Walker, time: float) -> float:
    """Return the strides walked since the first way-point."""
    total = 0.0
    for start, end in pairwise(walker.path):
        part = min(max((time - start.time) / (end.time - start.time), 0.0), 1.0)
        length = math.hypot(end.x - start.x, end.y - start.y)
        total += part * length / (STRIDE_LENGTH * (start.height + end.height) / 2)
    return total
