"""Where a sliding window looks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from consentry.vision.boxes import no_people
from consentry.vision.persons.hog import TRIM_Y
from consentry.vision.persons.search_areas import search_areas

SPOTS = st.lists(st.tuples(st.integers(0, 220), st.integers(0, 160), st.integers(3, 19), st.integers(3, 19)), max_size=6)


def mask_of(spots: list[tuple[int, int, int, int]]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    mask = np.zeros((180, 240), np.uint8)
    for x, y, width, height in spots:
        mask[y : y + height, x : x + width] = 1
    return mask


def test_nothing_is_searched_where_nothing_moves() -> None:
    assert search_areas(mask_of([]), no_people().boxes, 480, 360) == []


def test_a_speck_is_noise() -> None:
    assert search_areas(mask_of([(100, 100, 2, 2)]), no_people().boxes, 480, 360) == []


def test_a_person_seen_last_is_searched_for_although_they_stand_still() -> None:
    ((left, top, right, bottom),) = search_areas(mask_of([]), np.asarray([[200, 100, 230, 180]], np.float32), 480, 360)
    assert left < 200 - 20
    assert right > 230 + 20
    assert top < 100 - 20
    assert bottom > 180 + 20


def test_two_people_apart_are_two_searches_and_two_close_are_one() -> None:
    nobody = no_people().boxes
    assert len(search_areas(mask_of([(10, 100, 8, 20), (200, 100, 8, 20)]), nobody, 480, 360)) == 2
    assert len(search_areas(mask_of([(10, 100, 8, 20), (24, 100, 8, 20)]), nobody, 480, 360)) == 1


@given(st.integers(60, 120), st.integers(80, 220), st.floats(0.28, 0.5), st.floats(1.0, 1.1))
def test_the_window_around_a_moving_person_fits_into_their_area_in_a_narrow_region(left: int, height: int, slimness: float, level: float) -> None:
    """The windows of the detector are half as wide as high, the person in the middle; ``level``: how much too large the pyramid's nearest one is."""
    width = round(height * slimness)
    mask = np.zeros((388, 240), np.uint8)
    mask[100 : 100 + height, left : left + width] = 1
    ((area_left, top, right, bottom),) = search_areas(mask, no_people().boxes, 240, 388)
    window = level * height / (1 - 2 * TRIM_Y)
    middle, waist = left + width / 2, 100 + height / 2
    assert area_left <= max(0, middle - window / 4)
    assert right >= min(240, middle + window / 4)
    assert top <= max(0, waist - window / 2)
    assert bottom >= min(388, waist + window / 2)


def test_a_busy_picture_is_searched_at_once() -> None:
    assert search_areas(mask_of([(x, 30, 10, 110) for x in range(0, 240, 20)]), no_people().boxes, 480, 360) == [(0, 0, 480, 360)]


@given(SPOTS)
def test_areas_hold_every_spot_lie_inside_and_do_not_overlap(spots: list[tuple[int, int, int, int]]) -> None:
    areas = search_areas(mask_of(spots), no_people().boxes, 480, 360)
    searched = np.zeros((360, 480), np.uint8)
    for left, top, right, bottom in areas:
        assert 0 <= left < right <= 480
        assert 0 <= top < bottom <= 360
        searched[top:bottom, left:right] += 1
    assert searched.max(initial=0) <= 1
    for x, y, width, height in spots:
        assert searched[2 * y : 2 * (y + height), 2 * x : 2 * (x + width)].all()
