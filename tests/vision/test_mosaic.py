"""Regions that move, and the small picture that they are packed into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.vision.model import Detections
from consentry.vision.mosaic import Mosaic, divisors, moving_regions, pack
from consentry.vision.motion import CELL

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 256
PLOT = 64
WALL = (640, 512)
SPECK = 16
"""Cells: a person far away covers more."""

Box = tuple[int, int, int, int]


@st.composite
def boxes_within(draw: st.DrawFn, width: int, height: int, least: int, most: int) -> Box:
    """Draw whole-numbered corners of a box in a picture, its sides from ``least`` to ``most`` pixels."""
    wide, high = draw(st.integers(least, min(most, width))), draw(st.integers(least, min(most, height)))
    x, y = draw(st.integers(0, width - wide)), draw(st.integers(0, height - high))
    return (x, y, x + wide, y + high)


@st.composite
def disjoint_regions(draw: st.DrawFn) -> NDArray[np.int32]:
    """Draw regions that do not overlap, each on a plot of its own."""
    plots = draw(st.lists(st.tuples(st.integers(0, WIDTH // PLOT - 1), st.integers(0, HEIGHT // PLOT - 1)), min_size=1, max_size=12, unique=True))
    shapes = [draw(boxes_within(PLOT, PLOT, 1, PLOT)) for _ in plots]
    return np.array([(x1 + x * PLOT, y1 + y * PLOT, x2 + x * PLOT, y2 + y * PLOT) for (x, y), (x1, y1, x2, y2) in zip(plots, shapes, strict=True)], np.int32)


def packed(regions: NDArray[np.int32], *sizes: tuple[int, int]) -> Mosaic:
    mosaic = pack(regions, sizes or [WALL])
    assert mosaic is not None
    return mosaic


def overlapping(boxes: NDArray[np.int32]) -> int:
    """Return how many pairs of boxes share a pixel."""
    low, high = np.maximum(boxes[:, None, :2], boxes[None, :, :2]), np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    return int(np.triu((low < high).all(axis=-1), 1).sum())


def placed(mosaic: Mosaic) -> NDArray[np.int32]:
    """Return where the regions lie in the packed picture."""
    return np.hstack([mosaic.places[:, :2], mosaic.places[:, :2] + mosaic.regions[:, 2:] - mosaic.regions[:, :2]])


def people(*boxes: Box) -> NDArray[np.float32]:
    return np.array(boxes, np.float32).reshape(-1, 4)


def found(boxes: NDArray[np.floating]) -> Detections:
    return Detections(boxes.astype(np.float32), np.linspace(0.9, 0.3, len(boxes), dtype=np.float32))


def mask(*blobs: Box) -> NDArray[np.bool_]:
    """Return moving cells; blobs are in cells."""
    moving = np.zeros((HEIGHT // CELL, WIDTH // CELL), bool)
    for x1, y1, x2, y2 in blobs:
        moving[y1:y2, x1:x2] = True
    return moving


def holds(regions: NDArray[np.int32], box: Box) -> bool:
    x1, y1, x2, y2 = box
    return bool(((regions[:, 0] <= x1) & (regions[:, 1] <= y1) & (regions[:, 2] >= x2) & (regions[:, 3] >= y2)).any())


moving_blobs = st.lists(boxes_within(WIDTH // CELL, HEIGHT // CELL, 4, 16), max_size=5)
seen_people = st.lists(boxes_within(WIDTH, HEIGHT, 10, 120), max_size=5)


@settings(max_examples=150, deadline=None)
@given(moving_blobs, seen_people)
def test_regions_are_disjoint_and_inside_the_picture(blobs: list[Box], seen: list[Box]) -> None:
    regions = moving_regions(mask(*blobs), people(*seen), WIDTH, HEIGHT)
    assert regions.dtype == np.int32
    assert overlapping(regions) == 0
    assert (regions[:, :2] >= 0).all()
    assert (regions[:, 2:] <= (WIDTH, HEIGHT)).all()
    assert (regions[:, :2] < regions[:, 2:]).all()


@settings(max_examples=150, deadline=None)
@given(moving_blobs)
def test_every_moving_blob_lies_whole_in_a_region(blobs: list[Box]) -> None:
    regions = moving_regions(mask(*blobs), people(), WIDTH, HEIGHT)
    for x1, y1, x2, y2 in blobs:
        assert holds(regions, (x1 * CELL, y1 * CELL, x2 * CELL, y2 * CELL))


@settings(max_examples=150, deadline=None)
@given(moving_blobs, seen_people)
def test_every_person_touched_by_motion_lies_whole_in_a_region(blobs: list[Box], seen: list[Box]) -> None:
    moving = mask(*blobs)
    regions = moving_regions(moving, people(*seen), WIDTH, HEIGHT)
    pixels = moving.repeat(CELL, axis=0).repeat(CELL, axis=1)
    for x1, y1, x2, y2 in seen:
        if pixels[y1:y2, x1:x2].any():
            assert holds(regions, (x1, y1, x2, y2))


@settings(max_examples=150, deadline=None)
@given(moving_blobs, seen_people)
def test_motion_in_no_region_is_no_more_than_specks(blobs: list[Box], seen: list[Box]) -> None:
    moving = mask(*blobs)
    unseen = moving.astype(np.uint8)
    for x1, y1, x2, y2 in moving_regions(moving, people(*seen), WIDTH, HEIGHT).tolist():
        unseen[y1 // CELL : -(-y2 // CELL), x1 // CELL : -(-x2 // CELL)] = 0
    specks = cv2.connectedComponentsWithStats(unseen, connectivity=8)[2][1:, cv2.CC_STAT_AREA]
    assert (specks < SPECK).all()


def test_where_nothing_moves_there_is_no_region() -> None:
    assert moving_regions(mask(), people((10, 10, 60, 160)), WIDTH, HEIGHT).shape == (0, 4)


def test_a_person_away_from_all_motion_is_left_alone() -> None:
    regions = moving_regions(mask((4, 4, 10, 10)), people((200, 40, 240, 160)), WIDTH, HEIGHT)
    assert len(regions) == 1
    assert not holds(regions, (200, 40, 240, 160))


def test_a_single_flickering_cell_is_nobody() -> None:
    assert len(moving_regions(mask((4, 4, 5, 5)), people(), WIDTH, HEIGHT)) == 0


def test_a_moving_arm_takes_the_whole_person_along() -> None:
    person = (100, 40, 150, 200)
    assert holds(moving_regions(mask((25, 12, 26, 13)), people(person), WIDTH, HEIGHT), person)


@settings(max_examples=150, deadline=None)
@given(disjoint_regions())
def test_packed_regions_keep_their_shape_lie_inside_and_never_overlap(regions: NDArray[np.int32]) -> None:
    mosaic = packed(regions, (128, 96), (192, 160), (320, 256), WALL)
    places = placed(mosaic)
    assert np.array_equal(mosaic.regions, regions)
    assert overlapping(places) == 0
    assert (places[:, :2] >= 0).all()
    assert (places[:, 2:] <= (mosaic.width, mosaic.height)).all()


@settings(max_examples=100, deadline=None)
@given(disjoint_regions(), st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), max_size=4))
def test_the_first_size_that_holds_them_is_taken(regions: NDArray[np.int32], sizes: list[tuple[int, int]]) -> None:
    alone = [size for size in sizes if pack(regions, [size]) is not None]
    mosaic = pack(regions, sizes)
    assert (None if mosaic is None else (mosaic.width, mosaic.height)) == (alone[0] if alone else None)


@pytest.mark.parametrize("sizes", [[], [(39, 400)], [(400, 59)]])
def test_a_region_larger_than_every_size_is_not_packed(sizes: list[tuple[int, int]]) -> None:
    region = np.array([[10, 20, 50, 80]], np.int32)
    assert pack(region, sizes) is None
    assert pack(region, [*sizes, (40, 60)]) is not None


@settings(max_examples=80, deadline=None)
@given(disjoint_regions(), st.integers(0, 2**32 - 1))
def test_a_packed_picture_shows_each_region_as_it_is_and_grey_between(regions: NDArray[np.int32], seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    mosaic = packed(regions)
    picture = mosaic.compose(image)
    assert picture.shape == (mosaic.height, mosaic.width, 3)
    rest = np.ones(picture.shape[:2], bool)
    for (x1, y1, x2, y2), (left, top, right, bottom) in zip(regions.tolist(), placed(mosaic).tolist(), strict=True):
        assert np.array_equal(picture[top:bottom, left:right], image[y1:y2, x1:x2])
        rest[top:bottom, left:right] = False
    assert len(np.unique(picture[rest])) == 1


@settings(max_examples=150, deadline=None)
@given(disjoint_regions(), st.data())
def test_boxes_come_back_exactly_where_they_were(regions: NDArray[np.int32], data: st.DataObject) -> None:
    inner = [data.draw(boxes_within(x2 - x1, y2 - y1, 1, PLOT)) for x1, y1, x2, y2 in regions.tolist()]
    mosaic = packed(regions)
    shown = found(np.array(inner) + np.tile(mosaic.places[:, :2], 2))
    back = mosaic.restore(shown)
    assert np.array_equal(back.boxes, np.array(inner) + np.tile(regions[:, :2], 2))
    assert np.array_equal(back.scores, shown.scores)


@settings(max_examples=150, deadline=None)
@given(disjoint_regions(), st.lists(boxes_within(*WALL, 2, 80), max_size=12))
def test_what_is_centred_between_regions_is_dropped_and_nothing_reaches_out_of_its_region(regions: NDArray[np.int32], boxes: list[Box]) -> None:
    mosaic = packed(regions)
    shown = found(people(*boxes))
    centres = (shown.boxes[:, :2] + shown.boxes[:, 2:]) / 2
    places = placed(mosaic)
    owners = [[index for index, (x1, y1, x2, y2) in enumerate(places) if x1 <= x < x2 and y1 <= y < y2] for x, y in centres.tolist()]
    back = mosaic.restore(shown)
    assert back.scores.tolist() == [score for score, owner in zip(shown.scores.tolist(), owners, strict=True) if owner]
    for box, owner in zip(back.boxes, [owner[0] for owner in owners if owner], strict=True):
        assert holds(regions[[owner]], tuple(box.tolist()))


@settings(max_examples=150, deadline=None)
@given(disjoint_regions(), st.lists(boxes_within(WIDTH, HEIGHT, 2, 80), max_size=12))
def test_what_held_before_is_kept_exactly_where_no_region_was_looked_at(regions: NDArray[np.int32], boxes: list[Box]) -> None:
    held = found(people(*boxes))
    kept = packed(regions).outside(held)
    centres = ((held.boxes[:, :2] + held.boxes[:, 2:]) / 2).tolist()
    expected = [index for index, (x, y) in enumerate(centres) if not any(x1 <= x < x2 and y1 <= y < y2 for x1, y1, x2, y2 in regions.tolist())]
    assert np.array_equal(kept.boxes, held.boxes[expected])
    assert np.array_equal(kept.scores, held.scores[expected])


def test_nobody_found_and_nobody_held_is_nobody() -> None:
    mosaic = packed(np.array([[0, 0, 40, 40]], np.int32))
    nobody = found(people())
    assert mosaic.restore(nobody).boxes.shape == mosaic.outside(nobody).boxes.shape == (0, 4)


@pytest.mark.parametrize(("heights", "divisor"), [([], 1.0), ([32], 1.0), ([64], 1.0), ([96], 1.5), ([200, 128], 2.0), ([900], 4.0)])
def test_a_region_shrinks_until_its_smallest_person_is_just_large_enough(heights: list[int], divisor: float) -> None:
    regions = np.array([(0, 0, 400, 1000)], np.int32)
    people = np.array([(10, 10, 50, 10 + height) for height in heights], np.float32).reshape(-1, 4)
    assert divisors(regions, people).tolist() == [divisor]


def test_a_shrunk_region_is_packed_smaller_and_its_boxes_come_back_in_place() -> None:
    regions = np.array([(100, 50, 300, 450)], np.int32)
    mosaic = pack(regions, [(200, 300)], np.array([2.0]))
    assert mosaic is not None
    assert mosaic.places.tolist() == [[0, 0, 100, 200]]
    assert mosaic.compose(np.full((500, 400, 3), 9, np.uint8))[:200, :100].tolist() == np.full((200, 100, 3), 9).tolist()
    found = mosaic.restore(Detections(np.array([(10, 20, 50, 180)], np.float32), np.array([0.9], np.float32)))
    assert found.boxes.tolist() == [[120, 90, 200, 410]]
