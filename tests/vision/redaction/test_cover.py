"""Under a cover nothing is left, and outside of it nothing is changed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.vision.redaction.cover import COLOUR, cover, covered_areas

WIDTH, HEIGHT = 90, 60
BOX = st.tuples(st.floats(-20, 100), st.floats(-20, 80), st.floats(1, 70), st.floats(1, 70)).map(lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3]))


@settings(deadline=None)
@given(boxes=st.lists(BOX, max_size=4), seed=st.integers(0, 1000))
def test_pictures_that_differ_only_in_faces_become_the_same_picture(boxes: list[tuple[float, float, float, float]], seed: int) -> None:
    noise = np.random.default_rng(seed)
    one = noise.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    other = one.copy()
    faces = np.asarray(boxes, np.float32).reshape(-1, 4)
    for left, top, right, bottom in np.clip(np.rint(faces), 0, (WIDTH, HEIGHT, WIDTH, HEIGHT)).astype(int):
        other[top:bottom, left:right] = noise.integers(0, 256, (bottom - top, right - left, 3), np.uint8)
    before = one.copy()
    cover(one, faces)
    cover(other, faces)
    assert np.array_equal(one, other)
    outside = np.ones((HEIGHT, WIDTH), bool)
    for left, top, right, bottom in covered_areas(faces, WIDTH, HEIGHT):
        outside[top:bottom, left:right] = False
    assert np.array_equal(one[outside], before[outside])
    assert np.all(one[~outside] == COLOUR)


def test_the_cover_reaches_a_quarter_of_the_face_and_at_least_two_pixels_beyond_it() -> None:
    areas = covered_areas(np.asarray([[100, 100, 140, 180], [300, 300, 304, 304], [0, 0, 8, 8]], np.float32), 400, 400)
    assert areas.tolist() == [[90, 80, 150, 200], [298, 298, 306, 306], [0, 0, 10, 10]]
