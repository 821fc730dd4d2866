"""``consentry evaluate detection``: measure the detection of faces against annotated pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from consentry.cli.face_options import face_detector_option
from consentry.cli.options import threads_option
from consentry.vision.faces.detectors import DEFAULT_SCORE, open_face_detector, open_tiled_faces
from consentry.vision.faces.evaluate_detection import as_document, interval, matched, missed, read_boxes, scored
from consentry.vision.faces.evaluation import check_pictures, read_picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from consentry.vision.faces.evaluate_detection import DetectionScores, PictureMatch
    from consentry.vision.faces.model import FaceDetector

__all__ = ["evaluate_detection"]


@click.command("detection")
@click.option("--images", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the pictures.")
@click.option("--boxes", required=True, type=click.Path(path_type=Path), help="JSON: for each picture its faces, x1 y1 x2 y2 in pixels.")
@face_detector_option
@click.option("--tiles/--no-tiles", default=True, show_default=True, help="Look in enlarged, overlapping tiles, or once at the picture's own size.")
@click.option("--score", type=click.FloatRange(0, 1), help="Faces scored lower are left out. Default: what suits the detector.")
@threads_option
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead of a table.")
def evaluate_detection(*, folder: Path, boxes: Path, detector: str, tiles: bool, score: float | None, threads: int, for_machines: bool) -> None:
    """Find the faces of annotated pictures: recall by size, and precision.

    A face is found where a detection overlaps it by 0.4 of their union; each detection finds one face.
    A picture that cannot be decoded counts with all its faces missed.
    """
    annotated = read_boxes(boxes)
    check_pictures((folder / name for name in annotated), "Give the folder of the annotated pictures")
    finder = _finder(detector, tiles=tiles, score=score, threads=threads)
    scores = scored(_match(folder / name, boxes, finder) for name, boxes in annotated.items())
    if for_machines:
        click.echo(json.dumps(as_document(scores), ensure_ascii=False))
    else:
        _print_scores(scores, finder.name)


def _finder(name: str, *, tiles: bool, score: float | None, threads: int) -> FaceDetector:
    if tiles:
        return open_tiled_faces(name, threads=threads, low_score=score)
    return open_face_detector(name, threads=threads, low_score=DEFAULT_SCORE if score is None else score)


def _match(path: Path, boxes: NDArray[np.float32], finder: FaceDetector) -> PictureMatch:
    picture = read_picture(path)
    return missed(boxes) if picture is None else matched(boxes, finder.detect(picture))


def _print_scores(scores: DetectionScores, name: str) -> None:
    table = Table("width, pixels", "faces", "found", "recall", title=name)
    for row in scores.by_size:
        table.add_row(f"{row.low} to {'any' if row.high is None else row.high}", str(row.boxes), str(row.found), _percent(row.recall))
    console = Console()
    console.print(table)
    if scores.failed:
        console.print(f"Pictures that could not be decoded, all their faces missed: {scores.failed} of {scores.images}.", highlight=False)
    counted = scores.counted_sizes
    low, high = interval(counted.found, counted.boxes)
    console.print(f"Recall from {counted.low} pixels: {_percent(counted.recall)}, 95 % interval {low:.1%} to {high:.1%}.", highlight=False)
    low, high = interval(counted.found, scores.detections)
    console.print(f"Precision from {counted.low} pixels: {_percent(scores.precision)}, 95 % interval {low:.1%} to {high:.1%}.", highlight=False)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
