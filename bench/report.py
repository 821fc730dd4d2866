"""What a benchmark found: one table for people, one JSON document for machines."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.machine import Machine

__all__ = ["Cell", "Report", "as_table", "write"]

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A table with its ``title``, ``columns`` and ``rows``, remarks under it, and ``details`` (JSON) that the table leaves out."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


def as_table(report: Report) -> Table:
    """Return the report as a table: numbers to the right, three significant digits or more; None stays empty."""
    table = Table(title=report.title, caption="\n".join(report.notes) or None, box=box.SIMPLE_HEAD, title_justify="left", caption_justify="left")
    for index, column in enumerate(report.columns):
        numeric = any(isinstance(row[index], int | float) for row in report.rows)
        table.add_column(column, justify="right" if numeric else "left")
    for row in report.rows:
        table.add_row(*map(_shown, row))
    return table


def write(report: Report, machine: Machine, path: Path) -> None:
    """Write the report and the machine it was made on to ``path`` as JSON, with the rows as one object each."""
    rows = [dict(zip(report.columns, row, strict=True)) for row in report.rows]
    document = {"title": report.title, "machine": asdict(machine), "rows": rows, "notes": report.notes, "details": dict(report.details)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.3f}" if abs(cell) < 1 else f"{cell:.2f}" if abs(cell) < 100 else f"{cell:.0f}"  # noqa: PLR2004 - digits shown
    return str(cell)
