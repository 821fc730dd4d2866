"""Seconds of presence and movement per cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.counting.heat import CELLS, HeatGrid
from consentry.counting.model import Foot, Point
from tests.counting.paths import track, walk


@pytest.mark.parametrize(
    ("size", "shape"),
    [((640, 360), (36, 64)), ((360, 640), (64, 36)), ((641, 361), (37, 64)), ((1920, 1080), (36, 64)), ((100, 1), (1, 64)), ((1, 1), (64, 64))],
)
def test_cells_are_square_and_cover_the_picture(size: tuple[int, int], shape: tuple[int, int]) -> None:
    heat = HeatGrid(*size)
    assert heat.seconds.shape == shape
    assert heat.flow.shape == (*shape, 2)
    assert heat.seconds.dtype == heat.flow.dtype == np.float64
    assert (shape[0] * heat.cell >= size[1], shape[1] * heat.cell >= size[0]) == (True, True)


@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=2, max_size=40))
def test_seconds_add_up_to_the_time_present_wherever_the_feet_are(steps: list[tuple[float, float, float]]) -> None:
    heat, time = HeatGrid(640, 360), 0.0
    feet = []
    for wait, x, y in steps:
        time += wait
        feet.append(Foot(track(), time, Point(x, y), 100.0))
    heat.update(feet)
    assert heat.seconds.sum() == pytest.approx(feet[-1].time - feet[0].time)
    assert np.all(heat.seconds >= 0)


@pytest.mark.parametrize(
    ("at", "cell"),
    [((0, 0), (0, 0)), ((639.9, 359.9), (35, 63)), ((640, 360), (35, 63)), ((-5, 400), (35, 0)), ((1e9, -1e9), (0, 63)), ((25, 15), (1, 2))],
)
def test_presence_falls_into_the_cell_of_the_foot_or_the_nearest_one(at: tuple[float, float], cell: tuple[int, int]) -> None:
    heat = HeatGrid(640, 360)
    heat.update(walk([at, at], every=0.5))
    assert heat.seconds[cell] == 0.5
    assert heat.seconds.sum() == 0.5


def test_movement_is_summed_with_its_direction() -> None:
    heat = HeatGrid(640, 360)
    heat.update(walk([(100, 100), (140, 90), (200, 90)], every=0.5))
    assert heat.flow.sum(axis=(0, 1)).tolist() == [100, -10]


def test_time_out_of_sight_is_nobodys_presence() -> None:
    heat = HeatGrid(640, 360)
    heat.update([*walk([(100, 100)] * 2), *walk([(300, 100)] * 2, start=1.8)])
    assert heat.seconds.sum() == pytest.approx(0.2)
    assert heat.flow.sum() == 0


def test_a_long_stay_never_wraps() -> None:
    heat = HeatGrid(640, 360)
    for step in range(2000):
        heat.update([Foot(track(number), float(step), Point(320, 180), 100.0) for number in range(20)])
    assert heat.seconds.max() == heat.seconds.sum() == 20 * 1999


def test_state_is_the_grid_and_the_living_tracks() -> None:
    heat = HeatGrid(640, 360)
    for number in range(1000):
        heat.update(walk([(10, 10), (20, 10)], number=number))
        heat.end([track(number)])
    heat.update(walk([(10, 10)], start=0.2, number=999))
    assert heat.seconds.sum() == pytest.approx(100)
    assert heat.seconds.shape == (36, CELLS)


def test_two_people_are_added_and_not_joined() -> None:
    heat = HeatGrid(640, 360)
    heat.update(sorted([*walk([(10, 10)] * 3, number=1), *walk([(600, 300)] * 3, number=2)], key=lambda foot: foot.time))
    assert heat.seconds.sum() == pytest.approx(0.4)
    assert heat.flow.sum() == 0
