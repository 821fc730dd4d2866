"""One camera's people turned into events: gaps, plans, warnings, the log."""

from __future__ import annotations

import numpy as np
import pytest

from consentry.counting.counter import LONGEST_SILENCE, Counter, Plan
from consentry.counting.folds import EventLog, IntervalState, minutes
from consentry.counting.model import Crossing, Gap, Line, Point, Zone
from consentry.platform.errors import GeometryError
from consentry.video.model import Size
from tests.counting.paths import DOWNWARDS
from tests.counting.stage import SIZE

ROOM = (Point(0, 0), Point(100, 0), Point(100, 100))


def seen(counter: Counter, time: float, *rows: tuple[float, float, float, float]) -> None:
    counter.observe(time, np.array(rows, np.float32).reshape(-1, 4), np.full(len(rows), 0.9, np.float32))


@pytest.mark.parametrize(("pause", "gaps"), [(0.1, 0), (LONGEST_SILENCE, 0), (LONGEST_SILENCE + 0.1, 1), (3600.0, 1)])
def test_a_pause_of_the_frames_is_a_gap_when_it_is_long(pause: float, gaps: int) -> None:
    counter = Counter(Plan((DOWNWARDS,)), SIZE)
    for time in (0.0, 1.0, 1.0 + pause):
        seen(counter, time)
    assert [event for event in counter.log().events if isinstance(event, Gap)] == [Gap(1.0, 1.0 + pause, "no frames")] * gaps


def test_minutes_within_a_gap_are_missing_and_not_zero() -> None:
    counter = Counter(Plan((DOWNWARDS,)), SIZE)
    for time in (*range(30), *range(200, 240)):
        seen(counter, float(time))
    assert [row.state for row in minutes(counter.finish())] == [IntervalState.COUNTED, IntervalState.MISSING, IntervalState.MISSING, IntervalState.COUNTED]


def test_nobody_is_followed_through_a_gap() -> None:
    counter = Counter(Plan((DOWNWARDS,)), SIZE)
    for frame in range(20):
        seen(counter, frame / 10, (228, 200, 268, 320))
    for frame in range(20):
        seen(counter, 600 + frame / 10, (212, 200, 252, 320))
    assert not [event for event in counter.finish().events if isinstance(event, Crossing)]


@pytest.mark.parametrize("start", [0.0, 1_700_000_000.0])
def test_the_clock_of_the_frames_is_the_clock_of_the_figures(start: float) -> None:
    counter = Counter(Plan((DOWNWARDS,)), SIZE)
    for frame in range(40):
        x = 400 - 8 * frame
        seen(counter, start + frame / 10, (x - 20, 180, x + 20, 300))
    [crossing] = [event for event in counter.finish().events if isinstance(event, Crossing)]
    assert crossing.time == pytest.approx(start + 2.0, abs=0.15)
    assert counter.log().start == start


def test_the_line_in_the_middle_is_used_when_nothing_else_is_asked_for() -> None:
    plan = Plan().on(Size(640, 360))
    assert [(line.start, line.end) for line in plan.lines] == [(Point(320, 0), Point(320, 360))]
    room = Zone("room", ROOM)
    assert Plan((), (room,)).on(SIZE) == Plan((), (room,))
    assert Plan((DOWNWARDS,)).on(SIZE).lines == (DOWNWARDS,)


@pytest.mark.parametrize(
    "plan",
    [
        Plan((DOWNWARDS, Line("bad", Point(500, 0), Point(500, 300)))),
        Plan((DOWNWARDS,), (Zone("bad", (Point(0, 0), Point(10, 10))),)),
        Plan((DOWNWARDS, Line("bad", Point(100, 0), Point(100, 300)), Line("bad", Point(200, 0), Point(200, 300)))),
        Plan((), (Zone("bad", ROOM), Zone("bad", ROOM))),
    ],
    ids=["line outside", "zone without area", "two lines of one name", "two zones of one name"],
)
def test_a_plan_that_cannot_count_on_the_picture_is_refused(plan: Plan) -> None:
    with pytest.raises(GeometryError, match="bad"):
        plan.on(SIZE)


def test_a_line_and_a_zone_may_share_a_name() -> None:
    plan = Plan((DOWNWARDS,), (Zone(DOWNWARDS.id, ROOM),))
    assert plan.on(SIZE) == plan


def test_a_finished_counter_and_one_without_frames_have_a_log() -> None:
    assert Counter(Plan((DOWNWARDS,)), SIZE).finish() == EventLog(0.0, 0.0, ("door",), (), ())
    counter = Counter(Plan((DOWNWARDS,)), SIZE)
    seen(counter, 7.0)
    assert (counter.finish().start, counter.finish().end, counter.frames) == (7.0, 7.0, 1)
