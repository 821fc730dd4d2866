"""``consentry evaluate verification`` and ``identification``: how well faces are told apart, on research data and away from any site.

This process has no keys and no records. It prints rates and thresholds; no picture, no vector and no single score leaves it.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from consentry.cli.face_options import face_detector_option
from consentry.cli.options import threads_option
from consentry.cli.recognition_reports import calibration_of, identification_document, verification_document
from consentry.cli.site_data import refuse_site_data
from consentry.platform.durable import write_atomically
from consentry.platform.errors import InputError
from consentry.recognition.calibration import calibration_text, rate_name
from consentry.vision.faces.align import CHIP_LAYOUTS
from consentry.vision.faces.chain import PortraitChain, open_looks
from consentry.vision.faces.det_curve import check_drawing, draw_curve
from consentry.vision.faces.embedders import EMBEDDERS, open_embedder
from consentry.vision.faces.evaluation import check_pictures, face_prints
from consentry.vision.faces.identification import identification
from consentry.vision.faces.pairs import read_pairs
from consentry.vision.faces.verification import REPORTED_RATES, verification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consentry.recognition.calibration import Calibration
    from consentry.vision.faces.all_pairs import FacePrints
    from consentry.vision.faces.identification import IdentificationPoint
    from consentry.vision.faces.intervals import Interval
    from consentry.vision.faces.pairs import PairList
    from consentry.vision.faces.verification import Verification

__all__ = ["evaluate_identification", "evaluate_verification"]

_FILE_MODE = 0o644

images_option = click.option("--images", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of NAME/NAME_0001.jpg.")
pairs_option = click.option("--pairs", "pairs_file", required=True, type=click.Path(path_type=Path), help="The pairs, in the form of LFW's pairs.txt.")
embedder_option = click.option("--embedder", type=click.Choice(EMBEDDERS), default=EMBEDDERS[0], show_default=True, help="What makes vectors of faces.")
as_json = click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of a table.")


@click.command("verification")
@images_option
@pairs_option
@face_detector_option
@embedder_option
@threads_option
@click.option("--calibration", "calibration", type=click.Path(path_type=Path, dir_okay=False), metavar="OUT", help="Write the thresholds here, not yet signed.")
@click.option("--det", "curve", type=click.Path(path_type=Path, dir_okay=False), metavar="PNG", help="Draw the detection error trade-off curve here.")
@as_json
def evaluate_verification(
    *, images: Path, pairs_file: Path, detector: str, embedder: str, threads: int, calibration: Path | None, curve: Path | None, for_machines: bool
) -> None:
    """Compare pairs of pictures end to end: detect, align, embed. Accuracy, and errors at false match rates from all pairs of the pictures.

    Each picture counts with the face nearest to its middle. A picture without a face counts as an error in every figure.
    """
    if curve is not None:
        check_drawing()
    listed = _listed(images, pairs_file)
    prints, name = _prints(images, listed, (detector, embedder), threads, plain=for_machines)
    found = verification(listed, prints)
    if curve is not None:
        draw_curve(found.compared, f"{embedder}, {name}: {found.compared.impostors} impostor pairs", curve)
    if calibration is not None:
        _keep(calibration_of(found, listed, images.resolve().name, name, embedder), calibration)
    if for_machines:
        click.echo(json.dumps({**verification_document(found), "detector": name, "embedder": embedder}))
    else:
        _print_verification(found, f"{embedder}, {name}")


@click.command("identification")
@images_option
@pairs_option
@face_detector_option
@embedder_option
@threads_option
@as_json
def evaluate_identification(*, images: Path, pairs_file: Path, detector: str, embedder: str, threads: int, for_machines: bool) -> None:
    """Search for people in galleries of growing size: how often a stranger is found (FPIR), how often the right one is not (FNIR).

    Uses every picture that the list of pairs names, once.
    """
    listed = _listed(images, pairs_file)
    prints, name = _prints(images, listed, (detector, embedder), threads, plain=for_machines)
    points = identification(prints)
    if for_machines:
        click.echo(json.dumps({**identification_document(points, prints), "detector": name, "embedder": embedder}))
    else:
        _print_identification(points, f"{embedder}, {name}")


def _listed(images: Path, pairs_file: Path) -> PairList:
    """Read the list, and refuse pictures that are missing or a site's."""
    listed = read_pairs(pairs_file)
    paths = [portrait.path(images) for portrait in listed.portraits]
    check_pictures(paths, "Give the folder that holds NAME/NAME_0001.jpg")
    refuse_site_data([images, pairs_file, *paths])
    return listed


def _prints(images: Path, listed: PairList, names: tuple[str, str], threads: int, *, plain: bool) -> tuple[FacePrints, str]:
    """Return the vectors of every picture, and the name of the detector that ``auto`` stood for; ``names``: detector, embedder."""
    detector, family = names
    looks = open_looks(detector, threads=threads)
    chain = PortraitChain(looks, CHIP_LAYOUTS[family])
    with _progress(len(listed.portraits), plain=plain) as advance:
        return face_prints(images, listed.portraits, chain, open_embedder(family, threads=threads), advance), looks.name


@contextmanager
def _progress(total: int, *, plain: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal; elsewhere, and for machines, show nothing."""
    console = Console(stderr=True)
    columns = (TextColumn("pictures"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=plain or not console.is_terminal) as bar:
        task = bar.add_task("pictures", total=total)
        yield lambda done: bar.update(task, completed=done)


def _keep(calibration: Calibration, path: Path) -> None:
    try:
        write_atomically(path, calibration_text(calibration).encode(), mode=_FILE_MODE)
    except OSError as error:
        raise InputError("input.file", str(path), error.strerror or "it cannot be written", "Give a place that exists.") from error


def _print_verification(found: Verification, title: str) -> None:
    table = Table("FMR", "threshold", "FNMR", "95 % interval", title=title)
    for rate in REPORTED_RATES:
        point = found.point(rate)
        if point is not None:
            table.add_row(rate_name(rate), f"{point.threshold:.4f}", f"{point.fnmr:.2%}", _shown(point.fnmr_interval))
    console = Console()
    console.print(table)
    sentences = [f"Accuracy of {found.pairs} pairs: {found.accuracy:.2%} ({_shown(found.accuracy_interval)}). AUC {found.auc:.5f}."]
    sentences += [f"Pictures without a face: {found.failed}. Impostor pairs: {found.compared.impostors}; genuine pairs: {len(found.compared.genuine)}."]
    sentences += [f"No figure at {rate_name(rate)}: {reason}." for rate, reason in found.refused]
    for sentence in sentences:
        console.print(sentence, highlight=False)


def _print_identification(points: tuple[IdentificationPoint, ...], title: str) -> None:
    table = Table("gallery", "FPIR", "FNIR", "95 % interval", "mated", "non-mated", title=title)
    for point in points:
        fnir = "–" if point.fnir is None else f"{point.fnir:.2%}"
        table.add_row(str(point.gallery), f"{point.fpir:g}", fnir, _shown(point.interval), str(point.mated), str(point.non_mated))
    console = Console()
    console.print(table)
    for reason in dict.fromkeys(f"No figure at an FPIR of {point.fpir:g}: {point.refused}." for point in points if point.refused):
        console.print(reason, highlight=False)


def _shown(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.2%} to {interval.high:.2%}"
