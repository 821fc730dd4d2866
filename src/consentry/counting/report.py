"""What is written down of a count: numbers per line, zone and interval, and nothing about any one person.

The schema is closed: no box, picture, track, position or embedding has a place in it (``docs/counting.md`` lists every field).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from consentry.counting.folds import line_totals, minutes, roll_up, zone_totals

if TYPE_CHECKING:
    from consentry.counting.folds import EventLog, Interval, LineCount

__all__ = ["COLUMNS", "LONG_INTERVAL", "CountReport", "as_csv", "as_document"]

LONG_INTERVAL = 15
"""Minutes of the longer of the two intervals reported; the shorter is one minute."""

COLUMNS = ("start", "minutes", "state", "coverage", "kind", "id", "in", "out", "groups_in", "groups_out", "visits", "max_occupancy")


@dataclass(frozen=True, slots=True)
class CountReport:
    """One finished count. ``frames_per_second`` is how fast it was counted, per second of the wall clock."""

    source: str
    detector: str
    frames: int
    frames_per_second: float
    log: EventLog
    sign: str | None = None
    warnings: list[str] = field(default_factory=list)


def as_document(report: CountReport) -> dict[str, Any]:
    """Return the report as the JSON document of ``consentry count --json``."""
    log = report.log
    document: dict[str, Any] = {
        "source": report.source,
        "frames": report.frames,
        "duration_s": round(log.end - log.start, 3),
        "frames_per_second": round(report.frames_per_second, 2),
        "detector": report.detector,
        "lines": [_line(count) for count in line_totals(log)],
        "zones": [
            {
                "id": zone.id,
                "visits": zone.visits,
                "max_occupancy": zone.max_occupancy,
                "dwell_s": {"p50": _tenth(zone.dwell_p50), "p90": _tenth(zone.dwell_p90)},
            }
            for zone in zone_totals(log)
        ],
        "intervals": [_interval(row) for row in _intervals(log)],
        "warnings": report.warnings,
    }
    if report.sign is not None:
        document["sign"] = report.sign
    return document


def as_csv(report: CountReport) -> str:
    """Return the intervals as CSV (RFC 4180): one row per interval and line or zone; a missing or closed interval has empty figures."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    table.writeheader()
    log = report.log
    for row in _intervals(log):
        head = {"start": f"{row.start:.0f}", "minutes": row.minutes, "state": row.state, "coverage": round(row.coverage, 4)}
        figures = {("line", count.id): _line(count) for count in row.lines}
        figures |= {("zone", zone.id): {"visits": zone.visits, "max_occupancy": zone.max_occupancy} for zone in row.zones}
        for kind, id_ in [*(("line", line) for line in log.lines), *(("zone", zone) for zone in log.zones)]:
            table.writerow({**head, "kind": kind, **figures.get((kind, id_), {}), "id": _plain_cell(id_)})
    return text.getvalue()


def _intervals(log: EventLog) -> list[Interval]:
    short = minutes(log)
    return [*short, *roll_up(short, LONG_INTERVAL)]


def _interval(row: Interval) -> dict[str, Any]:
    return {
        "start": row.start,
        "minutes": row.minutes,
        "state": str(row.state),
        "coverage": round(row.coverage, 4),
        "lines": [_line(count) for count in row.lines],
        "zones": [{"id": zone.id, "visits": zone.visits, "max_occupancy": zone.max_occupancy} for zone in row.zones],
    }


def _line(count: LineCount) -> dict[str, Any]:
    return {"id": count.id, "in": count.entered, "out": count.left, "groups_in": count.groups_in, "groups_out": count.groups_out}


def _tenth(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _plain_cell(text: str) -> str:
    # A spreadsheet runs a cell that begins like a formula; the apostrophe makes it text (OWASP, CSV injection).
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text
