"""The rows that the benchmark writes in bulk are those that the service writes minute by minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert, select

from bench.year import Extent, crossings, write_year
from consentry.counting.folds import LineCount
from consentry.counting.messages import MinuteReport
from consentry.platform.migrations import tables
from consentry.statistics.records import LineMinute, LineSpan, Place, ReportingZone, WatchedMinute, WatchedSpan
from consentry.statistics.service import record_minute

if TYPE_CHECKING:
    from consentry.platform.database import Database

EXTENT = Extent(lines=2, days=1, start=29_000_160)
"""Midnight of a day of 2025, UTC."""


def rows(database: Database) -> list[tuple[object, ...]]:
    """Return every row of the figures, with names for numbers of places."""
    with database.reading() as session:
        names = dict(session.execute(select(Place.id, Place.name)).all())
        found = []
        for table, place in ((LineMinute, "line"), (LineSpan, "line"), (WatchedMinute, "camera"), (WatchedSpan, "camera")):
            columns = [column for column in table.__table__.columns if column.name != "run"]
            found += [(table.__tablename__, row, names[row[place]]) for row in map(dict, session.execute(select(*columns)).mappings())]
    return sorted((table, name, *(value for key, value in row.items() if key not in {"line", "camera"})) for table, row, name in found)


@pytest.mark.slow
def test_bulk_rows_are_the_services_rows(database: Database) -> None:
    write_year(database, EXTENT)
    bulk = rows(database)
    with database.transaction() as session:
        for table in reversed(tables().sorted_tables):
            session.execute(delete(table))
        session.execute(insert(ReportingZone), [{"id": 1, "zone": "UTC"}])
    counts = crossings(EXTENT, 0)
    with database.transaction() as session:
        for minute in range(1440):
            lines = tuple(LineCount(f"l{line}", *(int(n) for n in counts[line, minute]), *(int(min(n, 1)) for n in counts[line, minute])) for line in range(2))
            record_minute(session, "c0", MinuteReport("r1", (EXTENT.start + minute) * 60, "counted", 1.0, lines))
    assert rows(database) == bulk
