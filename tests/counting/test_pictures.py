"""Pictures of a count: right shapes for any picture, and a preview in which nobody can be recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.counting.counter import Plan
from consentry.counting.folds import LineCount
from consentry.counting.heat import HeatGrid
from consentry.counting.model import Line, Point, Zone
from consentry.counting.pictures import PREVIEW_CELLS, flow_picture, heat_picture, preview_picture
from consentry.video.model import Size
from tests.counting.paths import walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZES = [Size(640, 360), Size(360, 640), Size(641, 361), Size(3840, 2160), Size(33, 31), Size(2000, 10), Size(10, 2000), Size(1, 1)]
NOBODY: NDArray[np.float64] = np.zeros((0, 4))


def plan_on(size: Size) -> Plan:
    middle, bottom = Point(size.width / 2, 0), Point(size.width / 2, size.height)
    zone = Zone("大厅 hall", (Point(0, 0), Point(size.width, 0), Point(size.width, size.height)))
    return Plan((Line("正门 door", middle, bottom),), (zone,))


def walked(size: Size) -> HeatGrid:
    heat = HeatGrid(size.width, size.height)
    heat.update(walk([(size.width * step / 20, size.height / 2) for step in range(20)], every=0.2))
    return heat


def counts(entered: int = 3) -> list[LineCount]:
    return [LineCount("正门 door", entered, 2, 2, 1)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("empty", [True, False], ids=["nobody", "somebody"])
def test_heat_and_flow_are_pictures_of_the_same_shape_as_the_source(size: Size, empty: bool) -> None:
    heat = HeatGrid(size.width, size.height) if empty else walked(size)
    for picture in (heat_picture(heat, plan_on(size), size), flow_picture(heat, plan_on(size), size, counts())):
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.shape[2] == 3
        assert max(picture.shape[:2]) >= 1000
    flow = flow_picture(heat, plan_on(size), size, counts())
    assert abs(flow.shape[0] * size.width - flow.shape[1] * size.height) <= 2 * max(size.width, size.height)


def test_presence_shows_in_the_heat_where_it_was() -> None:
    size = Size(640, 360)
    heat = HeatGrid(640, 360)
    heat.update(walk([(160, 90)] * 10))
    empty, seen = heat_picture(HeatGrid(640, 360), Plan(), size)[:720], heat_picture(heat, Plan(), size)[:720]
    changed = np.argwhere(np.any(seen != empty, axis=2))
    assert len(changed)
    assert np.all(np.abs(changed - [180, 320]) < 60)


def test_movement_shows_in_the_flow_where_it_was() -> None:
    size = Size(640, 360)
    still, moving = flow_picture(HeatGrid(640, 360), Plan(), size, []), flow_picture(walked(size), Plan(), size, [])
    rows = np.unique(np.argwhere(np.any(still != moving, axis=2))[:, 0])
    assert len(rows)
    assert np.all(np.abs(rows - 360) < 60)


def test_counts_are_written_into_the_flow() -> None:
    size = Size(640, 360)
    one, other = (flow_picture(HeatGrid(640, 360), plan_on(size), size, counts(entered)) for entered in (3, 8))
    assert np.any(one != other)


def test_names_in_chinese_are_drawn_and_differ() -> None:
    size = Size(640, 360)
    drawn = [flow_picture(HeatGrid(640, 360), plan_on(size), size, [LineCount("正门 door", 1, 1, 1, 1)])]
    for name in ("后门 door", "□□ door"):
        plan = Plan((Line(name, Point(320, 0), Point(320, 360)),), plan_on(size).zones)
        drawn.append(flow_picture(HeatGrid(640, 360), plan, size, [LineCount(name, 1, 1, 1, 1)]))
    assert not any(np.array_equal(one, other) for one, other in ((drawn[0], drawn[1]), (drawn[0], drawn[2]), (drawn[1], drawn[2])))


def picture(height: int = 320, width: int = 320, seed: int = 1) -> NDArray[np.uint8]:
    """Return an even grey picture whose cells are far from a step of the preview's coarse levels."""
    smooth = np.random.default_rng(seed).integers(0, 14, (PREVIEW_CELLS, PREVIEW_CELLS, 3), np.uint8) * 16 + 8
    cell = (height // PREVIEW_CELLS, width // PREVIEW_CELLS, 1)
    return np.asarray(np.kron(smooth, np.ones(cell)), np.uint8)


@pytest.mark.parametrize("image_size", [(360, 640), (180, 320), (640, 360), (45, 45), (10, 2000), (1, 1)], ids=str)
def test_a_preview_has_the_shape_of_its_frame(image_size: tuple[int, int]) -> None:
    image = np.zeros((*image_size, 3), np.uint8)
    size = Size(image_size[1] * 2, image_size[0] * 2)
    preview = preview_picture(image, np.array([[10, 10, 40, 100]], float), plan_on(size), size)
    assert preview.shape == image.shape
    assert preview.dtype == np.uint8


@pytest.mark.parametrize("seed", range(4))
def test_frames_that_differ_only_in_detail_within_the_cells_have_one_preview(seed: int) -> None:
    even, random = picture(), np.random.default_rng(seed)
    cell = 320 // PREVIEW_CELLS
    detail = random.permuted(np.tile(np.repeat(np.array([-7, 7], np.int16), cell * cell // 2), (PREVIEW_CELLS**2, 1)), axis=1)
    detail = detail.reshape(PREVIEW_CELLS, PREVIEW_CELLS, cell, cell).transpose(0, 2, 1, 3).reshape(320, 320, 1)
    rich = (even.astype(np.int16) + detail).astype(np.uint8)
    assert np.mean(rich != even) > 0.9
    plan, size = Plan(), Size(320, 320)
    assert np.array_equal(preview_picture(rich, NOBODY, plan, size), preview_picture(even, NOBODY, plan, size))


def test_cells_that_differ_by_a_shade_look_the_same() -> None:
    shades = [preview_picture(np.full((90, 160, 3), shade, np.uint8), NOBODY, Plan(), Size(160, 90)) for shade in (129, 135, 142)]
    assert np.array_equal(shades[0], shades[1])
    assert np.array_equal(shades[0], shades[2])


def test_a_preview_holds_no_more_than_a_few_levels_for_a_few_cells() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (1080, 1920, 3)).astype(np.uint8)
    preview = preview_picture(noise, NOBODY, Plan(), Size(1920, 1080))
    shrunk = preview[30::60, 30::60]
    assert shrunk.shape[:2] == (18, PREVIEW_CELLS)
    assert np.max(np.abs(np.diff(preview.astype(int), axis=1))) <= 8


def test_the_figure_does_not_depend_on_the_image_beneath_it() -> None:
    size, boxes = Size(320, 320), np.array([[120.0, 60.0, 180.0, 260.0]])
    one, other = (preview_picture(np.full((320, 320, 3), level, np.uint8), boxes, Plan(), size) for level in (20, 220))
    same = np.all(one == other, axis=2)
    inside = same[60:260, 120:180]
    assert 0.4 < np.mean(inside) < 0.95
    assert np.sum(same) == np.sum(same[58:262, 118:182])
    # Head and trunk, where a person could be recognised.
    assert same[75, 150]
    assert np.all(same[110:240, 145:155])


def test_every_box_has_a_figure() -> None:
    size, image = Size(320, 320), np.full((320, 320, 3), 220, np.uint8)
    boxes = np.array([[20.0, 60.0, 80.0, 260.0], [220.0, 60.0, 280.0, 260.0]])
    both = preview_picture(image, boxes, Plan(), size)
    for box in boxes:
        middle = round((box[0] + box[2]) / 2)
        assert np.array_equal(both[:, middle - 20 : middle + 20], preview_picture(image, box[None], Plan(), size)[:, middle - 20 : middle + 20])
        assert np.any(both[160, middle] != preview_picture(image, NOBODY, Plan(), size)[160, middle])


def test_boxes_are_in_pixels_of_the_source_whatever_the_size_of_the_frame() -> None:
    image = np.full((180, 320, 3), 220, np.uint8)
    small = preview_picture(image, np.array([[100.0, 40.0, 140.0, 160.0]]), Plan(), Size(320, 180))
    large = preview_picture(image, np.array([[400.0, 160.0, 560.0, 640.0]]), Plan(), Size(1280, 720))
    assert np.array_equal(small, large)


@pytest.mark.parametrize(
    "box",
    [(50, 50, 50, 50), (50, 50, 50, 150), (50, 50, 90, 50), (-900, -900, 5000, 5000), (-300, 20, -200, 200), (1e6, 1e6, 1e6 + 9, 1e6 + 9)],
    ids=str,
)
def test_a_strange_box_does_not_stop_the_preview(box: tuple[float, ...]) -> None:
    image = np.zeros((180, 320, 3), np.uint8)
    assert preview_picture(image, np.array([box], float), Plan(), Size(320, 180)).shape == image.shape


def test_the_frame_itself_is_left_alone() -> None:
    image = picture()
    before = image.copy()
    preview_picture(image, np.array([[20.0, 60.0, 80.0, 260.0]]), plan_on(Size(320, 320)), Size(320, 320))
    assert np.array_equal(image, before)
