"""``python -m bench [NAME...]``: runs benchmarks; each prints one table and writes one JSON file."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from bench.machine import this_machine
from bench.material import Material
from bench.processes import ROOT
from bench.report import as_table, write
from consentry.platform.errors import DatasetError, InputError, MissingPartError, ModelError

if TYPE_CHECKING:
    from bench.report import Report

NAMES = (
    "speed",
    "streams",
    "counting",
    "tracking",
    "detectors",
    "footfall",
    "ledger",
    "redaction",
    "gallery",
    "unlinkability",
    "station",
    "embedding",
    "attribution",
    "doors",
    "door-day",
)
ALONE = ("soak",)
"""Benchmarks of hours, which run only by name."""
WIDTH = 150
"""Columns of a table that goes to a file."""


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice((*NAMES, *ALONE)))
@click.option("--short", is_flag=True, help="Measure quickly and roughly.")
@click.option("--json", "folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), default=ROOT / "out" / "bench", help="Write NAME.json here.")
@click.option(
    "--shared",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT.parent / "shared",
    help="Real clips with known truth, and models (default: ../shared).",
)
@click.option(
    "--handling",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Seconds that people's hands take at doors (TOML), instead of what door-day assumes.",
)
def bench(names: tuple[str, ...], folder: Path, shared: Path, handling: Path | None, *, short: bool) -> None:
    """Measure Consentry beside its peers. Without a NAME, all of them.

    speed, streams, counting, tracking, detectors, footfall, ledger, redaction, gallery, unlinkability, station, embedding, attribution, doors, door-day.

    soak, two hours of a camera worker's memory, runs by name alone.
    """
    if (shared / "models").is_dir():
        os.environ.setdefault("CONSENTRY_MODELS", str((shared / "models").resolve()))
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    with tempfile.TemporaryDirectory(prefix="consentry-bench-") as work:
        material = Material(shared.resolve(), Path(work), short, handling)
        for name in names or NAMES:
            _run(name, material, folder, console)


def _run(name: str, material: Material, folder: Path, console: Console) -> None:
    machine = this_machine()
    try:
        report: Report = import_module(f"bench.{name.replace('-', '_')}").measure(material)
    except (DatasetError, MissingPartError, ModelError) as error:
        console.print(f"{name}: skipped. {error}", markup=False)
        return
    except InputError as error:
        raise click.UsageError(str(error)) from error
    console.print(as_table(report))
    path = folder / f"{name}.json"
    write(report, machine, path)
    console.print(f"written: {path}", markup=False, highlight=False)


if __name__ == "__main__":
    bench(prog_name="python -m bench")
