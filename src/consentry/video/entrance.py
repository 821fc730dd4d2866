"""The demonstration scene: a shop entrance that a seeded crowd walks through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from consentry.platform.errors import InputError
from consentry.video.model import Size
from consentry.video.scene import Line, Scene
from consentry.video.walk import Garment, Look, Walker, Waypoint

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["entrance"]

Choice = TypeVar("Choice")

STAGE = Size(800, 500)
FRAMES_PER_SECOND = 12.5
DOOR = 400.0
FLOOR_TOP = 205.0
"""Row where the wall meets the floor, as the backdrop paints it; nobody walks beyond it, so the line ends there."""
MARGIN = 75.0
"""Pixels outside the picture at which people appear and vanish."""
TALL = 1.7
"""Metres of an average adult; turns walking pace into body heights."""

TOPS = ((150, 80, 40), (60, 60, 170), (70, 110, 60), (60, 50, 50), (40, 130, 190), (130, 60, 110), (165, 150, 120), (95, 95, 40), (60, 80, 130))
BOTTOMS = ((85, 60, 45), (45, 42, 40), (60, 75, 95), (100, 85, 70), (35, 35, 55))
SHOES = ((30, 30, 32), (40, 55, 80), (190, 190, 195))
SKINS = ((165, 190, 228), (130, 165, 210), (85, 120, 170), (55, 80, 120))
BAGS = ((50, 48, 46), (55, 75, 50), None, None, None)
HAIRS = ((25, 25, 30), (30, 45, 65), (60, 95, 130), (120, 120, 125))


@dataclass(frozen=True, slots=True)
class _Lane:
    """A depth at which people walk: row of the foot point and height of an average person there, pixels."""

    y: float
    height: float


FAR, NEAR = _Lane(284.0, 147.0), _Lane(440.0, 206.0)


@dataclass(frozen=True, slots=True)
class _Leg:
    """Walk to column ``x`` (0 is the side one comes from, 1 the other), then stand for ``rest`` seconds."""

    x: float
    rest: float = 0.0


THROUGH = (_Leg(1.0),)
PAUSE_AT_THE_LINE = (_Leg(0.495, 3.0), _Leg(1.0))
PAUSE_BEFORE_THE_LINE = (_Leg(0.36, 2.0), _Leg(1.0))
TURN_BACK = (_Leg(0.33, 1.0), _Leg(0.0))
THERE_AND_BACK = (_Leg(0.75, 1.2), _Leg(0.0))


@dataclass(frozen=True, slots=True)
class _Part:
    """One person's part in an act: where from (1 the left, -1 the right), what way, how much later and how much deeper than the first."""

    heading: int
    way: tuple[_Leg, ...] = THROUGH
    later: float = 0.0
    deeper: float = 0.0


PROGRAMME: tuple[tuple[_Part, ...], ...] = (
    (_Part(1),),
    (_Part(-1),),
    (_Part(1), _Part(1, later=0.55, deeper=10.0)),
    (_Part(-1, PAUSE_AT_THE_LINE),),
    (_Part(1), _Part(-1, later=1.3, deeper=14.0)),
    (_Part(1, TURN_BACK),),
    (_Part(-1),),
    (_Part(1, THERE_AND_BACK),),
    (_Part(-1), _Part(-1, later=0.6, deeper=-10.0)),
    (_Part(1),),
    (_Part(1, PAUSE_BEFORE_THE_LINE),),
    (_Part(-1), _Part(1, later=1.4, deeper=14.0)),
    (_Part(-1, TURN_BACK),),
    (_Part(1),),
    (_Part(-1),),
    (_Part(1),),
)
"""What happens, in order: 20 people; a larger crowd begins again, a smaller one ends early."""


def entrance(seed: int = 7, people: int = 20) -> Scene:
    """Return an entrance that ``people`` walk through both ways; the same seed gives the same scene.

    Raises:
        InputError: fewer than one person.
    """
    if people < 1:
        raise InputError("scene.people", "entrance", f"{people} people cannot walk through it", "Ask for at least one.")
    walkers = _crowd(np.random.default_rng(seed), people)
    duration = max(walker.path[-1].time for walker in walkers) + 0.5
    line = Line((DOOR, float(STAGE.height)), (DOOR, FLOOR_TOP))
    frames = math.ceil(duration * FRAMES_PER_SECOND)
    return Scene(STAGE, FRAMES_PER_SECOND, frames / FRAMES_PER_SECOND, line, walkers, seed=seed)


def _crowd(random: np.random.Generator, people: int) -> tuple[Walker, ...]:
    """Put each act of the programme into the lane that is free first, so that strangers seldom hide one another."""
    walkers: list[Walker] = []
    free = {FAR: 0.4, NEAR: 1.2}
    for act in cycle(PROGRAMME):
        lane = min(free, key=lambda choice: free[choice])
        cast = [_walker(random, part, lane, free[lane]) for part in act]
        walkers += cast
        free[lane] = max(walker.path[-1].time for walker in cast) - random.uniform(0.6, 1.2)
        if len(walkers) >= people:
            return tuple(walkers[:people])
    return tuple(walkers)


def _walker(random: np.random.Generator, part: _Part, lane: _Lane, start: float) -> Walker:
    stature = random.uniform(0.96, 1.04)
    pace = random.uniform(1.4, 1.65) / TALL
    height = stature * (lane.height + part.deeper * (NEAR.height - FAR.height) / (NEAR.y - FAR.y))
    row = lane.y + part.deeper + random.uniform(-3.0, 3.0)
    path = _path(part, row, height, start + part.later, pace * height)
    return Walker(path, _look(random), float(random.random()))


def _path(part: _Part, row: float, height: float, start: float, speed: float) -> tuple[Waypoint, ...]:
    """Return the timed way-points of a part walked at ``speed`` pixels a second."""
    width = STAGE.width + 2 * MARGIN
    points = [Waypoint(start, _column(part.heading, 0.0, width), row, height)]
    for leg in part.way:
        x = _column(part.heading, leg.x, width)
        time = points[-1].time + abs(x - points[-1].x) / speed
        points.append(Waypoint(time, x, row, height))
        if leg.rest:
            points.append(Waypoint(time + leg.rest, x, row, height))
    return tuple(points)


def _column(heading: int, part: float, width: float) -> float:
    """Return the column that lies ``part`` of the way across for someone who comes from that side."""
    return -MARGIN + width * (part if heading > 0 else 1.0 - part)


def _look(random: np.random.Generator) -> Look:
    return Look(
        garment=_one(random, tuple(Garment)),
        top=_one(random, TOPS),
        bottom=_one(random, BOTTOMS),
        shoes=_one(random, SHOES),
        skin=_one(random, SKINS),
        hair=_one(random, HAIRS),
        long_hair=_one(random, (True, False, False)),
        bag=_one(random, BAGS),
    )


def _one(random: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    return choices[int(random.integers(len(choices)))]
