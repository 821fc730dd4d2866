"""The site since midnight, each line by quarters of an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.statistics.model import Bar, LinePlace, LineToday, Overview, Query, Step
from consentry.statistics.rules import instant, minute_of, span_start, total_of
from consentry.statistics.selection import visitor_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from consentry.statistics.charts import Chart
    from consentry.statistics.model import Band

__all__ = ["overview_of"]


def overview_of(chart: Chart) -> Overview:
    """Return the sum of the entrances, people inside, and every line that visitors cross."""
    now = minute_of(chart.now)
    midnight = span_start(now, Step.DAY, chart.zone)
    day = instant(midnight)
    if now == midnight:
        return Overview(day, chart.nothing(Step.QUARTER, day, ()).total, None, 0, ())
    total = chart.series(Query(day, chart.now, Step.QUARTER)).total
    latest = chart.occupancy(day, chart.now).points[-1]
    return Overview(day, total, latest.inside, latest.drift, _lines(chart, day))


def _lines(chart: Chart, day: datetime) -> tuple[LineToday, ...]:
    layout = chart.layout(day, chart.now, Step.QUARTER)
    return tuple(_line(*found) for found in chart.by_line(layout, Step.QUARTER, visitor_lines(chart.settings)))


def _line(place: LinePlace, band: Band, bars: Sequence[Bar]) -> LineToday:
    total = total_of(bars, band)
    quarters = tuple(bar.entered.value if bar.entered else None for bar in bars)
    return LineToday(place, total.state, total.coverage, total.entered, total.left, quarters)
