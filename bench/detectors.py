"""Accuracy and speed of the person detectors on a clip with known boxes: prints one table, writes JSON.

    python bench/detectors.py --clip ../shared/data/counting/pets-s2l1.mp4 --truth ../shared/data/tracking/PETS09-S2L1/gt.txt --scale 0.625

AP is the area under the interpolated precision-recall curve at an overlap of 0.5 (Everingham et al. 2010). The foot error is the middle
distance between the middle of a found box's lower side and the true one, in heights of the person, over the boxes that match.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from rich.console import Console
from rich.table import Table

from consentry.vision.boxes import no_people, overlaps
from consentry.vision.manifest import Precision
from consentry.vision.persons import open_person_detector
from consentry.vision.persons.select import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from consentry.vision.model import Detections

MATCH = 0.5


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


def main() -> None:
    """Measure every detector and report."""
    arguments = _parsed()
    truth = _truth(arguments.truth, arguments.scale)
    results = [_measured(name, precision, arguments.clip, truth, arguments.every) for name in arguments.detector for precision in _precisions(name)]
    table = Table(*Result.__dataclass_fields__)
    for result in results:
        table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in asdict(result).values()))
    Console().print(table)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", "utf-8")


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Accuracy and speed of the person detectors.")
    parser.add_argument("--clip", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True, help="MOTChallenge gt.txt")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the clip over the size of the pictures of the truth")
    parser.add_argument("--detector", nargs="+", choices=DETECTORS, default=DETECTORS)
    parser.add_argument("--every", type=int, default=5, help="score every n-th picture")
    parser.add_argument("--out", type=Path, default=Path("build/bench/detectors.json"))
    return parser.parse_args()


def _precisions(name: str) -> list[Precision]:
    return [Precision.AUTO] if name == "hog" else [Precision.F32, Precision.BF16]


def _truth(path: Path, scale: float) -> dict[int, NDArray[np.float32]]:
    rows: dict[int, list[tuple[float, ...]]] = defaultdict(list)
    with path.open() as lines:
        for frame, _, *numbers in csv.reader(lines):
            x, y, width, height = (float(number) * scale for number in numbers[:4])
            if float(numbers[4]) == 0:  # MOTChallenge: a box that is not to be considered
                continue
            rows[int(frame) - 1].append((max(x, 0), max(y, 0), x + width, y + height))
    return {frame: np.asarray(boxes, np.float32) for frame, boxes in rows.items()}


def _measured(name: str, precision: Precision, clip: Path, truth: dict[int, NDArray[np.float32]], every: int) -> Result:
    """Show the detector what it needs: a detector with a memory sees every picture, the others only those that are scored."""
    detector = open_person_detector(name, precision=precision)
    matches: list[Match] = []
    times: list[float] = []
    people = 0
    for index, image in _pictures(clip, 1 if name == "hog" else every):
        start = time.perf_counter()
        found = detector.detect(image)
        times.append(time.perf_counter() - start)
        if index % every == 0:
            true = truth.get(index, no_people().boxes)
            matches += _matches(found, true)
            people += len(true)
    recall, ap = _average_precision(matches, people)
    foot = float(np.median([match.foot_error for match in matches if match.foot_error is not None]))
    return Result(name, str(precision), len(times), people, ap, recall, foot, 1000 * float(np.median(times)))


def _pictures(clip: Path, every: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    with av.open(str(clip)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index % every == 0:
                yield index, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _matches(found: Detections, true: NDArray[np.float32]) -> list[Match]:
    """Give each detection, best first, the true person it overlaps most among those still free."""
    table = overlaps(found.boxes, true)
    matches = []
    for rank, score in enumerate(found.scores):
        best = int(table[rank].argmax()) if len(true) else -1
        if best < 0 or table[rank, best] < MATCH:
            matches.append(Match(float(score), None))
            continue
        matches.append(Match(float(score), _foot_error(found.boxes[rank], true[best])))
        table[:, best] = 0
    return matches


def _foot_error(box: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    across = (box[0] + box[2] - true[0] - true[2]) / 2
    return float(np.hypot(across, box[3] - true[3]) / (true[3] - true[1]))


def _average_precision(matches: list[Match], people: int) -> tuple[float, float]:
    """Return the highest recall and the average precision."""
    ranked = sorted(matches, key=lambda match: -match.score)
    hits = np.cumsum([match.foot_error is not None for match in ranked])
    recall = hits / people
    precision = hits / np.arange(1, len(ranked) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(recall[-1]), float(np.sum(np.diff(recall, prepend=0.0) * envelope))


if __name__ == "__main__":
    main()
