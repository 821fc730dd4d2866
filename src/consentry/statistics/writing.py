"""Writes minutes and hours as cameras report them, and keeps the sums up in the same transaction.

A report that comes again changes nothing. Two runs within one minute (a restart) add up; the minute is never watched more than once over.
When a short gap closes, its minutes are estimated from their neighbours and marked so (``counting.folds.impute``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select

from consentry.counting.folds import Interval, IntervalState, LineCount, ZoneCount, impute
from consentry.statistics.model import Step
from consentry.statistics.places import CameraPlaces, run_number
from consentry.statistics.records import ESTIMATE, AreaMinute, AreaSpan, LineMinute, LineSpan, MinuteState, ReportingZone, WatchedMinute, WatchedSpan
from consentry.statistics.rules import MINUTE, MINUTE_MS, span_start
from consentry.statistics.upserts import add, insert_new, raise_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from consentry.counting.messages import MinuteReport

__all__ = ["SPAN_STEPS", "add_minute", "reporting_zone"]

SPAN_STEPS = (Step.QUARTER, Step.HOUR, Step.DAY)
LONGEST_ESTIMATE = 30
"""Minutes of a gap up to which they are estimated."""
COUNTS = ("entered", "left", "groups_in", "groups_out")


def reporting_zone(session: Session) -> ZoneInfo:
    """Return the zone whose hours and days the sums are of."""
    return ZoneInfo(session.scalar(select(ReportingZone.zone)) or "UTC")


def add_minute(session: Session, camera: str, report: MinuteReport) -> bool:
    """Add a camera's minute to the figures, and return whether it was new."""
    minute = report.start // MINUTE
    places = CameraPlaces(session, camera, minute)
    run = run_number(session, places.camera, report.run)
    earlier = _parts(session, places.camera, minute)
    state = MinuteState.COUNTED if report.state == IntervalState.COUNTED else MinuteState.MISSING
    watched = round(report.coverage * MINUTE_MS)
    row = {"minute": minute, "camera": places.camera, "run": run, "state": state, "watched_ms": watched}
    if not insert_new(session, WatchedMinute, row):
        return False
    writer = _MinuteWriter(session, places, minute)
    if state is MinuteState.COUNTED and any(part.state == MinuteState.IMPUTED for part in earlier):
        writer.withdraw_estimate()
    seen = sum(part.watched_ms for part in earlier)
    counted_before = any(part.state == MinuteState.COUNTED for part in earlier)
    writer.add_watch(min(watched, max(0, MINUTE_MS - seen)), counted=int(state is MinuteState.COUNTED and not counted_before))
    writer.add_figures(report.lines, report.areas)
    if state is MinuteState.COUNTED:
        _estimate_gap(session, places, minute)
    return True


def _parts(session: Session, camera: int, minute: int) -> Sequence[WatchedMinute]:
    """Return what is known of a camera's minute so far."""
    return session.scalars(select(WatchedMinute).where(WatchedMinute.minute == minute, WatchedMinute.camera == camera)).all()


class _MinuteWriter:
    """Writes one camera's minute and the sums it belongs to."""

    def __init__(self, session: Session, places: CameraPlaces, minute: int) -> None:
        self._session = session
        self._places = places
        self._minute = minute
        zone = reporting_zone(session)
        self._starts = [(int(step), span_start(minute, step, zone)) for step in SPAN_STEPS]

    def add_watch(self, watched_ms: int, *, counted: int = 0, estimated: int = 0) -> None:
        rows = [{"camera": self._places.camera, "watched_ms": watched_ms, "counted": counted, "estimated": estimated}]
        add(self._session, WatchedSpan, self._for_spans(rows), ("watched_ms", "counted", "estimated"))

    def add_figures(self, lines: Iterable[LineCount], areas: Iterable[ZoneCount], *, estimated: bool = False) -> None:
        """Add what is not zero."""
        line_rows = [_line_row(self._places.line(count.id), count) for count in lines if _happened(count)]
        area_rows = [
            {"area": self._places.area(count.id), "visits": count.visits, "max_occupancy": count.max_occupancy}
            for count in areas
            if count.visits or count.max_occupancy
        ]
        mark = {"minute": self._minute, "estimated": estimated}
        add(self._session, LineMinute, [{**row, **mark} for row in line_rows], COUNTS)
        add(self._session, LineSpan, self._for_spans(line_rows), COUNTS)
        raise_to(self._session, AreaMinute, [{**row, **mark} for row in area_rows], ("visits",), "max_occupancy")
        raise_to(self._session, AreaSpan, self._for_spans(area_rows), ("visits",), "max_occupancy")

    def withdraw_estimate(self) -> None:
        """Take an estimate back, because the minute was reported after all."""
        session, minute = self._session, self._minute
        lines = select(LineMinute).where(LineMinute.minute == minute, LineMinute.estimated, LineMinute.line.in_(self._places.lines))
        line_rows = [{name: -getattr(row, name) for name in COUNTS} | {"line": row.line} for row in session.scalars(lines)]
        areas = select(AreaMinute).where(AreaMinute.minute == minute, AreaMinute.estimated, AreaMinute.area.in_(self._places.areas))
        # The highest occupancy of an estimate is below that of a neighbour, so that the sums' highest does not depend on it.
        area_rows = [{"area": row.area, "visits": -row.visits, "max_occupancy": 0} for row in session.scalars(areas)]
        add(session, LineSpan, self._for_spans(line_rows), COUNTS)
        raise_to(session, AreaSpan, self._for_spans(area_rows), ("visits",), "max_occupancy")
        self.add_watch(0, estimated=-1)
        session.execute(delete(LineMinute).where(LineMinute.minute == minute, LineMinute.estimated, LineMinute.line.in_(self._places.lines)))
        session.execute(delete(AreaMinute).where(AreaMinute.minute == minute, AreaMinute.estimated, AreaMinute.area.in_(self._places.areas)))
        mark = (WatchedMinute.minute == minute, WatchedMinute.camera == self._places.camera, WatchedMinute.run == ESTIMATE)
        session.execute(delete(WatchedMinute).where(*mark))

    def _for_spans(self, rows: Sequence[dict[str, int]]) -> list[dict[str, int]]:
        return [{**row, "step": step, "start": start} for row in rows for step, start in self._starts]


def _happened(count: LineCount) -> bool:
    return bool(count.entered or count.left or count.groups_in or count.groups_out)


def _line_row(line: int, count: LineCount) -> dict[str, int]:
    return {"line": line, "entered": count.entered, "left": count.left, "groups_in": count.groups_in, "groups_out": count.groups_out}


def _estimate_gap(session: Session, places: CameraPlaces, minute: int) -> None:
    """Estimate the minutes that are missing just before ``minute``, if they are few and were counted at both ends; an earlier estimate of them goes."""
    near = (WatchedMinute.minute < minute, WatchedMinute.minute >= minute - LONGEST_ESTIMATE - 1)
    counted = (WatchedMinute.camera == places.camera, WatchedMinute.state == MinuteState.COUNTED)
    before = session.scalar(select(func.max(WatchedMinute.minute)).where(*counted, *near))
    if before is None or before == minute - 1:
        return
    gap = [Interval(missing * MINUTE, 1, IntervalState.MISSING, 0.0) for missing in range(before + 1, minute)]
    filled = impute([_counted(session, places, before), *gap, _counted(session, places, minute)], LONGEST_ESTIMATE)
    for interval in filled[1:-1]:
        _write_estimate(session, places, interval)


def _counted(session: Session, places: CameraPlaces, minute: int) -> Interval:
    """Return the figures of a counted minute, with a zero for each place that nobody passed."""
    line_rows = session.scalars(select(LineMinute).where(LineMinute.minute == minute, LineMinute.line.in_(places.lines)))
    lines = {row.line: LineCount(places.lines[row.line], row.entered, row.left, row.groups_in, row.groups_out) for row in line_rows}
    area_rows = session.scalars(select(AreaMinute).where(AreaMinute.minute == minute, AreaMinute.area.in_(places.areas)))
    areas = {row.area: ZoneCount(places.areas[row.area], row.visits, row.max_occupancy) for row in area_rows}
    return Interval(
        minute * MINUTE,
        1,
        IntervalState.COUNTED,
        1.0,
        tuple(lines.get(number, LineCount(name, 0, 0, 0, 0)) for number, name in places.lines.items()),
        tuple(areas.get(number, ZoneCount(name, 0, 0)) for number, name in places.areas.items()),
    )


def _write_estimate(session: Session, places: CameraPlaces, interval: Interval) -> None:
    minute = round(interval.start) // MINUTE
    row = {"minute": minute, "camera": places.camera, "run": ESTIMATE, "state": MinuteState.IMPUTED, "watched_ms": 0}
    writer = _MinuteWriter(session, places, minute)
    if not insert_new(session, WatchedMinute, row):
        writer.withdraw_estimate()
        insert_new(session, WatchedMinute, row)
    writer.add_watch(0, estimated=1)
    writer.add_figures(interval.lines, interval.zones, estimated=True)
