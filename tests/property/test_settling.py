"""The incremental fold gives the rows of the batch fold, whatever the order in which events become certain."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.counting.folds import EventLog, Interval, IntervalState, LineCount, minutes
from consentry.counting.model import Crossing, Direction, Event, Gap, Point, TrackId, ZoneEnter, ZoneExit
from consentry.counting.settling import WAIT, MinuteFold

LINES, ZONES = ("door", "gate"), ("till",)
LENGTH = 400.0


@dataclass(frozen=True)
class Certain:
    """An event and the instant at which it is certain."""

    at: float
    event: Event


@st.composite
def crossings(draw: st.DrawFn) -> list[Certain]:
    found = []
    # Pauses of two seconds every ten keep chains of groups shorter than the wait; a longer chain is the fold's stated exception.
    for _ in range(draw(st.integers(0, 25))):
        time = 10.0 * draw(st.integers(0, 38)) + draw(st.floats(0.0, 8.0))
        line, way = draw(st.sampled_from(LINES)), draw(st.sampled_from(list(Direction)))
        event = Crossing(line, way, time, TrackId("c", 0, 1), Point(draw(st.integers(0, 150)), 50.0), 100.0)
        found.append(Certain(time + draw(st.floats(0.0, WAIT - 0.01)), event))
    return found


@st.composite
def visits(draw: st.DrawFn) -> list[Certain]:
    found = []
    for number in range(draw(st.integers(0, 10))):
        time, dwell = draw(st.floats(0.0, LENGTH - 60)), draw(st.sampled_from([0.5, 20.0, 59.0]))
        found.append(Certain(time + draw(st.floats(0.0, 14.0)), ZoneEnter("till", time, number)))
        found.append(Certain(time + dwell + draw(st.floats(0.0, 14.0)), ZoneExit("till", time + dwell, number, dwell)))
    return found


def rows_as_they_settle(certain: list[Certain], start: float, end: float) -> tuple[list[Interval], int]:
    """Return the rows of a fold that is asked once a second, and the most events that it remembered."""
    fold, rows, most, waiting = MinuteFold(LINES, ZONES, start), list[Interval](), 0, sorted(certain, key=lambda item: item.at)
    for second in count(int(start)):
        now = min(float(second), end)
        fold.add(item.event for item in waiting if item.at <= now)
        waiting = [item for item in waiting if item.at > now]
        rows += fold.settle(now, now)
        most = max(most, len(fold))
        if now >= end:
            break
    fold.add(item.event for item in waiting)
    return [*rows, *fold.finish(end)], most


@given(crossings(), visits(), st.sampled_from([0.0, 33.3]), st.sampled_from([LENGTH, 419.99, 420.0]))
def test_settled_minutes_equal_the_batch_fold(lines: list[Certain], zones: list[Certain], start: float, end: float) -> None:
    certain = [item for item in [*lines, *zones] if getattr(item.event, "time", start) >= start]
    log = EventLog(start, end, LINES, ZONES, tuple(item.event for item in certain))
    assert rows_as_they_settle(certain, start, end)[0] == minutes(log)


@given(st.lists(st.tuples(st.floats(0.0, 300.0), st.floats(5.1, 90.0)), max_size=4))
def test_unwatched_minutes_equal_the_batch_fold(pauses: list[tuple[float, float]]) -> None:
    gaps = [Gap(begin, min(begin + length, LENGTH), "no frames") for begin, length in pauses]
    log = EventLog(0.0, LENGTH, LINES, ZONES, tuple(gaps))
    # A gap is certain at the frame that ends it. Frames of an overlapping gap would be seen, which the fold cannot know either.
    assert rows_as_they_settle([Certain(gap.start, gap) for gap in gaps], 0.0, LENGTH)[0] == minutes(log)


def test_a_silence_that_lasts_is_missing_before_it_ends() -> None:
    fold = MinuteFold(("door",), (), 0.0)
    watched, silent = fold.settle(last=70.0, now=300.0)[:2], fold.settle(last=70.0, now=400.0)
    assert [(row.state, row.coverage) for row in watched] == [(IntervalState.COUNTED, 1.0), (IntervalState.COUNTED, pytest.approx(1 / 6))]
    assert {row.state for row in silent} == {IntervalState.MISSING}


def test_a_crossing_that_is_certain_too_late_is_counted_in_the_first_open_minute() -> None:
    fold = MinuteFold(("door",), (), 0.0)
    first = fold.settle(80.0, 80.0)
    fold.add([Crossing("door", Direction.IN, 30.0, TrackId("c", 0, 1), Point(0, 0), 100.0)])
    second = fold.settle(140.0, 140.0)
    assert [row.lines for row in (*first, *second)] == [(LineCount("door", 0, 0, 0, 0),), (LineCount("door", 1, 0, 1, 0),)]


def test_a_group_across_the_full_minute_is_counted_once() -> None:
    fold = MinuteFold(("door",), (), 0.0)
    for time in (59.0, 60.0, 61.0):
        fold.add([Crossing("door", Direction.IN, time, TrackId("c", 0, 1), Point(0, 0), 100.0)])
    rows = fold.settle(140.0, 140.0)
    assert [(row.lines[0].entered, row.lines[0].groups_in) for row in rows] == [(1, 1), (2, 0)]


def test_memory_is_that_of_the_last_minute_and_a_half_however_long_it_counts() -> None:
    certain = [Certain(time, Crossing("door", Direction.IN, time, TrackId("c", 0, 1), Point(0, 0), 100.0)) for time in map(float, range(3600))]
    rows, most = rows_as_they_settle(certain, 0.0, 3600.0)
    assert sum(row.lines[0].entered for row in rows) == 3600
    assert most <= 60 + WAIT + 2
