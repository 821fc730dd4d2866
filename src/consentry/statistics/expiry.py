"""Ends figures when their time is over: each camera's after its own retention, heat grids and dwell histograms after theirs.

Rows go a day at a time, so that nobody waits for a long deletion. ``Place.expired`` remembers up to where a camera's are gone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, delete, func, select, update

from consentry.statistics.model import Span, Step
from consentry.statistics.records import (
    AreaMinute,
    AreaSpan,
    DwellHour,
    HeatHour,
    LineMinute,
    LineSpan,
    Place,
    PlaceKind,
    WatchedMinute,
    WatchedSpan,
)
from consentry.statistics.rules import minute_of
from consentry.statistics.writing import SPAN_STEPS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.platform.database import Database
    from consentry.platform.settings.model import Settings

__all__ = ["expire", "lag"]


def expire(database: Database, settings: Settings, now: datetime) -> int:
    """Delete what has outlived its retention, and return how many rows that were."""
    with database.reading() as session:
        cameras = session.execute(select(Place.camera, Place.expired).where(Place.kind == PlaceKind.CAMERA)).all()
    deleted = sum(_expire_camera(database, camera, Span(expired, _limit(settings, camera, now))) for camera, expired in cameras)
    return deleted + _expire_hours(database, minute_of(now - settings.retention.heat))


def lag(database: Database, settings: Settings, now: datetime) -> timedelta:
    """Return how long the oldest figure has outlived its retention, zero if none has."""
    with database.reading() as session:
        cameras = session.execute(select(Place.camera, Place.expired).where(Place.kind == PlaceKind.CAMERA)).all()
        heat = session.scalar(select(func.min(HeatHour.hour)))
    late = [_limit(settings, camera, now) - expired for camera, expired in cameras]
    late += [minute_of(now - settings.retention.heat) - heat] if heat is not None else []
    return timedelta(minutes=max([0, *late]))


def _limit(settings: Settings, camera: str, now: datetime) -> int:
    """Return the first minute of a camera that is still kept."""
    known = settings.camera(camera)
    return minute_of(now - ((known and known.retention) or settings.retention.figures))


def _expire_camera(database: Database, camera: str, gone: Span) -> int:
    deleted, start = 0, gone.start
    while start < gone.end:
        span = Span(start, min(start + Step.DAY, gone.end))
        with database.transaction() as session:
            deleted += _delete_span(session, camera, span)
            session.execute(update(Place).where(Place.camera == camera, Place.kind == PlaceKind.CAMERA).values(expired=span.end))
        start = span.end
    return deleted


def _delete_span(session: Session, camera: str, span: Span) -> int:
    """Delete a camera's rows of a span; sums of hours and days go when the last of their minutes does."""
    deleted = 0
    for minute, sums, kind in ((WatchedMinute, WatchedSpan, PlaceKind.CAMERA), (LineMinute, LineSpan, PlaceKind.LINE), (AreaMinute, AreaSpan, PlaceKind.AREA)):
        places = select(Place.id).where(Place.camera == camera, Place.kind == kind)
        of_minute, of_sums = (getattr(table, kind.name.lower()).in_(places) for table in (minute, sums))
        deleted += _count(session, delete(minute).where(minute.minute >= span.start, minute.minute < span.end, of_minute))
        for step in SPAN_STEPS:
            over = (sums.step == step, sums.start >= span.start - 2 * step, sums.start <= span.end - step)
            deleted += _count(session, delete(sums).where(*over, of_sums))
    return deleted


def _expire_hours(database: Database, limit: int) -> int:
    with database.transaction() as session:
        return sum(_count(session, delete(table).where(table.hour < limit - limit % Step.HOUR)) for table in (DwellHour, HeatHour))


def _count(session: Session, statement: Any) -> int:  # noqa: ANN401 - deletions of several tables
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
