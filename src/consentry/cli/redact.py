"""``consentry redact``: make every face in a picture or a recording irreversible."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from consentry.cli.face_options import face_detector_option
from consentry.cli.options import threads_option
from consentry.vision.redaction.service import redact_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consentry.vision.redaction.model import Step, Summary

__all__ = ["redact"]

_REDRAW_EVERY = 0.2


@click.command("redact")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@face_detector_option
@click.option("--tiles/--no-tiles", default=None, help="Look in enlarged, overlapping tiles: finds the tiniest faces, takes longer. Default: for pictures.")
@click.option("--keep-audio", is_flag=True, help="Keep the sound of a video. Voices tell who people are, so it is dropped otherwise.")
@threads_option
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of a sentence.")
def redact(*, source: Path, target: Path, detector: str, tiles: bool | None, keep_audio: bool, threads: int, for_machines: bool) -> None:
    """Write a copy of the picture or video IN to OUT in which every face is painted over.

    For footage that is to be published. What is under the paint is gone for good, and neither titles, places nor other data
    of the file are carried over. No detector finds every face: look at the copy before you publish it.
    """
    with _bar(source, plain=for_machines) as progress:
        summary = redact_file(source, target, detector, tiles=tiles, keep_sound=keep_audio, threads=threads, progress=progress)
    if for_machines:
        click.echo(json.dumps({"in": str(source), "out": str(target), **asdict(summary)}, ensure_ascii=False))
    else:
        _print(summary, target)


@contextmanager
def _bar(source: Path, *, plain: bool) -> Iterator[Callable[[Step], None]]:
    """Give what shows how far the work is: a bar on stderr where that is a terminal, nothing elsewhere."""
    shown = sys.stderr.isatty() and not plain
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    drawn = 0.0
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown) as bar:
        task = bar.add_task(source.name, total=None)

        def update(step: Step) -> None:
            nonlocal drawn
            if monotonic() - drawn >= _REDRAW_EVERY:
                drawn = monotonic()
                bar.update(task, description=f"{source.name}: {step.part}", total=None if step.share is None else 1.0, completed=step.share or 0.0)

        yield update


def _print(summary: Summary, target: Path) -> None:
    console = Console()
    found = f"{summary.faces} faces covered" if summary.frames == 1 else f"{summary.tracks} faces covered in {summary.frames} frames"
    sound = "" if summary.sound == "none" else f", sound {summary.sound}"
    console.print(f"{found} ({summary.detector}{sound}). Written to {target}. Look at it before you publish it.", markup=False, highlight=False, soft_wrap=True)
    for warning in summary.warnings:
        console.print(Text.assemble(("warning:", "yellow"), f" {warning}"), soft_wrap=True)
