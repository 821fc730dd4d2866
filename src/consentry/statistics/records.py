"""Tables of figures. Times are whole minutes since 1970 (UTC); lines, areas, cameras and runs are small numbers.

Zero is not stored: a line has a row for a minute only if somebody crossed it, and ``watched_minute`` says that the minute was watched.
``*_span`` hold the same figures summed over quarters, hours and days (of the site's zone), kept up in the transaction that writes the minute,
so that a chart of a year reads days and not minutes. Keys begin with the time: rows are appended, read and expired in its order.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base

__all__ = [
    "ESTIMATE",
    "AreaMinute",
    "AreaSpan",
    "DwellHour",
    "HeatHour",
    "LineMinute",
    "LineSpan",
    "MinuteState",
    "Place",
    "PlaceKind",
    "ReportingZone",
    "WatchedMinute",
    "WatchedSpan",
    "WorkerRun",
]

_COMPACT: dict[str, Any] = {"sqlite_with_rowid": False}

ESTIMATE = 0
"""The number of no run: that of a minute's row whose figures are estimated."""


class PlaceKind(IntEnum):
    """What a place is."""

    CAMERA = 0
    LINE = 1
    AREA = 2


class MinuteState(IntEnum):
    """What a camera's minute is."""

    MISSING = 0
    COUNTED = 1
    IMPUTED = 2


class Place(Base):
    """A camera, or a line or area of it, as a number. ``since``: the first minute that told of it. ``expired``: those before are deleted."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("camera", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera: Mapped[str] = mapped_column(String(40))
    kind: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(String(40))
    since: Mapped[int]
    expired: Mapped[int]


class WorkerRun(Base):
    """One life of a camera's worker, as a number."""

    __tablename__ = "worker_run"
    __table_args__ = (UniqueConstraint("camera", "run"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera: Mapped[int] = mapped_column(ForeignKey("place.id"))
    run: Mapped[str] = mapped_column(String(64))


class ReportingZone(Base):
    """The time zone that hours and days of the spans are of; one row."""

    __tablename__ = "reporting_zone"

    id: Mapped[int] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(String(64))


class WatchedMinute(Base):
    """What a run (or an estimate) says of a camera's minute. The row also tells that its figures were added."""

    __tablename__ = "watched_minute"
    __table_args__ = _COMPACT

    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    camera: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[int] = mapped_column(SmallInteger)
    watched_ms: Mapped[int]


class LineMinute(Base):
    """Crossings of a line in a minute, of all runs together; or an estimate of them."""

    __tablename__ = "line_minute"
    __table_args__ = _COMPACT

    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(primary_key=True)
    entered: Mapped[int]
    left: Mapped[int]
    groups_in: Mapped[int]
    groups_out: Mapped[int]
    estimated: Mapped[bool]


class AreaMinute(Base):
    """Visits of an area that began in a minute, and the most people inside at once; or an estimate of them."""

    __tablename__ = "area_minute"
    __table_args__ = _COMPACT

    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    area: Mapped[int] = mapped_column(primary_key=True)
    visits: Mapped[int]
    max_occupancy: Mapped[int]
    estimated: Mapped[bool]


class WatchedSpan(Base):
    """Sums of a camera's minutes."""

    __tablename__ = "watched_span"
    __table_args__ = _COMPACT

    step: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    camera: Mapped[int] = mapped_column(primary_key=True)
    watched_ms: Mapped[int] = mapped_column()
    counted: Mapped[int] = mapped_column(SmallInteger)
    estimated: Mapped[int] = mapped_column(SmallInteger)


class LineSpan(Base):
    """Sums of a line's minutes, estimates among them."""

    __tablename__ = "line_span"
    __table_args__ = _COMPACT

    step: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    entered: Mapped[int]
    left: Mapped[int]
    groups_in: Mapped[int]
    groups_out: Mapped[int]


class AreaSpan(Base):
    """Visits of an area's minutes summed, and the most people inside at once."""

    __tablename__ = "area_span"
    __table_args__ = _COMPACT

    step: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    area: Mapped[int] = mapped_column(primary_key=True)
    visits: Mapped[int]
    max_occupancy: Mapped[int]


class DwellHour(Base):
    """What a run has seen of an hour: how many visits lasted how long. ``counts``: int32 little-endian, one a bucket."""

    __tablename__ = "dwell_hour"
    __table_args__ = _COMPACT

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    area: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)
    counts: Mapped[bytes] = mapped_column(LargeBinary)


class HeatHour(Base):
    """What a run has seen of an hour: seconds of presence. ``seconds``: int32 little-endian [rows, columns], deflated."""

    __tablename__ = "heat_hour"
    __table_args__ = _COMPACT

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    camera: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)
    height: Mapped[int] = mapped_column(SmallInteger)
    width: Mapped[int] = mapped_column(SmallInteger)
    seconds: Mapped[bytes] = mapped_column(LargeBinary)
