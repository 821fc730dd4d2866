"""A still shows cells and nothing finer."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from consentry.counting.still import CELLS, pixelated_still


@pytest.mark.parametrize(("height", "width", "expected"), [(480, 640, (32, 24)), (640, 480, (24, 32)), (1080, 1920, (32, 18)), (8, 4000, (32, 1))])
def test_a_still_has_at_most_32_cells_along_its_longer_side(height: int, width: int, expected: tuple[int, int]) -> None:
    still = pixelated_still(np.zeros((height, width, 3), np.uint8), run="r", request="q", at=1.0)
    assert (still.width, still.height) == expected
    assert max(still.width, still.height) == CELLS
    assert len(base64.b64decode(still.pixels)) == 3 * still.width * still.height


def test_a_cell_is_the_mean_of_its_pixels_in_red_green_blue() -> None:
    image = np.zeros((320, 320, 3), np.uint8)
    image[:, :5] = (200, 100, 50)  # half of each cell of the first column, in blue-green-red
    cells = np.frombuffer(base64.b64decode(pixelated_still(image, run="r", request="q", at=1.0).pixels), np.uint8).reshape(32, 32, 3)
    assert cells[0, 0].tolist() == [25, 50, 100]
    assert cells[:, 1:].max() == 0


def test_two_pictures_that_differ_only_within_cells_give_the_same_still() -> None:
    random = np.random.default_rng(5)
    image = random.integers(0, 255, (320, 320, 3), np.uint8)
    shuffled = image.reshape(32, 10, 32, 10, 3).copy()
    shuffled = shuffled[:, random.permutation(10)][:, :, :, random.permutation(10)].reshape(image.shape)
    assert not np.array_equal(image, shuffled)
    assert pixelated_still(image, run="r", request="q", at=1.0) == pixelated_still(shuffled, run="r", request="q", at=1.0)
