"""Accuracy and speed of the person detectors on a clip whose boxes were drawn by hand.

AP is the area under the interpolated precision-recall curve at an overlap of 0.5 (Everingham et al. 2010). The foot error is the middle
distance between the middle of a found box's lower side and the true one, in heights of the person, over the boxes that match.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.material import PETS
from bench.report import Report
from consentry.counting.mot import read_sequence
from consentry.video.sources import open_source
from consentry.vision.boxes import overlaps
from consentry.vision.manifest import Precision
from consentry.vision.persons.select import DETECTORS, EMBEDDED, open_person_detector

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from bench.material import Material
    from consentry.counting.mot import Sequence
    from consentry.vision.model import Detections

__all__ = ["Match", "average_precision", "matches", "measure"]

OVERLAP = 0.5
SCALE = 0.625
"""Size of the clip's picture over that of the pictures the truth was drawn on."""
EVERY, SHORT_EVERY = 5, 40
"""Every n-th picture is scored."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one detector reached. ``foot_error``: heights of the person; ``ms``: middle time for a picture, one thread."""

    detector: str
    precision: str
    pictures: int
    people: int
    ap50: float
    recall: float
    foot_error: float
    ms: float


@dataclass(frozen=True, slots=True)
class Match:
    """One detection: its score and, where it is the first on a true person, the error of its foot point."""

    score: float
    foot_error: float | None


def measure(material: Material) -> Report:
    """Show the clip to every detector; a short measurement leaves out the embedded one, which must see every picture and takes long for each."""
    sequence, clip = read_sequence(material.real("tracking", PETS)), material.true_clips()[0].path
    every = SHORT_EVERY if material.short else EVERY
    names = [name for name in DETECTORS if not (material.short and name == EMBEDDED)]
    results = [_measured(name, precision, clip, sequence, every) for name in names for precision in _precisions(name)]
    columns = tuple(Result.__dataclass_fields__)
    notes = (f"Overlap {OVERLAP:g}; every {every}th picture is scored; one thread.",)
    return Report("Person detectors", columns, tuple(tuple(asdict(result).values()) for result in results), notes)


def matches(found: Detections, true: NDArray[np.float32]) -> list[Match]:
    """Give each detection, best first, the true person (float32 [N, 4], x1 y1 x2 y2) it overlaps most among those still free."""
    table = overlaps(found.boxes, true)
    given = []
    for rank, score in enumerate(found.scores):
        best = int(table[rank].argmax()) if len(true) else -1
        if best < 0 or table[rank, best] < OVERLAP:
            given.append(Match(float(score), None))
            continue
        given.append(Match(float(score), _foot_error(found.boxes[rank], true[best])))
        table[:, best] = 0
    return given


def average_precision(given: list[Match], people: int) -> tuple[float, float]:
    """Return the average precision and the highest recall of the matches of all pictures, which show ``people`` true persons."""
    ranked = sorted(given, key=lambda match: -match.score)
    hits = np.cumsum([match.foot_error is not None for match in ranked])
    recall = hits / people
    precision = hits / np.arange(1, len(ranked) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * envelope)), float(recall[-1])


def _precisions(name: str) -> list[Precision]:
    return [Precision.AUTO] if name == EMBEDDED else [Precision.F32, Precision.BF16]


def _measured(name: str, precision: Precision, clip: Path, sequence: Sequence, every: int) -> Result:
    """Show the detector what it needs: a detector with a memory sees every picture, the others only those that are scored."""
    detector = open_person_detector(name, precision=precision)
    given: list[Match] = []
    times: list[float] = []
    people = 0
    for index, image in _pictures(clip, 1 if name == EMBEDDED else every):
        start = time.perf_counter()
        found = detector.detect(image)
        times.append(time.perf_counter() - start)
        if index % every == 0:
            true = _true_boxes(sequence, index)
            given += matches(found, true)
            people += len(true)
    ap, recall = average_precision(given, people)
    foot = float(np.median([match.foot_error for match in given if match.foot_error is not None]))
    return Result(name, str(precision), len(times), people, ap, recall, foot, 1000 * float(np.median(times)))


def _pictures(clip: Path, every: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    with open_source(str(clip)) as source:
        for index, frame in enumerate(source.frames()):
            if index % every == 0 and frame is not None:
                yield index, frame.image


def _true_boxes(sequence: Sequence, index: int) -> NDArray[np.float32]:
    """Return the true boxes (float32 [N, 4], x1 y1 x2 y2, pixels of the clip) of picture ``index``, the first being 0."""
    rows = SCALE * sequence.truth[sequence.truth[:, 0] == index + 1, 2:6]
    boxes = np.concatenate([np.maximum(rows[:, :2], 0), rows[:, :2] + rows[:, 2:]], axis=1)
    return boxes.astype(np.float32)


def _foot_error(box: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    across = (box[0] + box[2] - true[0] - true[2]) / 2
    return float(np.hypot(across, box[3] - true[3]) / (true[3] - true[1]))
