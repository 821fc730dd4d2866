"""Tracking quality on the sequences of MOTChallenge 2015 at hand, beside the trackers of ``trackers`` on the same detections."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.counting import TRACKERS
from bench.processes import PEERS, ask, cores
from bench.report import Report
from consentry.counting.mot import find_sequences, read_sequence, score, track

if TYPE_CHECKING:
    from bench.material import Material
    from bench.report import Cell
    from consentry.counting.mot import Sequence, TrackingScores

__all__ = ["measure"]

OURS = "Consentry"


def measure(material: Material) -> Report:
    """Track each sequence with each tracker and score the tracks."""
    sequences = [read_sequence(path) for path in find_sequences(material.real("tracking"))]
    scores = {sequence.name: _scores(sequence) for sequence in sequences}
    rows = [_row(name, tracker, [found]) for name, trackers in scores.items() for tracker, found in trackers.items()]
    rows += [_row("mean of all", tracker, [trackers[tracker] for trackers in scores.values()]) for tracker in (OURS, *TRACKERS)]
    notes = ("The same public detections for everybody; each tracker with the settings it comes with. Scores in per cent, by TrackEval.",)
    details = {name: {tracker: asdict(found) for tracker, found in trackers.items()} for name, trackers in scores.items()}
    return Report("Tracking", ("sequence", "tracker", "HOTA", "IDF1", "MOTA", "id switches"), tuple(rows), notes, details)


def _scores(sequence: Sequence) -> dict[str, TrackingScores]:
    """Return the scores of every tracker, ours first."""
    answer = ask(PEERS, "bench.peers.track", {"frames": _frames(sequence), "trackers": TRACKERS}, cores())
    tracked = {name: np.array(rows, np.float64).reshape(-1, 6) for name, rows in answer["rows"].items()}
    return {OURS: score(sequence, track(sequence)), **{name: score(sequence, rows) for name, rows in tracked.items()}}


def _frames(sequence: Sequence) -> list[Any]:
    frames = []
    for number in range(1, sequence.length + 1):
        found = sequence.detections[sequence.detections[:, 0] == number]
        frames.append(np.column_stack([found[:, 2:4], found[:, 2:4] + found[:, 4:6], found[:, 6]]).tolist())
    return frames


def _row(sequence: str, tracker: str, scores: list[TrackingScores]) -> tuple[Cell, ...]:
    quality = (100 * float(np.mean([getattr(found, name) for found in scores])) for name in ("hota", "idf1", "mota"))
    return (sequence, tracker.removesuffix("Tracker"), *quality, sum(found.id_switches for found in scores))
