"""Schedules against an oracle that walks minute by minute, over both turns of the clock, with turns and weekdays worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.model import Holiday, Schedule, Span
from consentry.access.rules.schedules import LONGEST_STRETCH, Calendar, calendar_of, holds, stretch_end
from consentry.platform.errors import InputError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK = 7 * 1440

# By zone: minutes east of Greenwich before and after the turn, and its instant as the authorities announced it.
TURNS = {
    ("Europe/Berlin", "spring"): (60, 120, datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", "autumn"): (120, 60, datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", "spring"): (-300, -240, datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", "autumn"): (-240, -300, datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", "spring"): (630, 660, datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Africa/Cairo", "spring"): (120, 180, datetime(2026, 4, 23, 22, tzinfo=UTC)),
    ("Asia/Shanghai", "none"): (480, 480, datetime(2026, 3, 29, 1, tzinfo=UTC)),
}
CASES = sorted(TURNS)


def wall(turn: tuple[str, str], at: datetime) -> tuple[int, int]:
    """Return the day (since 1970) and its minute on the wall, without any library of time zones."""
    before, after, instant = TURNS[turn]
    minutes = (at - EPOCH) // MINUTE + (before if at < instant else after)
    return divmod(minutes, 1440)


def naive_holds(turn: tuple[str, str], schedule: Schedule, holidays: dict[int, str], at: datetime) -> bool:
    day, minute = wall(turn, at)
    # The first of January 1970 was a Thursday.
    spans = schedule.holidays.get(holidays[day], ()) if day in holidays else schedule.week[(day + 3) % 7]
    return any(minute in range(span.start, span.end) for span in spans)


def calendar(turn: tuple[str, str], holidays: dict[int, str]) -> Calendar:
    return calendar_of(turn[0], [Holiday((EPOCH + timedelta(days=day)).date(), kind) for day, kind in holidays.items()])


def spans() -> st.SearchStrategy[tuple[Span, ...]]:
    edges = st.lists(st.sampled_from((0, 30, 60, 90, 119, 120, 121, 150, 179, 180, 240, 480, 1080, 1439, 1440)), min_size=2, max_size=2, unique=True)
    return st.lists(edges.map(lambda pair: Span(min(pair), max(pair))), max_size=2).map(tuple)


def around(turn: tuple[str, str]) -> st.SearchStrategy[dict[int, str]]:
    day = wall(turn, TURNS[turn][2])[0]
    return st.dictionaries(st.integers(day - 2, day + 2), st.sampled_from(("closed", "half", "unheard of")), max_size=3)


SCHEDULES = st.builds(
    Schedule,
    id=st.just("s"),
    week=st.lists(spans(), min_size=7, max_size=7).map(tuple),
    holidays=st.fixed_dictionaries({"closed": st.just(()), "half": spans()}),
)


@pytest.mark.parametrize("turn", CASES, ids=" ".join)
@given(data=st.data(), schedule=SCHEDULES)
def test_each_minute_around_a_turn_is_as_the_oracle_says(turn: tuple[str, str], data: st.DataObject, schedule: Schedule) -> None:
    holidays = data.draw(around(turn))
    middle = TURNS[turn][2]
    known = calendar(turn, holidays)
    for minute in range(-240, 240):
        at = middle + minute * MINUTE
        assert holds(schedule, known, at) is naive_holds(turn, schedule, holidays, at), at


@pytest.mark.parametrize("turn", CASES, ids=" ".join)
@given(data=st.data(), schedule=SCHEDULES)
def test_a_stretch_ends_at_the_first_minute_that_does_not_hold(turn: tuple[str, str], data: st.DataObject, schedule: Schedule) -> None:
    holidays = data.draw(around(turn))
    at = TURNS[turn][2] + data.draw(st.integers(-2000, 600)) * MINUTE
    known = calendar(turn, holidays)
    if holds(schedule, known, at):
        later = (minute for minute in range(1, WEEK) if not naive_holds(turn, schedule, holidays, at + minute * MINUTE))
        assert stretch_end(schedule, known, at) == at + next(later, WEEK) * MINUTE


def test_a_stretch_ends_when_the_clock_skips_to_after_its_end() -> None:
    night = Schedule("night", (((Span(60, 150),)),) * 7)
    start = datetime(2026, 3, 29, 0, 15, tzinfo=UTC)
    assert stretch_end(night, calendar_of("Europe/Berlin", ()), start) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_stretch_in_the_second_pass_of_a_repeated_hour_ends_in_it() -> None:
    night = Schedule("night", (((Span(120, 150)),),) * 7)
    again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert stretch_end(night, calendar_of("Europe/Berlin", ()), again) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_repeated_hour_holds_twice() -> None:
    known, night = calendar_of("Europe/Berlin", ()), Schedule("night", (((Span(120, 180),)),) * 7)
    held = [hour for hour in range(6) if holds(night, known, datetime(2026, 10, 24, 23, 30, tzinfo=UTC) + hour * timedelta(hours=1))]
    assert held == [1, 2]


def test_a_skipped_hour_never_comes() -> None:
    known, night = calendar_of("Europe/Berlin", ()), Schedule("night", (((Span(120, 180),)),) * 7)
    sunday = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert not any(holds(night, known, sunday + minute * MINUTE) for minute in range(23 * 60))


def test_what_always_holds_is_looked_at_for_seven_days() -> None:
    always, at = Schedule("always", (((Span(0, 1440),)),) * 7), datetime(2026, 10, 24, 12, 34, 56, tzinfo=UTC)
    assert stretch_end(always, calendar_of("Europe/Berlin", ()), at) == at + LONGEST_STRETCH


def test_a_holiday_takes_the_place_of_its_weekday() -> None:
    daily = Schedule("s", (((Span(0, 1440),)),) * 7, {"half": (Span(0, 720),)})
    known = calendar_of("Asia/Shanghai", [Holiday(date(2026, 10, 1), "closed"), Holiday(date(2026, 10, 2), "half")])
    noons = [holds(daily, known, datetime(2026, 10, day, 3, 59, tzinfo=UTC)) for day in (1, 2, 3)]
    assert noons == [False, True, True]
    assert not holds(daily, known, datetime(2026, 10, 2, 4, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe/Berlin\0"])
def test_a_zone_that_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(InputError) as caught:
        calendar_of(zone, ())
    assert caught.value.code == "policy.zone"
