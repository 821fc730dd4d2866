"""Crossing events of single walks: what counts once, what counts not at all."""

from __future__ import annotations

from itertools import chain

import pytest

from consentry.counting.lines import LineCounter
from consentry.counting.model import Crossing, Direction, Line, Point
from tests.counting.paths import DOWNWARDS, columns, crossed, in_and_out, track, walk

# People are 100 px tall: the hysteresis band reaches 5 px to either side of the line at x = 240.
UPPER_HALF = Line("upper half", Point(240, 0), Point(240, 180))


@pytest.mark.parametrize(
    ("xs", "counts"),
    [
        ((300, 260, 220, 180), (1, 0)),
        ((180, 220, 260, 300), (0, 1)),
        ((300, 180), (1, 0)),
        ((300, 240, 180), (1, 0)),
        ((180, 240, 300), (0, 1)),
        ((300, 242, 238, 242, 238, 242, 180), (1, 0)),
        ((300, 242, 238, 242, 238, 242, 300), (0, 0)),
        ((300, 238, 300), (0, 0)),
        ((300, 235, 300), (0, 0)),
        ((300, 234.9, 300), (1, 1)),
        ((300, 180, 300, 180), (2, 1)),
        ((300, 260, 240, 240, 240, 300), (0, 0)),
        ((300, 260, 240, 240, 240, 180), (1, 0)),
        ((300, 238), (1, 0)),
        ((300, 242), (0, 0)),
        ((242, 238, 180), (1, 0)),
        ((238, 242, 300), (0, 1)),
        ((238, 180), (0, 0)),
        ((180,), (0, 0)),
        ((240, 240, 240), (0, 0)),
    ],
    ids=[
        "in",
        "out",
        "in one step",
        "in with a point on the line",
        "out with a point on the line",
        "hovers, then in",
        "hovers, then back",
        "one foot over",
        "to the edge of the band",
        "just beyond the band",
        "in, out, in",
        "stands on the line, then back",
        "stands on the line, then in",
        "vanishes within the band beyond",
        "vanishes within the band before",
        "appears within the band before, in",
        "appears within the band beyond, out",
        "appears within the band beyond",
        "one sample",
        "never leaves the line",
    ],
)
def test_a_walk_counts_its_settled_changes_of_bank(xs: tuple[float, ...], counts: tuple[int, int]) -> None:
    assert in_and_out(crossed(walk(columns(*xs)))) == counts


@pytest.mark.parametrize(
    ("places", "counts"),
    [
        ([(300, 250), (240, 250), (180, 250)], (0, 0)),
        ([(300, 180.1), (180, 180.1)], (0, 0)),
        ([(300, 180), (180, 180)], (1, 0)),
        ([(300, 100), (300, 250), (180, 250), (180, 100)], (0, 0)),
        ([(300, 100), (180, 100), (180, 250), (300, 250)], (1, 0)),
        ([(180, 100), (180, 250), (300, 250), (300, 100), (180, 100), (180, 250), (300, 250), (300, 100), (180, 100)], (2, 0)),
    ],
    ids=["below the end", "just below the end", "through the end", "around the end", "in, and back around the end", "twice around"],
)
def test_ends_of_the_segment_are_respected(places: list[tuple[float, float]], counts: tuple[int, int]) -> None:
    assert in_and_out(crossed(walk(places), UPPER_HALF)) == counts


@pytest.mark.parametrize(
    ("places", "counts"),
    [
        ([(300, 178), (238, 178), (238, 182), (242, 182), (300, 182)], (0, 0)),
        ([(300, 182), (238, 182), (238, 178), (242, 178), (300, 178)], (0, 0)),
        ([(300, 182), (238, 182), (242, 178), (238, 182), (180, 182)], (0, 0)),
        ([(300, 178), (238, 178), (242, 182), (238, 178), (180, 178)], (1, 0)),
    ],
    ids=["over the line, back around the end", "around the end, back over the line", "turned about the end, and on", "counted once all the same"],
)
def test_jitter_about_an_end_neither_counts_who_turned_back_nor_turns_anybody_around(places: list[tuple[float, float]], counts: tuple[int, int]) -> None:
    inward, outward = in_and_out(crossed(walk(places), UPPER_HALF))
    assert outward == counts[1]
    assert inward == counts[0]


def test_a_crossing_tells_when_and_where_the_line_was_reached() -> None:
    [crossing] = crossed(walk([(280, 100), (200, 140)], every=2.0, start=10.0, height=90.0))
    assert crossing == Crossing("door", Direction.IN, 11.0, track(), Point(240, 120), 90.0)


def test_swapped_ends_swap_the_directions() -> None:
    swapped = Line("door", DOWNWARDS.end, DOWNWARDS.start)
    feet = walk(columns(300, 180, 300, 180))
    assert in_and_out(crossed(feet, swapped)) == in_and_out(crossed(feet))[::-1] == (1, 2)


def test_the_band_grows_with_the_person() -> None:
    over_by_eight = columns(300, 232, 300)
    assert in_and_out(crossed(walk(over_by_eight, height=100))) == (1, 1)
    assert in_and_out(crossed(walk(over_by_eight, height=200))) == (0, 0)


def test_a_band_of_nothing_counts_every_change_of_bank() -> None:
    assert in_and_out(crossed(walk(columns(300, 239, 241, 239)), band=0.0)) == (2, 1)


def test_a_long_absence_between_two_samples_loses_no_crossing() -> None:
    before, after = walk(columns(300, 290)), walk(columns(190, 180), start=60.0)
    assert in_and_out(crossed([*before, *after])) == (1, 0)


def test_each_line_counts_for_itself() -> None:
    lines = (DOWNWARDS, Line("back", Point(100, 360), Point(100, 0)), Line("side", Point(0, 300), Point(480, 300)))
    found = [(crossing.line, crossing.direction) for crossing in crossed(walk(columns(300, 180, 60, 180)), *lines)]
    assert found == [("door", Direction.IN), ("back", Direction.OUT), ("back", Direction.IN)]


def test_tracks_do_not_touch_each_other() -> None:
    counter = LineCounter([DOWNWARDS])
    one, other = walk(columns(300, 180), number=1), walk(columns(180, 300), number=2)
    found = list(chain.from_iterable(counter.update(foot) for foot in sorted([*one, *other], key=lambda foot: foot.time)))
    assert [(crossing.track.n, crossing.direction) for crossing in found] == [(1, Direction.IN), (2, Direction.OUT)]


def test_ended_tracks_are_forgotten_and_settled_once() -> None:
    counter = LineCounter([DOWNWARDS])
    for number in range(50):
        for foot in walk(columns(300, 238), number=number):
            assert counter.update(foot) == []
    assert len(counter) == 50
    assert in_and_out(counter.end(track(number) for number in range(50))) == (50, 0)
    assert len(counter) == 0
    assert counter.end([track(7), track(99)]) == []


def test_a_counter_without_lines_counts_nothing() -> None:
    counter = LineCounter([])
    assert list(chain.from_iterable(counter.update(foot) for foot in walk(columns(300, 180)))) == []
    assert counter.end([track()]) == []
    assert len(counter) == 0
