"""Keeps hours and days those of the site's time zone: quarters of an hour are the same in every zone, so the rest is summed from them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, insert, literal, select

from consentry.statistics.model import Step
from consentry.statistics.records import AreaSpan, LineSpan, ReportingZone, WatchedSpan
from consentry.statistics.rules import spans
from consentry.statistics.upserts import put
from consentry.statistics.writing import reporting_zone

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from consentry.platform.site import Site
    from consentry.statistics.model import Span

__all__ = ["follow"]

_Table = type[LineSpan] | type[AreaSpan] | type[WatchedSpan]


def follow(site: Site) -> bool:
    """Sum hours and days anew if they are of another zone than the settings', and return whether they were."""
    zone = ZoneInfo(site.settings.site.zone)
    with site.database.reading() as session:
        if reporting_zone(session).key == zone.key:
            return False
    with site.database.transaction() as session:
        put(session, ReportingZone, {"id": 1, "zone": zone.key})
        for table in (LineSpan, AreaSpan, WatchedSpan):
            _sum_anew(session, table, zone)
    return True


def _sum_anew(session: Session, table: _Table, zone: ZoneInfo) -> None:
    session.execute(delete(table).where(table.step != Step.QUARTER))
    first, last = session.execute(select(func.min(table.start), func.max(table.start))).one()
    if first is None:
        return
    for step in (Step.HOUR, Step.DAY):
        for span in spans(first, last + 1, step, zone):
            _sum_span(session, table, step, span)


def _sum_span(session: Session, table: _Table, step: Step, span: Span) -> None:
    """Write the sum of one longer span's quarters."""
    key, *figures = (column for column in table.__table__.columns if column.name not in {"step", "start"})
    sums = [_together(column) for column in figures]
    quarters = (table.step == Step.QUARTER, table.start >= span.start, table.start < span.end)
    rows = select(literal(int(step)), literal(span.start), key, *sums).where(*quarters).group_by(key)
    session.execute(insert(table).from_select(["step", "start", key.name, *(column.name for column in figures)], rows))


def _together(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.max(column) if column.key == "max_occupancy" else func.sum(column)
