"""Nouns of the counting slice: lines, zones, tracks and the events that every figure is folded from.

Positions are pixels of the source's own picture, x to the right and y down. Times are seconds of presentation time.
Tracks, positions and heights live in memory only; what is stored is defined in :mod:`consentry.counting.report`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "Crossing",
    "Direction",
    "Event",
    "Foot",
    "Gap",
    "GroupRule",
    "Line",
    "Point",
    "Region",
    "TrackId",
    "Zone",
    "ZoneEnter",
    "ZoneExit",
]


class Point(NamedTuple):
    """A place on the picture, in pixels."""

    x: float
    y: float


class Region(NamedTuple):
    """A rectangle of the picture, in pixels: the region of interest, outside which nobody is looked for."""

    left: float
    top: float
    right: float
    bottom: float


class TrackId(NamedTuple):
    """A track's name: unique within one run of one camera and meaningless outside it.

    ``epoch`` grows every ten minutes and ``n`` then starts again, so that no number can serve to follow anyone through a day.
    """

    camera: str
    epoch: int
    n: int


class Direction(StrEnum):
    """Which way a line was crossed: *in* is from the left bank to the right bank as seen walking from start to end."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Line:
    """A directed counting line."""

    id: str
    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon of three or more corners in which presence is measured."""

    id: str
    corners: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Foot:
    """Where a tracked person stands at one moment, and how tall they are on the picture."""

    track: TrackId
    time: float
    at: Point
    height: float


@dataclass(frozen=True, slots=True)
class GroupRule:
    """People who cross one line the same way within this time and distance of each other form one group.

    ``heights`` is a distance in multiples of the taller person's height on the picture, so that it holds near and far.
    """

    seconds: float = 1.5
    heights: float = 1.0


@dataclass(frozen=True, slots=True)
class Crossing:
    """One person crossed one line once. ``at`` and ``height`` serve grouping and are never stored."""

    line: str
    direction: Direction
    time: float
    track: TrackId = field(repr=False)
    at: Point = field(repr=False)
    height: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class ZoneEnter:
    """A visit of a zone began."""

    zone: str
    time: float
    visit: int


@dataclass(frozen=True, slots=True)
class ZoneExit:
    """A visit of a zone ended. ``time`` is when the person was last in the zone, not when that became certain."""

    zone: str
    time: float
    visit: int
    dwell: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was seen between ``start`` and ``end``: what happened then is missing, not zero."""

    start: float
    end: float
    reason: str


Event = Crossing | ZoneEnter | ZoneExit | Gap
