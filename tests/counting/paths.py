"""Walks for the counting tests: foot points of one or several tracks, and what a line counter makes of them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from consentry.counting.lines import BAND, LineCounter
from consentry.counting.model import Crossing, Direction, Foot, Line, Point, TrackId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DOWNWARDS = Line("door", Point(240, 0), Point(240, 360))
"""The line of the measured clips: walked downwards, so that its left bank is to the right on the picture."""


def track(number: int = 1) -> TrackId:
    return TrackId("camera", 0, number)


def walk(places: Iterable[tuple[float, float]], *, height: float = 100.0, every: float = 0.1, start: float = 0.0, number: int = 1) -> list[Foot]:
    """Return a track that stands at ``places`` one after the other, ``every`` seconds apart."""
    return [Foot(track(number), start + index * every, Point(x, y), height) for index, (x, y) in enumerate(places)]


def columns(*xs: float, y: float = 180.0) -> list[tuple[float, float]]:
    return [(x, y) for x in xs]


def crossed(feet: Sequence[Foot], *lines: Line, band: float = BAND) -> list[Crossing]:
    """Return what a counter of ``lines`` (the downward one when none is named) tells of a whole track and its end."""
    counter = LineCounter(lines or (DOWNWARDS,), band)
    seen = list(chain.from_iterable(counter.update(foot) for foot in feet))
    return [*seen, *counter.end({foot.track for foot in feet})]


def in_and_out(crossings: Iterable[Crossing]) -> tuple[int, int]:
    directions = [crossing.direction for crossing in crossings]
    return directions.count(Direction.IN), directions.count(Direction.OUT)
