"""A camera's run on scenes whose truth is known, without waiting: frames carry the times of a clock that the test moves."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.counting.camera import HEALTH_EVERY, CameraRun, Requests
from consentry.counting.counter import Plan
from consentry.counting.folds import minutes
from consentry.counting.messages import GapReport, HealthReport, HourReport, Message, MinuteReport, Started, Still
from consentry.counting.model import Line, Point, Zone
from consentry.counting.service import count_frames
from consentry.counting.still import CELLS
from consentry.video.fake import FakeSource
from consentry.video.model import Frame
from tests.counting.stage import SIZE, SceneWatcher, frames_of, stage, walker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from consentry.video.scene import Scene
    from consentry.vision.model import Detections

NOON = 1_800_000_000
PLAN = Plan((Line("door", Point(240, 0), Point(240, 360)),), (Zone("till", (Point(300, 200), Point(480, 200), Point(480, 360), Point(300, 360))),))


class NoonWatcher(SceneWatcher):
    """Watches a scene that begins at noon."""

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:
        return super().watch(image, time - NOON)


@dataclass
class TwoClocks:
    """Both clocks of a machine; the time of day can be set, as an administrator might."""

    day: float = NOON
    monotonic: float = 0.0

    def now(self) -> float:
        return self.day

    def steady(self) -> float:
        return self.monotonic

    def pass_to(self, day: float) -> None:
        self.monotonic += day - self.day
        self.day = day


@dataclass
class Studio:
    """Plays a scene to a run by its own clock; ``silences`` are (from, to) without frames, ``acts`` what else happens at which second."""

    scene: Scene
    silences: tuple[tuple[float, float], ...] = ()
    acts: dict[int, str] = field(default_factory=dict)
    clocks: TwoClocks = field(default_factory=TwoClocks)
    requests: Requests = field(default_factory=Requests)
    said: list[Message] = field(default_factory=list)

    def run(self) -> list[Message]:
        source = FakeSource([], live=True)
        source.frames = self._played  # type: ignore[method-assign]
        CameraRun("run", source, self.said.append, self.requests, self.clocks).count(NoonWatcher(self.scene), PLAN)
        return self.said

    def of(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.said if isinstance(message, kind)]

    def _played(self) -> Iterator[Frame | None]:
        for frame in frames_of(self.scene, 10.0):
            self.clocks.pass_to(NOON + frame.time)
            self._act(frame.time)
            silent = any(start <= frame.time < end for start, end in self.silences)
            yield None if silent else frame
        self.requests.stop.set()
        yield None

    def _act(self, time: float) -> None:
        match self.acts.pop(int(time), None):
            case "still":
                self.requests.stills.put("q")
            case "set the clock":
                self.clocks.day += 3600
            case "stop":
                self.requests.stop.set()


def passing(length: float) -> Scene:
    """Return a scene in which somebody crosses the line every seven seconds, alternately in and out, and stays in the zone for a while."""
    walkers = []
    for number in range(int(length / 7) - 2):
        begin, (start, end) = 7.0 * number, ((100, 400) if number % 2 else (400, 100))
        walkers.append(walker((begin, start, 300), (begin + 5, end, 300)))
    return stage(*walkers, duration=length)


def test_the_minutes_of_a_run_equal_those_of_one_count_of_the_whole() -> None:
    scene = passing(250.0)
    studio = Studio(scene)
    studio.run()
    frames = [Frame(frame.image, NOON + frame.time, frame.size) for frame in frames_of(scene, 10.0)]
    steps = list(count_frames(frames, NoonWatcher(scene), PLAN))
    watcher_counter = steps[-1].counter
    assert watcher_counter is not None
    expected = [MinuteReport("run", int(row.start), str(row.state), round(row.coverage, 4), row.lines, row.zones) for row in minutes(watcher_counter.finish())]
    assert len(expected) == 5
    assert sum(minute.lines[0].entered + minute.lines[0].left for minute in expected) > 20
    assert studio.of(MinuteReport) == expected


def test_a_run_begins_with_what_it_counts_and_ends_with_why() -> None:
    said = Studio(passing(30.0)).run()
    started = next(message for message in said if isinstance(message, Started))
    assert (started.lines, started.areas, started.width, started.height, started.at) == (("door",), ("till",), SIZE.width, SIZE.height, NOON)
    assert isinstance(said[-1], HealthReport)
    assert (said[-1].state, said[-1].reason) == ("ended", "it was told to stop")


def test_health_is_told_every_few_seconds_also_while_nothing_is_seen() -> None:
    studio = Studio(passing(60.0), silences=((20.0, 40.0),))
    studio.run()
    times = [message.at for message in studio.of(HealthReport) if isinstance(message, HealthReport)]
    assert max(np.diff(times)) <= HEALTH_EVERY + 0.2
    assert all(message.rss_mb > 10 for message in studio.of(HealthReport) if isinstance(message, HealthReport))


def test_a_silence_is_a_gap_and_its_minutes_are_told_while_it_lasts() -> None:
    studio = Studio(passing(400.0), silences=((70.0, 310.0),))
    studio.run()
    (gap,) = studio.of(GapReport)
    assert gap == GapReport("run", NOON + 69.9, NOON + 310.0, "no frames")
    states = {message.start - NOON: message.state for message in studio.of(MinuteReport) if isinstance(message, MinuteReport)}
    assert [states[second] for second in (0, 60, 120, 180, 240, 300)] == ["counted", "counted", "missing", "missing", "missing", "counted"]
    before_the_gap_was_over = studio.said[: studio.said.index(gap)]
    assert any(isinstance(message, MinuteReport) and message.state == "missing" for message in before_the_gap_was_over)


def test_a_still_is_made_only_when_asked_for_and_shows_cells_alone() -> None:
    silent, asked = Studio(passing(30.0)), Studio(passing(30.0), acts={10: "still"})
    silent.run()
    asked.run()
    assert silent.of(Still) == []
    (still,) = asked.of(Still)
    assert isinstance(still, Still)
    assert (still.request, still.width, max(still.width, still.height)) == ("q", CELLS, CELLS)
    assert len(base64.b64decode(still.pixels)) == still.width * still.height * 3


def test_a_clock_that_is_set_ends_the_run_with_what_it_had_counted() -> None:
    studio = Studio(passing(200.0), acts={100: "set the clock"})
    said = studio.run()
    assert isinstance(said[-1], HealthReport)
    assert said[-1].reason == "the clock of this machine was set by +3600 s"
    assert [message.start - NOON for message in studio.of(MinuteReport) if isinstance(message, MinuteReport)] == [0, 60]


def test_a_stop_gives_the_minute_under_way_with_what_was_seen_of_it() -> None:
    studio = Studio(passing(200.0), acts={90: "stop"})
    studio.run()
    last = studio.of(MinuteReport)[-1]
    assert isinstance(last, MinuteReport)
    assert (last.start - NOON, last.coverage) == (60, pytest.approx(0.5, abs=0.01))


def test_hours_hold_every_finished_visit_and_all_presence() -> None:
    studio = Studio(passing(1300.0))
    studio.run()
    reports = [message for message in studio.of(HourReport) if isinstance(message, HourReport)]
    assert [report.start % 3600 for report in reports] == [0] * len(reports)
    assert [report.start for report in reports] == sorted(report.start for report in reports)
    newest = {report.start: report for report in reports}
    visits = sum(message.areas[0].visits for message in studio.of(MinuteReport) if isinstance(message, MinuteReport) and message.areas)
    assert sum(sum(area.dwell) for report in newest.values() for area in report.areas) == visits > 100
    # Each of the people was seen for about five seconds.
    walkers = len(studio.scene.walkers)
    assert 3 * walkers < sum(sum(report.seconds) for report in newest.values()) < 6 * walkers
