from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from consentry.statistics.model import Query, Step
from consentry.statistics.records import AreaMinute, AreaSpan, DwellHour, HeatHour, LineMinute, LineSpan, WatchedMinute, WatchedSpan
from consentry.statistics.service import expire, expiry_lag, follow_zone, footfall
from tests.statistics.shop import DOOR, MIDNIGHT, OWNER, SIDE, at, hour, minute, report, shop

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.clock import FixedClock
    from consentry.platform.database import Database
    from consentry.platform.site import Site

FIGURES = (WatchedMinute, WatchedSpan, LineMinute, LineSpan, AreaMinute, AreaSpan)
HOURS = (DwellHour, HeatHour)


def rows(site: Site, *which: type) -> int:
    """Return how many rows of tables there are."""
    with site.database.reading() as session:
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in which)


def test_each_cameras_figures_end_after_its_own_retention(site: Site, clock: FixedClock) -> None:
    report(site, minute(at(0), 1, visits=1))
    report(site, minute(at(0), 1, line="side-door"), camera="side")
    clock.advance(timedelta(days=30))
    assert expire(site) > 0
    assert [len(footfall(site, OWNER, Query(at(0), at(1), Step.DAY, (line,))).bars) for line in (DOOR, SIDE)] == [1, 1]
    shown = [footfall(site, OWNER, Query(at(0), at(1), Step.DAY, (line,))).bars[0].entered for line in (DOOR, SIDE)]
    assert [figure is not None for figure in shown] == [True, False]
    clock.advance(timedelta(days=370))
    expire(site)
    assert rows(site, *FIGURES) == 0
    assert expire(site) == 0


def test_what_is_younger_stays(site: Site, clock: FixedClock) -> None:
    report(site, *(minute(at(index), 1, line="side-door") for index in range(0, 2880, 60)), camera="side")
    clock.advance(timedelta(days=29))
    expire(site)
    kept = footfall(site, OWNER, Query(at(0), at(2880), Step.HOUR, (SIDE,))).bars
    assert [bar.entered.value if bar.entered else None for bar in kept] == [None] * 36 + [1] * 12
    # The second day is not over yet for the retention, so its sum stays whole until then.
    assert footfall(site, OWNER, Query(at(1440), at(2880), Step.DAY, (SIDE,))).bars[0].entered is not None


def test_figures_of_a_camera_that_is_gone_from_the_settings_end_too(site: Site, clock: FixedClock) -> None:
    report(site, minute(at(0), 1), camera="removed")
    clock.advance(timedelta(days=731))
    expire(site)
    assert rows(site, *FIGURES) == 0


def test_heat_and_dwell_end_after_theirs(site: Site, clock: FixedClock) -> None:
    report(site, hour(at(0), {1: 1}, seconds=(1, 0, 0, 0, 0, 0)), hour(at(24 * 60), {1: 1}, seconds=(1, 0, 0, 0, 0, 0)))
    clock.advance(timedelta(days=88))
    expire(site)
    assert rows(site, *HOURS) == 2


def test_how_late_the_end_is_can_be_read(site: Site, clock: FixedClock) -> None:
    assert expiry_lag(site) == timedelta(0)
    report(site, minute(at(0), 1, line="side-door"), camera="side")
    assert expiry_lag(site) == timedelta(0)
    clock.advance(timedelta(days=30))
    assert expiry_lag(site) == timedelta(days=2, hours=12)
    expire(site)
    assert expiry_lag(site) == timedelta(0)


def test_days_are_those_of_the_zone_and_are_summed_anew_when_it_changes(site: Site, database: Database, tmp_path: Path, clock: FixedClock) -> None:
    report(site, *(minute(at(index), 1, visits=1, inside=index // 60) for index in range(0, 2880, 60)))
    day = Query(MIDNIGHT, MIDNIGHT + timedelta(days=1), Step.DAY, (DOOR,))
    assert footfall(site, OWNER, day).zone == "UTC"
    before = everything(database)
    moved = shop(database, tmp_path, clock, zone="Asia/Kathmandu")
    series = footfall(moved, OWNER, day)
    assert series.zone == "Asia/Kathmandu"
    # The days begin at 18:15 UTC: 19 hours of the first, then 24.
    assert [bar.entered.value if bar.entered else None for bar in series.bars] == [19, 24]
    assert not follow_zone(moved)
    back = shop(database, tmp_path, clock)
    assert follow_zone(back)
    assert everything(database) == before


def everything(database: Database) -> list[tuple[object, ...]]:
    """Return all sums."""
    with database.reading() as session:
        return sorted(tuple(row) for table in (LineSpan, WatchedSpan, AreaSpan) for row in session.execute(select(table.__table__)))
