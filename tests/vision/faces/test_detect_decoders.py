"""Reading what CenterFace and YuNet put out: a face written into their maps comes back as it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.vision.faces import centerface, yunet

WIDTH, HEIGHT = 128, 96
WHERE = st.tuples(st.floats(1, WIDTH - 1, width=32), st.floats(1, HEIGHT - 1, width=32))
SIDES = st.tuples(st.floats(4, 60, width=32), st.floats(4, 60, width=32))
POINTS = st.lists(st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32)), min_size=5, max_size=5)


def centerface_maps() -> list[np.ndarray]:
    return [np.zeros((1, channels, HEIGHT // 4, WIDTH // 4), np.float32) for channels in (1, 2, 2, 10)]


def yunet_maps() -> list[np.ndarray]:
    cells = [(WIDTH // stride) * (HEIGHT // stride) for stride in yunet.STRIDES]
    return [np.zeros((1, count, channels), np.float32) for channels in (1, 1, 4, 10) for count in cells]


@settings(deadline=None)
@given(centre=WHERE, sides=SIDES, points=POINTS)
def test_centerface_gives_back_the_face_that_its_maps_describe(
    centre: tuple[float, float], sides: tuple[float, float], points: list[tuple[float, float]]
) -> None:
    heat, logarithms, offsets, shares = maps = centerface_maps()
    column, row = int(centre[0] / 4), int(centre[1] / 4)
    heat[0, 0, row, column] = 0.75
    logarithms[0, :, row, column] = np.log(sides[1] / 4), np.log(sides[0] / 4)
    offsets[0, :, row, column] = centre[1] / 4 - row - 0.5, centre[0] / 4 - column - 0.5
    shares[0, :, row, column] = [share for x, y in points for share in (y, x)]
    found = centerface.decode(tuple(maps), WIDTH, 0.5)
    left, top = centre[0] - sides[0] / 2, centre[1] - sides[1] / 2
    assert found.boxes == pytest.approx(np.asarray([[left, top, left + sides[0], top + sides[1]]]), abs=1e-2)
    assert found.landmarks[0] == pytest.approx(np.asarray([[left + x * sides[0], top + y * sides[1]] for x, y in points]), abs=1e-2)
    assert found.scores.tolist() == [0.75]


@settings(deadline=None)
@given(level=st.sampled_from([0, 1, 2]), centre=WHERE, sides=SIDES, points=POINTS)
def test_yunet_gives_back_the_face_that_its_maps_describe(
    level: int, centre: tuple[float, float], sides: tuple[float, float], points: list[tuple[float, float]]
) -> None:
    stride, maps = yunet.STRIDES[level], yunet_maps()
    column, row = int(centre[0] / stride), int(centre[1] / stride)
    cell = row * (WIDTH // stride) + column
    maps[level][0, cell, 0], maps[3 + level][0, cell, 0] = 0.5, 0.72
    maps[6 + level][0, cell] = (*(centre[0] / stride - column, centre[1] / stride - row), *np.log(np.asarray(sides) / stride))
    maps[9 + level][0, cell] = np.asarray([(x * WIDTH / stride - column, y * HEIGHT / stride - row) for x, y in points]).ravel()
    found = yunet.decode(tuple(maps), WIDTH, 0.5)
    left, top = centre[0] - sides[0] / 2, centre[1] - sides[1] / 2
    assert found.boxes == pytest.approx(np.asarray([[left, top, left + sides[0], top + sides[1]]]), abs=1e-2)
    assert found.landmarks[0] == pytest.approx(np.asarray(points) * [WIDTH, HEIGHT], abs=1e-2)
    assert found.scores.tolist() == pytest.approx([0.6])


def test_yunet_scores_need_both_the_class_and_the_object() -> None:
    maps = yunet_maps()
    maps[0][0, 3, 0] = maps[3][0, 4, 0] = 1.0
    assert len(yunet.decode(tuple(maps), WIDTH, 0.01)) == 0


def test_weak_answers_are_left_out() -> None:
    maps = centerface_maps()
    maps[0][0, 0, 5, 5] = 0.49
    assert len(centerface.decode(tuple(maps), WIDTH, 0.5)) == 0
    assert len(centerface.decode(tuple(maps), WIDTH, 0.49)) == 1
