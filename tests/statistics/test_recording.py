from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.counting.folds import IntervalState
from consentry.statistics.model import Bar, Figure, Step
from consentry.statistics.service import footfall
from tests.statistics.shop import DOOR, OWNER, SIDE, at, minute, missing, report, span

if TYPE_CHECKING:
    from consentry.platform.site import Site

COUNTED, MISSING, IMPUTED = IntervalState.COUNTED, IntervalState.MISSING, IntervalState.IMPUTED


def quarter(site: Site) -> Bar:
    """Return the first quarter of an hour at the door."""
    return footfall(site, OWNER, span(Step.QUARTER, 0.25, DOOR)).bars[0]


def each_minute(site: Site, hours: float = 0.25) -> list[tuple[IntervalState, int | None]]:
    """Return state and people in for each of the first minutes at the door."""
    bars = footfall(site, OWNER, span(Step.MINUTE, hours, DOOR)).bars
    return [(bar.state, bar.entered.value if bar.entered else None) for bar in bars]


def values(bar: Bar) -> tuple[int | None, int | None]:
    """Return people in and out of a bar."""
    return (bar.entered.value if bar.entered else None, bar.left.value if bar.left else None)


def test_minutes_add_up_to_quarters_hours_and_days(site: Site) -> None:
    report(site, *(minute(at(index), 1, 2) for index in range(60)))
    for step, bars in ((Step.QUARTER, 4), (Step.HOUR, 1), (Step.DAY, 1)):
        found = footfall(site, OWNER, span(step, 1, DOOR)).bars
        assert [values(bar) for bar in found] == [(60 // bars, 120 // bars)] * bars
    assert footfall(site, OWNER, span(Step.DAY, 1, DOOR)).bars[0].coverage == pytest.approx(1 / 24)


def test_a_report_that_comes_again_changes_nothing(site: Site) -> None:
    reports = [minute(at(index), 3, 1, visits=2, coverage=0.5) for index in range(5)]
    assert report(site, *reports) == [True] * 5
    before = quarter(site)
    assert report(site, *reports, *reports) == [False] * 10
    assert quarter(site) == before
    assert before.coverage == pytest.approx(2.5 / 15)


def test_a_restart_within_a_minute_adds_its_part_and_the_minute_is_watched_once_at_most(site: Site) -> None:
    report(site, minute(at(0), 3, 1, run="r1", coverage=0.5), minute(at(0), 2, 0, run="r2", coverage=0.4))
    assert values(quarter(site)) == (5, 1)
    assert quarter(site).coverage == pytest.approx(0.9 / 15)
    report(site, minute(at(0), 1, 0, run="r3", coverage=0.8))
    assert values(quarter(site)) == (6, 1)
    assert quarter(site).coverage == pytest.approx(1 / 15)
    assert footfall(site, OWNER, span(Step.MINUTE, 1 / 60, DOOR)).bars[0].coverage == 1.0


def test_a_part_that_was_missing_does_not_make_a_counted_minute_missing(site: Site) -> None:
    report(site, missing(at(0), "r1"), minute(at(0), 2, run="r2", coverage=0.6), missing(at(0), "r3"))
    assert each_minute(site, 1 / 60) == [(COUNTED, 2)]


def test_zero_and_missing_are_two_things(site: Site) -> None:
    report(site, minute(at(0)), missing(at(40)))
    bars = footfall(site, OWNER, span(Step.QUARTER, 1, DOOR)).bars
    assert [(bar.state, values(bar)) for bar in bars] == [(COUNTED, (0, 0)), *[(MISSING, (None, None))] * 3]


def test_a_short_gap_is_estimated_from_its_neighbours_when_it_closes(site: Site) -> None:
    report(site, minute(at(0), 4, 2), missing(at(1)))
    assert each_minute(site, 3 / 60) == [(COUNTED, 4), (MISSING, None), (MISSING, None)]
    report(site, minute(at(3), 2, 0))
    assert each_minute(site, 4 / 60) == [(COUNTED, 4), (IMPUTED, 3), (IMPUTED, 3), (COUNTED, 2)]
    assert (quarter(site).state, values(quarter(site))) == (IMPUTED, (12, 4))
    assert quarter(site).coverage == pytest.approx(2 / 15)


@pytest.mark.parametrize(("length", "state"), [(30, IMPUTED), (31, MISSING)])
def test_a_gap_of_more_than_half_an_hour_is_not_estimated(site: Site, length: int, state: IntervalState) -> None:
    report(site, minute(at(0), 4), minute(at(length + 1), 4))
    assert {found for found, _ in each_minute(site, (length + 2) / 60)[1:-1]} == {state}


def test_an_estimate_gives_way_to_the_minute_when_it_is_reported_after_all(site: Site) -> None:
    report(site, minute(at(0), 4, visits=2, inside=3), minute(at(3), 4, visits=2, inside=3))
    report(site, minute(at(1), 100, run="late"))
    assert each_minute(site, 4 / 60) == [(COUNTED, 4), (COUNTED, 100), (IMPUTED, 4), (COUNTED, 4)]
    assert values(quarter(site))[0] == 112
    report(site, minute(at(2), 0, run="late"))
    assert (quarter(site).state, values(quarter(site))[0]) == (COUNTED, 108)


def test_a_missing_report_leaves_an_estimate_as_it_is(site: Site) -> None:
    report(site, minute(at(0), 4), minute(at(2), 4), missing(at(1)))
    assert each_minute(site, 3 / 60) == [(COUNTED, 4), (IMPUTED, 4), (COUNTED, 4)]


def test_a_line_that_is_new_counts_from_its_first_minute_on(site: Site) -> None:
    report(site, minute(at(0), 1, line="aisle"), minute(at(2), 5, line="door"))
    assert each_minute(site, 3 / 60) == [(COUNTED, 0), (IMPUTED, 2), (COUNTED, 5)]


def test_cameras_are_apart_and_a_sum_says_how_well_it_was_watched(site: Site) -> None:
    report(site, *(minute(at(index), 1) for index in range(15)))
    report(site, *(minute(at(index), 1, line="side-door") for index in range(10)), camera="side")
    series = footfall(site, OWNER, span(Step.QUARTER, 0.25))
    assert (series.lines, values(series.bars[0])) == ((DOOR, SIDE), (25, 0))
    assert series.bars[0].coverage == pytest.approx(25 / 30)


def test_a_camera_counts_as_unwatched_only_from_its_first_minute_on(site: Site) -> None:
    report(site, *(minute(at(index), 1) for index in range(30)))
    report(site, minute(at(16), 1, line="side-door"), camera="side")
    first, second = footfall(site, OWNER, span(Step.QUARTER, 0.5)).bars
    assert (first.coverage, second.coverage) == (1.0, pytest.approx(16 / 30))


def test_what_a_transaction_undoes_was_never_counted(site: Site) -> None:
    def fail() -> None:
        with site.database.transaction() as session:
            from consentry.statistics.service import record_minute  # noqa: PLC0415

            record_minute(session, "front", minute(at(0), 5))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert report(site, minute(at(0), 5)) == [True]
    assert quarter(site).entered == Figure(5, 4, 6)
