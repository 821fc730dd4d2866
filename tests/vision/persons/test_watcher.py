"""Watchers: the same people as a look at the whole picture gives, with no look where and when nothing moves."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from consentry.platform.errors import ModelError
from consentry.vision.letterbox import Fit, fit_longest
from consentry.vision.model import Detections
from consentry.vision.persons.watcher import REFRESH, GatedWatcher, MosaicWatcher, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 320, 192
SIDE = 32
RATE = 25.0
FLOOR, BRIGHT = 60, 240


class SquareFinder:
    """Finds bright squares in inputs of any size, and remembers the area of each that it looked at."""

    name = "squares"

    def __init__(self) -> None:
        self.areas: list[int] = []
        self.error: Exception | None = None
        self.threshold = BRIGHT - 20

    def fit(self, width: int, height: int) -> Fit:
        return fit_longest(width, height, longest=320, multiple=32)

    def detect_input(self, pixels: Picture) -> Detections:
        self.areas.append(pixels.shape[0] * pixels.shape[1])
        assert pixels.shape[0] % 32 == pixels.shape[1] % 32 == 0
        if self.error:
            raise self.error
        return squares(pixels, self.threshold)

    def detect(self, image: Picture) -> Detections:
        return self.detect_input(image)


def squares(pixels: Picture, threshold: int = BRIGHT - 20) -> Detections:
    mask = (pixels[..., 1] > threshold).astype(np.uint8)
    found = cv2.connectedComponentsWithStats(mask)[2][1:]
    boxes = np.stack([found[:, 0], found[:, 1], found[:, 0] + found[:, 2], found[:, 1] + found[:, 3]], axis=1)
    return Detections(boxes.astype(np.float32), np.full(len(boxes), 0.9, np.float32))


def scene(*corners: tuple[float, float], width: int = WIDTH, height: int = HEIGHT, bright: int = BRIGHT) -> Picture:
    picture = np.full((height, width, 3), FLOOR, np.uint8)
    for x, y in corners:
        picture[round(y) : round(y) + SIDE, round(x) : round(x) + SIDE] = bright
    return picture


def rows(found: Detections) -> list[list[float]]:
    return sorted(found.boxes.tolist())


def expected(*corners: tuple[float, float]) -> list[list[float]]:
    return sorted([round(x), round(y), round(x) + SIDE, round(y) + SIDE] for x, y in corners)


def bouncing(seed: int, count: int) -> Callable[[float], list[tuple[float, float]]]:
    """Return where squares are at a time; one of them never moves, the others walk to and fro."""
    random = np.random.default_rng(seed)
    lanes = (np.arange(count) * (HEIGHT - SIDE) / count).tolist()
    starts, paces = random.uniform(0, WIDTH, count), random.uniform(100, 250, count)
    paces[0] = 0.0
    span = WIDTH - SIDE - 1
    return lambda time: [(span - abs((start + pace * time) % (2 * span) - span), y) for start, pace, y in zip(starts, paces, lanes, strict=True)]


both = pytest.mark.parametrize("watching", [GatedWatcher, MosaicWatcher])


@both
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("count", [2, 4])
def test_people_seen_are_those_of_a_look_at_the_whole_picture(watching: type[GatedWatcher | MosaicWatcher], seed: int, count: int) -> None:
    finder, where = SquareFinder(), bouncing(seed, count)
    watcher = watching(finder)
    for frame in range(200):
        picture = scene(*where(frame / RATE))
        assert rows(watcher.watch(picture, frame / RATE)) == rows(squares(picture))


def test_a_mosaic_spares_most_of_the_area_where_few_move() -> None:
    finder, where = SquareFinder(), bouncing(1, 2)
    watcher = MosaicWatcher(finder)
    for frame in range(400):
        watcher.watch(scene(*where(frame / RATE)), frame / RATE)
    assert sum(finder.areas[-200:]) < 0.5 * 200 * WIDTH * HEIGHT


@both
def test_where_nothing_moves_no_look_is_taken_before_it_is_due(watching: type[GatedWatcher | MosaicWatcher]) -> None:
    finder = SquareFinder()
    watcher, picture = watching(finder), scene((100, 100))
    looks = []
    for frame in range(round(5.5 * REFRESH * RATE)):
        assert rows(watcher.watch(picture, frame / RATE)) == expected((100, 100))
        looks.append(len(finder.areas))
    due = [frame / RATE for frame, (before, after) in enumerate(pairwise(looks), 1) if after > before]
    assert all(after == before + 1 for before, after in pairwise(looks) if after > before)
    assert np.diff([0.0, *due]) == pytest.approx(REFRESH, abs=1.01 / RATE)
    assert len(due) >= 5


@both
def test_a_look_that_was_wrong_is_mended_within_a_refresh(watching: type[GatedWatcher | MosaicWatcher]) -> None:
    finder = SquareFinder()
    watcher = watching(finder)
    watcher.watch(scene(), 0.0)
    # Too little brighter than the floor for the gate: only a look at the whole picture can find it.
    finder.threshold, faint = FLOOR + 5, scene((100, 100), bright=FLOOR + 10)
    times = np.arange(1, round(2 * REFRESH * RATE)) / RATE
    seen = [len(watcher.watch(faint, float(time))) for time in times]
    assert seen[0] == 0
    assert all(number == 1 for number, time in zip(seen, times.tolist(), strict=True) if time > REFRESH + 1 / RATE)


@both
def test_whoever_stands_stays_seen_while_another_walks(watching: type[GatedWatcher | MosaicWatcher]) -> None:
    watcher = watching(SquareFinder())
    for frame in range(100):
        walker = (10.0 + 5 * (frame % 50), 20.0)
        assert rows(watcher.watch(scene(walker, (250, 150)), frame / RATE)) == expected(walker, (250, 150))


@both
@pytest.mark.parametrize("gap", [4, 8, 14, 20])
def test_whoever_stands_is_not_cut_by_the_region_of_whoever_passes_close_by(gap: int, watching: type[GatedWatcher | MosaicWatcher]) -> None:
    watcher = watching(SquareFinder())
    for frame in range(120):
        walker = (10.0 + 5 * (frame % 50), 60.0 + SIDE + gap)
        assert rows(watcher.watch(scene(walker, (120, 60)), frame / RATE)) == expected(walker, (120, 60))


@both
@pytest.mark.parametrize("x", range(100, 160, 10))
def test_whoever_stands_is_not_cut_by_a_region_around_two_others(x: int, watching: type[GatedWatcher | MosaicWatcher]) -> None:
    watcher = watching(SquareFinder())
    for frame in range(120):
        step = 6 * (frame % 2)
        people = ((50 + step, 50), (96 + step, 96), (x, 42))
        assert rows(watcher.watch(scene(*people), frame / RATE)) == expected(*people)


@both
def test_whoever_comes_is_seen_at_once_and_whoever_leaves_is_gone_at_once(watching: type[GatedWatcher | MosaicWatcher]) -> None:
    watcher = watching(SquareFinder())
    shows = [(), ((100, 100),), ((100, 100), (250, 20)), ((250, 20),), ()]
    for step, corners in enumerate(shows * 20):
        assert rows(watcher.watch(scene(*corners), step / RATE)) == expected(*corners), step


@both
def test_a_picture_of_another_size_is_looked_at_whole(watching: type[GatedWatcher | MosaicWatcher]) -> None:
    finder = SquareFinder()
    watcher = watching(finder)
    watcher.watch(scene((100, 100)), 0.0)
    assert rows(watcher.watch(scene((100, 50), width=192, height=320), 0.1)) == expected((100, 50))
    assert finder.areas[-1] == 192 * 320
    assert rows(watcher.watch(scene((200, 50)), 0.2)) == expected((200, 50))


def test_boxes_are_in_pixels_of_the_picture_whatever_the_input() -> None:
    watcher = MosaicWatcher(SquareFinder())
    for frame in range(120):
        corner = (20.0 + 5 * frame, 200.0)
        picture = scene(corner, width=800, height=480)
        (seen,) = watcher.watch(picture, frame / RATE).boxes
        assert seen == pytest.approx(expected(corner)[0], abs=4.0)


@both
@pytest.mark.parametrize("moving", [False, True])
def test_an_error_of_the_detector_reaches_whoever_watches(watching: type[GatedWatcher | MosaicWatcher], moving: bool) -> None:
    finder = SquareFinder()
    watcher = watching(finder)
    watcher.watch(scene((100, 100)), 0.0)
    finder.error = ModelError("model.network", "squares", "it fell over", "Verify the weights.")
    with pytest.raises(ModelError, match="it fell over"):
        watcher.watch(scene((200, 100) if moving else (100, 100)), 0.1 if moving else 2 * REFRESH)


@both
def test_two_watchers_of_one_detector_share_nothing(watching: type[GatedWatcher | MosaicWatcher]) -> None:
    finder = SquareFinder()
    watchers: Sequence[Watcher] = [watching(finder), watching(finder)]
    for frame in range(60):
        places = [(10.0 + 4 * frame, 100.0), (250.0 - 4 * frame, 20.0)]
        for watcher, place in zip(watchers, places, strict=True):
            assert rows(watcher.watch(scene(place), frame / RATE)) == expected(place)


@both
def test_a_watcher_has_the_name_of_its_detector(watching: type[GatedWatcher | MosaicWatcher]) -> None:
    assert watching(SquareFinder()).name == "squares"


def test_a_detector_of_any_size_is_asked_how_it_takes_each_picture() -> None:
    finder = SquareFinder()
    finder.fit = partial(fit_longest, longest=160, multiple=32)  # type: ignore[method-assign]
    MosaicWatcher(finder).watch(scene((96, 96)), 0.0)
    assert 160 * 96 in finder.areas
