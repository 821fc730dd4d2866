"""Which lines and zones can count, the default line, the warning, and who crossed together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.counting.geometry import length
from consentry.counting.model import Crossing, Direction, GroupRule, Line, Point, Zone
from consentry.counting.rules import check_line, check_zone, groups, middle_line, short_line_warning
from consentry.platform.errors import GeometryError
from tests.counting.paths import track

WIDTH, HEIGHT = 500, 300


def line(x1: float, y1: float, x2: float, y2: float) -> Line:
    return Line("门 door", Point(x1, y1), Point(x2, y2))


@pytest.mark.parametrize(
    "good",
    [
        line(250, 0, 250, 300),
        line(250, -1, 250, 301),
        line(-1, 150, 501, 150),
        line(0, 0, 500, 300),
        line(0, 150, 60, 150),
        line(500, 150, 440, 150),
        line(250, 300, 250, 240),
        line(15.5, 0, 15.5, 300),
        line(484.5, 0, 484.5, 300),
        line(0, 9.3, 500, 9.3),
        line(0, 290.7, 500, 290.7),
        line(0, 0, 15.5, 300),
        line(250, 100, 250, 115),
        line(100, 100, 109, 112),
    ],
    ids=lambda good: f"{good.start.x:g},{good.start.y:g},{good.end.x:g},{good.end.y:g}",
)
def test_a_line_that_can_count_is_accepted_either_way_round(good: Line) -> None:
    check_line(good, WIDTH, HEIGHT)
    check_line(Line(good.id, good.end, good.start), WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (line(250, -1.01, 250, 300), "line.outside"),
        (line(250, 0, 250, 301.01), "line.outside"),
        (line(-1.01, 150, 250, 150), "line.outside"),
        (line(250, 150, 501.01, 150), "line.outside"),
        (line(float("nan"), 0, 250, 300), "line.outside"),
        (line(250, 0, 250, float("inf")), "line.outside"),
        (line(250, 150, 250, 150), "line.ends-coincide"),
        (line(250, 100, 250, 114.99), "line.too-short"),
        (line(100, 100, 108.9, 112), "line.too-short"),
        (line(0, 0, 0, 300), "line.on-border"),
        (line(-1, 0, -1, 300), "line.on-border"),
        (line(15, 0, 15, 300), "line.on-border"),
        (line(0, 0, 15, 300), "line.on-border"),
        (line(485, 0, 485, 300), "line.on-border"),
        (line(501, 0, 485, 300), "line.on-border"),
        (line(0, 9, 500, 9), "line.on-border"),
        (line(0, 291, 500, 291), "line.on-border"),
        (line(200, 301, 300, 299), "line.on-border"),
    ],
    ids=str,
)
def test_a_line_that_cannot_count_is_refused_with_the_reason(bad: Line, code: str) -> None:
    for turned in (bad, Line(bad.id, bad.end, bad.start)):
        with pytest.raises(GeometryError) as refusal:
            check_line(turned, WIDTH, HEIGHT)
        assert refusal.value.code == code
        assert refusal.value.subject == "line '门 door'"
        assert refusal.value.mend.endswith(".")


def test_a_short_line_from_a_border_inward_is_not_along_that_border() -> None:
    # 3 % of a wide picture's width is more than 5 % of its height: this line is long enough and stands across the border.
    check_line(line(0, 200, 19, 200), 640, 360)


@pytest.mark.parametrize("height", [20, 100, 240, 360, 480, 500, 540, 576, 720, 1080, 1440, 2160])
def test_a_line_of_exactly_5_percent_of_the_height_is_long_enough(height: int) -> None:
    check_line(line(height, height / 2, height, height / 2 + height / 20), 2 * height, height)


@given(st.integers(1, 8000), st.integers(1, 8000))
def test_the_middle_line_can_count_on_every_picture(width: int, height: int) -> None:
    middle = middle_line(width, height)
    check_line(middle, width, height)
    assert middle.start.x == middle.end.x == width / 2
    assert length(middle) == height


SQUARE = (Point(0, 0), Point(100, 0), Point(100, 100), Point(0, 100))


@pytest.mark.parametrize(
    ("corners", "code"),
    [
        ((), "zone.corners"),
        (SQUARE[:2], "zone.corners"),
        ((*SQUARE[:3], Point(-1.01, 50)), "zone.outside"),
        ((*SQUARE[:3], Point(50, 301.01)), "zone.outside"),
        ((*SQUARE[:3], Point(float("nan"), 50)), "zone.outside"),
        ((Point(0, 0), Point(50, 50), Point(100, 100)), "zone.no-area"),
        ((Point(5, 5), Point(5, 5), Point(5, 5)), "zone.no-area"),
        ((Point(0, 0), Point(3, 0), Point(3, 5), Point(0, 5)), "zone.no-area"),
    ],
    ids=str,
)
def test_a_zone_that_cannot_hold_anyone_is_refused_with_the_reason(corners: tuple[Point, ...], code: str) -> None:
    with pytest.raises(GeometryError) as refusal:
        check_zone(Zone("till", corners), WIDTH, HEIGHT)
    assert refusal.value.code == code
    assert refusal.value.subject == "zone 'till'"


@pytest.mark.parametrize(
    "corners",
    [SQUARE, SQUARE[::-1], SQUARE[:3], (Point(-1, -1), Point(501, -1), Point(501, 301), Point(-1, 301)), (Point(0, 0), Point(4, 0), Point(4, 4), Point(0, 4))],
    ids=str,
)
def test_a_zone_up_to_a_pixel_beyond_the_picture_is_accepted(corners: tuple[Point, ...]) -> None:
    check_zone(Zone("till", corners), WIDTH, HEIGHT)


@pytest.mark.parametrize(("median_height", "warned"), [(99.0, False), (100.0, False), (100.5, True)])
def test_a_line_shorter_than_the_people_who_cross_it_earns_a_warning(median_height: float, warned: bool) -> None:
    warning = short_line_warning(line(200, 100, 300, 100), median_height)
    assert bool(warning) == warned
    assert not warning or "门 door" in warning


def crossing(time: float, x: float, *, direction: Direction = Direction.IN, line_id: str = "door", height: float = 100.0, number: int = 1) -> Crossing:
    return Crossing(line_id, direction, time, track(number), Point(x, 0.0), height)


@pytest.mark.parametrize(
    ("crossings", "sizes"),
    [
        ([], []),
        ([crossing(0, 0)], [1]),
        ([crossing(0, 0), crossing(1.5, 100)], [2]),
        ([crossing(0, 0), crossing(1.51, 0)], [1, 1]),
        ([crossing(0, 0), crossing(0, 100.5)], [1, 1]),
        ([crossing(0, 0), crossing(0, 150, height=150)], [2]),
        ([crossing(0, 0), crossing(1, 80), crossing(2, 160), crossing(3, 240)], [4]),
        ([crossing(0, 0), crossing(0, 0, direction=Direction.OUT)], [1, 1]),
        ([crossing(0, 0), crossing(0, 0, line_id="back")], [1, 1]),
        ([crossing(0, 0), crossing(0, 200), crossing(1, 100)], [3]),
    ],
    ids=["nobody", "alone", "just together", "too late", "too far", "taller person", "a chain", "both ways", "two lines", "joined by a third"],
)
def test_people_who_cross_together_form_one_group(crossings: list[Crossing], sizes: list[int]) -> None:
    assert [len(group) for group in groups(crossings, GroupRule(1.5, 1.0))] == sizes


def test_a_group_begins_with_its_first_member_whoever_joined_it_together() -> None:
    first, far, beside_first, between_both = crossing(0, 0), crossing(0.5, 150), crossing(1.0, -50), crossing(1.2, 75)
    [group] = groups([first, far, beside_first, between_both], GroupRule(1.5, 1.0))
    assert group == [first, far, beside_first, between_both]


def test_a_year_of_people_who_come_one_by_one_is_grouped_without_comparing_everybody_with_everybody() -> None:
    one_by_one = [crossing(10.0 * person, 0, number=person) for person in range(50_000)]
    assert len(groups(one_by_one, GroupRule())) == 50_000
