"""A year of figures of many lines, written in bulk: the same rows that the service would write minute by minute (tests/bench proves it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import insert, select

from consentry.counting.messages import DWELL_BUCKETS, AreaDwell, HourReport
from consentry.statistics.model import Step
from consentry.statistics.records import LineMinute, LineSpan, MinuteState, Place, PlaceKind, ReportingZone, WatchedMinute, WatchedSpan, WorkerRun
from consentry.statistics.service import record_hour

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from consentry.platform.database import Base, Database

__all__ = ["Extent", "bulk_insert", "crossings", "settings_text", "write_hours", "write_year"]


DAY = int(Step.DAY)
OPEN, SHUT = 9 * 60, 21 * 60
BUSY = 0.35
"""People a minute in each direction of a line in opening hours: 250 a day."""
LINES_A_CAMERA = 4


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is: lines, days, and the minute since 1970 with which they begin (midnight, UTC)."""

    lines: int
    days: int
    start: int

    @property
    def cameras(self) -> int:
        """Return how many cameras the lines hang on."""
        return -(-self.lines // LINES_A_CAMERA)


def settings_text(extent: Extent) -> str:
    """Return the settings of a site with these cameras and lines, in UTC."""
    head = '[site]\nid = "bench"\nname = "Bench"\nzone = "UTC"\ncontroller = "Bench"\ncontact = "none"\n'
    cameras = []
    for camera in range(extent.cameras):
        cameras.append(f'[[camera]]\nid = "c{camera}"\nname = "C"\n[[camera.area]]\nid = "window"\nname = "W"\ncorners = [[0, 0], [9, 0], [9, 9]]\n')
        own = range(camera * LINES_A_CAMERA, min((camera + 1) * LINES_A_CAMERA, extent.lines))
        cameras += [f'[[camera.line]]\nid = "l{line}"\nname = "L"\nfrom = [0, 0]\nto = [9, 9]\n' for line in own]
    return head + "".join(cameras)


def crossings(extent: Extent, day: int) -> NDArray[np.int64]:
    """Return a day's crossings: int64 [lines, 1440, 2], people in and out each minute; the same for the same day."""
    random = np.random.default_rng(day)
    found = np.zeros((extent.lines, DAY, 2), np.int64)
    found[:, OPEN:SHUT] = random.poisson(BUSY, (extent.lines, SHUT - OPEN, 2))
    return found


def write_year(database: Database, extent: Extent) -> None:
    """Write the places, and day by day every minute and its sums."""
    lines, cameras = _write_places(database, extent)
    camera_of = np.array([cameras[line // LINES_A_CAMERA] for line in range(extent.lines)])
    for day in range(extent.days):
        counts, start = crossings(extent, day), extent.start + day * DAY
        with database.transaction() as session:
            connection = session.connection().connection.driver_connection
            for table, rows in _day_rows(counts, start, lines, np.unique(camera_of)):
                bulk_insert(connection, table, rows, sqlite=database.is_sqlite)


def write_hours(database: Database, extent: Extent, days: int) -> None:
    """Write the first camera's heat grid (36 x 64 cells) and dwell histogram of every hour of the last ``days``."""
    random = np.random.default_rng(0)
    end = extent.start + extent.days * DAY
    for hour in range(end - min(days, extent.days) * DAY, end, 60):
        seconds = random.poisson(0.4, 36 * 64) * random.integers(1, 60, 36 * 64)
        dwell = random.poisson(2.0, len(DWELL_BUCKETS) + 1)
        areas = (AreaDwell("window", tuple(dwell.tolist())),)
        with database.transaction() as session:
            record_hour(session, "c0", HourReport("r1", hour * 60, areas, 36, 64, tuple(seconds.tolist())))


def bulk_insert(connection: Any, table: type[Base], rows: NDArray[np.int64], *, sqlite: bool) -> None:  # noqa: ANN401 - two drivers
    """Insert rows (int64 [n, columns], in the order of the table's columns) as fast as the engine takes them."""
    columns = [column.name for column in table.__table__.columns]
    names = ", ".join(f'"{column}"' for column in columns)
    if sqlite:
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table.__tablename__} ({names}) VALUES ({marks})", rows.tolist())  # noqa: S608 - our own names
        return
    kinds = [column.type.python_type for column in table.__table__.columns]
    with connection.cursor() as cursor, cursor.copy(f"COPY {table.__tablename__} ({names}) FROM STDIN") as copy:
        booleans = [index for index, kind in enumerate(kinds) if kind is bool]
        lines = ("\t".join("f" if index in booleans and not value else str(value) for index, value in enumerate(row)) for row in rows.tolist())
        copy.write("\n".join(lines) + "\n")


def _write_places(database: Database, extent: Extent) -> tuple[NDArray[np.int64], list[int]]:
    """Write cameras, lines and runs, and return the numbers of the lines and of the cameras."""

    def place(camera: int, kind: PlaceKind, name: str) -> dict[str, object]:
        return {"camera": f"c{camera}", "kind": kind, "name": name, "since": extent.start, "expired": extent.start}

    with database.transaction() as session:
        session.execute(insert(ReportingZone), [{"id": 1, "zone": "UTC"}])
        session.execute(insert(Place), [place(camera, PlaceKind.CAMERA, f"c{camera}") for camera in range(extent.cameras)])
        session.execute(insert(Place), [place(line // LINES_A_CAMERA, PlaceKind.LINE, f"l{line}") for line in range(extent.lines)])
        numbers = {(kind, name): number for number, kind, name in session.execute(select(Place.id, Place.kind, Place.name))}
        cameras = [numbers[PlaceKind.CAMERA, f"c{camera}"] for camera in range(extent.cameras)]
        session.execute(insert(WorkerRun), [{"id": number, "camera": number, "run": "r1"} for number in cameras])
    return np.array([numbers[PlaceKind.LINE, f"l{line}"] for line in range(extent.lines)]), cameras


def _day_rows(counts: NDArray[np.int64], start: int, lines: NDArray[np.int64], cameras: NDArray[np.int64]) -> Iterable[tuple[type[Base], NDArray[np.int64]]]:
    figures = np.concatenate([counts, np.minimum(counts, 1)], axis=2)
    yield LineMinute, _line_rows(figures, start, 1, lines, estimated=True)
    minutes = np.arange(start, start + DAY)
    minute, camera = (grid.ravel() for grid in np.meshgrid(minutes, cameras, indexing="ij"))
    full = np.full(minute.size, 60_000)
    yield WatchedMinute, np.stack([minute, camera, camera, np.full(minute.size, MinuteState.COUNTED), full], axis=1)
    for step in (Step.QUARTER, Step.HOUR, Step.DAY):
        sums = figures.reshape(len(lines), DAY // step, step, 4).sum(axis=2)
        rows = _line_rows(sums, start, step, lines, estimated=False)
        yield LineSpan, np.insert(rows, 0, step, axis=1)
        begin, camera = (grid.ravel() for grid in np.meshgrid(minutes[::step], cameras, indexing="ij"))
        whole = [np.full(begin.size, value) for value in (step, step * 60_000, step, 0)]
        yield WatchedSpan, np.stack([whole[0], begin, camera, *whole[1:]], axis=1)


def _line_rows(sums: NDArray[np.int64], start: int, step: int, lines: NDArray[np.int64], *, estimated: bool) -> NDArray[np.int64]:
    """Return rows (start, line, four sums, and that they are not estimated) of bars in which someone crossed, in order of time."""
    index, line = np.nonzero(sums.any(axis=2).T)
    rows = np.column_stack([start + index * step, lines[line], sums[line, index]])
    return np.column_stack([rows, np.zeros(len(rows), np.int64)]) if estimated else rows
