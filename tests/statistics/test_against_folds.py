"""The figures that the database sums up, against the pure folds of the counting plane over the same minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from consentry.counting.folds import Interval, IntervalState, LineCount, impute, roll_up
from consentry.counting.messages import MinuteReport
from consentry.platform.migrations import tables
from consentry.statistics.model import Query, Step
from consentry.statistics.service import footfall
from tests.statistics.shop import DOOR, MIDNIGHT, OWNER, at, report

if TYPE_CHECKING:
    from consentry.platform.site import Site
    from consentry.statistics.model import Bar

LENGTH = 120

PARTS = st.lists(
    st.tuples(st.integers(0, LENGTH - 1), st.sampled_from(["r1", "r2"]), st.sampled_from([0.25, 0.5, 1.0]), st.integers(0, 9), st.integers(0, 9)),
    unique_by=lambda part: part[:2],
    max_size=40,
).map(sorted)


def folded(parts: list[tuple[int, str, float, int, int]]) -> list[Interval]:
    """Return what the folds make of the parts: minutes joined, short gaps imputed, quarters rolled up."""
    rows = []
    for minute in range(LENGTH):
        own = [part for part in parts if part[0] == minute]
        state = IntervalState.COUNTED if own else IntervalState.MISSING
        lines = (LineCount("door", sum(part[3] for part in own), sum(part[4] for part in own), 0, 0),) if own else ()
        rows.append(Interval(minute * 60.0, 1, state, min(1.0, sum(part[2] for part in own)), lines))
    return roll_up(impute(rows), 15)


def shown(bar: Bar) -> tuple[object, ...]:
    """Return what a bar and an interval have in common."""
    return (bar.state, round(bar.coverage, 6), (bar.entered.value, bar.left.value) if bar.entered and bar.left else None)


def expected(interval: Interval) -> tuple[object, ...]:
    """Return the same of an interval."""
    counts = [(count.entered, count.left) for count in interval.lines]
    return (interval.state, round(interval.coverage, 6), counts[0] if counts else None)


@pytest.mark.timeout(900)
@given(parts=PARTS, repeats=st.sets(st.integers(0, 39)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_quarters_are_what_the_folds_say(site: Site, parts: list[tuple[int, str, float, int, int]], repeats: set[int]) -> None:
    with site.database.transaction() as session:
        for table in reversed(tables().sorted_tables):
            session.execute(delete(table))
    for number, (minute, run, coverage, entered, left) in enumerate(parts):
        message = MinuteReport(run, round(at(minute).timestamp()), "counted", coverage, (LineCount("door", entered, left, 0, 0),))
        report(site, *[message] * (2 if number in repeats else 1))
    found = footfall(site, OWNER, Query(MIDNIGHT, MIDNIGHT + timedelta(minutes=LENGTH), Step.QUARTER, (DOOR,)))
    if parts:
        # A camera counts as missing from its first minute on, and not before; the fold knows of no such beginning.
        begin = parts[0][0] // 15
        assert [shown(bar) for bar in found.bars[begin:]] == [expected(interval) for interval in folded(parts)[begin:]]
    else:
        assert {bar.state for bar in found.bars} == {IntervalState.MISSING}
