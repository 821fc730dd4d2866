"""Figures as a table of comma-separated values (RFC 4180), read and written piece by piece."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from consentry.statistics.charts import Chart
from consentry.statistics.model import LinePlace, Query, Step
from consentry.statistics.reading import cameras_since
from consentry.statistics.rules import instant, minute_of, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from consentry.platform.database import Database
    from consentry.platform.settings.model import Settings
    from consentry.statistics.model import Bar, Figure

__all__ = ["Table"]

COLUMNS = ("start", "minutes", "camera", "line", "state", "coverage", "in", "in_low", "in_high", "out", "out_low", "out_high", "groups_in", "groups_out")


@dataclass(frozen=True, slots=True)
class Table:
    """One row for each bar of each line, day after day, from the first day of its cameras on. A missing or closed bar has a row without figures."""

    database: Database
    settings: Settings
    query: Query
    now: datetime

    def rows(self) -> Iterator[str]:
        """Yield the heading and the rows; each day is read in a state of its own."""
        yield _as_text([COLUMNS])
        zone = ZoneInfo(self.settings.site.zone)
        for day in spans(self._begin(), minute_of(min(self.query.end, self.now)), Step.DAY, zone):
            start, end = max(instant(day.start), self.query.start), min(instant(day.end), self.query.end)
            with self.database.reading() as session:
                yield self._piece(Chart(session, self.settings, self.now), start, end, zone)

    def _begin(self) -> int:
        """Return the minute at which rows begin: before the first report of a camera there is nothing that could be missing."""
        with self.database.reading() as session:
            known = cameras_since(session, {place.camera for place in self.query.lines}).values()
        return max(minute_of(self.query.start), min(known, default=minute_of(self.now)))

    def _piece(self, chart: Chart, start: datetime, end: datetime, zone: ZoneInfo) -> str:
        layout = chart.layout(start, end, self.query.step)
        if not layout.spans:
            return ""
        lines = chart.by_line(layout, self.query.step, self.query.lines)
        return _as_text(_row(place, bar, zone) for place, _, bars in lines for bar in bars)


def _row(place: LinePlace, bar: Bar, zone: ZoneInfo) -> tuple[object, ...]:
    groups = (found.value if found else None for found in (bar.groups_in, bar.groups_out))
    start = bar.start.astimezone(zone).isoformat()
    return (start, bar.minutes, place.camera, place.line, bar.state.value, round(bar.coverage, 4), *_cells(bar.entered), *_cells(bar.left), *groups)


def _cells(figure: Figure | None) -> tuple[int | None, int | None, int | None]:
    return (figure.value, figure.low, figure.high) if figure else (None, None, None)


def _as_text(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
