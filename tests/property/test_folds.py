"""Whatever the events: none is lost or counted twice, and their order in the log means nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.counting.folds import EventLog, Interval, IntervalState, impute, line_totals, local_day, minutes, roll_up, zone_totals
from consentry.counting.model import Crossing, Direction, Event, Gap, Point, TrackId, ZoneEnter, ZoneExit

LINES, ZONES = ("door", "back"), ("room", "hall")
LENGTH = 7200
"""Seconds watched."""

# Quarters of a second are exact in binary and often equal, which is when order could matter.
instants = st.integers(0, 4 * LENGTH).map(lambda quarter: quarter / 4)
starts = st.sampled_from([0.0, 37.25, -5000.0, 1_700_000_000.0, 1_700_000_040.0])
crossings = st.builds(
    Crossing,
    st.sampled_from(LINES),
    st.sampled_from(Direction),
    st.one_of(instants, st.integers(0, 40).map(float)),
    st.builds(TrackId, st.just("camera"), st.just(0), st.integers(1, 5)),
    st.builds(Point, st.integers(0, 4).map(lambda x: 60.0 * x), st.just(0.0)),
    st.sampled_from([80.0, 120.0]),
)
stays = st.tuples(st.sampled_from(ZONES), instants, st.integers(2, 4000).map(lambda quarter: quarter / 4))
pauses = st.tuples(instants, instants).map(lambda pair: Gap(min(pair), max(pair), "no frames"))


def visits(drawn: list[tuple[str, float, float]]) -> list[Event]:
    events: list[Event] = []
    for number, (zone, start, dwell) in enumerate(drawn, 1):
        end = min(start + dwell, float(LENGTH))
        if end > start:
            events += [ZoneEnter(zone, start, number), ZoneExit(zone, end, number, end - start)]
    return events


events = st.builds(
    lambda crossed, stayed, paused: [*crossed, *visits(stayed), *paused],
    st.lists(crossings, max_size=25),
    st.lists(stays, max_size=8),
    st.lists(pauses, max_size=3),
)


def moved(event: Event, start: float) -> Event:
    match event:
        case Crossing():
            return Crossing(event.line, event.direction, event.time + start, event.track, event.at, event.height)
        case ZoneEnter():
            return ZoneEnter(event.zone, event.time + start, event.visit)
        case ZoneExit():
            return ZoneExit(event.zone, event.time + start, event.visit, event.dwell)
        case Gap():
            return Gap(event.start + start, event.end + start, event.reason)


def log_of(found: list[Event], start: float = 0.0) -> EventLog:
    return EventLog(start, start + LENGTH, LINES, ZONES, tuple(moved(event, start) for event in found))


logs = st.builds(log_of, events, starts)


@given(logs)
def test_minutes_hold_every_event_once(log: EventLog) -> None:
    rows = minutes(log)
    held = Counter({(count.id, way): 0 for row in rows for count in row.lines for way in Direction})
    for row in rows:
        for count in row.lines:
            held[count.id, Direction.IN] += count.entered
            held[count.id, Direction.OUT] += count.left
    assert +held == Counter((event.line, event.direction) for event in log.events if isinstance(event, Crossing))
    for zone in ZONES:
        entered = sum(isinstance(event, ZoneEnter) and event.zone == zone for event in log.events)
        assert sum(count.visits for row in rows for count in row.zones if count.id == zone) == entered


@given(logs)
def test_minutes_follow_each_other_without_a_hole(log: EventLog) -> None:
    rows = minutes(log)
    assert [row.start for row in rows] == [rows[0].start + 60 * index for index in range(len(rows))]
    assert rows[0].start % 60 == 0
    assert rows[0].start <= log.start < rows[0].start + 60


@given(logs, st.randoms(use_true_random=False))
def test_the_order_of_the_log_means_nothing(log: EventLog, random: st.DataObject) -> None:
    shuffled = list(log.events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = EventLog(log.start, log.end, log.lines, log.zones, tuple(shuffled))
    assert minutes(other) == minutes(log)
    assert line_totals(other) == line_totals(log)
    assert zone_totals(other) == zone_totals(log)


@given(logs, st.sampled_from([2, 5, 15, 60, 1440]))
def test_a_roll_up_keeps_the_sums_and_the_highest_occupancy(log: EventLog, length: int) -> None:
    rows = minutes(log)
    longer = roll_up(rows, length)
    assert figures(longer) == figures(rows)
    assert sum(row.coverage * row.minutes for row in longer) == pytest.approx(sum(row.coverage for row in rows))
    assert all(row.minutes == length and row.start % (60 * length) == 0 for row in longer)
    assert all(0 <= row.coverage <= 1 + 1e-9 for row in longer)
    for row in longer:
        parts = [part for part in rows if row.start <= part.start < row.start + 60 * length]
        assert max([count.max_occupancy for part in parts for count in part.zones], default=0) == max([count.max_occupancy for count in row.zones], default=0)


@given(logs)
def test_rolling_up_in_steps_equals_rolling_up_at_once(log: EventLog) -> None:
    rows = minutes(log)
    at_once, in_steps = roll_up(rows, 60), roll_up(roll_up(rows, 15), 60)
    assert [(row.start, row.minutes, row.state, row.lines, row.zones) for row in at_once] == [
        (row.start, row.minutes, row.state, row.lines, row.zones) for row in in_steps
    ]
    assert [row.coverage for row in at_once] == pytest.approx([row.coverage for row in in_steps])


@given(logs)
def test_totals_are_the_sums_of_the_minutes(log: EventLog) -> None:
    entered, left, groups_in, groups_out, visits = figures(minutes(log))
    totals = line_totals(log)
    assert (entered, left) == (sum(count.entered for count in totals), sum(count.left for count in totals))
    assert (groups_in, groups_out) == (sum(count.groups_in for count in totals), sum(count.groups_out for count in totals))
    assert visits == sum(zone.visits for zone in zone_totals(log))
    for count in totals:
        assert (count.groups_in > 0, count.groups_out > 0) == (count.entered > 0, count.left > 0)
        assert count.groups_in <= count.entered
        assert count.groups_out <= count.left


def figures(rows: list[Interval]) -> tuple[int, int, int, int, int]:
    lines = [count for row in rows for count in row.lines]
    return (
        sum(count.entered for count in lines),
        sum(count.left for count in lines),
        sum(count.groups_in for count in lines),
        sum(count.groups_out for count in lines),
        sum(count.visits for row in rows for count in row.zones),
    )


@given(logs)
def test_the_highest_occupancy_is_that_of_a_head_count_at_every_instant(log: EventLog) -> None:
    for total in zone_totals(log):
        stayed = [(e.time - e.dwell, e.time) for e in log.events if isinstance(e, ZoneExit) and e.zone == total.id]
        # Occupancy changes upwards only when somebody enters; who leaves at that instant is no longer there.
        most = max([sum(start <= instant < end for start, end in stayed) for instant, _ in stayed], default=0)
        assert total.max_occupancy == most
        assert total.dwell_p50 is None or total.dwell_p50 <= (total.dwell_p90 or 0)
    for row in minutes(log):
        for count in row.zones:
            assert count.max_occupancy >= (count.visits > 0)


@given(logs)
def test_coverage_is_the_share_of_quarter_seconds_that_were_watched(log: EventLog) -> None:
    gaps = [(event.start, event.end) for event in log.events if isinstance(event, Gap)]
    for row in minutes(log)[:: max(1, LENGTH // 600)]:
        middles = [row.start + quarter / 4 + 0.125 for quarter in range(240)]
        watched = sum(log.start < t < log.end and not any(start < t < end for start, end in gaps) for t in middles)
        assert row.coverage == pytest.approx(watched / 240)


spans = st.lists(st.tuples(instants, instants).map(lambda pair: (min(pair), max(pair))), max_size=3)


@given(events, spans)
def test_the_state_of_a_minute_is_what_was_known_of_it(found: list[Event], closed: list[tuple[float, float]]) -> None:
    for row in minutes(log_of(found), closed):
        happened = any(row.start <= event.time < row.start + 60 for event in found if isinstance(event, Crossing | ZoneEnter))
        shut = any(start <= row.start and row.start + 60 <= end for start, end in closed)
        expected = IntervalState.MISSING if row.coverage == 0 else IntervalState.COUNTED
        expected = IntervalState.CLOSED if shut else expected
        assert row.state == (IntervalState.COUNTED if happened else expected)
        assert bool(row.lines) == bool(row.zones) == (row.state is IntervalState.COUNTED)


@given(events, spans, st.integers(0, 40))
def test_imputing_touches_missing_minutes_only_and_says_so(found: list[Event], closed: list[tuple[float, float]], longest: int) -> None:
    rows = minutes(log_of(found), closed)
    imputed = impute(rows, longest)
    assert len(imputed) == len(rows)
    for before, after in zip(rows, imputed, strict=True):
        assert after == before or (before.state, after.state) == (IntervalState.MISSING, IntervalState.IMPUTED)
        assert (after.start, after.minutes, after.coverage) == (before.start, before.minutes, before.coverage)
    assert imputed[0].state is not IntervalState.IMPUTED
    assert imputed[-1].state is not IntervalState.IMPUTED
    run = 0
    for row in imputed:
        run = run + 1 if row.state is IntervalState.IMPUTED else 0
        assert run <= longest


zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "UTC"])


@given(zones, st.dates(date(1971, 1, 2), date(2100, 1, 1)))
def test_reporting_days_part_the_time_line(zone: str, day: date) -> None:
    start, end = local_day(day, ZoneInfo(zone))
    assert local_day(day - timedelta(days=1), ZoneInfo(zone))[1] == start
    assert local_day(day + timedelta(days=1), ZoneInfo(zone))[0] == end
    assert 23 <= (end - start) / 3600 <= 25
