"""A recording in a loop by the wall clock: its phase is that of the time of day."""

from __future__ import annotations

import gc
import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consentry.platform.errors import SourceError
from consentry.video.address import parse_address
from consentry.video.loop import LONGEST_LAG, LoopSource
from consentry.video.model import Frame, Size, SourceState
from consentry.video.sources import open_source
from tests.video.clips import open_descriptors, times_at, write_clip, write_sound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAP = 1.2
STEP_ERROR = 1e-5
NOON = 1_800_000_000.0


class WallClock:
    """A clock that only sleeping moves, and whoever holds it."""

    def __init__(self, now: float) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("loop") / "clip.mp4", times_at(10, 12))


def loop(clip: Path, clock: WallClock) -> LoopSource:
    return LoopSource(parse_address(f"loop:{clip}"), clock=clock)


def pictures(frames: Iterator[Frame | None], count: int) -> Iterator[Frame]:
    return itertools.islice((frame for frame in frames if frame is not None), count)


def taken(frames: Iterator[Frame | None], count: int) -> list[Frame]:
    return list(pictures(frames, count))


def test_the_address_of_a_loop_opens_a_live_source(clip: Path) -> None:
    with open_source(f"loop:{clip}", longest_side=32) as source:
        assert (source.live, source.duration, source.size, source.spec) == (True, None, Size(64, 48), f"loop:{clip}")


def test_frames_come_when_they_are_due_lap_after_lap(clip: Path) -> None:
    clock = WallClock(NOON)
    with loop(clip, clock) as source:
        times = [(frame.time, clock.now()) for frame in pictures(source.frames(), 30)]
        assert source.length == pytest.approx(LAP, abs=STEP_ERROR)
    assert all(time == pytest.approx(now, abs=1e-6) for time, now in times)
    assert np.diff([time for time, _ in times]) == pytest.approx(0.1, abs=STEP_ERROR)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=10)
@given(st.floats(0.0, 30.0))
def test_a_loop_opened_later_shows_what_one_opened_before_shows(clip: Path, later: float) -> None:
    with loop(clip, WallClock(NOON)) as early, loop(clip, WallClock(NOON + later)) as late:
        shown = taken(late.frames(), 15)
        same = {frame.time: frame.image for frame in taken(early.frames(), 15 + int((later + LAP) * 10))}
    assert NOON + later <= shown[0].time <= NOON + later + 0.1 + 1e-6
    assert all(np.array_equal(same[frame.time], frame.image) for frame in shown)


def test_a_slow_reader_gets_every_frame_late_and_none_early(clip: Path) -> None:
    clock = WallClock(NOON)
    with loop(clip, clock) as source:
        times = []
        for frame in pictures(source.frames(), 100):
            assert frame.time <= clock.now() + 1e-6
            clock.sleep(0.2)
            times.append(frame.time)
        assert np.diff(times) == pytest.approx(0.1, abs=STEP_ERROR)
        assert source.health.dropped == 0
        assert clock.now() - times[-1] > 9


def test_a_reader_too_far_behind_loses_what_was_late_and_goes_on_in_time(clip: Path) -> None:
    clock = WallClock(NOON)
    with loop(clip, clock) as source:
        frames = source.frames()
        taken(frames, 1)
        clock.sleep(LONGEST_LAG + 5)
        after = taken(frames, 1)[0]
        assert 0 <= after.time - (NOON + LONGEST_LAG + 5) <= 0.2
        assert source.health.dropped > 10 * LONGEST_LAG


def test_laps_slept_through_are_not_decoded(clip: Path) -> None:
    clock = WallClock(NOON)
    with loop(clip, clock) as source:
        frames = source.frames()
        taken(frames, 1)
        clock.sleep(30 * 86400)
        assert 0 <= taken(frames, 1)[0].time - clock.now() + 0.1 <= 0.2


def test_silence_between_frames_is_told_and_closing_ends_it(tmp_path: Path) -> None:
    clock = WallClock(NOON)
    with loop(write_clip(tmp_path / "slow.mp4", [0.0, 3.0]), clock) as source:
        frames = source.frames()
        taken(frames, 1)
        assert [next(frames), next(frames)] == [None, None]
        assert source.health.state is SourceState.LIVE
        source.close()
        assert list(frames) == []


def test_laps_leave_no_file_open(clip: Path) -> None:
    with loop(clip, WallClock(NOON)) as source:
        frames = source.frames()
        taken(frames, 1)
        before = open_descriptors()
        taken(frames, 100)
        assert open_descriptors() <= before
        del frames


def test_laps_leave_no_picture_in_memory(clip: Path) -> None:
    with loop(clip, WallClock(NOON)) as source:
        for _ in pictures(source.frames(), 600):
            pass
        # Fifty laps were played, and every twenty seconds what they left is freed.
        assert sum(type(thing).__name__ == "VideoFrame" for thing in gc.get_objects()) <= 20


@pytest.mark.parametrize(("name", "code"), [("absent.mp4", "source.missing"), ("sound.mp4", "source.no-video")])
def test_what_cannot_be_played_is_refused(tmp_path: Path, name: str, code: str) -> None:
    write_sound(tmp_path / "sound.mp4")
    with pytest.raises(SourceError) as refused:
        open_source(f"loop:{tmp_path / name}")
    assert refused.value.code == code
