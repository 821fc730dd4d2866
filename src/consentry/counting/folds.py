"""From events to figures: pure folds to minutes, roll-ups, totals and reporting days.

Zero, missing, closed and imputed are four different things. A minute that was watched and saw nobody is *counted* with zeros. One that
was not watched is *missing* and holds no figures. One outside opening hours is *closed*. One whose figures are an estimate from its
neighbours is *imputed* and says so. ``coverage`` is the share of the interval that was watched.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from math import ceil, floor
from typing import TYPE_CHECKING

from consentry.counting.model import Crossing, Direction, Event, Gap, GroupRule, ZoneEnter, ZoneExit
from consentry.counting.rules import groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

__all__ = [
    "MINUTE",
    "EventLog",
    "Interval",
    "IntervalState",
    "LineCount",
    "ZoneCount",
    "ZoneTotal",
    "impute",
    "interval_state",
    "line_totals",
    "local_day",
    "minute_of",
    "minutes",
    "roll_up",
    "watched_share",
    "zone_totals",
]

MINUTE = 60.0
"""Seconds."""


class IntervalState(StrEnum):
    """What an interval's figures are."""

    COUNTED = "counted"
    MISSING = "missing"
    CLOSED = "closed"
    IMPUTED = "imputed"


@dataclass(frozen=True, slots=True)
class LineCount:
    """Crossings of one line: single people, and groups of those who crossed together (a person alone is a group of one)."""

    id: str
    entered: int
    left: int
    groups_in: int
    groups_out: int


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """Visits of one zone that began in an interval, and the most people inside at once during it."""

    id: str
    visits: int
    max_occupancy: int


@dataclass(frozen=True, slots=True)
class ZoneTotal:
    """Visits of one zone over everything watched; dwell percentiles in seconds, None without a finished visit."""

    id: str
    visits: int
    max_occupancy: int
    dwell_p50: float | None
    dwell_p90: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """The figures of one interval. ``start`` is in seconds, on the clock of the events. Missing and closed intervals hold none."""

    start: float
    minutes: int
    state: IntervalState
    coverage: float
    lines: tuple[LineCount, ...] = ()
    zones: tuple[ZoneCount, ...] = ()


@dataclass(frozen=True, slots=True)
class EventLog:
    """Everything seen between ``start`` and ``end`` (seconds) through the named lines and zones."""

    start: float
    end: float
    lines: tuple[str, ...]
    zones: tuple[str, ...]
    events: tuple[Event, ...]
    group_rule: GroupRule = field(default_factory=GroupRule)


def minutes(log: EventLog, closed: Sequence[tuple[float, float]] = ()) -> list[Interval]:
    """Fold a log into one interval a minute, aligned to the clock; ``closed`` are spans outside opening hours."""
    first, last = _minutes_of(log)
    line_counts = _line_counts(log)
    zone_counts = {zone: _zone_minutes(log, zone, first, last) for zone in log.zones}
    gaps = [(event.start, event.end) for event in log.events if isinstance(event, Gap)]
    rows = []
    for minute in range(first, last + 1):
        span = (minute * MINUTE, (minute + 1) * MINUTE)
        coverage = watched_share(span, (log.start, log.end), gaps)
        lines = tuple(line_counts.get((line, minute), LineCount(line, 0, 0, 0, 0)) for line in log.lines)
        zones = tuple(zone_counts[zone][minute - first] for zone in log.zones)
        happened = any(line.entered or line.left for line in lines) or any(zone.visits for zone in zones)
        state = interval_state(span, coverage, closed, happened=happened)
        figures = (lines, zones) if state is IntervalState.COUNTED else ((), ())
        rows.append(Interval(span[0], 1, state, coverage, *figures))
    return rows


def _minutes_of(log: EventLog) -> tuple[int, int]:
    """Return the first and last minute that was watched or has an event: an event on the very end must not fall outside."""
    times = [event.time for event in log.events if not isinstance(event, Gap)]
    # Nothing is watched after the end, so an end on the full minute begins no other.
    last = max(minute_of(log.start), ceil(log.end / MINUTE) - 1, *map(minute_of, times))
    return minute_of(min([log.start, *times])), last


def interval_state(span: tuple[float, float], coverage: float, closed: Sequence[tuple[float, float]] = (), *, happened: bool) -> IntervalState:
    """Return what the figures of ``span`` are; ``happened`` tells whether an event falls into it."""
    # An event in an unwatched or closed minute is still an event (a join across a gap, a late guest): it is never dropped.
    if happened:
        return IntervalState.COUNTED
    if any(start <= span[0] and span[1] <= end for start, end in closed):
        return IntervalState.CLOSED
    return IntervalState.COUNTED if coverage > 0 else IntervalState.MISSING


def watched_share(span: tuple[float, float], watch: tuple[float, float], gaps: Iterable[tuple[float, float]]) -> float:
    """Return the share of ``span`` that lies within ``watch`` and outside every gap; all are pairs of start and end."""
    low, high = max(span[0], watch[0]), min(span[1], watch[1])
    seen, reached = 0.0, low
    for start, end in sorted(gaps):
        seen += max(0.0, min(start, high) - reached)
        reached = max(reached, end)
    seen += max(0.0, high - reached)
    return min(1.0, seen / (span[1] - span[0]))


def _line_counts(log: EventLog) -> dict[tuple[str, int], LineCount]:
    crossings = [event for event in log.events if isinstance(event, Crossing)]
    people = Counter((c.line, minute_of(c.time), c.direction) for c in crossings)
    together = Counter((g[0].line, minute_of(g[0].time), g[0].direction) for g in groups(crossings, log.group_rule))
    return {
        (line, minute): LineCount(
            line,
            people[line, minute, Direction.IN],
            people[line, minute, Direction.OUT],
            together[line, minute, Direction.IN],
            together[line, minute, Direction.OUT],
        )
        for line, minute, _ in people | together
    }


def minute_of(time: float) -> int:
    """Return the number of the minute that ``time`` falls into: whole minutes since time zero."""
    return floor(time / MINUTE)


def _zone_minutes(log: EventLog, zone: str, first: int, last: int) -> list[ZoneCount]:
    entered = Counter(minute_of(e.time) for e in log.events if isinstance(e, ZoneEnter) and e.zone == zone)
    steps = _occupancy_steps(log, zone)
    most, inside, step = [], 0, 0
    for minute in range(first, last + 1):
        highest = inside
        while step < len(steps) and minute_of(steps[step][0]) <= minute:
            inside += steps[step][1]
            highest = max(highest, inside)
            step += 1
        most.append(ZoneCount(zone, entered[minute], highest))
    return most


def _occupancy_steps(log: EventLog, zone: str) -> list[tuple[float, int]]:
    """Return (time, +1 or -1) in order; at equal times people leave before others enter, whatever the order of the log."""
    enters = [(event.time, 1) for event in log.events if isinstance(event, ZoneEnter) and event.zone == zone]
    exits = [(event.time, -1) for event in log.events if isinstance(event, ZoneExit) and event.zone == zone]
    return sorted(enters + exits)


def line_totals(log: EventLog) -> tuple[LineCount, ...]:
    """Fold a log into one count per line."""
    counts = _line_counts(log).values()
    return tuple(_sum_lines(line, [count for count in counts if count.id == line]) for line in log.lines)


def _sum_lines(line: str, counts: Sequence[LineCount]) -> LineCount:
    return LineCount(
        line,
        sum(count.entered for count in counts),
        sum(count.left for count in counts),
        sum(count.groups_in for count in counts),
        sum(count.groups_out for count in counts),
    )


def zone_totals(log: EventLog) -> tuple[ZoneTotal, ...]:
    """Fold a log into visits, highest occupancy and dwell per zone. Percentiles are nearest-rank, of finished visits."""
    totals = []
    for zone in log.zones:
        dwells = sorted(event.dwell for event in log.events if isinstance(event, ZoneExit) and event.zone == zone)
        visits = sum(isinstance(event, ZoneEnter) and event.zone == zone for event in log.events)
        inside, most = 0, 0
        for _, change in _occupancy_steps(log, zone):
            inside += change
            most = max(most, inside)
        totals.append(ZoneTotal(zone, visits, most, _percentile(dwells, 50), _percentile(dwells, 90)))
    return tuple(totals)


def _percentile(ordered: Sequence[float], share: int) -> float | None:
    if not ordered:
        return None
    return ordered[max(0, -(-share * len(ordered) // 100) - 1)]


def roll_up(rows: Iterable[Interval], length: int) -> list[Interval]:
    """Join minute intervals into longer ones of ``length`` minutes, aligned to the clock.

    Figures add up, occupancy takes the highest, coverage is over the whole length. One imputed minute makes the longer interval imputed;
    it is missing or closed only when no minute of it was counted.
    """
    seconds = length * MINUTE
    return [_joined(start * seconds, length, list(part)) for start, part in groupby(rows, key=lambda row: floor(row.start / seconds))]


def _joined(start: float, length: int, part: Sequence[Interval]) -> Interval:
    states = {row.state for row in part}
    state = next(s for s in (IntervalState.IMPUTED, IntervalState.COUNTED, IntervalState.MISSING, IntervalState.CLOSED) if s in states)
    lines = {count.id: None for row in part for count in row.lines}
    zones = {count.id: None for row in part for count in row.zones}
    return Interval(
        start,
        length,
        state,
        sum(row.coverage * row.minutes for row in part) / length,
        tuple(_sum_lines(line, [c for row in part for c in row.lines if c.id == line]) for line in lines),
        tuple(_join_zones(zone, [c for row in part for c in row.zones if c.id == zone]) for zone in zones),
    )


def _join_zones(zone: str, counts: Sequence[ZoneCount]) -> ZoneCount:
    return ZoneCount(zone, sum(count.visits for count in counts), max(count.max_occupancy for count in counts))


def impute(rows: Sequence[Interval], longest: int = 30) -> list[Interval]:
    """Fill runs of at most ``longest`` missing minutes between two counted ones with the mean of those two, marked as imputed.

    Longer gaps, and gaps at an end, stay missing. Coverage stays what it was: an estimate was not watched.
    """
    filled = list(rows)
    position = 0
    for state, run in groupby(rows, key=lambda row: row.state):
        part = list(run)
        before, after = position - 1, position + len(part)
        lasting = sum(row.minutes for row in part)
        if state is IntervalState.MISSING and lasting <= longest and before >= 0 and after < len(rows):
            neighbours = (rows[before], rows[after])
            if all(row.state is IntervalState.COUNTED for row in neighbours):
                filled[position:after] = [_estimated(row, neighbours) for row in rows[position:after]]
        position = after
    return filled


def _estimated(row: Interval, neighbours: tuple[Interval, Interval]) -> Interval:
    before, after = neighbours
    lines = tuple(
        LineCount(a.id, (a.entered + b.entered) // 2, (a.left + b.left) // 2, (a.groups_in + b.groups_in) // 2, (a.groups_out + b.groups_out) // 2)
        for a, b in zip(before.lines, after.lines, strict=True)
    )
    zones = tuple(ZoneCount(a.id, (a.visits + b.visits) // 2, (a.max_occupancy + b.max_occupancy) // 2) for a, b in zip(before.zones, after.zones, strict=True))
    return Interval(row.start, row.minutes, IntervalState.IMPUTED, row.coverage, lines, zones)


def local_day(day: date, zone: ZoneInfo) -> tuple[float, float]:
    """Return the start and end of a reporting day as seconds since 1970 (UTC): 23, 24 or 25 hours apart where clocks change."""
    start = datetime.combine(day, time.min, zone)
    end = datetime.combine(day + timedelta(days=1), time.min, zone)
    return start.astimezone(UTC).timestamp(), end.astimezone(UTC).timestamp()
