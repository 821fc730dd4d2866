"""Tiles, mirror images and sizes, with a detector that finds white squares: what is there is found once, where it is, whatever its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.vision.boxes import overlaps
from consentry.vision.faces.geometry import no_faces
from consentry.vision.faces.mirrored import MirroredFaces, averaged, mirrored
from consentry.vision.faces.model import Faces
from consentry.vision.faces.scales import ScaledFaces
from consentry.vision.faces.tiles import ENLARGEMENT, LARGEST, TILE, TiledFaces, spans, views

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCORE = 0.9


class Squares:
    """Finds white squares whose side in the picture it is shown lies within its range, as a network finds faces."""

    name = "squares"

    def __init__(self, smallest: int = 12, largest: int = 640) -> None:
        self.smallest, self.largest = smallest, largest
        self.shown: list[tuple[int, ...]] = []

    def detect(self, picture: NDArray[np.uint8]) -> Faces:
        self.shown.append(picture.shape[:2])
        stats = cv2.connectedComponentsWithStats((picture[..., 0] > 127).astype(np.uint8))[2][1:]
        sides = stats[:, 2:4].max(axis=1, initial=0)
        seen = stats[(sides >= self.smallest) & (sides <= self.largest)].astype(np.float32)
        boxes = np.concatenate([seen[:, :2], seen[:, :2] + seen[:, 2:4]], axis=1)
        landmarks = boxes[:, None, :2] + np.asarray([[0.3, 0.3], [0.7, 0.3], [0.5, 0.5], [0.3, 0.7], [0.7, 0.7]], np.float32) * seen[:, None, 2:4]
        return Faces(boxes, np.full(len(boxes), SCORE, np.float32), landmarks.astype(np.float32))


def drawn(width: int, height: int, boxes: list[tuple[int, int, int, int]]) -> NDArray[np.uint8]:
    picture = np.zeros((height, width, 3), np.uint8)
    for left, top, right, bottom in boxes:
        picture[top:bottom, left:right] = 255
    return picture


CROWD = [
    (0, 0, 9, 9),  # in a corner
    (1591, 1190, 1600, 1199),  # in the other one
    (30, 5, 44, 19),
    *[(x, 600, x + 10, 610) for x in range(100, 1500, 17)],  # a row, over every border between tiles
    *[(700, y, 712, y + 12) for y in range(50, 590, 19)],
    (200, 100, 263, 163),  # where two enlargements share the work
    (300, 100, 354, 154),
    (900, 100, 1055, 255),
    (1100, 650, 1580, 1130),  # larger than what tiles share
]


def test_each_tile_is_told_as_a_share_of_all() -> None:
    detector, shares = Squares(), list[float]()
    TiledFaces(detector, low_score=0.5, on_progress=shares.append).detect(drawn(700, 500, []))
    assert shares == pytest.approx([(done + 1) / len(detector.shown) for done in range(len(detector.shown))])


@pytest.mark.parametrize("detector", [Squares(), MirroredFaces(Squares())])
def test_every_square_of_a_crowd_is_found_once_where_it_is(detector: Squares | MirroredFaces) -> None:
    found = TiledFaces(detector, low_score=0.5).detect(drawn(1600, 1200, CROWD))
    table = overlaps(np.asarray(CROWD, np.float32), found.boxes)
    assert len(found) == len(CROWD)
    assert np.all(table.max(axis=1) > 0.7)
    assert np.all((table > 0.3).sum(axis=0) == 1)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 900), (200, 150), (1280, 720), (5000, 40)])
def test_pictures_of_any_shape_are_looked_at_whole_in_tiles_of_bounded_size(width: int, height: int) -> None:
    detector = Squares()
    assert len(TiledFaces(detector, low_score=0.5).detect(np.zeros((height, width, 3), np.uint8))) == 0
    assert max(side for shape in detector.shown for side in shape) <= TILE


def test_landmarks_lie_in_their_squares_after_all_the_moving() -> None:
    found = TiledFaces(MirroredFaces(Squares()), low_score=0.5).detect(drawn(1600, 1200, [(800, 600, 830, 630)]))
    assert found.landmarks[0] == pytest.approx(np.asarray([[809, 609], [821, 609], [815, 615], [809, 621], [821, 621]]), abs=1.5)


def test_weak_faces_are_left_out() -> None:
    picture = drawn(400, 300, [(100, 100, 120, 120)])
    assert len(TiledFaces(Squares(), low_score=SCORE + 0.01).detect(picture)) == 0


@settings(deadline=None)
@given(length=st.integers(1, 40_000))
def test_tiles_own_every_point_and_see_around_it(length: int) -> None:
    tiles = spans(length)
    assert tiles[0].start == 0
    assert tiles[-1].stop == length
    assert len({tile.stop - tile.start for tile in tiles}) == 1
    assert tiles[0].stop <= TILE
    for point in np.linspace(0, length, 50):
        owners = [tile for tile in tiles if tile.low <= point <= tile.high]
        assert 1 <= len(owners) <= 2
        for tile in owners:
            assert point - tile.start >= min(LARGEST / 2 - 4, point)
            assert tile.stop - point >= min(LARGEST / 2 - 4, length - point)


@settings(deadline=None)
@given(width=st.integers(1, 30_000), height=st.integers(1, 30_000), side=st.floats(0.5, 30_000))
def test_a_face_of_any_size_suits_a_view_and_fits_what_its_tiles_share(width: int, height: int, side: float) -> None:
    looks = views(width, height)
    assert looks[0].scale == ENLARGEMENT
    assert any(view.smallest <= side <= view.largest for view in looks)
    assert all(view.largest * view.scale <= LARGEST + 1e-6 for view in looks[:-1])


def test_mirroring_twice_changes_nothing() -> None:
    found = Squares().detect(drawn(300, 200, [(10, 20, 40, 50), (200, 100, 260, 160)]))
    again = mirrored(mirrored(found, 300), 300)
    assert np.array_equal(again.boxes, found.boxes)
    assert again.landmarks == pytest.approx(found.landmarks, abs=1e-4)


def one(left: float, score: float) -> Faces:
    return Faces(np.asarray([[left, 0, left + 10, 10]], np.float32), np.asarray([score], np.float32), np.full((1, 5, 2), left, np.float32))


def test_two_looks_vote() -> None:
    both = averaged(one(0, 0.9), one(1, 0.3))
    assert both.scores.tolist() == pytest.approx([0.6])
    assert both.boxes[0].tolist() == pytest.approx([0.25, 0, 10.25, 10])
    assert averaged(one(0, 0.9), one(50, 0.3)).scores.tolist() == pytest.approx([0.45, 0.15])
    assert averaged(one(0, 0.9), no_faces()).scores.tolist() == pytest.approx([0.45])
    assert len(averaged(no_faces(), no_faces())) == 0


def test_two_looks_at_a_whole_frame_find_small_and_large_squares_once_each() -> None:
    boxes = [(10, 10, 40, 40), (100, 100, 260, 260), (300, 50, 900, 650)]
    large, small = Squares(smallest=10, largest=400), Squares(smallest=80, largest=900)
    found = ScaledFaces(large, small).detect(drawn(1000, 700, boxes))
    assert sorted(found.boxes.tolist()) == sorted([list(map(float, box)) for box in boxes])
