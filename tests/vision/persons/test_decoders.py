"""Reading the outputs of the three networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.vision.persons import nanodet, rtmdet, yolox

if TYPE_CHECKING:
    from numpy.typing import NDArray

PERSON, CAR = 0, 2


def nanodet_outputs() -> list[NDArray[np.float32]]:
    counts = [(nanodet.SIZE // stride) ** 2 for stride in nanodet.STRIDES]
    return [np.zeros((1, count, across), np.float32) for across in (80, 4 * nanodet.BINS) for count in counts]


def test_rtmdet_keeps_people_above_the_low_score() -> None:
    rows = np.asarray([[[1, 2, 3, 4, 0.9], [5, 6, 7, 8, 0.8], [9, 9, 9, 9, 0.04]]], np.float32)
    found = rtmdet.decode((rows, np.asarray([[PERSON, CAR, PERSON]])), 0.05)
    assert found.boxes.tolist() == [[1, 2, 3, 4]]
    assert found.scores.tolist() == pytest.approx([0.9])


@pytest.mark.parametrize(("cell", "stride", "column", "row"), [(0, 8, 0, 0), (53, 8, 1, 1), (52 * 52, 16, 0, 0), (52 * 52 + 26 * 26 + 14, 32, 1, 1)])
def test_yolox_places_a_box_by_its_cell(cell: int, stride: int, column: int, row: int) -> None:
    rows = np.zeros((1, 3549, 85), np.float32)
    rows[0, cell, :6] = [0.5, 0.25, np.log(2), np.log(4), 0.8, 0.5]
    found = yolox.decode((rows,), 0.05)
    x, y = (column + 0.5) * stride, (row + 0.25) * stride
    assert found.boxes == pytest.approx(np.asarray([[x - stride, y - 2 * stride, x + stride, y + 2 * stride]]), rel=1e-5)
    assert found.scores.tolist() == pytest.approx([0.4])


def test_yolox_leaves_out_other_classes_and_weak_answers() -> None:
    rows = np.zeros((1, 3549, 85), np.float32)
    rows[0, 0, [4, 5 + CAR]] = 1
    rows[0, 1, [4, 5]] = 0.2
    assert len(yolox.decode((rows,), 0.05)) == 0


@given(level=st.integers(0, 2), place=st.floats(0, 0.999), bins=st.tuples(*[st.integers(0, 7)] * 4))
def test_nanodet_reads_each_side_from_its_distribution(level: int, place: float, bins: tuple[int, int, int, int]) -> None:
    outputs = nanodet_outputs()
    stride = nanodet.STRIDES[level]
    across = nanodet.SIZE // stride
    cell = int(place * across * across)
    outputs[level][0, cell, PERSON] = 0.7
    for side, distance in enumerate(bins):
        outputs[level + 3][0, cell, side * nanodet.BINS + distance] = 50  # all of the distribution's weight
    found = nanodet.decode(tuple(outputs), 0.05)
    centre = np.asarray([cell % across + 0.5, cell // across + 0.5]) * stride
    reach = np.asarray(bins) * stride
    assert found.boxes[0] == pytest.approx(np.concatenate([centre - reach[:2], centre + reach[2:]]), abs=1e-3)
    assert found.scores.tolist() == pytest.approx([0.7])


def test_nanodet_takes_the_mean_of_an_undecided_distribution() -> None:
    outputs = nanodet_outputs()
    outputs[2][0, 0, PERSON] = 0.5
    found = nanodet.decode(tuple(outputs), 0.05)
    assert found.boxes.tolist() == [pytest.approx([16 - 3.5 * 32, 16 - 3.5 * 32, 16 + 3.5 * 32, 16 + 3.5 * 32])]


def test_nanodet_leaves_out_other_classes() -> None:
    outputs = nanodet_outputs()
    outputs[0][0, :, CAR] = 1
    assert len(nanodet.decode(tuple(outputs), 0.05)) == 0
