"""Counting error on clips with known truth, and on lines that nobody has tuned anything on, beside supervision with five trackers.

The error of a line is the difference from the truth in each direction, without its sign; the error rate is the sum of the errors over the sum of
the true crossings. Each peer is shown in the best of its settings, chosen with the truth at hand; ours has only one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bench.lines import foot_paths, random_lines
from bench.material import PETS, RECOMMENDED, as_request, weights
from bench.processes import OURS, PEERS, ask, cores
from bench.report import Report
from consentry.counting.counter import Plan
from consentry.counting.evaluate import ClipResult, LineResult, TrueClip, summarise
from consentry.counting.mot import read_sequence
from consentry.video.sources import open_source
from consentry.vision.persons.select import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.material import Material
    from bench.report import Cell
    from consentry.counting.evaluate import Evaluation

    Counts = dict[tuple[Path, str], tuple[int, int]]

__all__ = ["TRACKERS", "measure"]

TRACKERS = ("ByteTrackTracker", "SORTTracker", "OCSORTTracker", "BoTSORTTracker", "CBIoUTracker")
SCORES, THRESHOLDS = (0.1, 0.3), (1, 3)
SIZE, SCALE = (480, 360), 0.625
"""The PETS clip's picture, and its size over that of the pictures the truth was drawn on."""
RANDOM_LINES, SHORT_RANDOM_LINES, SEED = 100, 20, 2026


@dataclass(frozen=True, slots=True)
class Counted:
    """What one side counted with one choice of settings: in and out by clip and line."""

    side: str
    settings: str
    counts: Counts


def measure(material: Material) -> Report:
    """Count the lines of each table with each detector and with each peer."""
    tables = _tables(material)
    clips = _merged(tables)
    detections = {clip.path: _detections(clip.path, material.work) for clip in clips}
    counted = [*_ours(clips, short=material.short), _same_boxes(clips, detections), *_peers(clips, detections)]
    results = [(name, _best(table, counted, side)) for name, table in tables.items() for side in dict.fromkeys(each.side for each in counted)]
    notes = (
        "Consentry: as it counts a clip. Same boxes: on the detections that the peers get, RTMDet on every whole picture.",
        f"Peers: LineZone of supervision; the best of lowest scores {SCORES} and minimum_crossing_threshold {THRESHOLDS} for each table.",
    )
    columns = ("lines", "counted with", "settings", "error", "of", "error %", "95 % low", "95 % high")
    details = [{"lines": name, "side": best.side, "settings": best.settings, **asdict(evaluation)} for name, (best, evaluation) in results]
    return Report("Counting error", columns, tuple(_row(name, *result) for name, result in results), notes, {"results": details})


def _tables(material: Material) -> dict[str, list[TrueClip]]:
    """Return the lines of the truth file and, on its PETS clip, random lines."""
    clips = material.true_clips()
    paths = foot_paths(read_sequence(material.real("tracking", PETS)).truth, SCALE, SIZE)
    chosen = random_lines(paths, SIZE, SHORT_RANDOM_LINES if material.short else RANDOM_LINES, SEED)
    pets = TrueClip(clips[0].path, Plan(tuple(line for line, _ in chosen)), {line.id: truth for line, truth in chosen})
    return {"truth.json": clips, f"{len(chosen)} random": [pets]}


def _merged(tables: dict[str, list[TrueClip]]) -> list[TrueClip]:
    """Return each clip once, with the lines of all tables, so that it is counted once."""
    merged: dict[Path, TrueClip] = {}
    for clip in (clip for clips in tables.values() for clip in clips):
        known = merged.get(clip.path, TrueClip(clip.path, Plan(), {}))
        merged[clip.path] = TrueClip(clip.path, Plan(known.plan.lines + clip.plan.lines), known.truth | clip.truth)
    return list(merged.values())


def _detections(clip: Path, work: Path) -> Path:
    """Find the people of a clip for everybody who counts on the same detections."""
    weights()
    out = work / f"{clip.stem}-people.npz"
    ask(OURS, "bench.workers.detect_people", {"clip": str(clip), "detector": RECOMMENDED, "out": str(out)}, cores())
    return out


def _ours(clips: Sequence[TrueClip], *, short: bool) -> Iterator[Counted]:
    for detector in (RECOMMENDED,) if short else DETECTORS:
        counts: Counts = {}
        for clip in clips:
            request = {"clip": str(clip.path), "detector": detector, "threads": len(cores()), "gated": True, "limit": None}
            answer = ask(OURS, "bench.workers.count_clip", {**request, "lines": as_request(clip.plan.lines)}, cores())
            counts |= _by_line(clip, answer["counts"])
        yield Counted(f"Consentry, {detector}", "", counts)


def _same_boxes(clips: Sequence[TrueClip], detections: dict[Path, Path]) -> Counted:
    counts: Counts = {}
    for clip in clips:
        with open_source(str(clip.path)) as source:
            size = source.size
        request = {"detections": str(detections[clip.path]), "size": [size.width, size.height], "lines": as_request(clip.plan.lines)}
        counts |= _by_line(clip, ask(OURS, "bench.workers.count_lines", request, cores())["counts"])
    return Counted("Consentry, same boxes", "", counts)


def _peers(clips: Sequence[TrueClip], detections: dict[Path, Path]) -> list[Counted]:
    """Count with every tracker and every choice of settings."""
    counted: dict[tuple[str, str], Counts] = {}
    for clip in clips:
        choice = {"trackers": TRACKERS, "scores": SCORES, "thresholds": THRESHOLDS}
        request = {"detections": str(detections[clip.path]), "lines": as_request(clip.plan.lines), **choice}
        for entry in ask(PEERS, "bench.peers.count_lines", request, cores())["counts"]:
            settings = f"score {entry['score']}, threshold {entry['threshold']}"
            counted.setdefault((entry["tracker"], settings), {}).update(_by_line(clip, entry["lines"]))
    return [Counted(tracker.removesuffix("Tracker"), settings, counts) for (tracker, settings), counts in counted.items()]


def _by_line(clip: TrueClip, counts: list[tuple[int, int]]) -> Counts:
    return {(clip.path, line.id): (entered, left) for line, (entered, left) in zip(clip.plan.lines, counts, strict=True)}


def _best(table: Sequence[TrueClip], counted: Sequence[Counted], side: str) -> tuple[Counted, Evaluation]:
    """Return what one side counted with the settings that suit the table best, and how well it did."""
    evaluated = [(each, _evaluated(table, each.counts)) for each in counted if each.side == side]
    return min(evaluated, key=lambda pair: pair[1].absolute_error)


def _evaluated(table: Sequence[TrueClip], counts: Counts) -> Evaluation:
    return summarise(
        [ClipResult(clip.path.name, tuple(LineResult(line.id, clip.truth[line.id], counts[clip.path, line.id]) for line in clip.plan.lines)) for clip in table]
    )


def _row(table: str, counted: Counted, evaluation: Evaluation) -> tuple[Cell, ...]:
    low, high = evaluation.interval
    error = (evaluation.absolute_error, evaluation.total, 100 * evaluation.error_rate, 100 * low, 100 * high)
    return (table, counted.side, counted.settings, *error)
