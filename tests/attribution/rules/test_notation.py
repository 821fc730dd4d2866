"""Instants and lengths of time: what has one exact meaning is read, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.attribution.rules.notation import LONGEST, read_duration, read_instant, show_duration, show_instant
from tests.attribution.rules.histories import UNHURRIED

MORNING = datetime(2026, 3, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T09:00:00+08:00", MORNING),
        ("2026-03-01T01:00:00Z", MORNING),
        ("2026-03-01t01:00:00z", MORNING),
        ("2026-02-28T21:30:00-03:30", MORNING),
        ("2026-03-01T01:00:00-00:00", MORNING),
        ("2026-03-01T01:00:00.5Z", MORNING + timedelta(milliseconds=500)),
        ("2026-03-01T01:00:00.000001Z", MORNING + timedelta(microseconds=1)),
    ],
)
def test_an_instant_is_read(text: str, instant: datetime) -> None:
    assert read_instant(text) == instant


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2026-03-01T09:00:00", "offset"),
        ("2026-03-01 09:00:00", "offset"),
        ("2026-03-01T09:00", "offset"),
        ("2026-03-01 09:00:00+08:00", "RFC 3339"),
        ("2026-03-01T09:00+08:00", "RFC 3339"),
        ("2026-03-01T09:00:00+0800", "RFC 3339"),
        ("2026-03-01T09:00:00.Z", "RFC 3339"),
        ("2026-03-01T09:00:00.1234567Z", "finer than a microsecond"),
        ("20260301T090000Z", "RFC 3339"),
        ("2026-W09-7T09:00:00Z", "RFC 3339"),
        ("\u0662026-03-01T09:00:00Z", "RFC 3339"),
        ("", "RFC 3339"),
        ("yesterday", "RFC 3339"),
        ("2026-02-29T09:00:00Z", "calendar"),
        ("2026-03-01T24:00:01Z", "calendar"),
        ("2026-03-01T23:59:60Z", "calendar"),
        ("2026-03-01T09:00:00+24:00", "calendar"),
        ("0001-01-01T00:00:00+14:00", "years"),
        ("9999-12-31T23:59:59-14:00", "years"),
    ],
)  # fmt: skip
def test_what_is_no_exact_instant_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_instant(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT30M", timedelta(minutes=30)),
        ("P2D", timedelta(days=2)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("P1W", timedelta(weeks=1)),
        ("PT48H", timedelta(days=2)),
        ("PT90S", timedelta(seconds=90)),
        ("PT0S", timedelta(0)),
        ("P0D", timedelta(0)),
        ("PT0.5H", timedelta(minutes=30)),
        ("PT0,5H", timedelta(minutes=30)),
        ("P0.5D", timedelta(hours=12)),
        ("PT1H30M15.25S", timedelta(hours=1, minutes=30, seconds=15, milliseconds=250)),
        ("P36600D", LONGEST),
    ],
)
def test_a_length_is_read(text: str, length: timedelta) -> None:
    assert read_duration(text) == length


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("P1M", "months or years"),
        ("P1Y", "months or years"),
        ("P1Y2M3DT4H", "months or years"),
        ("-P1D", "negative"),
        ("-PT30M", "negative"),
        ("+PT30M", "ISO 8601"),
        ("P", "ISO 8601"),
        ("PT", "ISO 8601"),
        ("P1DT", "ISO 8601"),
        ("P1W2D", "ISO 8601"),
        ("30", "ISO 8601"),
        ("30M", "ISO 8601"),
        ("P30M ", "months or years"),
        ("pt30m", "ISO 8601"),
        ("PT30", "ISO 8601"),
        ("PT1M1H", "ISO 8601"),
        ("", "ISO 8601"),
        ("PT0.5H30M", "fraction before"),
        ("PT0.0000001S", "finer than a microsecond"),
        ("P36600DT1S", "hundred years"),
        ("P99999999999D", "ISO 8601"),
        ("P\u0661D", "ISO 8601"),
    ],
)  # fmt: skip
def test_what_is_no_exact_length_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_duration(text)


@UNHURRIED
@given(st.timedeltas(min_value=timedelta(0), max_value=LONGEST))
def test_a_length_that_is_written_reads_the_same(length: timedelta) -> None:
    assert read_duration(show_duration(length)) == length


@UNHURRIED
@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2999, 12, 30), timezones=st.timezones()))  # noqa: DTZ001 - hypothesis adds the zone
def test_an_instant_that_is_written_reads_the_same(instant: datetime) -> None:
    assert read_instant(show_instant(instant)) == instant.astimezone(UTC)
