"""The motion gate: which cells of a picture move, and for how long."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.vision.motion import CELL, MotionGate

WIDTH, HEIGHT = 160, 120
SIDE = 32


def empty(width: int = WIDTH, height: int = HEIGHT, grey: int = 90) -> np.ndarray:
    return np.full((height, width, 3), grey, np.uint8)


def with_square(x: int, y: int) -> np.ndarray:
    picture = empty()
    picture[y : y + SIDE, x : x + SIDE] = 250
    return picture


def seconds_until_still(gate: MotionGate, picture: np.ndarray, rate: float, limit: float = 60.0) -> float:
    """Show the empty picture for a second, then ``picture``, and return how long something moves."""
    for frame in range(round(rate)):
        gate.update(empty(), frame / rate)
    for frame in range(round(limit * rate)):
        if not gate.update(picture, 1 + frame / rate).any():
            return frame / rate
    return limit


@pytest.mark.parametrize(("width", "height"), [(WIDTH, HEIGHT), (161, 123), (3, 2)])
def test_in_the_first_picture_everything_moves_in_cells_that_cover_it(width: int, height: int) -> None:
    moving = MotionGate().update(empty(width, height), 0.0)
    assert moving.shape == (-(-height // CELL), -(-width // CELL))
    assert moving.dtype == bool
    assert moving.all()


def test_where_nothing_changes_nothing_moves() -> None:
    gate = MotionGate()
    gate.update(with_square(20, 20), 0.0)
    assert not any(gate.update(with_square(20, 20), frame / 10).any() for frame in range(1, 50))


def test_the_noise_of_a_sensor_is_no_motion() -> None:
    gate, random = MotionGate(), np.random.default_rng(3)
    noisy = (np.clip(with_square(20, 20) + random.normal(0, 2, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8) for _ in range(60))
    moved = [gate.update(picture, frame / 10).any() for frame, picture in enumerate(noisy)]
    assert moved == [True, *[False] * 59]


def test_a_morning_that_grows_light_is_no_motion() -> None:
    gate = MotionGate()
    gate.update(empty(grey=60), 0.0)
    assert not any(gate.update(empty(grey=60 + frame // 10), frame / 10).any() for frame in range(1, 600))


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, WIDTH - SIDE - 40),
    st.integers(0, HEIGHT - SIDE - 40),
    st.sampled_from([(5, 0), (0, 5), (8, 8), (3, 7)]),
    st.sampled_from([5.0, 12.5, 30.0]),
)
def test_a_moving_square_is_found_where_it_is_and_nowhere_else(x: int, y: int, step: tuple[int, int], rate: float) -> None:
    gate = MotionGate()
    gate.update(empty(), 0.0)
    for frame in range(1, 5):
        left, top = x + frame * step[0], y + frame * step[1]
        moving = gate.update(with_square(left, top), frame / rate)
        rows, columns = np.nonzero(moving)
        assert len(rows)
        assert columns.min() * CELL > x - CELL
        assert rows.min() * CELL > y - CELL
        assert columns.max() * CELL < left + SIDE
        assert rows.max() * CELL < top + SIDE
        assert moving[(top + SIDE) // CELL - 1, (left + SIDE) // CELL - 1], "its leading corner, where a moment ago there was none of it"


def test_what_has_just_come_to_stand_still_stands_out_and_later_belongs_to_the_scene() -> None:
    lasted = seconds_until_still(MotionGate(), with_square(64, 40), 10.0)
    assert 1.0 < lasted < 60.0


@pytest.mark.parametrize("rate", [2.0, 5.0, 30.0])
def test_memory_is_in_seconds_whatever_the_frame_rate(rate: float) -> None:
    reference = seconds_until_still(MotionGate(), with_square(64, 40), 100.0)
    assert seconds_until_still(MotionGate(), with_square(64, 40), rate) == pytest.approx(reference, abs=1.01 / rate + 0.01)


def test_a_change_of_size_begins_anew() -> None:
    gate = MotionGate()
    gate.update(empty(), 0.0)
    moving = gate.update(empty(WIDTH * 2, HEIGHT), 0.1)
    assert moving.shape == (HEIGHT // CELL, WIDTH * 2 // CELL)
    assert moving.all()
    assert not gate.update(empty(WIDTH * 2, HEIGHT), 0.2).any()


@pytest.mark.parametrize("time", [5.0, 4.0, -1.0])
def test_a_clock_that_stops_or_turns_back_forgets_nothing(time: float) -> None:
    gate = MotionGate()
    gate.update(empty(), 5.0)
    assert gate.update(with_square(64, 40), time).any()
    assert not gate.update(empty(), time).any()


def test_two_gates_share_no_memory() -> None:
    first, second = MotionGate(), MotionGate()
    first.update(empty(), 0.0)
    second.update(with_square(64, 40), 0.0)
    assert not first.update(empty(), 0.1).any()
    assert not second.update(with_square(64, 40), 0.1).any()
