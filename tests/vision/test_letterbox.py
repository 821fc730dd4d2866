"""Where a picture lies in a network's input, and the way back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.vision.letterbox import GREY, Canvas, Fit, fit_fixed, fit_longest
from consentry.vision.model import Detections

if TYPE_CHECKING:
    from collections.abc import Callable

sides = st.integers(2, 4000)


@pytest.mark.parametrize(
    ("picture", "content", "whole"),
    [
        ((480, 360), (640, 480), (640, 480)),
        ((1920, 1080), (640, 360), (640, 384)),
        ((626, 360), (640, 368), (640, 384)),
        ((1080, 1920), (360, 640), (384, 640)),
        ((640, 640), (640, 640), (640, 640)),
        ((4000, 2), (640, 1), (640, 32)),
    ],
)
def test_a_network_of_any_size_takes_the_picture_at_640(picture: tuple[int, int], content: tuple[int, int], whole: tuple[int, int]) -> None:
    fit = fit_longest(*picture, 640, 32)
    assert ((fit.content_width, fit.content_height), (fit.width, fit.height)) == (content, whole)


@pytest.mark.parametrize(
    ("picture", "content"),
    [((480, 360), (416, 312)), ((1920, 1080), (416, 234)), ((360, 480), (312, 416)), ((100, 100), (416, 416))],
)
def test_a_network_of_fixed_size_takes_the_picture_with_its_aspect(picture: tuple[int, int], content: tuple[int, int]) -> None:
    fit = fit_fixed(*picture, 416, 416)
    assert (fit.content_width, fit.content_height, fit.width, fit.height) == (*content, 416, 416)


@given(sides, sides, st.integers(32, 1300))
def test_the_input_holds_the_picture_and_wastes_less_than_a_block(width: int, height: int, longest: int) -> None:
    fit = fit_longest(width, height, longest, 32)
    assert fit.width % 32 == fit.height % 32 == 0
    assert 0 <= fit.width - fit.content_width < 32
    assert 0 <= fit.height - fit.content_height < 32
    assert max(fit.content_width, fit.content_height) == max(longest // 32, 1) * 32


@pytest.mark.parametrize("placed", [partial(fit_longest, longest=640, multiple=32), partial(fit_fixed, width=416, height=416)])
@given(width=sides, height=sides, left=st.floats(0, 0.8), top=st.floats(0, 0.8))
def test_a_box_comes_back_from_the_input_where_it_was(placed: Callable[[int, int], Fit], width: int, height: int, left: float, top: float) -> None:
    fit = placed(width, height)
    box = np.asarray([[left * width, top * height, left * width + max(0.2 * width, 1), top * height + max(0.2 * height, 1)]], np.float32)
    box = np.minimum(box, np.asarray([width, height] * 2, np.float32))
    back = fit.to_picture(Detections(fit.to_input(box), np.ones(1, np.float32)))
    if np.all(box[:, 2:] - box[:, :2] >= 1.01):
        assert back.boxes == pytest.approx(box, rel=1e-4, abs=1e-2)


def test_the_padding_is_grey_and_the_content_is_the_picture() -> None:
    canvas = Canvas()
    fit = fit_fixed(20, 10, 40, 40)
    drawn = canvas.draw(np.full((10, 20, 3), 200, np.uint8), fit)
    assert drawn.shape == (40, 40, 3)
    assert np.all(drawn[:20] == 200)
    assert np.all(drawn[20:] == GREY)


def test_nothing_of_an_earlier_picture_of_another_size_remains() -> None:
    canvas = Canvas()
    canvas.draw(np.full((40, 40, 3), 255, np.uint8), fit_fixed(40, 40, 40, 40))
    drawn = canvas.draw(np.zeros((10, 40, 3), np.uint8), fit_fixed(40, 10, 40, 40))
    assert drawn.max() == GREY
