"""The nouns of figures: what is asked for, and bars, series, occupancy, dwell and heat as answers.

Instants are ``datetime`` in UTC. A figure is a number of people or groups with the band in which the true number lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from consentry.counting.folds import IntervalState

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Band",
    "BandSource",
    "Bar",
    "Dwell",
    "Figure",
    "Heat",
    "IntervalState",
    "LinePlace",
    "LineToday",
    "OccupancyPoint",
    "OccupancySeries",
    "Overview",
    "Query",
    "Series",
    "Span",
    "Step",
    "Tally",
    "Watch",
]


class Step(IntEnum):
    """The length of a bar in minutes. An hour and a day are those of the site's zone: a day has 23, 24 or 25 hours."""

    MINUTE = 1
    QUARTER = 15
    HOUR = 60
    DAY = 1440


class BandSource(StrEnum):
    """Where an error band comes from."""

    MEASURED = "measured"
    BENCHMARK = "benchmark"


@dataclass(frozen=True, slots=True)
class Band:
    """The 95 % interval of a count's error in per cent of the true number, and where it comes from."""

    low: float
    high: float
    source: BandSource


@dataclass(frozen=True, slots=True)
class Figure:
    """A counted number and the band, ``low`` to ``high``, in which the true number lies."""

    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, order=True)
class LinePlace:
    """A line, told by its camera's id and its own."""

    camera: str
    line: str

    def __str__(self) -> str:
        """Return it as addresses and tables show it."""
        return f"{self.camera}/{self.line}"


@dataclass(frozen=True, slots=True)
class Query:
    """What figures are asked for: from ``start`` until before ``end``. Without ``lines``, those through which visitors enter the site."""

    start: datetime
    end: datetime
    step: Step
    lines: tuple[LinePlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, in minutes since 1970 (UTC): ``start`` belongs to it, ``end`` does not."""

    start: int
    end: int

    @property
    def minutes(self) -> int:
        """Return how long it is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums of one span over lines."""

    entered: int = 0
    left: int = 0
    groups_in: int = 0
    groups_out: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """How well one span was watched: sums over ``cameras``, of milliseconds watched and of minutes counted and estimated."""

    cameras: int
    watched_ms: int = 0
    counted: int = 0
    estimated: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """The figures of one interval; None where it is missing or closed, or where publishing it could tell of single people.

    ``minutes``: its length, which for the current interval ends now. ``coverage``: the share of it that was watched.
    """

    start: datetime
    minutes: int
    state: IntervalState
    coverage: float
    entered: Figure | None = None
    left: Figure | None = None
    groups_in: Figure | None = None
    groups_out: Figure | None = None
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Bars in order, their sum, the lines that they sum up, and the band that the figures carry."""

    step: Step
    zone: str
    lines: tuple[LinePlace, ...]
    band: Band
    bars: tuple[Bar, ...]
    total: Bar


@dataclass(frozen=True, slots=True)
class OccupancyPoint:
    """How many people were inside at the end of an interval; None where nobody watched.

    ``drift``: how many more people than had entered were counted out since the daily reset. Occupancy never falls below zero; this says by how much it
    would have.
    """

    start: datetime
    minutes: int
    state: IntervalState
    inside: int | None
    drift: int


@dataclass(frozen=True, slots=True)
class OccupancySeries:
    """Occupancy in order of time, from the lines through which people enter and leave the site."""

    lines: tuple[LinePlace, ...]
    points: tuple[OccupancyPoint, ...]
    resets: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class LineToday:
    """One line since midnight: totals, and people in by quarter of an hour (None: missing or closed)."""

    place: LinePlace
    state: IntervalState
    coverage: float
    entered: Figure | None
    left: Figure | None
    quarters: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The site since midnight."""

    day: datetime
    total: Bar
    inside: int | None
    drift: int
    lines: tuple[LineToday, ...]


@dataclass(frozen=True, slots=True)
class Dwell:
    """How long visits of an area lasted. ``buckets``: upper ends in seconds; ``counts`` has one more, for everything longer.

    ``counts`` and percentiles (the upper end of the bucket, seconds) are None below the least number of visits that may be shown.
    """

    camera: str
    area: str
    visits: int | None
    buckets: tuple[int, ...]
    counts: tuple[int, ...] | None
    p50: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Heat:
    """Seconds of presence per cell. ``seconds``: int64 [rows, columns], or None where so few people came that it could be one person's way."""

    camera: str
    hours: int
    seconds: NDArray[np.int64] | None
