"""What ``evaluate detection`` counts, on tables of boxes and against other people's formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from consentry.platform.errors import DatasetError
from consentry.vision.faces.evaluate_detection import as_document, interval, matched, missed, read_boxes, scored
from consentry.vision.faces.model import Faces

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Box = tuple[float, float, float, float]


def boxes_of(*boxes: Box) -> NDArray[np.float32]:
    return np.asarray(boxes, np.float32).reshape(-1, 4)


def faces_of(*boxes: Box) -> Faces:
    return Faces(boxes_of(*boxes), np.linspace(0.9, 0.5, len(boxes)).astype(np.float32), np.zeros((len(boxes), 5, 2), np.float32))


BIG, BESIDE, SMALL = (0.0, 0.0, 20.0, 20.0), (40.0, 0.0, 60.0, 20.0), (100.0, 0.0, 106.0, 7.0)


@pytest.mark.parametrize(
    ("boxes", "detections", "found", "wrong", "unmatched"),
    [
        ((), (), (), 0, 0),
        ((BIG,), (), (False,), 0, 0),
        ((BIG,), (BIG,), (True,), 0, 0),
        ((BIG,), (BIG, BIG), (True,), 1, 1),  # a face is found once
        ((BIG, BESIDE), (BESIDE,), (False, True), 0, 0),
        ((BIG,), ((0, 0, 20, 8.1),), (True,), 0, 0),  # 0.405
        ((BIG,), ((0, 0, 20, 7.9),), (False,), 1, 1),  # 0.395
        ((BIG,), ((200, 0, 220, 20),), (False,), 1, 1),
        ((BIG, SMALL), (BIG, SMALL), (True, True), 0, 0),
        ((SMALL,), ((98, 0, 112, 14),), (False,), 0, 1),  # lies over a face too small to count
        ((BIG,), ((200, 0, 206, 20),), (False,), 0, 1),  # itself too small to count
    ],
)
def test_detections_and_faces_are_matched_one_to_one(
    boxes: tuple[Box, ...], detections: tuple[Box, ...], found: tuple[bool, ...], wrong: int, unmatched: int
) -> None:
    result = matched(boxes_of(*boxes), faces_of(*detections))
    assert tuple(result.found) == found
    assert (result.wrong, result.unmatched) == (wrong, unmatched)


def test_the_better_detection_chooses_first() -> None:
    result = matched(boxes_of(BIG), faces_of((2, 0, 22, 20), BIG))
    assert (tuple(result.found), result.wrong) == ((True,), 1)


def test_the_document_adds_up_what_was_found() -> None:
    document = as_document(scored([matched(boxes_of(BIG, BESIDE, SMALL), faces_of(BIG, (200, 0, 230, 30))), matched(boxes_of(), faces_of())]))
    assert (document["images"], document["boxes"]) == (2, 3)
    assert document["recall"] == pytest.approx(1 / 3, abs=1e-6)
    assert document["recall_8px"] == document["precision"] == document["precision_all_sizes"] == 0.5
    assert [(row["from"], row["to"], row["boxes"], row["found"]) for row in document["by_size"]] == [
        (0, 8, 1, 0),
        (8, 16, 0, 0),
        (16, 32, 2, 1),
        (32, 64, 0, 0),
        (64, None, 0, 0),
    ]
    assert document["by_size"][1]["recall"] is None


def test_a_picture_that_was_not_decoded_has_all_its_faces_missed() -> None:
    document = as_document(scored([matched(boxes_of(BIG), faces_of(BIG)), missed(boxes_of(BIG, SMALL))]))
    assert (document["images"], document["failed_to_acquire"], document["boxes"]) == (2, 1, 3)
    assert document["recall"] == pytest.approx(1 / 3, abs=1e-6)
    assert (document["recall_8px"], document["precision"]) == (0.5, 1.0)


def test_without_a_face_and_without_a_detection_there_is_no_share() -> None:
    document = as_document(scored([]))
    assert document["recall_8px"] is document["precision"] is None


@settings(deadline=None)
@given(total=st.integers(1, 5000), share=st.floats(0, 1))
def test_the_interval_is_that_of_scipy(total: int, share: float) -> None:
    hits = round(share * total)
    theirs = binomtest(hits, total).proportion_ci(method="wilson")
    assert interval(hits, total) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_annotations_without_an_area_are_nobody(tmp_path: Path) -> None:
    (tmp_path / "boxes.json").write_text('{"a.jpg": [[1, 2, 3, 4], [5, 5, 5, 9]], "b.jpg": []}', encoding="utf-8-sig")
    read = read_boxes(tmp_path / "boxes.json")
    assert {name: boxes.tolist() for name, boxes in read.items()} == {"a.jpg": [[1, 2, 3, 4]], "b.jpg": []}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[1]",
        '{"a": 3}',
        '{"a": [[1, 2, 3]]}',
        '{"a": [["x", 2, 3, 4]]}',
        '{"a": [[1, 2, 3, NaN]]}',
        '{"a": [[0, 0, 1e39, 1]]}',
        '{"a": null}',
        "\xff",
    ],
)
def test_annotations_that_are_wrong_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "boxes.json").write_text(text, encoding="latin-1")
    with pytest.raises(DatasetError) as refused:
        read_boxes(tmp_path / "boxes.json")
    assert refused.value.code == "dataset.boxes"


def test_annotations_that_are_absent_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as refused:
        read_boxes(tmp_path / "boxes.json")
    assert refused.value.code == "dataset.missing"
