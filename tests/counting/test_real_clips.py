"""What counting reaches on real clips and sequences: the bars that stand in the README."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.counting.counter import Plan
from consentry.counting.evaluate import ClipResult, Evaluation, compare, read_manifest, summarise
from consentry.counting.folds import zone_totals
from consentry.counting.model import Point, Zone
from consentry.counting.mot import find_sequences, read_sequence, score, track
from consentry.counting.service import count_source
from consentry.video.sources import open_source
from consentry.vision.persons.select import open_watcher

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.counting.folds import EventLog
    from consentry.counting.model import Line
    from consentry.counting.mot import Sequence

LONGEST_SIDE = 640
EXCERPT = 30  # seconds
RATE = 10  # frames per second
SQUARE_SCALE = 0.625  # of the clip beside the annotated pictures

# HOTA and IDF1 in per cent of the trackers of the package `trackers` 2.6.1 with its defaults, on the same detections.
SORT = {"PETS09-S2L1": (34.04, 42.09), "TUD-Campus": (44.11, 55.33), "TUD-Stadtmitte": (52.04, 75.84)}
BYTETRACK = {"PETS09-S2L1": (36.34, 50.36), "TUD-Campus": (46.81, 60.31), "TUD-Stadtmitte": (52.83, 76.04)}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def models(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENTRY_MODELS", str(shared / "models"))


def counted(clip: Path, plan: Plan, detector: str) -> EventLog:
    with open_source(str(clip), longest_side=LONGEST_SIDE) as source:
        report, _ = count_source(source, open_watcher(detector, threads=1, longest_side=LONGEST_SIDE), plan)
    return report.log


def evaluated(shared: Path, detector: str) -> Evaluation:
    clips = read_manifest(shared / "data" / "counting" / "truth.json")
    return summarise([compare(clip, counted(clip.path, clip.plan, detector)) for clip in clips])


def named(result: Evaluation, file: str) -> ClipResult:
    return next(clip for clip in result.clips if clip.file == file)


def test_rtmdet_counts_within_two_and_a_half_per_cent_and_the_corridor_within_one(shared: Path) -> None:
    result = evaluated(shared, "rtmdet")
    assert result.total > 300
    assert result.error_rate <= 0.025, result
    assert sum(line.error for line in named(result, "corridor.mp4").lines) <= 1


def side(start: Point, end: Point, foot: tuple[float, float]) -> bool:
    return (end.x - start.x) * (foot[1] - start.y) < (end.y - start.y) * (foot[0] - start.x)


def crossings(line: Line, annotated: Sequence, last: int) -> tuple[int, int]:
    """Count how often the annotated foot points cross a line up to a frame: segment against segment, nothing else."""
    inward = outward = 0
    for person in np.unique(annotated.truth[:, 1]):
        rows = annotated.truth[(annotated.truth[:, 1] == person) & (annotated.truth[:, 0] <= last)]
        feet = np.stack([rows[:, 2] + rows[:, 4] / 2, rows[:, 3] + rows[:, 5]], axis=1) * SQUARE_SCALE
        for before, after in itertools.pairwise(feet):
            first, second = Point(*before), Point(*after)
            was, is_ = side(line.start, line.end, before), side(line.start, line.end, after)
            if was != is_ and side(first, second, (line.start.x, line.start.y)) != side(first, second, (line.end.x, line.end.y)):
                inward, outward = inward + was, outward + is_
    return inward, outward


def test_the_embedded_detector_counts_the_square_within_ten_per_cent(shared: Path) -> None:
    """The short form of ``make bench``, which counts whole clips: a third of the square, whose true counts come from its annotated boxes."""
    (square,) = (clip for clip in read_manifest(shared / "data" / "counting" / "truth.json") if clip.path.name == "pets-s2l1.mp4")
    (path,) = (path for path in find_sequences(shared / "data" / "tracking") if path.name == "PETS09-S2L1")
    annotated = read_sequence(path)
    whole = {line.id: crossings(line, annotated, annotated.length) for line in square.plan.lines}
    assert sum(abs(a - b) for line in square.truth for a, b in zip(whole[line], square.truth[line], strict=True)) <= 1
    excerpt = {line.id: crossings(line, annotated, EXCERPT * RATE) for line in square.plan.lines}
    with open_source(str(square.path), longest_side=LONGEST_SIDE) as source:
        report, _ = count_source(source, open_watcher("hog", threads=1, longest_side=LONGEST_SIDE), square.plan, seconds=EXCERPT)
    result = summarise([compare(replace(square, truth=excerpt), report.log)])
    assert result.total > 100
    assert result.error_rate <= 0.10, result


def test_six_visitors_one_after_another_are_six_visits_of_one_at_a_time(shared: Path) -> None:
    whole = Zone("whole", (Point(0, 0), Point(768, 0), Point(768, 432), Point(0, 432)))
    (zone,) = zone_totals(counted(shared / "data" / "counting" / "one-by-one.mp4", Plan(zones=(whole,)), "rtmdet"))
    assert (zone.visits, zone.max_occupancy) == (6, 1)


@pytest.mark.parametrize("name", SORT)
def test_tracks_score_above_sort_and_bytetrack_on_the_same_detections(name: str, shared: Path) -> None:
    (path,) = (path for path in find_sequences(shared / "data" / "tracking") if path.name == name)
    sequence = read_sequence(path)
    found = score(sequence, track(sequence))
    for peer in (SORT, BYTETRACK):
        hota, idf1 = peer[name]
        assert 100 * found.hota > hota
        assert 100 * found.idf1 > idf1
