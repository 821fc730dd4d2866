"""The three networks on a real clip: people where the hand-made truth has them."""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from consentry.vision.boxes import overlaps
from consentry.vision.manifest import Precision
from consentry.vision.persons import open_person_detector

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SCALE = 0.625  # the clip is a smaller copy of the pictures whose boxes are known


@pytest.fixture(autouse=True)
def shared_models(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENTRY_MODELS", str(shared / "models"))


def truth(shared: Path) -> dict[int, NDArray[np.float32]]:
    rows: dict[int, list[list[float]]] = defaultdict(list)
    with (shared / "data/tracking/PETS09-S2L1/gt.txt").open() as lines:
        for frame, _, x, y, width, height, considered, *_ in csv.reader(lines):
            if float(considered) == 0:
                continue
            left, top = float(x) * SCALE, float(y) * SCALE
            rows[int(frame) - 1].append([left, top, left + float(width) * SCALE, top + float(height) * SCALE])
    return {frame: np.asarray(boxes, np.float32) for frame, boxes in rows.items()}


@pytest.mark.parametrize("name", ["rtmdet", "nanodet", "yolox"])
@pytest.mark.parametrize("precision", [Precision.F32, Precision.AUTO])
def test_people_are_found_where_the_truth_has_them(name: str, precision: Precision, shared: Path) -> None:
    detector = open_person_detector(name, precision=precision)
    people = truth(shared)
    found_of_true = total = false = 0
    with av.open(str(shared / "data/counting/pets-s2l1.mp4")) as clip:
        for index, frame in islice(enumerate(clip.decode(video=0)), 0, 400, 40):
            found = detector.detect(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
            assert np.all(np.diff(found.scores) <= 0)
            assert np.all((found.boxes >= 0) & (found.boxes <= [480, 360, 480, 360]))
            table = overlaps(people[index], found.boxes) > 0.5
            found_of_true += int(table[:, found.scores > 0.4].any(axis=1).sum())
            false += int((~table[:, found.scores > 0.6].any(axis=0)).sum())
            total += len(people[index])
    assert found_of_true / total > 0.85
    assert false / total < 0.2
