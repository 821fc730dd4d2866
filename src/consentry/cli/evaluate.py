"""``consentry evaluate``: measure counting, tracking and the detection of faces against data with known truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consentry.cli.display import CountDisplay
from consentry.cli.evaluate_faces import evaluate_detection
from consentry.cli.evaluate_liveness import evaluate_liveness
from consentry.cli.evaluate_recognition import evaluate_identification, evaluate_verification
from consentry.cli.options import DETECTION_SIDE, detector_option, threads_option
from consentry.counting.evaluate import compare, read_manifest, summarise
from consentry.counting.mot import find_sequences, read_sequence, score, track
from consentry.counting.service import count_source
from consentry.platform.errors import GeometryError
from consentry.video.sources import open_source
from consentry.vision.persons.select import open_watcher

if TYPE_CHECKING:
    from consentry.counting.evaluate import ClipResult, Evaluation, TrueClip
    from consentry.counting.mot import TrackingScores

__all__ = ["evaluate"]

as_json = click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of a table.")


@click.group("evaluate")
def evaluate() -> None:
    """Measure counting, tracking and the detection of faces against data with known truth."""


evaluate.add_command(evaluate_detection)
evaluate.add_command(evaluate_liveness)
evaluate.add_command(evaluate_verification)
evaluate.add_command(evaluate_identification)


@evaluate.command("counting")
@click.argument("manifest", type=click.Path(path_type=Path))
@click.option("--clips", type=click.Path(path_type=Path), help="Where the clips are, if not beside the manifest.")
@detector_option
@threads_option
@as_json
def evaluate_counting(manifest: Path, clips: Path | None, detector: str, threads: int, for_machines: bool) -> None:
    """Count the clips of MANIFEST and compare with its true counts, per line and direction."""
    entries = read_manifest(manifest, clips)
    result = summarise([_counted(clip, detector, threads, plain=for_machines) for clip in entries])
    if for_machines:
        click.echo(json.dumps(_counting_document(result), ensure_ascii=False))
    else:
        _print_counting(result)


def _counted(clip: TrueClip, detector: str, threads: int, *, plain: bool) -> ClipResult:
    watcher = open_watcher(detector, threads=threads, longest_side=DETECTION_SIDE)
    with open_source(str(clip.path), longest_side=DETECTION_SIDE) as source, CountDisplay(source, watcher.name, plain=plain) as display:
        try:
            report, _ = count_source(source, watcher, clip.plan, on_progress=display.update)
        except GeometryError as error:
            # Lines of many clips often have the same name.
            raise GeometryError(error.code, f"{clip.path.name}, {error.subject}", error.problem, error.mend) from None
    return compare(clip, report.log)


def _counting_document(result: Evaluation) -> dict[str, Any]:
    return {
        "clips": [
            {"file": clip.file, "lines": [{"id": line.id, "truth": _both(line.truth), "counted": _both(line.counted)} for line in clip.lines]}
            for clip in result.clips
        ],
        "absolute_error": result.absolute_error,
        "total": result.total,
        "error_rate": round(result.error_rate, 6),
        "interval": [round(bound, 6) for bound in result.interval],
    }


def _both(pair: tuple[int, int]) -> dict[str, int]:
    return {"in": pair[0], "out": pair[1]}


def _print_counting(result: Evaluation) -> None:
    table = Table("clip", "line", "true in", "in", "true out", "out", "error")
    for clip in result.clips:
        for line in clip.lines:
            figures = (line.truth[0], line.counted[0], line.truth[1], line.counted[1], line.error)
            table.add_row(Text(clip.file), Text(line.id), *map(str, figures))
    console = Console()
    console.print(table)
    low, high = result.interval
    console.print(
        f"Error {result.absolute_error} of {result.total} crossings: {result.error_rate:.1%}, 95 % interval {low:.1%} to {high:.1%}.", highlight=False
    )


@evaluate.command("tracking")
@click.argument("folder", type=click.Path(path_type=Path))
@as_json
def evaluate_tracking(folder: Path, for_machines: bool) -> None:
    """Track the detections of MOTChallenge sequences in FOLDER and score the tracks: HOTA, IDF1, MOTA, identity switches."""
    scores = {}
    for path in find_sequences(folder):
        sequence = read_sequence(path)
        scores[sequence.name] = score(sequence, track(sequence))
    if for_machines:
        click.echo(json.dumps({"sequences": [{"name": name, **_document(found)} for name, found in scores.items()]}))
    else:
        table = Table("sequence", "HOTA", "IDF1", "MOTA", "id switches")
        for name, found in scores.items():
            table.add_row(Text(name), f"{found.hota:.1%}", f"{found.idf1:.1%}", f"{found.mota:.1%}", str(found.id_switches))
        Console().print(table)


def _document(found: TrackingScores) -> dict[str, Any]:
    return {"HOTA": round(found.hota, 6), "IDF1": round(found.idf1, 6), "MOTA": round(found.mota, 6), "id_switches": found.id_switches}
