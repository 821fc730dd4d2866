from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.statistics.model import Band, BandSource, Figure, LinePlace, Span, Step
from consentry.statistics.rules import (
    day_span,
    figure,
    instant,
    is_closed,
    minute_of,
    openings,
    percentile,
    resets,
    running_inside,
    span_start,
    spans,
    together,
)

ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo"]
MINUTES = st.integers(minute_of(datetime(2015, 1, 1, tzinfo=UTC)), minute_of(datetime(2030, 1, 1, tzinfo=UTC)))


@given(MINUTES, st.integers(1, 3 * 1440), st.sampled_from(list(Step)), st.sampled_from(ZONES))
def test_bars_follow_each_other_without_a_hole_and_cover_what_was_asked(start: int, length: int, step: Step, name: str) -> None:
    zone = ZoneInfo(name)
    found = spans(start, start + min(length, 300 * step), step, zone)
    assert found[0].start <= start < found[0].end
    assert found[-1].start < start + min(length, 300 * step) <= found[-1].end
    assert all(earlier.end == later.start for earlier, later in itertools.pairwise(found))
    for span in found[:3]:
        assert {span_start(minute, step, zone) for minute in {span.start, (span.start + span.end) // 2, span.end - 1}} == {span.start}


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 7, 1), 24), (date(2026, 10, 25), 25)])
def test_a_day_has_as_many_hours_as_its_clocks_say(day: date, hours: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = day_span(day, berlin)
    assert span.minutes == hours * 60
    assert len(spans(span.start, span.end, Step.HOUR, berlin)) == hours
    assert spans(span.start, span.end, Step.DAY, berlin) == [span]


def test_where_the_clocks_move_by_half_an_hour_one_hour_is_cut() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    span = day_span(date(2026, 10, 4), zone)
    assert span.minutes == 23 * 60 + 30
    lengths = [bar.minutes for bar in spans(span.start, span.end, Step.HOUR, zone)]
    assert sum(lengths) == span.minutes
    assert sorted(lengths) == [30, *[60] * 23]


def test_hours_of_a_zone_with_a_half_hour_begin_on_its_full_hours() -> None:
    start = minute_of(datetime(2026, 3, 2, 0, 40, tzinfo=UTC))
    assert instant(span_start(start, Step.HOUR, ZoneInfo("Asia/Kolkata"))) == datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def test_opening_hours_are_those_of_the_wall_clock_and_may_pass_midnight() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = Span(day_span(date(2026, 3, 28), berlin).start, day_span(date(2026, 3, 29), berlin).end)
    found = openings(span.start, span.end, berlin, lambda weekday: [(20 * 60, 26 * 60)] if weekday in {4, 5} else [])
    shown = [(instant(part.start).astimezone(berlin).isoformat(), part.minutes) for part in found]
    # At 02:00 of the second night the clocks go forward to 03:00: the wall's six hours are six hours, and end there.
    assert shown == [("2026-03-27T20:00:00+01:00", 360), ("2026-03-28T20:00:00+01:00", 360)]


@pytest.mark.parametrize(
    ("span", "closed"),
    [
        (Span(0, 60), True),
        (Span(0, 61), False),
        (Span(100, 110), False),
        (Span(119, 130), False),
        (Span(120, 180), True),
        (Span(120, 181), False),
        (Span(240, 300), True),
    ],
)
def test_a_span_is_closed_when_no_opening_touches_it(span: Span, closed: bool) -> None:
    assert is_closed(span, [Span(60, 120), Span(180, 240)]) is closed


@given(st.integers(1, 10**6), st.integers(0, 2 * 10**6), st.floats(0, 100), st.floats(0, 100))
def test_the_true_number_lies_in_the_band_if_the_error_did(true: int, counted: int, below: float, above: float) -> None:
    error = 100 * (counted / true - 1)
    band = Band(error - below, error + above, BandSource.MEASURED)
    found = figure(counted, band)
    assert found.low <= true or band.high < -99
    assert true <= found.high or band.low < -99


def test_a_count_without_error_is_itself() -> None:
    assert figure(7, Band(0, 0, BandSource.MEASURED)) == Figure(7, 7, 7)


def test_lines_that_nobody_crossed_weigh_alike() -> None:
    bands = {LinePlace("a", "a"): Band(-2, 4, BandSource.MEASURED), LinePlace("b", "b"): Band(-4, 8, BandSource.MEASURED)}
    assert together(bands, {}) == Band(-3, 6, BandSource.MEASURED)
    assert together(bands, {LinePlace("a", "a"): 0}) == Band(-3, 6, BandSource.MEASURED)


@given(st.lists(st.integers(-20, 20), max_size=60))
def test_occupancy_is_never_negative_and_explains_every_person(changes: list[int]) -> None:
    found = list(running_inside(enumerate(changes), []))
    assert all(inside >= 0 for inside, _ in found)
    for (inside, drift), end in zip(found, range(1, len(changes) + 1), strict=True):
        assert inside - drift == sum(changes[:end])
    assert [drift for _, drift in found] == sorted(drift for _, drift in found)


def test_a_reset_sets_occupancy_and_drift_to_zero() -> None:
    assert list(running_inside([(0, 5), (15, -7), (30, 2), (45, 1)], [30])) == [(5, 0), (0, 2), (2, 0), (3, 0)]


def test_the_reset_is_a_time_of_the_wall_clock_on_a_full_quarter() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = Span(day_span(date(2026, 3, 28), berlin).start, day_span(date(2026, 3, 30), berlin).end)
    found = [instant(minute).astimezone(berlin) for minute in resets(span.start, span.end, berlin, 4 * 60 + 20)]
    assert [(moment.hour, moment.minute, moment.day) for moment in found] == [(4, 15, 28), (4, 15, 29), (4, 15, 30)]


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4), st.integers(1, 100))
def test_a_percentile_of_buckets_is_the_end_of_the_bucket_of_the_nearest_rank(counts: list[int], share: int) -> None:
    ends = [5.0, 10.0, 20.0]
    every = sorted(end for count, end in zip(counts, [*ends, float("inf")], strict=True) for _ in range(count))
    expected = every[max(0, -(-share * len(every) // 100) - 1)] if every else None
    assert percentile(counts, ends, share) == (expected if expected != float("inf") else None)


def test_minutes_and_instants_are_one_thing() -> None:
    moment = datetime(2026, 3, 2, 12, 34, tzinfo=UTC)
    assert instant(minute_of(moment + timedelta(seconds=59))) == moment
