from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.counting.folds import IntervalState
from consentry.ledger.service import browse
from consentry.platform.actors import Actor, ActorKind, Permission, system
from consentry.platform.errors import DeniedError, InputError, NotFoundError
from consentry.statistics.model import BandSource, Figure, LinePlace, Query, Step
from consentry.statistics.service import dwell, export_csv, footfall, heat, occupancy, overview, public_footfall
from tests.statistics.shop import DOOR, MIDNIGHT, NINE_TO_FIVE, OWNER, SIDE, at, hour, minute, report, shop, span

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.clock import FixedClock
    from consentry.platform.database import Database
    from consentry.platform.site import Site
    from consentry.statistics.model import Bar

COUNTED, MISSING, CLOSED = IntervalState.COUNTED, IntervalState.MISSING, IntervalState.CLOSED
AISLE, STOCKROOM = LinePlace("front", "aisle"), LinePlace("front", "stockroom")

MEASURED = """
[[accuracy]]
camera = "front"
line = "door"
measured_on = 2026-02-01
detector = "rtmdet"
crossings = 400
error_percent = -2.0
low = -4.0
high = 0.0
"""


def entered(bars: tuple[Bar, ...]) -> list[int | None]:
    """Return people in of each bar."""
    return [bar.entered.value if bar.entered else None for bar in bars]


def test_without_lines_the_entrances_count_and_what_staff_cross_never_does(site: Site) -> None:
    report(site, minute(at(0), 10), minute(at(1), 20, line="aisle"), minute(at(2), 40, line="stockroom"))
    assert entered(footfall(site, OWNER, span(Step.HOUR, 1)).bars) == [10]
    assert entered(footfall(site, OWNER, span(Step.HOUR, 1, AISLE)).bars) == [20]
    with pytest.raises(InputError) as told:
        footfall(site, OWNER, span(Step.HOUR, 1, STOCKROOM))
    assert told.value.code == "figures.staff-line"


def test_a_line_that_the_settings_do_not_have_is_not_found(site: Site) -> None:
    with pytest.raises(NotFoundError):
        footfall(site, OWNER, span(Step.HOUR, 1, LinePlace("front", "gone")))


@pytest.mark.parametrize(
    ("step", "hours"), [(Step.MINUTE, 26), (Step.QUARTER, 24 * 16), (Step.HOUR, 24 * 63), (Step.DAY, 24 * 1501), (Step.HOUR, 0), (Step.HOUR, -1)]
)
def test_a_chart_with_too_many_bars_or_none_is_refused(site: Site, step: Step, hours: float) -> None:
    with pytest.raises(InputError) as told:
        footfall(site, OWNER, span(step, hours))
    assert told.value.code == "figures.span"


def test_a_chart_ends_now(site: Site, clock: FixedClock) -> None:
    clock.advance(timedelta(minutes=20))
    bars = footfall(site, OWNER, Query(at(0), at(5 * 1440), Step.HOUR)).bars
    assert bars[-1].start == MIDNIGHT + timedelta(days=2, hours=12)
    assert bars[-1].minutes == 20
    assert footfall(site, OWNER, Query(at(5 * 1440), at(6 * 1440), Step.HOUR)).bars == ()


def test_figures_carry_the_band_of_the_detectors_benchmark_until_somebody_measures(site: Site, database: Database, tmp_path: Path, clock: FixedClock) -> None:
    report(site, minute(at(0), 1000))
    before = footfall(site, OWNER, span(Step.HOUR, 1, DOOR))
    assert (before.band.source, before.bars[0].entered) == (BandSource.BENCHMARK, Figure(1000, 966, 1037))
    measured = footfall(shop(database, tmp_path, clock, more=MEASURED), OWNER, span(Step.HOUR, 1, DOOR))
    assert (measured.band.source, measured.bars[0].entered) == (BandSource.MEASURED, Figure(1000, 1000, 1042))


def test_the_band_of_several_lines_weighs_each_by_how_many_crossed_it(database: Database, tmp_path: Path, clock: FixedClock) -> None:
    site = shop(database, tmp_path, clock, more=MEASURED)
    report(site, minute(at(0), 300))
    report(site, minute(at(0), 100, line="side-door"), camera="side")
    band = footfall(site, OWNER, span(Step.HOUR, 1)).band
    # The side camera's detector is chosen by itself, so the widest benchmark holds: 8.3 % both ways.
    assert band.low == pytest.approx((300 * -4.0 + 100 * -8.3) / 400)
    assert band.high == pytest.approx((300 * 0.0 + 100 * 8.3) / 400)
    assert band.source is BandSource.BENCHMARK


def test_outside_opening_hours_bars_are_closed_unless_somebody_came(database: Database, tmp_path: Path, clock: FixedClock) -> None:
    site = shop(database, tmp_path, clock, hours=NINE_TO_FIVE)
    report(site, minute(at(3 * 60), 0), minute(at(9 * 60), 0), minute(at(20 * 60), 1))
    bars = footfall(site, OWNER, span(Step.HOUR, 24, DOOR)).bars
    assert {bar.start.hour: bar.state for bar in bars} == {
        **dict.fromkeys(range(24), CLOSED),
        **dict.fromkeys(range(9, 17), MISSING),
        9: COUNTED,
        20: COUNTED,
    }


def test_occupancy_runs_from_the_reset_and_drift_is_shown_instead_of_less_than_nobody(site: Site) -> None:
    report(site, *(minute(at(hours * 60), *change) for hours, change in enumerate([(5, 0), (0, 2), (0, 4), (3, 0)])))
    report(site, minute(at(4 * 60), 1))
    series = occupancy(site, OWNER, at(0), at(4 * 60 + 15))
    assert [(point.inside, point.drift) for point in series.points[:13:4]] == [(5, 0), (3, 0), (0, 1), (3, 1)]
    assert [(point.state, point.inside, point.drift) for point in series.points[-2:]] == [(MISSING, None, 1), (COUNTED, 1, 0)]
    assert series.resets == (at(4 * 60),)


def test_who_entered_since_the_reset_before_the_chart_is_inside_at_its_beginning(site: Site) -> None:
    report(site, minute(at(4 * 60 - 1), 50), minute(at(4 * 60), 7), minute(at(9 * 60), 0, 1))
    assert occupancy(site, OWNER, at(9 * 60), at(9 * 60 + 15)).points[0].inside == 6


def test_the_overview_is_the_day_so_far(site: Site, clock: FixedClock) -> None:
    today = 2 * 1440
    report(site, minute(at(today - 1), 99), minute(at(today + 300), 8, 3), minute(at(today + 700), 0, 1), minute(at(today + 719), 2, line="aisle"))
    found = overview(site, OWNER)
    assert (found.day, found.total.entered, found.total.left) == (at(today), Figure(8, 7, 9), Figure(4, 3, 5))
    assert (found.inside, found.drift) == (4, 0)
    assert [line.place for line in found.lines] == [DOOR, AISLE, SIDE]
    assert [value for value in found.lines[0].quarters if value] == [8]
    assert len(found.lines[0].quarters) == 48
    assert found.lines[2].entered is None
    clock.advance(timedelta(hours=12))
    assert overview(site, OWNER).total.entered is None


def test_dwell_adds_up_over_runs_and_hours_and_hides_what_few_did(site: Site) -> None:
    report(site, hour(at(0), {0: 2, 3: 4}, "r1"), hour(at(0), {3: 3}, "r2"))
    few = dwell(site, OWNER, "front", "window", at(0), at(60))
    assert (few.visits, few.counts, few.p50) == (None, None, None)
    report(site, hour(at(60), {17: 3}))
    found = dwell(site, OWNER, "front", "window", at(0), at(120))
    assert (found.visits, found.p50, found.p90) == (12, 30, None)
    assert (found.counts or ())[:4] == (2, 0, 0, 7)
    report(site, hour(at(60), {17: 4}))
    assert dwell(site, OWNER, "front", "window", at(0), at(120)).visits == 13
    assert dwell(site, OWNER, "front", "window", at(120), at(180)).visits == 0


def test_a_heat_map_is_shown_only_when_enough_people_came(site: Site) -> None:
    report(site, hour(at(0), {}, seconds=(1, 2, 3, 4, 5, 6)), hour(at(60), {}, seconds=(10, 0, 0, 0, 0, 0)), minute(at(0), 5, 4))
    assert heat(site, OWNER, "front", at(0), at(120)).seconds is None
    report(site, minute(at(70), 0, 0, visits=1))
    found = heat(site, OWNER, "front", at(0), at(120))
    assert found.seconds is not None
    assert (found.hours, found.seconds.tolist()) == (2, [[11, 2, 3], [4, 5, 6]])
    with pytest.raises(NotFoundError):
        heat(site, OWNER, "back", at(0), at(120))


def test_a_day_is_published_by_full_hours_without_small_numbers_groups_and_private_cameras(site: Site, clock: FixedClock) -> None:
    report(site, minute(at(10), 20, 0), minute(at(70), 4, 0), minute(at(130), 5, 12))
    report(site, minute(at(10), 100, line="side-door"), camera="side")
    series = public_footfall(site, date(2026, 3, 2))
    assert (series.lines, series.step) == ((DOOR,), Step.HOUR)
    assert [(bar.entered.value if bar.entered else None, bar.suppressed) for bar in series.bars[:3]] == [(20, False), (None, True), (5, False)]
    assert series.total.entered == Figure(25, 24, 26)
    assert series.total.suppressed
    assert {(bar.groups_in, bar.groups_out) for bar in (*series.bars, series.total)} == {(None, None)}
    clock.advance(timedelta(minutes=59))
    assert public_footfall(site, date(2026, 3, 4)).bars[-1].start.hour == 11
    assert public_footfall(site, date(2026, 3, 5)).bars == ()


def test_an_export_has_a_row_a_line_and_bar_and_stands_in_the_ledger(site: Site) -> None:
    report(site, minute(at(0), 3, 1), minute(at(23 * 60), 2))
    rows = list(csv.DictReader("".join(export_csv(site, OWNER, Query(at(0), at(2 * 1440), Step.HOUR, (DOOR, AISLE)))).splitlines()))
    assert len(rows) == 2 * 48
    assert rows[0]["start"] == "2026-03-02T00:00:00+00:00"
    assert [(row["line"], row["in"], row["in_low"], row["out"]) for row in rows if row["in"] not in {"", "0"}] == [
        ("door", "3", "2", "1"),
        ("door", "2", "1", "0"),
    ]
    assert {row["state"] for row in rows} == {"counted", "missing"}
    assert all((row["in"] == "") == (row["state"] == "missing") for row in rows)
    entries = [listed.entry for listed in browse(site, OWNER).entries if listed.entry]
    assert [entry.act.object for entry in entries if entry.act.action == "figures.exported"] == ["figures"]


def test_an_export_has_no_rows_from_before_the_first_day_of_its_cameras(site: Site) -> None:
    ages = Query(datetime(1, 1, 1, tzinfo=UTC), at(2 * 1440), Step.HOUR, (DOOR,))
    assert len(list(csv.DictReader("".join(export_csv(site, OWNER, ages)).splitlines()))) == 0
    report(site, minute(at(600), 3, 1))
    rows = list(csv.DictReader("".join(export_csv(site, OWNER, ages)).splitlines()))
    assert (rows[0]["start"][:10], rows[0]["in"]) == ("2026-03-02", "")


def test_an_export_is_in_the_ledger_before_its_first_line_is_read(site: Site) -> None:
    export_csv(site, OWNER, span(Step.HOUR))
    assert any(listed.entry and listed.entry.act.action == "figures.exported" for listed in browse(site, OWNER).entries)


@pytest.mark.parametrize("ask", [footfall, export_csv])
def test_whoever_lacks_the_permission_gets_nothing(site: Site, ask: object) -> None:
    stranger = Actor(ActorKind.STAFF, "someone", frozenset({Permission.VIEW_LEDGER}))
    assert callable(ask)
    with pytest.raises(DeniedError):
        ask(site, stranger, span(Step.HOUR))
    assert system("test").permissions
