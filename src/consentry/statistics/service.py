"""What is done with figures: cameras' reports come in, charts go out, what is old ends."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from consentry.counting.messages import DWELL_BUCKETS
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import Actor, Permission, permits
from consentry.statistics import expiry, zones
from consentry.statistics.charts import Chart
from consentry.statistics.export import Table
from consentry.statistics.hours import dwell_counts, heat_seconds, put_hour
from consentry.statistics.model import Dwell, Heat, Query, Step
from consentry.statistics.reading import people_seen, place_number
from consentry.statistics.records import PlaceKind
from consentry.statistics.rules import FEWEST_PEOPLE, day_span, instant, minute_of, percentile, published_series
from consentry.statistics.selection import chosen_lines, published_lines, require_area, require_camera
from consentry.statistics.today import overview_of
from consentry.statistics.writing import add_minute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime, timedelta

    from sqlalchemy.orm import Session

    from consentry.counting.messages import HourReport, MinuteReport
    from consentry.ledger.model import JSONValue
    from consentry.platform.site import Site
    from consentry.statistics.model import OccupancySeries, Overview, Series

__all__ = [
    "dwell",
    "expire",
    "expiry_lag",
    "export_csv",
    "follow_zone",
    "footfall",
    "heat",
    "occupancy",
    "overview",
    "public_footfall",
    "record_hour",
    "record_minute",
]


def record_minute(session: Session, camera: str, report: MinuteReport) -> bool:
    """Add a camera's minute to the figures in the caller's transaction, and return whether it was new. Repeating it changes nothing."""
    return add_minute(session, camera, report)


def record_hour(session: Session, camera: str, report: HourReport) -> None:
    """Keep a camera's dwell histograms and heat grid of an hour in the caller's transaction, in the place of what the same run reported before."""
    put_hour(session, camera, report)


@permits(Permission.VIEW_FIGURES)
def footfall(site: Site, actor: Actor, query: Query) -> Series:  # noqa: ARG001 - the guard reads the actor
    """Return how many people crossed lines, bar by bar, up to now.

    Raises:
        InputError: ``figures.span`` or ``figures.staff-line``.
        NotFoundError: ``figures.no-line``.
    """
    with _chart(site) as chart:
        return chart.series(query)


@permits(Permission.VIEW_FIGURES)
def occupancy(site: Site, actor: Actor, start: datetime, end: datetime) -> OccupancySeries:  # noqa: ARG001 - as above
    """Return how many people were inside at the end of each quarter of an hour, counted from the daily reset.

    Raises:
        InputError: ``figures.span``.
    """
    with _chart(site) as chart:
        return chart.occupancy(start, end)


@permits(Permission.VIEW_FIGURES)
def overview(site: Site, actor: Actor) -> Overview:  # noqa: ARG001 - as above
    """Return the site since midnight: the sum of its entrances, people inside, and each line by quarters."""
    with _chart(site) as chart:
        return overview_of(chart)


@permits(Permission.VIEW_FIGURES)
def dwell(site: Site, actor: Actor, camera: str, area: str, start: datetime, end: datetime) -> Dwell:  # noqa: ARG001, PLR0913, PLR0917 - as above; four say what
    """Return how long visits of an area lasted that ended between two instants, widened to full hours.

    Raises:
        InputError: ``figures.span``.
        NotFoundError: ``figures.no-area``.
    """
    with _chart(site) as chart:
        require_area(site.settings, camera, area)
        number = place_number(chart.session, camera, PlaceKind.AREA, area)
        counts = dwell_counts(chart.session, number, chart.hours(start, end)) if number else []
    visits = sum(counts)
    if 0 < visits < FEWEST_PEOPLE:
        return Dwell(camera, area, None, DWELL_BUCKETS, None, None, None)
    middle, late = (percentile(counts, DWELL_BUCKETS, share) for share in (50, 90))
    return Dwell(camera, area, visits, DWELL_BUCKETS, tuple(counts) or (0,) * (len(DWELL_BUCKETS) + 1), middle, late)


@permits(Permission.VIEW_FIGURES)
def heat(site: Site, actor: Actor, camera: str, start: datetime, end: datetime) -> Heat:  # noqa: ARG001 - as above
    """Return where people stood between two instants, widened to full hours; nothing where few enough came that it could be one person's way.

    Raises:
        InputError: ``figures.span``.
        NotFoundError: ``figures.no-camera``.
    """
    with _chart(site) as chart:
        require_camera(site.settings, camera)
        number, span = place_number(chart.session, camera, PlaceKind.CAMERA, camera), chart.hours(start, end)
        if number is None or people_seen(chart.session, camera, span) < FEWEST_PEOPLE:
            return Heat(camera, 0, None)
        return Heat(camera, *heat_seconds(chart.session, number, span))


@permits(Permission.EXPORT_FIGURES)
def export_csv(site: Site, actor: Actor, query: Query) -> Iterator[str]:
    """Return a table of figures as lines of CSV, one row a line and bar; the export stands in the ledger before its first line is read.

    Its length is not limited: it is read piece by piece.

    Raises:
        InputError: ``figures.staff-line``.
        NotFoundError: ``figures.no-line``.
    """
    zones.follow(site)
    now = site.clock.now()
    places = chosen_lines(site.settings, query.lines)
    span: dict[str, JSONValue] = {"start": query.start.isoformat(), "end": query.end.isoformat(), "step": int(query.step)}
    act = Act(actor.label, "figures.exported", "figures", "statistics", details={**span, "lines": [str(place) for place in places]})
    with site.database.transaction() as session:
        record(session, act, now)
    return Table(site.database, site.settings, replace(query, lines=places), now).rows()


def public_footfall(site: Site, day: date) -> Series:
    """Return a day as everybody may see it: full hours that are over, of the entrances of cameras that publish; small numbers withheld (R26).

    There is one step only and no choice of lines, because the difference of two published sums must not tell what was withheld.
    """
    with _chart(site) as chart:
        span = day_span(day, chart.zone)
        lines = published_lines(site.settings)
        until = min(span.end, minute_of(chart.now) // Step.HOUR * Step.HOUR)
        if not lines or until <= span.start:
            return chart.nothing(Step.HOUR, instant(span.start), lines)
        return published_series(chart.series(Query(instant(span.start), instant(until), Step.HOUR, lines)))


def follow_zone(site: Site) -> bool:
    """Sum hours and days anew where the site's time zone has changed, and return whether it had."""
    return zones.follow(site)


def expire(site: Site) -> int:
    """Delete figures older than their camera's retention, heat and dwell older than theirs, and return how many rows that were."""
    return expiry.expire(site.database, site.settings, site.clock.now())


def expiry_lag(site: Site) -> timedelta:
    """Return how long the oldest figure has outlived its retention, zero if none has."""
    return expiry.lag(site.database, site.settings, site.clock.now())


@contextmanager
def _chart(site: Site) -> Iterator[Chart]:
    """Read in one consistent state, whose hours and days are those of the site's zone."""
    zones.follow(site)
    with site.database.reading() as session:
        yield Chart(session, site.settings, site.clock.now())
