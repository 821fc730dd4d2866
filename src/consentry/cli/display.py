"""What a count looks like on a terminal: progress and live figures while it runs, a table when it is done."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from consentry.counting.folds import line_totals, zone_totals

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from rich.console import RenderableType

    from consentry.counting import service
    from consentry.counting.folds import EventLog
    from consentry.counting.report import CountReport
    from consentry.video.model import FrameSource

__all__ = ["CountDisplay", "print_report"]

_REDRAW_EVERY = 0.25


class CountDisplay:
    """A progress bar and the counts so far, on stderr, only where that is a terminal; silent otherwise."""

    def __init__(self, source: FrameSource, detector: str, *, plain: bool = False) -> None:
        """``plain``: never draw."""
        self._source = source
        self._title = f"{source.spec} · {detector}"
        self._bar = _live_bar() if source.live else _file_bar()
        self._task = self._bar.add_task("", total=source.duration)
        shown = sys.stderr.isatty() and not plain
        self._live = Live(console=Console(stderr=True), auto_refresh=False, transient=True) if shown else None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave the terminal clean."""
        if self._live:
            self._live.stop()

    def update(self, step: service.Progress) -> None:
        """Show where the count stands, a few times a second."""
        now = monotonic()
        if self._live is None or now - self._drawn < _REDRAW_EVERY:
            return
        self._drawn = now
        health = self._source.health
        state = f"{health.state}: {health.reason}" if self._source.live else ""
        self._bar.update(self._task, completed=step.frame.time if step.frame else None, description=state)
        figures = [_figures(step.counter.log(), self._title)] if step.counter else []
        self._live.update(Group(*figures, self._bar), refresh=True)


def print_report(report: CountReport, *, default_line: bool, out: Path | None) -> None:
    """Print the finished count on stdout."""
    console = Console()
    log = report.log
    console.print(_figures(log, f"{report.source} · {report.detector}"))
    seconds = log.end - log.start
    console.print(f"{report.frames} frames, {seconds:.1f} s, counted at {report.frames_per_second:.0f} frames a second.")
    if default_line:
        console.print("No line was given, so a vertical one in the middle counted. Draw your own: --line NAME=x1,y1,x2,y2", soft_wrap=True)
    for warning in report.warnings:
        console.print(Text.assemble(("warning:", "yellow"), f" {warning}"), soft_wrap=True)
    if out:
        console.print(f"Written to {out}/", soft_wrap=True, markup=False)


def _figures(log: EventLog, title: str) -> Group:
    parts: list[RenderableType] = [Text(title, style="bold", overflow="fold")]
    if log.lines:
        table = _table("line", "in", "out", "groups in", "groups out")
        for line in line_totals(log):
            table.add_row(Text(line.id), *map(str, (line.entered, line.left, line.groups_in, line.groups_out)))
        parts.append(table)
    if log.zones:
        table = _table("zone", "visits", "most at once", "dwell p50", "dwell p90")
        for zone in zone_totals(log):
            table.add_row(Text(zone.id), str(zone.visits), str(zone.max_occupancy), _seconds(zone.dwell_p50), _seconds(zone.dwell_p90))
        parts.append(table)
    return Group(*parts)


def _table(name: str, *figures: str) -> Table:
    table = Table()
    table.add_column(name)
    for figure in figures:
        table.add_column(figure, justify="right")
    return table


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _file_bar() -> Progress:
    return Progress(BarColumn(), TaskProgressColumn(), TimeRemainingColumn())


def _live_bar() -> Progress:
    return Progress(TextColumn("{task.description}", markup=False), TimeElapsedColumn())
