"""Frames to figures with a watcher that knows where everybody is."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.counting import service
from consentry.counting.counter import Counter, Plan
from consentry.counting.folds import line_totals, zone_totals
from consentry.counting.model import Line, Point, Zone, ZoneEnter, ZoneExit
from consentry.counting.service import Progress, count_frames, count_source
from consentry.platform.errors import GeometryError, InputError, SourceError
from consentry.video.entrance import entrance
from consentry.video.fake import FakeSource
from consentry.video.model import Frame, Size
from consentry.video.scene import Scene, truth
from tests.counting.paths import DOWNWARDS
from tests.counting.stage import SIZE, SceneWatcher, frames_of, stage, walker

if TYPE_CHECKING:
    from consentry.video.walk import Walker


def watched(scene: Scene, plan: Plan, *, rate: float | None = None, share: float = 1.0, jitter: float = 0.0, missed: float = 0.0) -> Counter:
    """Return the counter of a whole scene, not yet finished."""
    *_, last = count_frames(frames_of(scene, rate or scene.fps, share), SceneWatcher(scene, jitter, missed), plan)
    assert last.counter is not None
    return last.counter


def counted(scene: Scene, *, rate: float | None = None, share: float = 1.0, jitter: float = 0.0, missed: float = 0.0) -> dict[str, int]:
    plan = Plan((Line("door", Point(*scene.line.start), Point(*scene.line.end)),))
    [total] = line_totals(watched(scene, plan, rate=rate, share=share, jitter=jitter, missed=missed).finish())
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
    counter = watched(scene, Plan((DOWNWARDS,)))
    [total] = line_totals(counter.finish())
    assert (total.entered, total.groups_in) == (2, 1)


def test_a_zone_is_entered_and_left() -> None:
    scene = stage(walker((0, 20, 250), (2, 240, 250), (6, 240, 250), (8, 460, 250)))
    room = Zone("room", (Point(120, 150), Point(360, 150), Point(360, 350), Point(120, 350)))
    counter = watched(scene, Plan((), (room,)))
    log = counter.finish()
    [total] = zone_totals(log)
    assert (log.lines, total.visits, total.max_occupancy) == ((), 1, 1)
    assert total.dwell_p50 == pytest.approx(4 + 2 * 120 / 110, abs=0.4)
    assert [type(event) for event in log.events] == [ZoneEnter, ZoneExit]


def test_heat_is_the_time_people_were_followed() -> None:
    scene = stage(walker((0, 400, 300), (4, 80, 300)), duration=4.0)
    counter = watched(scene, Plan())
    counter.finish()
    assert counter.heat.seconds.sum() == pytest.approx(3.9)
    assert counter.heat.flow[..., 0].sum() == pytest.approx(-312, abs=12)


def test_no_frames_is_no_counter() -> None:
    assert list(count_frames(iter(()), SceneWatcher(stage()), Plan())) == []


def test_a_line_shorter_than_its_people_is_warned_of_after_they_crossed() -> None:
    scene = stage(walker((0, 400, 300), (4, 80, 300)))
    short, long = Line("short", Point(240, 250), Point(240, 350)), DOWNWARDS
    counter = watched(scene, Plan((short, long)))
    counter.finish()
    [warning] = counter.warnings()
    assert "short" in warning
    assert not Counter(Plan((short,)), SIZE).warnings()


IN = stage(walker((0, 400, 300), (4, 80, 300)), duration=6.0)
SIGN = "此处统计人数，不识别任何人。"


def test_a_plan_that_cannot_count_on_the_picture_is_refused_at_the_first_frame() -> None:
    outside = Plan((Line("bad", Point(500, 0), Point(500, 300)),))
    with pytest.raises(GeometryError, match="bad"):
        next(iter(count_frames(frames_of(IN, 10), SceneWatcher(IN), outside)))
    with pytest.raises(GeometryError, match="bad"):
        count_source(FakeSource(frames_of(IN, 10)), SceneWatcher(IN), outside)


def test_a_recording_is_counted_to_its_end_and_reported() -> None:
    report, counter = count_source(FakeSource(frames_of(IN, 10), spec="clip.mp4"), SceneWatcher(IN), Plan((DOWNWARDS,)))
    [total] = line_totals(report.log)
    assert (total.entered, total.left) == (1, 0)
    assert (report.source, report.detector, report.frames, report.sign, report.warnings) == ("clip.mp4", "sees all", 60, None, [])
    assert (report.log.start, report.log.end) == (0.0, 5.9)
    assert counter.frames == 60
    assert report.frames_per_second > 0


def test_every_frame_is_told_of_with_the_people_followed_in_it() -> None:
    told: list[Progress] = []
    count_source(FakeSource(frames_of(IN, 10)), SceneWatcher(IN), Plan(), on_progress=told.append)
    frames = [step.frame for step in told]
    assert len(frames) == 60
    assert all(frame is not None for frame in frames)
    assert all(one.time < later.time for one, later in pairwise(frame for frame in frames if frame))
    assert [len(step.boxes) for step in told[:5]] == [0, 0, 1, 1, 1]


def test_counting_stops_after_the_time_asked_for() -> None:
    report, _ = count_source(FakeSource(frames_of(IN, 10)), SceneWatcher(IN), Plan(), seconds=2.0)
    assert 20 <= report.frames <= 21


def test_what_is_wrong_with_the_source_and_the_lines_is_warned_of() -> None:
    source = FakeSource(frames_of(IN, 10))
    source.warnings = ("the end is cut off",)
    report, _ = count_source(source, SceneWatcher(IN), Plan((Line("short", Point(240, 250), Point(240, 350)),)))
    assert report.warnings[0] == "the end is cut off"
    assert "short" in report.warnings[1]


@pytest.mark.parametrize("sign", [None, "", "  \n"])
def test_a_live_source_without_a_sign_is_refused_before_it_is_read(sign: str | None) -> None:
    with pytest.raises(InputError) as refusal:
        count_source(FakeSource(frames_of(IN, 10), live=True), SceneWatcher(IN), Plan(), sign=sign, seconds=0.0)
    assert refusal.value.code == "count.no-sign"


def test_a_live_source_is_counted_on_the_clock_of_the_world_and_carries_its_sign() -> None:
    report, _ = count_source(FakeSource([None, *frames_of(IN, 10)], live=True), SceneWatcher(IN), Plan((DOWNWARDS,)), sign=SIGN, seconds=0.5)
    assert report.sign == SIGN
    assert report.log.start > 1.6e9
    assert report.frames <= 60


def test_an_interrupted_live_count_is_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(step: Progress) -> None:
        if step.frame and step.frame.time >= 4.5:
            raise KeyboardInterrupt

    monkeypatch.setattr(service, "FIRST_FRAME_WITHIN", 5.0)
    report, _ = count_source(FakeSource(frames_of(IN, 10), live=True), SceneWatcher(IN), Plan((DOWNWARDS,)), sign=SIGN, on_progress=interrupt)
    assert report.frames == 46
    assert line_totals(report.log)[0].entered == 1


def test_a_live_source_that_stays_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "FIRST_FRAME_WITHIN", 0.02)
    with pytest.raises(SourceError) as refusal:
        count_source(FakeSource([], live=True), SceneWatcher(IN), Plan(), sign=SIGN)
    assert refusal.value.code == "source.no-frames"


def test_a_recording_without_frames_is_an_error_and_no_count() -> None:
    with pytest.raises(SourceError) as refusal:
        count_source(FakeSource([]), SceneWatcher(IN), Plan())
    assert refusal.value.code == "source.no-frames"


def test_frames_of_odd_shapes_are_counted_in_pixels_of_the_picture() -> None:
    scene = Scene(Size(481, 361), 10.0, 6.0, IN.line, IN.walkers)
    frames = [Frame(np.zeros((181, 241, 3), np.uint8), frame / 10, scene.size) for frame in range(60)]
    *_, last = count_frames(frames, SceneWatcher(scene), Plan((DOWNWARDS,)))
    assert last.counter is not None
    assert line_totals(last.counter.finish())[0].entered == 1


def test_two_counts_at_once_share_nothing() -> None:
    scene = stage(walker((0, 400, 300), (4, 80, 300)))
    alone = line_totals(watched(scene, Plan((DOWNWARDS,))).finish())
    streams = [count_frames(frames_of(scene, 10), SceneWatcher(scene), Plan((DOWNWARDS,))) for _ in range(2)]
    *_, ends = zip(*streams, strict=True)
    assert [line_totals(step.counter.finish()) for step in ends if step.counter] == [alone, alone]
