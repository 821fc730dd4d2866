"""Frames to figures with a watcher that knows where everybody is."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.counting.folds import EventLog, IntervalState, line_totals, minutes, zone_totals
from consentry.counting.model import Crossing, Gap, Line, Point, Zone, ZoneEnter, ZoneExit
from consentry.counting.service import LONGEST_SILENCE, Counter, Plan, count_frames
from consentry.platform.errors import GeometryError
from consentry.video.entrance import entrance
from consentry.video.model import Frame, Size
from consentry.video.scene import Line as SceneLine
from consentry.video.scene import Scene, boxes, truth
from consentry.video.walk import Walker, Waypoint
from consentry.vision.model import Detections
from tests.counting.paths import DOWNWARDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SIZE = Size(480, 360)


@dataclass
class SceneWatcher:
    """Sees every body of a scene whose box shows in the picture; ``jitter`` is the deviation of a box's sides in body heights."""

    scene: Scene
    jitter: float = 0.0
    missed: float = 0.0

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.scene.seed)

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:
        height, width = image.shape[:2]
        share = width / self.scene.size.width
        rows = [(box.x1, box.y1, box.x2, box.y2) for box in boxes(self.scene, time) if self.random.random() >= self.missed]
        seen = np.array(rows, np.float32).reshape(-1, 4) * share
        seen = (seen + self.random.normal(0, self.jitter, seen.shape) * (seen[:, 3:] - seen[:, 1:2])).astype(np.float32)
        seen = seen.clip(0, [width, height, width, height]).astype(np.float32)
        seen = seen[seen[:, 2] - seen[:, 0] > 8 * share]
        return Detections(seen, np.full(len(seen), 0.9, np.float32))


def frames_of(scene: Scene, rate: float, share: float = 1.0) -> Iterator[Frame]:
    image = np.zeros((round(scene.size.height * share), round(scene.size.width * share), 3), np.uint8)
    return (Frame(image, frame / rate, scene.size) for frame in range(round(scene.duration * rate)))


def counted(scene: Scene, *, rate: float | None = None, share: float = 1.0, jitter: float = 0.0, missed: float = 0.0) -> dict[str, int]:
    plan = Plan((Line("door", Point(*scene.line.start), Point(*scene.line.end)),))
    *_, (counter, _, _) = count_frames(frames_of(scene, rate or scene.fps, share), SceneWatcher(scene, jitter, missed), plan)
    [total] = line_totals(counter.finish())
    return {"in": total.entered, "out": total.left}


@pytest.mark.parametrize("seed", range(1, 9))
def test_an_entrance_seen_perfectly_is_counted_exactly(seed: int) -> None:
    scene = entrance(seed)
    assert counted(scene) == truth(scene)


@pytest.mark.parametrize("seed", [3, 7])
@pytest.mark.parametrize("rate", [6.25, 25.0])
def test_the_count_does_not_depend_on_the_frame_rate(seed: int, rate: float) -> None:
    scene = entrance(seed)
    assert counted(scene, rate=rate) == truth(scene)


@pytest.mark.parametrize("seed", [2, 7])
def test_boxes_that_jitter_and_fail_at_times_change_nothing(seed: int) -> None:
    scene = entrance(seed)
    assert counted(scene, jitter=0.01, missed=0.05) == truth(scene)


def test_frames_smaller_than_the_picture_count_in_pixels_of_the_picture() -> None:
    scene = entrance(5)
    assert counted(scene, share=0.5) == truth(scene)


def walker(*points: tuple[float, float, float]) -> Walker:
    return Walker(tuple(Waypoint(time, x, y, 120.0) for time, x, y in points))


def stage(*walkers: Walker, line: SceneLine | None = None, duration: float = 12.0) -> Scene:
    return Scene(SIZE, 10.0, duration, line or SceneLine((240, 0), (240, 360)), walkers)


@pytest.mark.parametrize(
    ("walkers", "counts"),
    [
        ([walker((0, 400, 300), (4, 80, 300))], (1, 0)),
        ([walker((0, 80, 300), (4, 400, 300))], (0, 1)),
        ([walker((0, 400, 300), (3, 241, 300), (7, 239, 300), (10, 80, 300))], (1, 0)),
        ([walker((0, 400, 300), (3, 241, 300), (7, 239, 300), (10, 400, 300))], (0, 0)),
        ([walker((0, 400, 300), (4, 100, 300), (8, 400, 300))], (1, 1)),
        ([walker((0, 400, 300), (4, 80, 300)), walker((0, 80, 340), (4, 400, 340))], (1, 1)),
        ([walker((0, 400, 300), (4, 80, 300)), walker((0.3, 440, 310), (4.3, 120, 310))], (2, 0)),
        ([], (0, 0)),
    ],
    ids=["in", "out", "stands on the line", "turns on the line", "in and out", "two who meet", "two together", "nobody"],
)
@pytest.mark.parametrize("rate", [5.0, 10.0, 25.0])
def test_walkers_are_counted_as_they_went(walkers: list[Walker], counts: tuple[int, int], rate: float) -> None:
    scene = stage(*walkers)
    assert counted(scene, rate=rate) == {"in": counts[0], "out": counts[1]}


def test_people_together_are_one_group_and_two_people() -> None:
    scene = stage(walker((0, 400, 300), (4, 80, 300)), walker((0.3, 440, 310), (4.3, 120, 310)))
    *_, (counter, _, _) = count_frames(frames_of(scene, 10), SceneWatcher(scene), Plan((DOWNWARDS,)))
    [total] = line_totals(counter.finish())
    assert (total.entered, total.groups_in) == (2, 1)


def test_a_zone_is_entered_and_left() -> None:
    scene = stage(walker((0, 20, 250), (2, 240, 250), (6, 240, 250), (8, 460, 250)))
    room = Zone("room", (Point(120, 150), Point(360, 150), Point(360, 350), Point(120, 350)))
    *_, (counter, _, _) = count_frames(frames_of(scene, 10), SceneWatcher(scene), Plan((), (room,)))
    log = counter.finish()
    [total] = zone_totals(log)
    assert (log.lines, total.visits, total.max_occupancy) == ((), 1, 1)
    assert total.dwell_p50 == pytest.approx(4 + 2 * 120 / 110, abs=0.4)
    assert [type(event) for event in log.events] == [ZoneEnter, ZoneExit]


def test_heat_is_the_time_people_were_followed() -> None:
    scene = stage(walker((0, 400, 300), (4, 80, 300)), duration=4.0)
    *_, (counter, _, _) = count_frames(frames_of(scene, 10), SceneWatcher(scene), Plan())
    counter.finish()
    assert counter.heat.seconds.sum() == pytest.approx(3.9)
    assert counter.heat.flow[..., 0].sum() == pytest.approx(-312, abs=12)


def seen(*rows: tuple[float, float, float, float]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return np.array(rows, np.float32).reshape(-1, 4), np.full(len(rows), 0.9, np.float32)


@pytest.mark.parametrize(("pause", "gaps"), [(0.1, 0), (LONGEST_SILENCE, 0), (LONGEST_SILENCE + 0.1, 1), (3600.0, 1)])
def test_a_pause_of_the_frames_is_a_gap_when_it_is_long(pause: float, gaps: int) -> None:
    counter = Counter(Plan((DOWNWARDS,)), SIZE)
    for time in (0.0, 1.0, 1.0 + pause):
        counter.observe(time, *seen())
    assert [event for event in counter.log().events if isinstance(event, Gap)] == [Gap(1.0, 1.0 + pause, "no frames")] * gaps


def test_minutes_within_a_gap_are_missing_and_not_zero() -> None:
    counter = Counter(Plan((DOWNWARDS,)), SIZE)
    for time in (*range(30), *range(200, 240)):
        counter.observe(float(time), *seen())
    assert [row.state for row in minutes(counter.finish())] == [IntervalState.COUNTED, IntervalState.MISSING, IntervalState.MISSING, IntervalState.COUNTED]


def test_nobody_is_followed_through_a_gap() -> None:
    counter = Counter(Plan((DOWNWARDS,)), SIZE)
    for frame in range(20):
        counter.observe(frame / 10, *seen((228, 200, 268, 320)))
    for frame in range(20):
        counter.observe(600 + frame / 10, *seen((212, 200, 252, 320)))
    assert not [event for event in counter.finish().events if isinstance(event, Crossing)]


def test_the_line_in_the_middle_is_used_when_nothing_else_is_asked_for() -> None:
    plan = Plan().on(Size(640, 360))
    assert [(line.start, line.end) for line in plan.lines] == [(Point(320, 0), Point(320, 360))]
    room = Zone("room", (Point(0, 0), Point(100, 0), Point(100, 100)))
    assert Plan((), (room,)).on(SIZE) == Plan((), (room,))
    assert Plan((DOWNWARDS,)).on(SIZE).lines == (DOWNWARDS,)


@pytest.mark.parametrize(
    "plan",
    [
        Plan((DOWNWARDS, Line("bad", Point(500, 0), Point(500, 300)))),
        Plan((DOWNWARDS,), (Zone("bad", (Point(0, 0), Point(10, 10))),)),
    ],
)
def test_a_plan_that_cannot_count_on_the_picture_is_refused_at_the_first_frame(plan: Plan) -> None:
    scene = stage()
    with pytest.raises(GeometryError, match="bad"):
        next(iter(count_frames(frames_of(scene, 10), SceneWatcher(scene), plan)))


def test_no_frames_is_no_counter() -> None:
    assert list(count_frames(iter(()), SceneWatcher(stage()), Plan())) == []


def test_a_line_shorter_than_its_people_is_warned_of_after_they_crossed() -> None:
    scene = stage(walker((0, 400, 300), (4, 80, 300)))
    short, long = Line("short", Point(240, 250), Point(240, 350)), DOWNWARDS
    *_, (counter, _, _) = count_frames(frames_of(scene, 10), SceneWatcher(scene), Plan((short, long)))
    counter.finish()
    [warning] = counter.warnings()
    assert "short" in warning
    assert not Counter(Plan((short,)), SIZE).warnings()


def test_a_finished_counter_and_one_without_frames_have_a_log() -> None:
    assert Counter(Plan((DOWNWARDS,)), SIZE).finish() == EventLog(0.0, 0.0, ("door",), (), ())
    counter = Counter(Plan((DOWNWARDS,)), SIZE)
    counter.observe(7.0, *seen())
    assert (counter.finish().start, counter.finish().end, counter.frames) == (7.0, 7.0, 1)


def test_two_counters_share_nothing() -> None:
    scene = stage(walker((0, 400, 300), (4, 80, 300)))
    alone = counted(scene)
    streams = [count_frames(frames_of(scene, 10), SceneWatcher(scene), Plan((DOWNWARDS,))) for _ in range(2)]
    *_, ((one, _, _), (other, _, _)) = itertools.zip_longest(*streams)
    for counter in (one, other):
        [total] = line_totals(counter.finish())
        assert {"in": total.entered, "out": total.left} == alone
