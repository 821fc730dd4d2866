"""Tables of alarms and of telling people about them. ``live`` holds kind and subject while an alarm is not closed: no two can be open."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from consentry.alarms.model import Alarm, AlarmKind, AlarmState, Channel, Delivery, DeliveryState, Severity, Step
from consentry.platform.database import Base, UTCDateTime

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

__all__ = [
    "add_delivery",
    "alarm_of",
    "count_open",
    "deliveries_of",
    "due_deliveries",
    "forget_closed",
    "list_alarms",
    "live_alarm",
    "live_alarms",
    "save_alarm",
    "save_delivery",
]


class AlarmRow(Base):
    """One alarm."""

    __tablename__ = "alarm"
    __table_args__ = (Index(None, "closed"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(80))
    live: Mapped[str | None] = mapped_column(String(120), unique=True)
    severity: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    raised: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    times: Mapped[int]
    detail: Mapped[str] = mapped_column(Text)
    quiet_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(80))
    acknowledged: Mapped[datetime | None] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(Text)
    escalated: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed: Mapped[datetime | None] = mapped_column(UTCDateTime)


class DeliveryRow(Base):
    """One step of one alarm on its way by one channel."""

    __tablename__ = "alarm_delivery"
    __table_args__ = (Index(None, "state", "due"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    alarm: Mapped[str] = mapped_column(String(36), ForeignKey("alarm.id", ondelete="CASCADE"), index=True)
    step: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    made: Mapped[datetime] = mapped_column(UTCDateTime)
    due: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int]
    problem: Mapped[str] = mapped_column(Text)
    sent: Mapped[datetime | None] = mapped_column(UTCDateTime)


def alarm_of(session: Session, name: str) -> Alarm | None:
    """Return an alarm by its id, or None."""
    row = session.get(AlarmRow, name)
    return _alarm(row) if row else None


def live_alarm(session: Session, kind: AlarmKind, subject: str) -> Alarm | None:
    """Return the alarm of this kind and subject that is not closed, or None."""
    row = session.scalar(select(AlarmRow).where(AlarmRow.live == _live(kind, subject)))
    return _alarm(row) if row else None


def live_alarms(session: Session) -> list[Alarm]:
    """Return every alarm that is not closed, oldest first."""
    return [_alarm(row) for row in session.scalars(select(AlarmRow).where(AlarmRow.live.is_not(None)).order_by(AlarmRow.id))]


def list_alarms(session: Session, states: Collection[AlarmState] | None, kinds: Collection[AlarmKind] | None, before: str | None, limit: int) -> list[Alarm]:
    """Return alarms, newest first, beginning with the one before the id ``before``."""
    wanted = select(AlarmRow)
    if states is not None:
        wanted = wanted.where(AlarmRow.state.in_(list(states)))
    if kinds is not None:
        wanted = wanted.where(AlarmRow.kind.in_(kinds))
    if before is not None:
        wanted = wanted.where(AlarmRow.id < before)
    return [_alarm(row) for row in session.scalars(wanted.order_by(AlarmRow.id.desc()).limit(limit))]


def count_open(session: Session) -> int:
    """Return how many alarms nobody has acknowledged yet."""
    waiting = [AlarmState.OPEN, AlarmState.ESCALATED]
    return session.scalar(select(func.count()).where(AlarmRow.live.is_not(None), AlarmRow.state.in_(waiting))) or 0


def save_alarm(session: Session, alarm: Alarm) -> None:
    """Put an alarm down."""
    live = None if alarm.state is AlarmState.CLOSED else _live(alarm.kind, alarm.subject)
    session.merge(AlarmRow(live=live, **asdict(alarm)))
    session.flush()


def _live(kind: AlarmKind, subject: str) -> str:
    return f"{kind}|{subject}"


def _alarm(row: AlarmRow) -> Alarm:
    found = {field.name: getattr(row, field.name) for field in fields(Alarm)}
    named = {"kind": AlarmKind(row.kind), "severity": Severity(row.severity), "state": AlarmState(row.state)}
    return Alarm(**{**found, **named})


def add_delivery(session: Session, delivery: Delivery) -> None:
    """Put a new delivery down."""
    session.add(DeliveryRow(**asdict(delivery)))


def save_delivery(session: Session, delivery: Delivery) -> None:
    """Put down how far a delivery is."""
    session.merge(DeliveryRow(**asdict(delivery)))


def due_deliveries(session: Session, now: datetime, limit: int) -> list[Delivery]:
    """Return the deliveries that are due, longest due first."""
    due = select(DeliveryRow).where(DeliveryRow.state == DeliveryState.PENDING, DeliveryRow.due <= now)
    return [_delivery(row) for row in session.scalars(due.order_by(DeliveryRow.due, DeliveryRow.id).limit(limit))]


def deliveries_of(session: Session, alarm: str) -> list[Delivery]:
    """Return what was told of an alarm, in order."""
    return [_delivery(row) for row in session.scalars(select(DeliveryRow).where(DeliveryRow.alarm == alarm).order_by(DeliveryRow.id))]


def _delivery(row: DeliveryRow) -> Delivery:
    found = {field.name: getattr(row, field.name) for field in fields(Delivery)}
    named = {"step": Step(row.step), "channel": Channel(row.channel), "state": DeliveryState(row.state)}
    return Delivery(**{**found, **named})


def forget_closed(session: Session, before: datetime) -> int:
    """Delete alarms that were closed before ``before``, with their deliveries, and return how many."""
    old = list(session.scalars(select(AlarmRow.id).where(AlarmRow.closed < before)))
    session.execute(delete(DeliveryRow).where(DeliveryRow.alarm.in_(old)))
    session.execute(delete(AlarmRow).where(AlarmRow.id.in_(old)))
    return len(old)
