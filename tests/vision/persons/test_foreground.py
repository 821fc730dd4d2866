"""What moves in front of a fixed camera."""

from __future__ import annotations

import numpy as np
import pytest

from consentry.vision.persons.foreground import WARM_UP, Foreground, covered

RANDOM = np.random.default_rng(3)
SCENE = RANDOM.integers(60, 200, (90, 120, 3)).repeat(4, axis=0).repeat(4, axis=1).astype(np.uint8)


def with_block(left: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = SCENE.copy()
    picture[100:200, left : left + 50] = (10, 10, 250)
    return picture


def warmed_up() -> Foreground:
    foreground = Foreground()
    for _ in range(WARM_UP + 20):
        foreground.update(SCENE)
    return foreground


def test_nothing_is_said_before_the_background_is_known() -> None:
    foreground = Foreground()
    assert [foreground.update(SCENE) is None for _ in range(WARM_UP + 1)] == [True] * WARM_UP + [False]


def test_what_moves_is_marked_and_the_rest_is_not() -> None:
    foreground = warmed_up()
    for left in range(100, 300, 20):
        mask = foreground.update(with_block(left))
        assert mask is not None
        moving, still = covered(np.asarray([[left, 100, left + 50, 200], [400, 10, 470, 200]], np.float32), mask, 480)
        assert moving > 0.9
        assert still < 0.05


def test_nothing_is_said_when_the_whole_picture_changes() -> None:
    foreground = warmed_up()
    assert foreground.update(255 - SCENE) is None


def test_another_size_of_picture_starts_anew() -> None:
    foreground = warmed_up()
    assert foreground.update(SCENE[:200]) is None


@pytest.mark.parametrize(
    ("box", "share"), [((0, 0, 240, 180), 0.25), ((0, 0, 120, 90), 1.0), ((120, 90, 240, 180), 0.0), ((-50, -50, -10, -10), 0.0), ((60, 0, 180, 90), 0.5)]
)
def test_cover_is_the_share_of_a_box_that_moves(box: tuple[float, ...], share: float) -> None:
    mask = np.zeros((90, 120), np.uint8)
    mask[:45, :60] = 1
    assert covered(np.asarray([box], np.float32), mask, 240)[0] == pytest.approx(share)
