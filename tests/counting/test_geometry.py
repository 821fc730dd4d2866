"""Sides of a line, crossings of a segment, points in a polygon."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import atan2, cos, hypot, pi, sin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consentry.counting.geometry import between, crossing_share, distance_to_segment, inside, length, polygon_area, side
from consentry.counting.model import Line, Point
from tests.counting.paths import DOWNWARDS

whole = st.integers(-50, 50)
points = st.builds(Point, whole, whole)
lines = st.builds(Line, st.just("line"), points, points).filter(lambda line: line.start != line.end)


def winding(corners: list[Point], point: Point) -> int:
    """Return how often the polygon turns around ``point``, by summing the angles under which its edges are seen."""
    turned = 0.0
    for a, b in pairwise([*corners, corners[0]]):
        angle = atan2(b.y - point.y, b.x - point.x) - atan2(a.y - point.y, a.x - point.x)
        turned += (angle + pi) % (2 * pi) - pi
    return round(turned / (2 * pi))


@pytest.mark.parametrize(
    ("start", "end", "left", "right"),
    [
        (Point(240, 0), Point(240, 360), Point(300, 180), Point(100, 180)),  # down the picture
        (Point(240, 360), Point(240, 0), Point(100, 180), Point(300, 180)),  # up
        (Point(0, 180), Point(480, 180), Point(240, 0), Point(240, 360)),  # to the right
        (Point(480, 180), Point(0, 180), Point(240, 360), Point(240, 0)),  # to the left
        (Point(0, 0), Point(100, 100), Point(90, 10), Point(10, 90)),  # aslant
    ],
)
def test_left_and_right_bank_are_those_of_someone_who_walks_the_line_on_the_picture(start: Point, end: Point, left: Point, right: Point) -> None:
    assert side(start, end, left) < 0 < side(start, end, right)


@pytest.mark.parametrize("point", [Point(240, -10), Point(240, 0), Point(240, 180), Point(240, 500)])
def test_a_point_on_the_endless_line_has_no_side(point: Point) -> None:
    assert side(DOWNWARDS.start, DOWNWARDS.end, point) == 0


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Point(300, 180), Point(180, 180), (1, 0.5)),
        (Point(180, 180), Point(300, 180), (-1, 0.5)),
        (Point(270, 90), Point(230, 90), (1, 0.75)),
        (Point(300, 180), Point(241, 180), None),
        (Point(100, 180), Point(200, 180), None),
        (Point(300, -1), Point(180, -1), None),
        (Point(300, 361), Point(180, 361), None),
        (Point(300, 0), Point(180, 0), (1, 0.5)),
        (Point(300, 360), Point(180, 360), (1, 0.5)),
        (Point(300, -60), Point(180, 60), (1, 0.5)),
        (Point(240, 100), Point(240, 200), None),
        (Point(200, 100), Point(200, 100), None),
    ],
    ids=["in", "out", "share", "stops before", "same bank", "above", "below", "upper end", "lower end", "aslant through the end", "along", "stands"],
)
def test_a_step_crosses_the_segment_or_not(before: Point, after: Point, expected: tuple[int, float] | None) -> None:
    assert crossing_share(DOWNWARDS, before, after) == expected


@pytest.mark.parametrize(
    ("path", "signs"),
    [
        ([(300, 180), (240, 180), (180, 180)], [1]),
        ([(180, 180), (240, 180), (300, 180)], [-1]),
        ([(300, 180), (240, 180), (300, 180)], [1, -1]),
        ([(180, 180), (240, 180), (180, 180)], []),
        ([(300, 180), (240, 180), (240, 200), (180, 180)], [1]),
    ],
)
def test_a_path_with_points_exactly_on_the_line_crosses_as_often_as_it_changes_bank(path: list[tuple[int, int]], signs: list[int]) -> None:
    steps = pairwise(Point(*place) for place in path)
    assert [crossing[0] for before, after in steps if (crossing := crossing_share(DOWNWARDS, before, after))] == signs


@given(lines, points, points)
def test_a_step_back_crosses_the_other_way_at_the_same_place(line: Line, before: Point, after: Point) -> None:
    assume(side(line.start, line.end, before) and side(line.start, line.end, after))
    assume(_exact_part(line, before, after) not in {0, 1})
    there, back = crossing_share(line, before, after), crossing_share(line, after, before)
    if there is None or back is None:
        assert there == back
    else:
        assert there[0] == -back[0]
        assert there[1] + back[1] == pytest.approx(1)


@given(lines, points, points)
def test_crossings_agree_with_exact_arithmetic(line: Line, before: Point, after: Point) -> None:
    a, b = (side(line.start, line.end, point) >= 0 for point in (before, after))
    part = _exact_part(line, before, after) if a != b else None
    assume(part not in {0, 1})
    crossing = crossing_share(line, before, after)
    assert (crossing and crossing[0]) == ((1 if b else -1) if part is not None and 0 < part < 1 else None)


def _exact_part(line: Line, before: Point, after: Point) -> Fraction | None:
    """Return where along ``line`` the endless lines through the two pairs of points meet (0 start, 1 end), None for parallels."""
    (ax, ay), (bx, by), (px, py), (qx, qy) = (tuple(map(Fraction, point)) for point in (line.start, line.end, before, after))
    parallel = (bx - ax) * (qy - py) - (by - ay) * (qx - px)
    return ((px - ax) * (qy - py) - (py - ay) * (qx - px)) / parallel if parallel else None


@pytest.mark.parametrize(
    ("point", "expected"),
    [(Point(240, 180), 0), (Point(250, 180), 10), (Point(240, -7), 7), (Point(243, 364), 5), (Point(240, 360), 0)],
)
def test_the_distance_to_a_segment_ends_with_its_ends(point: Point, expected: float) -> None:
    assert distance_to_segment(DOWNWARDS, point) == pytest.approx(expected)


@given(lines, points)
def test_the_distance_to_a_segment_is_the_least_distance_to_any_point_of_it(line: Line, point: Point) -> None:
    distance = distance_to_segment(line, point)
    sampled = [between(line.start, line.end, step / 500) for step in range(501)]
    nearest = min(hypot(point.x - at.x, point.y - at.y) for at in sampled)
    assert distance <= nearest + 1e-9
    assert nearest <= distance + length(line) / 500


CONCAVE = {
    "an L": [Point(0, 0), Point(20, 0), Point(20, 60), Point(80, 60), Point(80, 80), Point(0, 80)],
    "a U": [Point(0, 0), Point(20, 0), Point(20, 50), Point(60, 50), Point(60, 0), Point(80, 0), Point(80, 80), Point(0, 80)],
    "an arrow": [Point(0, 0), Point(40, 30), Point(80, 0), Point(40, 80)],
    "a star": [Point(40 + r * sin(k * pi / 5), 40 - r * cos(k * pi / 5)) for k in range(10) for r in ((40, 15)[k % 2],)],
}


@pytest.mark.parametrize("corners", CONCAVE.values(), ids=CONCAVE)
@pytest.mark.parametrize("reverse", [False, True])
def test_points_in_a_concave_polygon_are_those_it_winds_around(corners: list[Point], reverse: bool) -> None:
    corners = corners[::-1] if reverse else corners
    grid = [Point(x + 0.37, y + 0.41) for x in range(-5, 90, 3) for y in range(-5, 90, 3)]
    assert [inside(corners, point) for point in grid] == [winding(corners, point) != 0 for point in grid]
    assert {inside(corners, point) for point in grid} == {True, False}


@given(st.lists(points, min_size=3, max_size=9), st.builds(Point, whole.map(lambda x: x + 0.5), whole.map(lambda y: y + 0.25)))
def test_any_polygon_follows_the_even_odd_rule(corners: list[Point], point: Point) -> None:
    borders = [Line("", a, b) for a, b in pairwise([*corners, corners[0]]) if a != b]
    assume(all(distance_to_segment(border, point) > 1e-6 for border in borders))
    assert inside(corners, point) == (winding(corners, point) % 2 == 1)


@pytest.mark.parametrize(
    ("corners", "expected"),
    [([(0, 0), (10, 0), (10, 10), (0, 10)], 100), ([(0, 0), (0, 10), (10, 0)], 50), ([(0, 0), (5, 5), (10, 10)], 0)],
)
def test_area_of_a_polygon(corners: list[tuple[int, int]], expected: float) -> None:
    assert polygon_area([Point(*corner) for corner in corners]) == expected
