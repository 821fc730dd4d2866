"""Folds on single cases: where an event falls, what an interval is, how intervals join, and reporting days."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from consentry.counting.folds import (
    EventLog,
    Interval,
    IntervalState,
    LineCount,
    ZoneCount,
    ZoneTotal,
    impute,
    line_totals,
    local_day,
    minutes,
    roll_up,
    zone_totals,
)
from consentry.counting.model import Crossing, Direction, Event, Gap, Point, ZoneEnter, ZoneExit
from tests.counting.paths import track

COUNTED, MISSING, CLOSED, IMPUTED = IntervalState.COUNTED, IntervalState.MISSING, IntervalState.CLOSED, IntervalState.IMPUTED


def crossing(time: float, direction: Direction = Direction.IN, *, x: float = 0.0, line: str = "door") -> Crossing:
    return Crossing(line, direction, time, track(), Point(x, 0.0), 100.0)


def visit(number: int, start: float, end: float, zone: str = "room") -> tuple[Event, Event]:
    return ZoneEnter(zone, start, number), ZoneExit(zone, end, number, end - start)


def log(end: float, *events: Event, start: float = 0.0) -> EventLog:
    return EventLog(start, end, ("door",), ("room",), events)


def states(rows: list[Interval]) -> list[IntervalState]:
    return [row.state for row in rows]


def entered(rows: list[Interval]) -> list[int]:
    return [sum(count.entered for count in row.lines) for row in rows]


@pytest.mark.parametrize(
    ("start", "end", "starts"),
    [
        (0.0, 0.0, [0]),
        (0.0, 59.9, [0]),
        (0.0, 60.0, [0]),
        (0.0, 60.1, [0, 60]),
        (59.9, 60.1, [0, 60]),
        (60.0, 180.0, [60, 120]),
        (-90.0, -30.0, [-120, -60]),
        (-60.0, 0.0, [-60]),
        (1_700_000_040.0, 1_700_000_100.0, [1_700_000_040]),
        (1_700_000_030.0, 1_700_000_050.0, [1_699_999_980, 1_700_000_040]),
    ],
)
def test_one_row_for_each_minute_that_was_watched(start: float, end: float, starts: list[float]) -> None:
    rows = minutes(log(end, start=start))
    assert [row.start for row in rows] == starts
    assert {row.minutes for row in rows} == {1}


@pytest.mark.parametrize("time", [0.0, 30.0, 59.999, 60.0, 119.999, 120.0])
@pytest.mark.parametrize("start", [0.0, -1200.0, 1_700_000_040.0])
def test_an_event_on_any_instant_up_to_the_very_last_is_in_the_minute_it_happened_in(time: float, start: float) -> None:
    rows = minutes(log(start + 120, crossing(start + time), start=start))
    [row] = [row for row in rows if sum(count.entered for count in row.lines)]
    assert row.start <= start + time < row.start + 60


def test_an_event_outside_the_watched_time_is_not_lost() -> None:
    rows = minutes(log(60, crossing(-5), crossing(130)))
    assert [row.start for row in rows] == [-60, 0, 60, 120]
    assert entered(rows) == [1, 0, 0, 1]


def test_zero_missing_closed_and_counted_are_told_apart() -> None:
    rows = minutes(log(300, crossing(10), Gap(120, 180, "no frames")), closed=[(180, 240)])
    assert states(rows) == [COUNTED, COUNTED, MISSING, CLOSED, COUNTED]
    assert [row.coverage for row in rows] == [1, 1, 0, 1, 1]
    assert rows[1].lines == (LineCount("door", 0, 0, 0, 0),)
    assert rows[1].zones == (ZoneCount("room", 0, 0),)
    assert rows[2].lines == rows[2].zones == rows[3].lines == rows[3].zones == ()


@pytest.mark.parametrize(("opens", "expected"), [((0, 59), COUNTED), ((0, 60), CLOSED), ((-100, 500), CLOSED), ((1, 60), COUNTED)])
def test_only_a_minute_closed_throughout_is_closed(opens: tuple[float, float], expected: IntervalState) -> None:
    assert minutes(log(60), closed=[opens])[0].state == expected


def test_an_event_in_a_closed_or_unwatched_minute_is_counted_all_the_same() -> None:
    rows = minutes(log(180, crossing(70), crossing(150), Gap(60, 120, "no frames")), closed=[(120, 180)])
    assert states(rows) == [COUNTED] * 3
    assert entered(rows) == [0, 1, 1]
    assert rows[1].coverage == 0


@pytest.mark.parametrize(
    ("gaps", "coverage"),
    [
        ([], [1, 0.5]),
        ([(15, 30)], [0.75, 0.5]),
        ([(45, 75)], [0.75, 0.25]),
        ([(0, 90)], [0, 0]),
        ([(-50, 500)], [0, 0]),
        ([(10, 20), (30, 35)], [0.75, 0.5]),
        ([(10, 20), (20, 40)], [0.5, 0.5]),
        ([(10, 40), (20, 50)], [1 / 3, 0.5]),
        ([(10, 40), (10, 40)], [0.5, 0.5]),
    ],
    ids=["none", "one", "over the minute", "all", "more than all", "two", "adjacent", "overlapping", "told twice"],
)
def test_coverage_is_the_share_of_the_minute_that_was_watched(gaps: list[tuple[float, float]], coverage: list[float]) -> None:
    rows = minutes(log(90, *(Gap(start, end, "no frames") for start, end in gaps)))
    assert [row.coverage for row in rows] == [pytest.approx(share) for share in coverage]


def test_gaps_that_together_hide_a_minute_leave_it_missing_whatever_the_rounding() -> None:
    rows = minutes(log(180, Gap(55.0, 75.1, "no frames"), Gap(75.1, 93.7, "no frames"), Gap(93.7, 121.3, "no frames")))
    assert states(rows) == [COUNTED, MISSING, COUNTED]


def test_a_group_over_the_minutes_edge_is_one_group_in_the_minute_of_its_first_member() -> None:
    rows = minutes(log(120, crossing(60.5), crossing(59.5)))
    assert entered(rows) == [1, 1]
    assert [row.lines[0].groups_in for row in rows] == [1, 0]


def test_a_group_joined_late_is_in_the_minute_of_its_first_member() -> None:
    apart = [crossing(59.5, x=0), crossing(60.0, x=150), crossing(60.5, x=-50), crossing(60.7, x=75)]
    assert [row.lines[0].groups_in for row in minutes(log(120, *apart))] == [1, 0]


def test_occupancy_is_carried_from_minute_to_minute() -> None:
    rows = minutes(log(240, *visit(1, 10, 130), *visit(2, 50, 55), *visit(3, 61, 62), *visit(4, 190, 200)))
    assert [(row.zones[0].visits, row.zones[0].max_occupancy) for row in rows] == [(2, 2), (1, 2), (0, 1), (1, 1)]


def test_who_leaves_at_the_instant_another_enters_was_never_there_together_with_them() -> None:
    events = [*visit(1, 10, 20), *visit(2, 20, 30)]
    assert minutes(log(60, *events))[0].zones == minutes(log(60, *reversed(events)))[0].zones == (ZoneCount("room", 2, 1),)


def test_totals_of_lines_and_zones() -> None:
    events = [crossing(1), crossing(2), crossing(50), crossing(51, Direction.OUT), *visit(1, 0, 10), *visit(2, 5, 25), ZoneEnter("room", 40, 3)]
    counted = log(60, *events)
    assert line_totals(counted) == (LineCount("door", 3, 1, 2, 1),)
    assert zone_totals(counted) == (ZoneTotal("room", 3, 2, 10.0, 20.0),)


def test_totals_of_nothing() -> None:
    assert line_totals(log(60)) == (LineCount("door", 0, 0, 0, 0),)
    assert zone_totals(log(60)) == (ZoneTotal("room", 0, 0, None, None),)
    assert line_totals(EventLog(0, 60, (), (), ())) == zone_totals(EventLog(0, 60, (), (), ())) == ()


@pytest.mark.parametrize(
    ("dwells", "p50", "p90"),
    [([7], 7, 7), ([1, 9], 1, 9), ([1, 2, 3], 2, 3), (list(range(1, 11)), 5, 9), (list(range(1, 101)), 50, 90), ([3, 1, 2, 5, 4], 3, 5)],
)
def test_dwell_percentiles_are_nearest_rank(dwells: list[float], p50: float, p90: float) -> None:
    [total] = zone_totals(log(600, *(event for number, dwell in enumerate(dwells) for event in visit(number, 0.0, dwell))))
    assert (total.dwell_p50, total.dwell_p90) == (p50, p90)


def row(start: float, state: IntervalState, count: int = 0, *, minutes: int = 1, coverage: float | None = None) -> Interval:
    share = coverage if coverage is not None else float(state is COUNTED)
    figures = ((LineCount("door", count, 0, count, 0),), (ZoneCount("room", count, count),)) if state in {COUNTED, IMPUTED} else ((), ())
    return Interval(start, minutes, state, share, *figures)


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        ([COUNTED] * 15, COUNTED),
        ([MISSING] * 15, MISSING),
        ([CLOSED] * 15, CLOSED),
        ([CLOSED] * 7 + [MISSING] * 8, MISSING),
        ([CLOSED] * 14 + [COUNTED], COUNTED),
        ([MISSING] * 14 + [COUNTED], COUNTED),
        ([COUNTED] * 7 + [IMPUTED] + [COUNTED] * 7, IMPUTED),
        ([MISSING] * 14 + [IMPUTED], IMPUTED),
    ],
)
def test_a_longer_interval_says_what_its_minutes_were(parts: list[IntervalState], joined: IntervalState) -> None:
    [longer] = roll_up([row(60.0 * minute, state, 1) for minute, state in enumerate(parts)], 15)
    assert (longer.start, longer.minutes, longer.state) == (0, 15, joined)
    assert sum(count.entered for count in longer.lines) == sum(state in {COUNTED, IMPUTED} for state in parts)
    assert longer.coverage == pytest.approx(parts.count(COUNTED) / 15)


@pytest.mark.parametrize(("start", "starts"), [(0, [0]), (840, [0, 900]), (-60, [-900, 0]), (1_700_000_100, [1_700_000_100, 1_700_001_000])])
def test_longer_intervals_are_aligned_to_the_clock(start: int, starts: list[int]) -> None:
    rows = roll_up([row(start + 60.0 * minute, COUNTED, 1) for minute in range(16 if start > 1e6 else 15 if start == 0 else 10)], 15)
    assert [longer.start for longer in rows] == starts


def test_the_share_watched_of_a_longer_interval_that_was_only_begun_is_of_its_whole_length() -> None:
    [longer] = roll_up([row(840, COUNTED, 3)], 15)
    assert longer.coverage == pytest.approx(1 / 15)


def test_nothing_rolls_up_to_nothing() -> None:
    assert roll_up([], 15) == []
    assert impute([]) == []


def gap_of(size: int, before: Interval | None, after: Interval | None, state: IntervalState = MISSING, length: int = 1) -> list[Interval]:
    middle = [row(60.0 * length * (index + 1), state, minutes=length) for index in range(size)]
    return [*([before] if before else []), *middle, *([after] if after else [])]


@pytest.mark.parametrize(("size", "longest", "filled"), [(1, 30, True), (30, 30, True), (31, 30, False), (3, 2, False), (2, 2, True), (1, 0, False)])
def test_only_short_runs_of_missing_minutes_are_imputed(size: int, longest: int, filled: bool) -> None:
    rows = gap_of(size, row(0, COUNTED, 4), row(60.0 * (size + 1), COUNTED, 8))
    imputed = impute(rows, longest)
    assert states(imputed[1:-1]) == [IMPUTED if filled else MISSING] * size
    assert entered(imputed[1:-1]) == [6 if filled else 0] * size
    assert [one.coverage for one in imputed] == [one.coverage for one in rows]
    assert (imputed[0], imputed[-1]) == (rows[0], rows[-1])


def test_the_longest_run_imputed_is_in_minutes_whatever_the_length_of_the_intervals() -> None:
    quarters = gap_of(3, row(0, COUNTED, 4, minutes=15), row(3600, COUNTED, 8, minutes=15), length=15)
    assert states(impute(quarters, longest=30)[1:-1]) == [MISSING] * 3
    assert states(impute(quarters, longest=45)[1:-1]) == [IMPUTED] * 3


@pytest.mark.parametrize(
    "rows",
    [
        gap_of(2, None, row(180, COUNTED, 8)),
        gap_of(2, row(0, COUNTED, 4), None),
        gap_of(2, None, None),
        gap_of(2, row(0, CLOSED), row(180, COUNTED, 8)),
        gap_of(2, row(0, COUNTED, 4), row(180, CLOSED)),
        gap_of(2, row(0, IMPUTED, 4), row(180, COUNTED, 8)),
        gap_of(2, row(0, COUNTED, 4), row(180, COUNTED, 8), CLOSED),
        gap_of(2, row(0, COUNTED, 4), row(180, COUNTED, 8), COUNTED),
    ],
    ids=["at the start", "at the end", "all", "after closing", "before closing", "beside an estimate", "closed", "counted"],
)
def test_what_is_not_missing_between_two_counted_rows_is_never_imputed(rows: list[Interval]) -> None:
    assert impute(rows) == rows


def test_imputing_again_changes_nothing() -> None:
    once = impute([*gap_of(2, row(0, COUNTED, 4), row(180, COUNTED, 8)), row(240, MISSING)])
    assert impute(once) == once


HOURS = [
    ("Europe/Berlin", date(2025, 3, 30), 23),
    ("Europe/Berlin", date(2025, 3, 31), 24),
    ("Europe/Berlin", date(2025, 10, 26), 25),
    ("America/New_York", date(2025, 3, 9), 23),
    ("America/New_York", date(2025, 11, 2), 25),
    ("Asia/Shanghai", date(2025, 3, 30), 24),
    ("Asia/Shanghai", date(1986, 5, 4), 23),
    ("Australia/Lord_Howe", date(2025, 10, 5), 23.5),
    ("Australia/Lord_Howe", date(2025, 4, 6), 24.5),
    ("Africa/Cairo", date(2024, 4, 26), 23),
    ("Africa/Cairo", date(2024, 10, 31), 25),
    ("America/Havana", date(2024, 11, 3), 25),
    ("Pacific/Apia", date(2011, 12, 30), 0),
    ("UTC", date(1969, 12, 31), 24),
]


@pytest.mark.parametrize(("zone", "day", "hours"), HOURS)
def test_a_reporting_day_is_as_long_as_the_clocks_make_it(zone: str, day: date, hours: float) -> None:
    start, end = local_day(day, ZoneInfo(zone))
    assert end - start == hours * 3600


@pytest.mark.parametrize("zone", sorted({zone for zone, _, _ in HOURS}))
def test_reporting_days_part_the_time_line_without_gap_or_overlap(zone: str) -> None:
    days = [local_day(date(2023, 12, 25) + timedelta(days=day), ZoneInfo(zone)) for day in range(800)]
    assert all(today[1] == tomorrow[0] for today, tomorrow in pairwise(days))
    assert all(start < end for start, end in days)


def test_a_day_in_shanghai_begins_at_sixteen_hours_utc() -> None:
    assert local_day(date(2025, 1, 1), ZoneInfo("Asia/Shanghai"))[0] == 1_735_660_800
