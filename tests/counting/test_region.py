"""The region of interest: only what lies inside is looked at, and what is found there keeps its place on the picture."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from consentry.cli.count import parse_region
from consentry.counting.counter import Plan
from consentry.counting.model import Crossing, Direction, Line, Point, Region
from consentry.counting.rules import check_region
from consentry.counting.service import count_frames
from consentry.platform.errors import GeometryError
from consentry.video.entrance import entrance
from consentry.video.model import Frame, Size
from consentry.video.render import frames as render
from consentry.video.scene import crossings
from consentry.vision.model import Detections
from consentry.vision.persons.select import EMBEDDED, open_watcher

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = Size(640, 480)


class BrightSpots:
    """Takes the bright pixels of a picture for one person, and remembers the sizes it was shown."""

    name = "bright"

    def __init__(self) -> None:
        self.sizes: set[tuple[int, int]] = set()

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:  # noqa: ARG002 - the port's signature
        self.sizes.add((image.shape[1], image.shape[0]))
        rows, columns = np.nonzero(image[..., 0] > 128)
        boxes = [(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)] if len(rows) else []
        return Detections(np.array(boxes, np.float32).reshape(-1, 4), np.ones(len(boxes), np.float32))


def frames(left: int, top: int, share: float = 1.0) -> list[Frame]:
    image = np.zeros((round(480 * share), round(640 * share), 3), np.uint8)
    image[round(top * share) : round((top + 80) * share), round(left * share) : round((left + 40) * share)] = 255
    return [Frame(image, index / 10, SIZE) for index in range(5)]


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_whoever_is_inside_keeps_their_place_on_the_picture(share: float) -> None:
    watcher = BrightSpots()
    *_, last = count_frames(frames(200, 160, share), watcher, Plan(region=Region(100, 120, 400, 400)))
    assert last.boxes[0] == pytest.approx([200, 160, 240, 240], abs=1.0)
    assert watcher.sizes == {(round(300 * share), round(280 * share))}


@pytest.mark.slow
def test_two_who_come_in_side_by_side_through_a_narrow_region_are_two() -> None:
    """Each is in the region for ten pictures; the embedded detector must find them in nearly all of them, though it searches only parts of it."""
    scene = entrance(7, 4)
    pictures = [(at, cv2.resize(image, (640, 400), interpolation=cv2.INTER_AREA)) for at, image in islice(render(scene), 77, 116, 2)]
    seen = [Frame(np.asarray(image, np.uint8), at, scene.size) for at, image in pictures]
    plan = Plan((Line("door", Point(*scene.line.start), Point(*scene.line.end)),), region=Region(290, 80, 510, 500))
    *_, last = count_frames(seen, open_watcher(EMBEDDED, longest_side=640), plan)
    assert last.counter is not None
    found = [(event.time, event.direction) for event in last.counter.finish().events if isinstance(event, Crossing)]
    true = [(at, way) for at, way in crossings(scene) if seen[0].time < at < seen[-1].time]
    assert [way for _, way in found] == [way for _, way in true] == [Direction.IN, Direction.IN]
    assert [at for at, _ in found] == pytest.approx([at for at, _ in true], abs=0.3)


def test_whoever_is_outside_is_not_seen() -> None:
    *_, last = count_frames(frames(500, 160), BrightSpots(), Plan(region=Region(100, 120, 400, 400)))
    assert len(last.boxes) == 0


@pytest.mark.parametrize(
    ("region", "code"),
    [
        (Region(-2, 0, 300, 300), "region.outside"),
        (Region(0, 0, 642, 300), "region.outside"),
        (Region(0, 0, 63, 300), "region.too-small"),
        (Region(300, 300, 100, 100), "region.too-small"),
    ],
)
def test_a_region_in_which_nobody_could_be_found_is_refused(region: Region, code: str) -> None:
    with pytest.raises(GeometryError) as refused:
        Plan(region=region).on(SIZE)
    assert refused.value.code == code


def test_the_whole_picture_and_a_tenth_of_it_are_regions() -> None:
    check_region(Region(0, 0, 640, 480), 640, 480)
    check_region(Region(0, 0, 64, 48), 640, 480)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,x", "1,2,3,nan", "1,2,3,4,5"])
def test_a_region_that_is_not_four_numbers_is_refused(text: str) -> None:
    with pytest.raises(GeometryError) as refused:
        parse_region(text)
    assert refused.value.code == "region.syntax"


def test_a_region_is_read_as_it_is_written() -> None:
    assert parse_region("1,2.5,300,400") == Region(1, 2.5, 300, 400)
    assert parse_region(None) is None
