"""Overlap, suppression and clipping of boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.vision.boxes import areas, clipped, containments, no_people, overlaps, suppressed, without_parts
from consentry.vision.model import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

coordinates = st.floats(-50, 150, width=32)
ROUNDED = 1e-5
"""OpenCV and these tests may differ by that about an overlap that is the limit."""
boxes_strategy = st.lists(st.tuples(coordinates, coordinates, coordinates, coordinates), max_size=12).map(
    lambda rows: np.asarray([(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in rows], np.float32).reshape(-1, 4)
)


def scored(boxes: NDArray[np.float32]) -> Detections:
    return Detections(boxes, np.random.default_rng(len(boxes)).random(len(boxes), np.float32))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1.0),
        ((0, 0, 10, 10), (5, 0, 15, 10), 1 / 3),
        ((0, 0, 10, 10), (10, 0, 20, 10), 0.0),
        ((0, 0, 10, 10), (2, 2, 4, 4), 0.04),
        ((3, 3, 3, 3), (3, 3, 3, 3), 0.0),
        ((0, 0, 10, 10), (8, 8, 2, 2), 0.0),
    ],
)
def test_overlap_is_intersection_over_union(one: tuple[float, ...], other: tuple[float, ...], expected: float) -> None:
    assert overlaps(np.asarray([one], np.float32), np.asarray([other], np.float32))[0, 0] == pytest.approx(expected)


@given(boxes_strategy)
def test_overlap_is_symmetric_and_between_0_and_1(boxes: NDArray[np.float32]) -> None:
    table = overlaps(boxes, boxes)
    assert np.array_equal(table, table.T)
    assert np.all((table >= 0) & (table <= 1.0001))
    assert np.all(areas(boxes) >= 0)


@given(boxes_strategy, st.floats(0.1, 0.9))
def test_what_suppression_keeps_does_not_overlap_and_falls_in_score(boxes: NDArray[np.float32], limit: float) -> None:
    kept = suppressed(scored(boxes), limit)
    table = overlaps(kept.boxes, kept.boxes)
    assert np.all(table[~np.eye(len(kept), dtype=bool)] <= limit + ROUNDED)
    assert np.all(np.diff(kept.scores) <= 0)


@given(boxes_strategy, st.floats(0.1, 0.9))
def test_what_suppression_drops_overlaps_something_better(boxes: NDArray[np.float32], limit: float) -> None:
    boxes = boxes[areas(boxes) >= 1]
    given_, kept = scored(boxes), suppressed(scored(boxes), limit)
    for box, score in zip(given_.boxes, given_.scores, strict=True):
        better = kept.scores >= score
        present = np.any(np.all(kept.boxes == box, axis=1))
        assert present or np.any(overlaps(box[None], kept.boxes[better]) > limit - ROUNDED)


def test_clipping_cuts_to_the_picture_and_leaves_out_what_lies_outside() -> None:
    found = Detections(np.asarray([(-5, -5, 20, 30), (90, 10, 130, 60), (100, 10, 130, 60)], np.float32), np.asarray([0.9, 0.8, 0.7], np.float32))
    inside = clipped(found, 100, 50)
    assert inside.boxes.tolist() == [[0, 0, 20, 30], [90, 10, 100, 50]]
    assert inside.scores.tolist() == pytest.approx([0.9, 0.8])


def test_an_empty_answer_passes_through() -> None:
    assert len(suppressed(no_people(), 0.5)) == len(clipped(no_people(), 10, 10)) == 0


def test_a_box_inside_a_better_one_is_left_out_where_that_is_asked_for() -> None:
    found = Detections(np.asarray([(0, 0, 40, 100), (10, 50, 30, 100), (30, 0, 70, 100)], np.float32), np.asarray([0.9, 0.8, 0.7], np.float32))
    assert containments(found.boxes, found.boxes)[0].tolist() == pytest.approx([1, 1, 0.25])
    assert len(suppressed(found, 0.5)) == 3
    assert without_parts(found, 0.5, 0.8).scores.tolist() == pytest.approx([0.9, 0.7])
