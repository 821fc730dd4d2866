"""Whatever the walk and the line: no crossing is lost and none is counted twice."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import cos, radians, sin

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consentry.counting.geometry import distance_to_segment, length
from consentry.counting.lines import BAND
from consentry.counting.model import Foot, Line, Point
from tests.counting.paths import DOWNWARDS, crossed, in_and_out, walk

HEIGHT = 111.3
"""Of the walkers, pixels; no distance between whole places equals its band."""

Place = tuple[int, int]
places = st.tuples(st.integers(0, 40), st.integers(0, 40))
paths = st.lists(places, min_size=2, max_size=25)
lines = st.builds(lambda a, b: Line("line", Point(*a), Point(*b)), places, places).filter(lambda line: length(line) > 2)


def orientation(a: Place, b: Place, c: Place) -> int:
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def step_sign(start: Place, end: Place, before: Place, after: Place) -> int:
    """Return +1, -1 or 0: the step's two banks (the line itself is right bank) when the line's ends lie on either side of the step."""
    banks = orientation(start, end, before) >= 0, orientation(start, end, after) >= 0
    between_ends = orientation(before, after, start) * orientation(before, after, end) <= 0
    return (banks[1] - banks[0]) * between_ends


def clear_of(start: Place, end: Place, place: Place) -> bool:
    """Tell, in exact arithmetic, whether ``place`` is outside the band around the segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    share = Fraction((place[0] - start[0]) * dx + (place[1] - start[1]) * dy, dx * dx + dy * dy)
    share = min(Fraction(1), max(Fraction(0), share))
    x, y = place[0] - start[0] - share * dx, place[1] - start[1] - share * dy
    return x * x + y * y > (Fraction(BAND) * Fraction(HEIGHT)) ** 2


def expected(line: Line, path: list[Place]) -> tuple[int, int]:
    """Cut the path where it is clear of the band; a piece counts when the signs of its steps and its change of bank agree."""
    start, end = (round(line.start.x), round(line.start.y)), (round(line.end.x), round(line.end.y))
    pieces = [path[:1]]
    for place in path[1:]:
        pieces[-1].append(place)
        pieces += [[place]] if clear_of(start, end, place) else []
    nets = [sum(step_sign(start, end, before, after) for before, after in pairwise(piece)) for piece in pieces]
    turns = [(orientation(start, end, piece[-1]) >= 0) - (orientation(start, end, piece[0]) >= 0) for piece in pieces]
    counted = [turn for net, turn in zip(nets, turns, strict=True) if net * turn > 0]
    return counted.count(1), counted.count(-1)


def through_an_end(line: Line, path: list[Place]) -> bool:
    ends = [(round(end.x), round(end.y)) for end in (line.start, line.end)]
    return any(orientation(before, after, end) == 0 for before, after in pairwise(path) for end in ends)


def feet_of(path: list[Place]) -> list[Foot]:
    return walk(path, height=HEIGHT)


@settings(max_examples=400)
@given(lines, paths)
def test_counts_are_those_of_exact_arithmetic(line: Line, path: list[Place]) -> None:
    assume(not through_an_end(line, path))
    assert in_and_out(crossed(feet_of(path), line)) == expected(line, path)


@given(lines, paths)
def test_swapped_ends_swap_in_and_out(line: Line, path: list[Place]) -> None:
    assume(all(crossing_side(line, place) for place in path))
    assume(not through_an_end(line, path))
    swapped = Line(line.id, line.end, line.start)
    assert in_and_out(crossed(feet_of(path), swapped)) == in_and_out(crossed(feet_of(path), line))[::-1]


@given(lines, paths)
def test_a_path_walked_backwards_swaps_in_and_out(line: Line, path: list[Place]) -> None:
    assume(all(crossing_side(line, place) for place in path))
    assume(not through_an_end(line, path))
    ends = [distance_to_segment(line, Point(*place)) > BAND * HEIGHT for place in (path[0], path[-1])]
    assume(all(ends))
    assert in_and_out(crossed(feet_of(path[::-1]), line)) == in_and_out(crossed(feet_of(path), line))[::-1]


@given(lines, paths, st.sampled_from([90, 180, 270]))
def test_a_scene_turned_by_right_angles_counts_the_same(line: Line, path: list[Place], degrees: int) -> None:
    turned = [turn(place, degrees) for place in path]
    turned_line = Line(line.id, Point(*turn(line.start, degrees)), Point(*turn(line.end, degrees)))
    assume(not through_an_end(line, path))
    assert in_and_out(crossed(feet_of(turned), turned_line)) == in_and_out(crossed(feet_of(path), line))


@given(lines, paths)
def test_a_mirrored_scene_swaps_in_and_out(line: Line, path: list[Place]) -> None:
    assume(all(crossing_side(line, place) for place in path))
    assume(not through_an_end(line, path))
    mirrored = Line(line.id, Point(-line.start.x, line.start.y), Point(-line.end.x, line.end.y))
    assert in_and_out(crossed(feet_of([(-x, y) for x, y in path]), mirrored)) == in_and_out(crossed(feet_of(path), line))[::-1]


def crossing_side(line: Line, place: Place) -> int:
    return orientation((round(line.start.x), round(line.start.y)), (round(line.end.x), round(line.end.y)), place)


def turn(place: tuple[float, float], degrees: int) -> Place:
    c, s = round(cos(radians(degrees))), round(sin(radians(degrees)))
    return round(c * place[0] - s * place[1]), round(s * place[0] + c * place[1])


angles = st.floats(0, 360)
jitter = st.lists(st.tuples(st.floats(-0.04, 0.04), st.floats(-0.04, 0.04)), min_size=40, max_size=40)


@given(angles, jitter, st.integers(0, 3), st.booleans())
def test_a_walker_whose_feet_jitter_within_the_band_counts_once_at_any_angle(angle: float, shakes: list[tuple[float, float]], stops: int, inward: bool) -> None:
    way = [100 - 5 * step for step in range(20)] + [0] * (8 * stops) + [-5 * step for step in range(20)]
    way = way if inward else [-x for x in way]
    path = [(x + 100 * shakes[i % 40][0], 100 * shakes[i % 40][1]) for i, x in enumerate(way)]
    # Walking down the picture, the left bank has larger x: from positive to negative x is in.
    line = Line("line", Point(*aslant((0, -60), angle)), Point(*aslant((0, 60), angle)))
    assert in_and_out(crossed(walk([aslant(place, angle) for place in path]), line)) == ((1, 0) if inward else (0, 1))


@given(angles, jitter, st.sampled_from([6.0, -6.0]))
def test_a_walker_who_comes_to_the_line_hovers_and_turns_back_counts_nothing(angle: float, shakes: list[tuple[float, float]], side: float) -> None:
    way = [side * step for step in range(20, 0, -1)] + [0.0] * 40 + [side * step for step in range(1, 20)]
    path = [(x + 100 * shakes[i % 40][0], 100 * shakes[i % 40][1]) for i, x in enumerate(way)]
    line = Line("line", Point(*aslant((0, -60), angle)), Point(*aslant((0, 60), angle)))
    assert crossed(walk([aslant(place, angle) for place in path]), line) == []


@given(angles, jitter, st.floats(0.2, 40))
def test_a_walker_around_an_end_never_counts(angle: float, shakes: list[tuple[float, float]], clearance: float) -> None:
    y = 60 + 4.5 + clearance
    path = [(100 - 5 * step + 100 * shakes[step][0], y + 100 * shakes[step][1]) for step in range(40)]
    line = Line("line", Point(*aslant((0, -60), angle)), Point(*aslant((0, 60), angle)))
    assert crossed(walk([aslant(place, angle) for place in path]), line) == []


def aslant(place: tuple[float, float], angle: float) -> tuple[float, float]:
    c, s = cos(radians(angle)), sin(radians(angle))
    return 320 + c * place[0] - s * place[1], 240 + s * place[0] + c * place[1]


@given(st.lists(st.floats(100, 380).filter(lambda x: abs(x - 240) > 6), min_size=2, max_size=30), st.data())
def test_samples_left_out_between_two_clear_places_change_only_what_came_and_went_between(xs: list[float], data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(xs), max_size=len(xs)))
    thinned = [xs[0], *(x for x, keep in zip(xs[1:-1], kept, strict=False) if keep), xs[-1]]
    net, thinned_net = (came - went for came, went in (in_and_out(crossed(walk([(x, 180.0) for x in some]))) for some in (xs, thinned)))
    assert net == thinned_net == (xs[0] > DOWNWARDS.start.x) - (xs[-1] > DOWNWARDS.start.x)


@given(st.lists(st.floats(100, 380), min_size=1, max_size=40))
def test_in_and_out_alternate_on_an_endless_line(xs: list[float]) -> None:
    endless = Line("line", Point(240, -1e4), Point(240, 1e4))
    directions = [crossing.direction for crossing in crossed(walk([(x, 180.0) for x in xs]), endless)]
    assert all(one != next_one for one, next_one in pairwise(directions))
    times = [crossing.time for crossing in crossed(walk([(x, 180.0) for x in xs]), endless)]
    assert times == sorted(times)
