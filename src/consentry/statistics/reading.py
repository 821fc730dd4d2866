"""Sums over lines and cameras, read from the table that has the asked step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, func, select

from consentry.statistics.model import LinePlace, Step, Tally, Watch
from consentry.statistics.records import AreaSpan, LineMinute, LineSpan, MinuteState, Place, PlaceKind, WatchedMinute, WatchedSpan

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from consentry.statistics.model import Span

__all__ = [
    "camera_numbers",
    "cameras_since",
    "line_numbers",
    "people_seen",
    "place_number",
    "tallies",
    "tallies_by_line",
    "totals_by_line",
    "watches",
    "watches_by_camera",
]


def line_numbers(session: Session, places: Collection[LinePlace]) -> dict[LinePlace, int]:
    """Return the numbers of lines; one that has no figures yet has none."""
    cameras = {place.camera for place in places}
    rows = session.execute(select(Place.camera, Place.name, Place.id).where(Place.kind == PlaceKind.LINE, Place.camera.in_(cameras)))
    return {place: number for camera, line, number in rows if (place := LinePlace(camera, line)) in places}


def place_number(session: Session, camera: str, kind: PlaceKind, name: str) -> int | None:
    """Return the number of a place, or None where it has no figures yet."""
    return session.scalar(select(Place.id).where(Place.camera == camera, Place.kind == kind, Place.name == name))


def camera_numbers(session: Session, cameras: Collection[str]) -> dict[str, int]:
    """Return the numbers of cameras; one that has no figures yet has none."""
    rows = session.execute(select(Place.camera, Place.id).where(Place.kind == PlaceKind.CAMERA, Place.camera.in_(cameras)))
    return dict(rows.all())


def cameras_since(session: Session, cameras: Collection[str]) -> dict[int, int]:
    """Return the first minute of each camera that has figures, by its number."""
    rows = session.execute(select(Place.id, Place.since).where(Place.kind == PlaceKind.CAMERA, Place.camera.in_(cameras)))
    return dict(rows.all())


def tallies(session: Session, lines: Collection[int], step: Step, span: Span) -> dict[int, Tally]:
    """Return the sums over lines by the first minute of each bar in which someone crossed."""
    start, sums, where = _lines(step, span)
    rows = session.execute(select(start, *sums).where(*where, _line(step).in_(lines)).group_by(start))
    return {begin: Tally(*counts) for begin, *counts in rows}


def totals_by_line(session: Session, lines: Collection[int], step: Step, span: Span) -> dict[int, Tally]:
    """Return the sums over bars by line."""
    _, sums, where = _lines(step, span)
    line = _line(step)
    rows = session.execute(select(line, *sums).where(*where, line.in_(lines)).group_by(line))
    return {number: Tally(*counts) for number, *counts in rows}


def tallies_by_line(session: Session, lines: Collection[int], step: Step, span: Span) -> Mapping[int, Mapping[int, Tally]]:
    """Return the bars in which someone crossed, by line and first minute."""
    found: dict[int, dict[int, Tally]] = {}
    start, sums, where = _lines(step, span)
    line = _line(step)
    for number, begin, *counts in session.execute(select(line, start, *sums).where(*where, line.in_(lines)).group_by(start, line)):
        found.setdefault(number, {})[begin] = Tally(*counts)
    return found


def watches(session: Session, cameras: Collection[int], step: Step, span: Span) -> dict[int, Watch]:
    """Return the sums over cameras by the first minute of each bar that was watched, with the number of cameras left to the reader."""
    start, columns, where = _watched(step, span, cameras)
    rows = session.execute(select(start, *columns).where(*where).group_by(start))
    return {begin: Watch(len(cameras), *sums) for begin, *sums in rows}


def watches_by_camera(session: Session, cameras: Collection[int], step: Step, span: Span) -> Mapping[int, Mapping[int, Watch]]:
    """Return the bars that were watched, by camera and first minute."""
    found: dict[int, dict[int, Watch]] = {}
    start, columns, where = _watched(step, span, cameras)
    camera = WatchedMinute.camera if step is Step.MINUTE else WatchedSpan.camera
    for number, begin, *sums in session.execute(select(camera, start, *columns).where(*where).group_by(start, camera)):
        found.setdefault(number, {})[begin] = Watch(1, *sums)
    return found


def people_seen(session: Session, camera: str, span: Span) -> int:
    """Return how many times people crossed a camera's lines or entered its areas in a span of hours."""
    places = dict(session.execute(select(Place.id, Place.kind).where(Place.camera == camera)).all())
    lines = [number for number, kind in places.items() if kind == PlaceKind.LINE]
    areas = [number for number, kind in places.items() if kind == PlaceKind.AREA]
    crossed = sum(tally.entered + tally.left for tally in totals_by_line(session, lines, Step.HOUR, span).values())
    where = (AreaSpan.step == Step.HOUR, AreaSpan.start >= span.start, AreaSpan.start < span.end, AreaSpan.area.in_(areas))
    return crossed + (session.scalar(select(func.sum(AreaSpan.visits)).where(*where)) or 0)


def _line(step: Step) -> ColumnElement[int]:
    return LineMinute.line.expression if step is Step.MINUTE else LineSpan.line.expression


def _lines(step: Step, span: Span) -> tuple[ColumnElement[int], Sequence[ColumnElement[int]], Sequence[ColumnElement[bool]]]:
    """Return the column of a bar's start, the sums of its figures, and what to look at."""
    if step is Step.MINUTE:
        sums = [func.sum(column) for column in (LineMinute.entered, LineMinute.left, LineMinute.groups_in, LineMinute.groups_out)]
        return LineMinute.minute.expression, sums, [LineMinute.minute >= span.start, LineMinute.minute < span.end]
    sums = [func.sum(column) for column in (LineSpan.entered, LineSpan.left, LineSpan.groups_in, LineSpan.groups_out)]
    return LineSpan.start.expression, sums, [LineSpan.step == step, LineSpan.start >= span.start, LineSpan.start < span.end]


def _watched(step: Step, span: Span, cameras: Collection[int]) -> tuple[ColumnElement[int], Sequence[ColumnElement[int]], Sequence[ColumnElement[bool]]]:
    if step is Step.MINUTE:
        counted, imputed = (func.sum((WatchedMinute.state == state).cast(Integer)) for state in (MinuteState.COUNTED, MinuteState.IMPUTED))
        where = [WatchedMinute.minute >= span.start, WatchedMinute.minute < span.end, WatchedMinute.camera.in_(cameras)]
        return WatchedMinute.minute.expression, [func.sum(WatchedMinute.watched_ms), counted, imputed], where
    sums = [func.sum(column) for column in (WatchedSpan.watched_ms, WatchedSpan.counted, WatchedSpan.estimated)]
    where = [WatchedSpan.step == step, WatchedSpan.start >= span.start, WatchedSpan.start < span.end, WatchedSpan.camera.in_(cameras)]
    return WatchedSpan.start.expression, sums, where
