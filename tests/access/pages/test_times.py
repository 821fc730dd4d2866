"""Times of a schedule as people type them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.model import Span
from consentry.access.page.times import spans_of, spans_text, weekdays
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from consentry.console.screen import Screen

MORNING, AFTERNOON = Span(480, 720), Span(780, 1110)


@st.composite
def days(draw: st.DrawFn) -> tuple[Span, ...]:
    """Return spans of a day that do not overlap, in order."""
    ends = sorted(draw(st.sets(st.integers(0, 1440), max_size=8)))
    return tuple(Span(start, end) for start, end in zip(ends[::2], ends[1::2], strict=False))


@given(days())
def test_what_is_written_is_read_as_the_same(spans: tuple[Span, ...]) -> None:
    assert spans_of(spans_text(spans)) == spans


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ()),
        ("  ", ()),
        ("08:00-12:00, 13:00-18:30", (MORNING, AFTERNOON)),
        ("13:00-18:30 8:00-12:00", (MORNING, AFTERNOON)),
        ("08：00\uff0d12：00，13：00\uff0d18：30", (MORNING, AFTERNOON)),
        ("08:00至12:00、13:00到18:30", (MORNING, AFTERNOON)),
        ("08:00 – 12:00; 13:00 ~ 18:30", (MORNING, AFTERNOON)),
        ("00:00-24:00", (Span(0, 1440),)),
        ("08:00-12:00,12:00-13:00", (MORNING, Span(720, 780))),
    ],
)
def test_people_type_times_in_many_ways(typed: str, meant: tuple[Span, ...]) -> None:
    assert spans_of(typed) == meant


@pytest.mark.parametrize(
    "typed", ["8", "8-12", "always", "08:00", "12:00-08:00", "08:00-08:00", "08:60-12:00", "08:00-24:01", "22:00-06:00", "08:00-12:00-13:00", "-", "08:00-"]
)
def test_what_is_no_time_is_refused_and_never_taken_as_another(typed: str) -> None:
    with pytest.raises(InputError, match=r"access\.times|no span of time|within one day"):
        spans_of(typed)


def test_times_that_overlap_are_refused() -> None:
    with pytest.raises(InputError, match="overlap"):
        spans_of("08:00-12:00, 11:59-13:00")


def test_weekdays_are_named_from_monday(english: Screen, chinese: Screen) -> None:
    assert (weekdays(english, 0, 4), weekdays(english, 6, 6)) == ("Mon–Fri", "Sun")
    assert weekdays(chinese, 0, 4) == "周一–周五"
