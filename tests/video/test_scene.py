"""Walkers, the truth of a scene, and the entrance."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consentry.platform.errors import InputError
from consentry.video.entrance import entrance
from consentry.video.model import Size
from consentry.video.scene import Line, Scene, boxes, truth
from consentry.video.walk import Walker, Waypoint, position, stance

DOWNWARDS = Line((240, 0), (240, 360))


def scene(*walkers: Walker, line: Line = DOWNWARDS) -> Scene:
    return Scene(Size(480, 360), 12.5, 10.0, line, walkers)


def walk(*columns: float, y: float = 300.0, height: float = 200.0) -> Walker:
    """Return a walker who reaches each column one second after the one before."""
    return Walker(tuple(Waypoint(float(time), x, y, height) for time, x in enumerate(columns)))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ((400, 80), (1, 0)),
        ((80, 400), (0, 1)),
        ((400, 240, 240, 80), (1, 0)),
        ((400, 235, 246, 233, 244, 80), (1, 0)),
        ((400, 260, 400), (0, 0)),
        ((400, 232, 400), (0, 0)),
        ((400, 80, 400), (1, 1)),
        ((400, 80, 400, 80), (2, 1)),
        ((240, 80), (0, 0)),
    ],
    ids=["right-to-left", "left-to-right", "stops-on-it", "hovers", "turns-before-it", "leans-over-it", "and-back", "three-times", "starts-on-it"],
)
def test_only_a_change_of_bank_counts(columns: tuple[float, ...], expected: tuple[int, int]) -> None:
    assert truth(scene(walk(*columns))) == {"in": expected[0], "out": expected[1]}


def test_turning_the_line_round_swaps_in_and_out() -> None:
    turned = Line(DOWNWARDS.end, DOWNWARDS.start)
    assert truth(scene(walk(400, 80), line=turned)) == {"in": 0, "out": 1}


def test_walking_round_the_end_of_the_line_does_not_count() -> None:
    assert truth(scene(walk(400, 80, y=300), line=Line((240, 0), (240, 250)))) == {"in": 0, "out": 0}


def oracle(line: Line, walker: Walker) -> dict[str, int]:
    """Return the counts of a densely sampled path, or give the example up where sampling cannot tell."""
    start, along = np.array(line.start), np.subtract(line.end, line.start)
    right = np.array([-along[1], along[0]]) / np.hypot(*along)
    ends = [point.time for point in walker.path]
    times = np.unique(np.concatenate([np.linspace(a, b, 300) for a, b in pairwise(ends)]))
    places = [place for time in times if (place := position(walker, float(time))) is not None]
    feet = np.array([(place.x, place.y) for place in places]) - start
    clear = np.array([0.05 * place.height for place in places])
    offset, part = feet @ right, feet @ along / (along @ along)
    assume(np.all(np.abs(np.abs(offset) - clear)[np.isin(times, ends)] > 1e-6))
    counts, bank, gate = {"in": 0, "out": 0}, 0, 0.5
    for index in range(len(times)):
        if index and (offset[index] >= 0) != (offset[index - 1] >= 0):
            gate = (part[index] + part[index - 1]) / 2
            assume(min(abs(gate), abs(gate - 1)) > 0.02)
        side = int(np.sign(offset[index])) if abs(offset[index]) >= clear[index] else 0
        if side and bank and side != bank and 0 <= gate <= 1:
            counts["in" if side > 0 else "out"] += 1
        bank = side or bank
    return counts


coordinates = st.tuples(st.integers(0, 480), st.integers(0, 360))


@st.composite
def walkers(draw: st.DrawFn) -> Walker:
    """Draw a path that is straight or turns, along which people may also stand."""
    points = draw(st.lists(st.tuples(st.integers(1, 30), coordinates, st.integers(60, 220)), min_size=2, max_size=6))
    times = np.cumsum([wait / 10 for wait, _, _ in points])
    return Walker(tuple(Waypoint(float(time), x, y, height) for time, (_, (x, y), height) in zip(times, points, strict=True)))


@given(walkers(), coordinates, coordinates)
def test_the_truth_is_what_dense_samples_of_the_foot_point_fold_to(walker: Walker, start: tuple[int, int], end: tuple[int, int]) -> None:
    assume(np.hypot(*np.subtract(start, end)) > 40)
    line = Line(start, end)
    assert truth(scene(walker, line=line)) == oracle(line, walker)


@given(walkers())
def test_a_path_walked_backwards_swaps_in_and_out(walker: Walker) -> None:
    last = walker.path[-1].time
    back = Walker(tuple(replace(point, time=last - point.time) for point in reversed(walker.path)))
    there, again = truth(scene(walker)), truth(scene(back))
    assert (there["in"], there["out"]) == (again["out"], again["in"])


@pytest.mark.parametrize(
    "path",
    [(), (Waypoint(0, 0, 0, 100),), (Waypoint(1, 0, 0, 100), Waypoint(1, 9, 0, 100)), (Waypoint(2, 0, 0, 100), Waypoint(1, 9, 0, 100))],
    ids=["empty", "one-point", "no-time-passes", "backwards-in-time"],
)
def test_a_path_that_does_not_rise_in_time_is_refused(path: tuple[Waypoint, ...]) -> None:
    with pytest.raises(InputError, match="way-points") as refusal:
        Walker(path)
    assert refusal.value.code == "scene.path"


def test_a_walker_is_absent_before_the_first_and_after_the_last_way_point() -> None:
    walker = walk(0, 100)
    assert [position(walker, time) is None for time in (-0.1, 0.0, 0.5, 1.0, 1.1)] == [True, False, False, False, True]
    assert boxes(scene(walker), 1.1) == ()


def test_people_stand_still_with_their_legs_together_and_walk_with_a_swing() -> None:
    walker = Walker((Waypoint(0, 0, 300, 200), Waypoint(2, 300, 300, 200), Waypoint(6, 300, 300, 200), Waypoint(8, 0, 300, 200)))
    there, resting, back = (stance(walker, time) for time in (1.0, 4.0, 7.0))
    assert (there.swing, there.yaw) == (1.0, 1.0)
    assert (resting.swing, resting.yaw) == (0.0, 0.0)
    assert (back.swing, back.yaw) == (1.0, -1.0)
    assert stance(walker, 3.0).phase == stance(walker, 5.0).phase == pytest.approx(300 / (0.82 * 200))


def test_a_box_stands_on_the_foot_point_and_is_as_tall_as_the_person() -> None:
    for time in np.linspace(0.1, 1.9, 30):
        (box,) = boxes(scene(walk(50, 200, 350, height=180.0)), float(time))
        assert box.y2 == pytest.approx(300, abs=6)
        assert box.y2 - box.y1 == pytest.approx(180, abs=14)
        assert 0.15 < (box.x2 - box.x1) / 180 < 0.62


def test_the_entrance_holds_twenty_people_whose_counts_are_known() -> None:
    shown = entrance()
    assert len(shown.walkers) == 20
    assert truth(shown) == {"in": 10, "out": 9}


@pytest.mark.parametrize("people", [1, 2, 5, 13, 20, 37])
def test_an_entrance_has_as_many_people_as_asked_for_and_lasts_until_the_last_has_left(people: int) -> None:
    shown = entrance(seed=3, people=people)
    assert len(shown.walkers) == people
    assert max(walker.path[-1].time for walker in shown.walkers) < shown.duration
    assert (shown.duration * shown.fps) == pytest.approx(round(shown.duration * shown.fps))


def test_an_entrance_without_people_is_refused() -> None:
    with pytest.raises(InputError, match="0 people"):
        entrance(people=0)


def test_the_same_seed_casts_the_same_people_and_another_seed_others() -> None:
    assert entrance(seed=5) == entrance(seed=5)
    assert entrance(seed=5).walkers != entrance(seed=6).walkers


@pytest.mark.parametrize("seed", range(6))
def test_in_every_entrance_people_stop_turn_back_return_and_meet(seed: int) -> None:
    shown = entrance(seed)
    counts = [tuple(truth(replace(shown, walkers=(walker,))).values()) for walker in shown.walkers]
    assert counts.count((0, 0)) == 2, "two turn back before the line"
    assert counts.count((1, 1)) == 1, "one comes back"
    assert counts.count((1, 0)) + counts.count((0, 1)) == 17
    assert sum(_rests(walker) for walker in shown.walkers) == 5
    assert all(130 <= point.height <= 225 for walker in shown.walkers for point in walker.path)


def _rests(walker: Walker) -> bool:
    return any(a.x == b.x for a, b in pairwise(walker.path))
