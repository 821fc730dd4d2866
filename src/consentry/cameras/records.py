"""Tables of cameras: what was heard of each, its runs, when they counted, and the gaps that follow. No figure is kept here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import TYPE_CHECKING

from sqlalchemy import Index, String, delete, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from consentry.cameras.model import CameraGap, CameraHealth, CameraState, GapCause, Hole, Run, RunRecord, Span, Stop, Timeline
from consentry.cameras.rules import joined
from consentry.platform.database import Base, UTCDateTime
from consentry.platform.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from consentry.cameras.boundary import CameraMessage

__all__ = [
    "add_hole",
    "add_process_change",
    "add_run",
    "add_span",
    "all_health",
    "drop_gap",
    "fold_begin",
    "forget_before",
    "health_of",
    "list_gaps",
    "newest_run",
    "recorded_gaps",
    "runs_known",
    "save_gap",
    "save_health",
    "timeline",
]


class HealthRow(Base):
    """What was last heard of a camera."""

    __tablename__ = "camera_health"

    camera: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(300), default="")
    since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    heard: Mapped[datetime | None] = mapped_column(UTCDateTime)
    run: Mapped[str | None] = mapped_column(String(64))
    last_minute: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fps: Mapped[float | None]
    lag_ms: Mapped[float | None]
    dropped: Mapped[int] = mapped_column(default=0)
    reconnects: Mapped[int] = mapped_column(default=0)
    rss_mb: Mapped[float | None]


class RunRow(Base):
    """One life of a camera's process, since its first frame."""

    __tablename__ = "camera_run"
    __table_args__ = (Index(None, "camera", "started"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    camera: Mapped[str] = mapped_column(String(40))
    started: Mapped[datetime] = mapped_column(UTCDateTime)
    detector: Mapped[str] = mapped_column(String(80))
    width: Mapped[int]
    height: Mapped[int]


class SpanRow(Base):
    """Minutes in a row of one run: counted ones, or ones without a picture."""

    __tablename__ = "camera_span"
    __table_args__ = (Index(None, "camera", "end"),)

    run: Mapped[str] = mapped_column(String(64), primary_key=True)
    counted: Mapped[bool] = mapped_column(primary_key=True)
    start: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    end: Mapped[datetime] = mapped_column(UTCDateTime)
    camera: Mapped[str] = mapped_column(String(40))


class HoleRow(Base):
    """A time without frames that a run reported."""

    __tablename__ = "camera_hole"
    __table_args__ = (Index(None, "camera", "end"),)

    run: Mapped[str] = mapped_column(String(64), primary_key=True)
    start: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    end: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    camera: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(300))


class ProcessRow(Base):
    """Something that happened to a process: ``web``, ``vault`` or ``camera:<id>``."""

    __tablename__ = "process_change"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    event: Mapped[str] = mapped_column(String(16), primary_key=True)
    exit: Mapped[int | None]


class GapRow(Base):
    """A gap as it is known now; the ledger holds how it came to be known."""

    __tablename__ = "camera_gap"
    __table_args__ = (Index(None, "camera", "start"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    camera: Mapped[str] = mapped_column(String(40))
    start: Mapped[datetime] = mapped_column(UTCDateTime)
    end: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cause: Mapped[str] = mapped_column(String(16))
    detail: Mapped[str] = mapped_column(String(300), default="")


def health_of(session: Session, camera: str) -> CameraHealth:
    """Return what was last heard of a camera; of one that never spoke, that it is starting."""
    row = session.get(HealthRow, camera)
    return _health(row) if row else CameraHealth(CameraState.STARTING)


def all_health(session: Session) -> dict[str, CameraHealth]:
    """Return what was last heard, by camera."""
    return {row.camera: _health(row) for row in session.scalars(select(HealthRow))}


def save_health(session: Session, camera: str, health: CameraHealth) -> None:
    """Put down what was heard."""
    session.merge(HealthRow(camera=camera, **{name: getattr(health, name) for name in CameraHealth.__slots__}))


def _health(row: HealthRow) -> CameraHealth:
    found = {name: getattr(row, name) for name in CameraHealth.__slots__}
    return CameraHealth(**{**found, "state": CameraState(row.state)})


def add_run(session: Session, run: Run) -> bool:
    """Put down a run that began; return whether it was not known yet."""
    known = session.get(RunRow, run.id)
    if run.started is None or known is not None:
        return False
    session.add(RunRow(id=run.id, camera=run.camera, started=run.started, detector=run.detector, width=run.width, height=run.height))
    session.flush()
    return True


def newest_run(session: Session, camera: str) -> Run | None:
    """Return the run that began last, or None."""
    row = session.scalar(select(RunRow).where(RunRow.camera == camera).order_by(RunRow.started.desc()).limit(1))
    return Run(row.id, row.camera, row.started, row.detector, row.width, row.height) if row else None


def runs_known(session: Session) -> set[str]:
    """Return the cameras that have ever counted."""
    return set(session.scalars(select(RunRow.camera).distinct()))


def add_span(session: Session, source: CameraMessage, span: Span, *, counted: bool) -> None:
    """Join a minute to the minutes of its run."""
    run = source.message.run
    near = select(SpanRow).where(SpanRow.run == run, SpanRow.counted == counted, SpanRow.start <= span.end, SpanRow.end >= span.start)
    rows = list(session.scalars(near))
    (union,) = joined([span, *(Span(row.start, row.end) for row in rows)])
    if any(Span(row.start, row.end) == union for row in rows):
        return
    for row in rows:
        session.delete(row)
    session.flush()
    session.add(SpanRow(run=run, camera=source.camera, counted=counted, start=union.start, end=union.end))
    session.flush()


def add_hole(session: Session, source: CameraMessage, hole: Hole) -> None:
    """Put down a time without frames."""
    row = HoleRow(run=source.message.run, camera=source.camera, start=hole.span.start, end=hole.span.end, reason=hole.reason)
    session.merge(row)
    session.flush()


def add_process_change(session: Session, name: str, event: str, stop: Stop) -> bool:
    """Put down what happened to a process; return whether it was not known yet."""
    if session.get(ProcessRow, (name, stop.at, event)):
        return False
    session.add(ProcessRow(name=name, at=stop.at, event=event, exit=stop.exit))
    session.flush()
    return True


def fold_begin(session: Session, camera: str, since: datetime) -> datetime:
    """Return from when on gaps must be folded again after something about ``since`` became known: the last moment before it that was watched."""
    counted = session.scalar(select(func.max(SpanRow.end)).where(SpanRow.camera == camera, SpanRow.counted, SpanRow.end < since))
    started = session.scalar(select(func.max(RunRow.started)).where(RunRow.camera == camera, RunRow.started < since))
    return max((at for at in (counted, started) if at), default=since)


def timeline(session: Session, camera: str, begin: datetime) -> Timeline:
    """Return what is known of a camera about the time from ``begin`` on."""
    spans = list(session.scalars(select(SpanRow).where(SpanRow.camera == camera, SpanRow.end >= begin)))
    holes = list(session.scalars(select(HoleRow).where(HoleRow.camera == camera, HoleRow.end >= begin)))
    named = {row.run for row in spans} | {row.run for row in holes}
    runs = session.scalars(select(RunRow).where(RunRow.camera == camera, or_(RunRow.started >= begin, RunRow.id.in_(named))))
    started = {row.id: row.started for row in runs}
    stops = _stops(session, camera, min((begin, *(row.start for row in spans))))
    return Timeline(camera, tuple(_run_record(run, started, spans, holes) for run in sorted({*named, *started})), stops)


def _run_record(run: str, started: dict[str, datetime], spans: Sequence[SpanRow], holes: Sequence[HoleRow]) -> RunRecord:
    own = [row for row in spans if row.run == run]
    counted, missing = (joined(Span(row.start, row.end) for row in own if row.counted is wanted) for wanted in (True, False))
    return RunRecord(run, started.get(run), counted, missing, tuple(Hole(Span(row.start, row.end), row.reason) for row in holes if row.run == run))


def _stops(session: Session, camera: str, since: datetime) -> tuple[Stop, ...]:
    wanted = select(ProcessRow).where(ProcessRow.name == f"camera:{camera}", ProcessRow.event == "ended", ProcessRow.at >= since)
    return tuple(Stop(row.at, row.exit) for row in session.scalars(wanted.order_by(ProcessRow.at)))


def recorded_gaps(session: Session, camera: str, since: datetime) -> list[CameraGap]:
    """Return the gaps on record that end after ``since`` or go on."""
    return [_gap(row) for row in session.scalars(select(GapRow).where(GapRow.camera == camera, or_(GapRow.end.is_(None), GapRow.end > since)))]


def list_gaps(session: Session, camera: str, span: tuple[datetime | None, datetime | None], limit: int) -> list[CameraGap]:
    """Return the newest gaps that touch ``span``, newest first."""
    start, end = span
    wanted = select(GapRow).where(GapRow.camera == camera)
    if start:
        wanted = wanted.where(or_(GapRow.end.is_(None), GapRow.end > start))
    if end:
        wanted = wanted.where(GapRow.start < end)
    return [_gap(row) for row in session.scalars(wanted.order_by(GapRow.start.desc()).limit(limit))]


def save_gap(session: Session, gap: CameraGap, now: datetime) -> CameraGap:
    """Put down a gap, a new one under a new id, and return it with its id."""
    named = replace(gap, id=gap.id or new_id(now))
    session.merge(GapRow(id=named.id, camera=gap.camera, start=gap.start, end=gap.end, cause=gap.cause, detail=gap.detail))
    session.flush()
    return named


def drop_gap(session: Session, gap: CameraGap) -> None:
    """Remove a gap that late figures have filled."""
    session.execute(delete(GapRow).where(GapRow.id == gap.id))


def _gap(row: GapRow) -> CameraGap:
    return CameraGap(row.camera, row.start, row.end, GapCause(row.cause), row.detail, row.id)


def forget_before(session: Session, camera: str, before: datetime) -> int:
    """Delete what is older than ``before`` and return how many gaps that were; the newest span of a camera stays, silence is measured from it."""
    newest = session.scalar(select(func.max(SpanRow.end)).where(SpanRow.camera == camera))
    if newest is not None:
        session.execute(delete(SpanRow).where(SpanRow.camera == camera, SpanRow.end < min(before, newest)))
    session.execute(delete(HoleRow).where(HoleRow.camera == camera, HoleRow.end < before))
    session.execute(delete(ProcessRow).where(ProcessRow.name == f"camera:{camera}", ProcessRow.at < before))
    old = list(session.scalars(select(GapRow.id).where(GapRow.camera == camera, GapRow.end < before)))
    session.execute(delete(GapRow).where(GapRow.id.in_(old)))
    return len(old)
