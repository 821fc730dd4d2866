"""Aligned faces: the similarity is the best one there is, and chips show the face where the layout says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.vision.faces.align import CHIP_LAYOUTS, aligned, similarity
from tests.vision.faces.scenes import portrait

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANGLES, SCALES, SHIFTS = st.floats(-3.1, 3.1), st.floats(0.1, 9), st.floats(-200, 200)


def moved(points: NDArray[np.float32], angle: float, scale: float, shift: tuple[float, float]) -> NDArray[np.float32]:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(scale * points @ turn.T + shift, np.float32)


@given(ANGLES, SCALES, SHIFTS, SHIFTS)
def test_a_turned_scaled_and_shifted_face_comes_back_exactly(angle: float, scale: float, across: float, down: float) -> None:
    points = CHIP_LAYOUTS["mobilefacenet"].points
    there = moved(points, angle, scale, (across, down))
    matrix = similarity(there, points)
    assert np.allclose(there @ matrix[:, :2].T + matrix[:, 2], points, atol=0.01)


@given(st.lists(st.tuples(SHIFTS, SHIFTS), min_size=5, max_size=5, unique=True))
def test_no_nearby_similarity_is_closer(places: list[tuple[float, float]]) -> None:
    points, goal = np.array(places, np.float32), CHIP_LAYOUTS["dlib"].points
    best = similarity(points, goal)

    def cost(matrix: NDArray[np.float64]) -> float:
        return float(np.sum((points @ matrix[:, :2].T + matrix[:, 2] - goal) ** 2))

    (a, b), shift = best[:, 0], best[:, 2]
    for change in np.eye(4) * 1e-3:
        other = np.array([[a + change[0], -(b + change[1]), shift[0] + change[2]], [b + change[1], a + change[0], shift[1] + change[3]]])
        assert cost(best) <= cost(other) + 1e-3


def test_a_mirrored_face_is_never_mirrored_back() -> None:
    points = CHIP_LAYOUTS["dlib"].points
    assert np.linalg.det(similarity(points * np.array([-1, 1], np.float32), points)[:, :2]) > 0


def test_points_in_one_place_are_only_shifted() -> None:
    matrix = similarity(np.full((5, 2), 7, np.float32), CHIP_LAYOUTS["dlib"].points)
    assert np.isfinite(matrix).all()
    assert np.allclose(matrix[:, :2], np.eye(2) * matrix[0, 0])


@pytest.mark.parametrize("family", CHIP_LAYOUTS)
def test_a_layout_is_upright_and_almost_symmetrical(family: str) -> None:
    layout = CHIP_LAYOUTS[family]
    left, right, nose, low_left, low_right = layout.points
    assert 0 < left[0] < nose[0] < right[0] < layout.side
    assert left[1] < nose[1] < low_left[1] < layout.side
    assert abs(left[1] - right[1]) < 1
    assert (left + right)[0] == pytest.approx((low_left + low_right)[0], rel=0.02)


@pytest.mark.parametrize("family", CHIP_LAYOUTS)
def test_a_chip_is_red_green_blue_and_shows_the_marked_points_in_their_places(family: str) -> None:
    layout = CHIP_LAYOUTS[family]
    picture = np.zeros((400, 400, 3), np.uint8)
    landmarks = moved(layout.points, 0.3, 1.5, (120, 60))
    for x, y in landmarks:
        picture[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3] = (0, 0, 255)
    chip = aligned(picture, landmarks, layout)
    assert chip.shape == (layout.side, layout.side, 3)
    assert all(chip[round(float(y)), round(float(x)), 0] > 200 for x, y in layout.points)
    assert chip[..., 1:].max() == 0


def test_a_face_at_the_edge_is_filled_up_with_black() -> None:
    shown = portrait("astronaut")
    chip = aligned(shown.picture[90:], shown.landmarks - np.array([0, 90], np.float32), CHIP_LAYOUTS["dlib"])
    assert chip[0].max() == 0
    assert chip[75].max() > 0
