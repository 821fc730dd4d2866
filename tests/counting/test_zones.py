"""Visits of a zone: inertia at the border, occlusion in the middle, and enters that match exits."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.counting.model import Foot, Point, Zone, ZoneEnter, ZoneExit
from consentry.counting.zones import VisitRule, ZoneCounter
from tests.counting.paths import track, walk

ROOM = Zone("room", (Point(200, 100), Point(500, 100), Point(500, 300), Point(200, 300)))
SIZE = (640, 360)
INSIDE, BORDER, OUTSIDE = (350.0, 200.0), (202.0, 200.0), (150.0, 200.0)

VisitEvents = list[ZoneEnter | ZoneExit]


def visits(feet: list[Foot], *, until: float = 0.0, zone: Zone = ROOM) -> VisitEvents:
    """Feed the samples frame by frame, with a frame at least every half second until the last sample or ``until``, then the end."""
    counter, events = ZoneCounter(zone, SIZE), VisitEvents()
    last = max([until, *(foot.time for foot in feet)])
    for now in sorted({foot.time for foot in feet} | {step * 0.5 for step in range(int(last * 2) + 1)}):
        events += counter.update([foot for foot in feet if foot.time == now], now)
    events += counter.finish()
    assert len(counter) == 0
    return events


def dwells(events: VisitEvents) -> list[float]:
    return [event.dwell for event in events if isinstance(event, ZoneExit)]


def test_a_visit_lasts_from_the_first_to_the_last_sample_inside() -> None:
    events = visits(walk([OUTSIDE, *[INSIDE] * 11, *[OUTSIDE] * 40]))
    assert [(type(event), event.zone, event.visit) for event in events] == [(ZoneEnter, "room", 1), (ZoneExit, "room", 1)]
    assert [event.time for event in events] == [pytest.approx(0.1), pytest.approx(1.1)]
    assert dwells(events) == [pytest.approx(1.0)]


@pytest.mark.parametrize(("samples", "announced"), [(5, False), (7, True)])
def test_who_only_brushes_the_zone_does_not_visit_it(samples: int, announced: bool) -> None:
    events = visits(walk([OUTSIDE, *[INSIDE] * samples, *[OUTSIDE] * 30]))
    assert bool(events) == announced


def test_two_touches_of_the_border_are_not_a_visit() -> None:
    touches = [OUTSIDE] * 40
    touches[0] = touches[15] = BORDER
    assert visits(walk(touches)) == []


def test_jitter_on_the_border_is_one_visit() -> None:
    on_the_border = [(200 + shake, 200) for shake in (3, -2, 4, 1, -3, 2, 2, -1, 3, -4)] * 10
    events = visits(walk([*[(210, 200)] * 8, *on_the_border, *[OUTSIDE] * 40]))
    assert len(dwells(events)) == 1
    assert dwells(events)[0] == pytest.approx(10.6, abs=0.3)


@pytest.mark.parametrize(("away", "count"), [(1.8, 1), (2.4, 2)])
def test_a_short_step_out_does_not_end_a_visit(away: float, count: int) -> None:
    stay = [BORDER] * 10
    events = visits(walk([*stay, *[OUTSIDE] * round(away * 10), *stay]))
    assert len(dwells(events)) == count


def test_a_person_hidden_in_the_middle_and_found_again_under_another_track_is_one_visit() -> None:
    before, after = walk([INSIDE] * 20, number=1), walk([(380, 210)] * 20, start=6.0, number=2)
    events = visits([*before, *after])
    assert dwells(events) == [pytest.approx(7.9)]
    assert sum(isinstance(event, ZoneEnter) for event in events) == 1


@pytest.mark.parametrize(
    ("place", "start"),
    [(INSIDE, 13.0), ((480.0, 200.0), 2.5), (BORDER, 4.5)],
    ids=["hidden too long", "too far away too soon", "came in over the border"],
)
def test_another_person_begins_another_visit(place: tuple[float, float], start: float) -> None:
    events = visits([*walk([INSIDE] * 20, number=1), *walk([place] * 20, start=start, number=2)], until=30)
    assert len(dwells(events)) == 2
    assert max(dwells(events)) == pytest.approx(1.9)


def test_a_visit_is_not_continued_across_a_pause_of_all_frames_longer_than_the_hiding_time() -> None:
    counter = ZoneCounter(ROOM, SIZE)
    before, after = walk([INSIDE] * 20, number=1), walk([INSIDE] * 20, start=60.0, number=2)
    events = [event for foot in [*before, *after] for event in counter.update([foot], foot.time)]
    assert dwells([*events, *counter.finish()]) == [pytest.approx(1.9), pytest.approx(1.9)]


def test_who_left_over_the_border_is_not_continued_by_who_appears_in_the_middle() -> None:
    events = visits([*walk([INSIDE] * 10 + [BORDER] * 5, number=1), *walk([(260, 200)] * 20, start=3.0, number=2)])
    assert len(dwells(events)) == 2


def test_the_nearest_lost_visit_is_continued() -> None:
    left, right = (300.0, 200.0), (400.0, 200.0)
    lost = [*walk([left] * 10, number=1), *walk([right] * 20, number=2)]
    events = visits([*lost, *walk([(390, 200)] * 20, start=3.0, number=3)], until=20)
    assert sorted(dwells(events)) == [pytest.approx(0.9), pytest.approx(4.9)]


def test_a_newcomer_does_not_take_over_the_visit_of_somebody_missed_for_one_frame() -> None:
    staying = [foot for foot in walk([INSIDE] * 41, number=1) if round(foot.time, 1) != 2.0]
    newcomer = walk([(370, 205)] * 80, start=2.0, number=2)
    events = visits([*staying, *newcomer], until=20)
    assert sorted(dwells(events)) == [pytest.approx(4.0, abs=0.2), pytest.approx(7.9, abs=0.2)]


def test_two_people_are_two_visits_at_once() -> None:
    events = visits([*walk([(300, 200)] * 30, number=1), *walk([(400, 200)] * 30, number=2)])
    assert dwells(events) == [pytest.approx(2.9)] * 2
    assert len({event.visit for event in events}) == 2


def test_a_passer_through_who_never_stops_is_a_visit_of_that_length() -> None:
    events = visits(walk([(100 + 20 * step, 200) for step in range(30)]))
    assert dwells(events) == [pytest.approx(1.4)]


def test_a_zone_over_the_whole_picture_counts_who_comes_and_goes() -> None:
    everywhere = Zone("all", (Point(0, 0), Point(640, 0), Point(640, 360), Point(0, 360)))
    people = [foot for number in range(6) for foot in walk([(20 * step, 330) for step in range(33)], start=5.0 * number, number=number)]
    assert len(dwells(visits(people, zone=everywhere, until=40))) == 6


@pytest.mark.parametrize(
    "corners",
    [
        (Point(200, 100), Point(500, 100), Point(500, 300), Point(200, 300), Point(200, 100)),
        (Point(200, 100), Point(200, 100), Point(500, 100), Point(500, 300), Point(200, 300)),
    ],
    ids=["closed by its first corner", "a corner twice"],
)
def test_a_corner_given_twice_changes_nothing(corners: tuple[Point, ...]) -> None:
    feet = walk([OUTSIDE, *[BORDER] * 3, *[INSIDE] * 20, *[OUTSIDE] * 30])
    assert visits(feet, zone=Zone("room", corners)) == visits(feet)


def test_a_concave_zone_holds_nobody_in_its_notch() -> None:
    corners = [(200, 100), (300, 100), (300, 250), (400, 250), (400, 100), (500, 100), (500, 300), (200, 300)]
    notched = Zone("U", tuple(Point(*corner) for corner in corners))
    assert visits(walk([(350, 150)] * 30), zone=notched) == []
    assert len(dwells(visits(walk([(250, 150)] * 30), zone=notched))) == 1


def test_visitors_who_have_left_are_forgotten() -> None:
    counter = ZoneCounter(ROOM, SIZE)
    for number in range(300):
        start = number * 1.0
        for foot in walk([INSIDE] * 8, start=start, number=number):
            counter.update([foot], foot.time)
        assert len(counter) <= 12
    counter.update([], 400.0)
    assert len(counter) == 0


frames = st.lists(
    st.tuples(st.floats(0.01, 6.0), st.dictionaries(st.integers(1, 4), st.tuples(st.floats(150, 550), st.floats(60, 340)), max_size=4)),
    max_size=40,
)


@given(frames)
def test_whatever_happens_enters_match_exits_and_occupancy_is_never_negative(shown: list[tuple[float, dict[int, tuple[float, float]]]]) -> None:
    counter, events, now = ZoneCounter(ROOM, SIZE), VisitEvents(), 0.0
    for wait, people in shown:
        now += wait
        events += counter.update([Foot(track(number), now, Point(*place), 60.0) for number, place in people.items()], now)
    events += counter.finish()
    enters = {event.visit: event.time for event in events if isinstance(event, ZoneEnter)}
    exits = {event.visit: event for event in events if isinstance(event, ZoneExit)}
    assert sorted(enters) == sorted(exits) == list(range(1, len(enters) + 1))
    assert len(enters) + len(exits) == len(events)
    for number, entered in enters.items():
        assert exits[number].dwell >= VisitRule().entry
        assert exits[number].time - exits[number].dwell == pytest.approx(entered)
        assert exits[number].time <= now
    steps = [1 if isinstance(event, ZoneEnter) else -1 for event in events]
    assert all(sum(steps[:end]) >= 0 for end in range(len(steps) + 1))
    assert len(counter) == 0


@given(frames)
def test_at_no_time_are_there_more_visits_than_people_ever_seen_inside(shown: list[tuple[float, dict[int, tuple[float, float]]]]) -> None:
    counter, now, present = ZoneCounter(ROOM, SIZE), 0.0, [0]
    for wait, people in shown:
        now += wait
        feet = [Foot(track(number), now, Point(*place), 60.0) for number, place in people.items()]
        counter.update(feet, now)
        present.append(len(counter))
    assert all(after - before <= 4 for before, after in pairwise(present))
    # Four tracks walk at most; more visits than that are only held for those who may be hidden.
    assert max(present) <= 4 + len(shown)


@pytest.mark.parametrize("y", [355.0, 359.0, 359.99, 360.0, 363.0])
@pytest.mark.parametrize("last", [0, 1], ids=["drawn to the border", "drawn to the last pixels"])
def test_a_person_cut_off_by_the_lower_border_is_in_a_zone_that_reaches_it(y: float, last: int) -> None:
    everywhere = Zone("all", (Point(0, 0), Point(640 - last, 0), Point(640 - last, 360 - last), Point(0, 360 - last)))
    assert len(dwells(visits(walk([(320, y)] * 30), zone=everywhere))) == 1
