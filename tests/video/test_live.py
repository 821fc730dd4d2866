"""The life of a live source over its connections, on a fake camera and a fake clock."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.errors import SourceError
from consentry.video.fake import FakeCamera
from consentry.video.model import Size, SourceState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.video.live import LiveSource
    from consentry.video.model import Frame


def states_until(camera: FakeCamera, source: LiveSource, frames: Iterator[Frame | None], seconds: float) -> list[SourceState]:
    """Read for ``seconds`` of the camera's clock; return the states passed through, without repeats."""
    end = camera.clock.now() + seconds
    seen = [source.health.state]
    while camera.clock.now() < end:
        next(frames)
        seen.append(source.health.state)
    return [state for state, _ in itertools.groupby(seen)]


def test_a_camera_is_connected_and_gives_frames() -> None:
    camera = FakeCamera()
    with camera.source() as source:
        frames = [frame for frame in itertools.islice(source.frames(), 20) if frame is not None]
        assert [frame.time for frame in frames] == pytest.approx(np.arange(len(frames)) / 10)
        assert (source.health.state, source.size, source.health.dropped) == (SourceState.LIVE, Size(32, 24), 0)


def test_nothing_is_connected_before_frames_are_read() -> None:
    camera = FakeCamera()
    camera.source().close()
    assert camera.captures == []


def test_the_size_is_unknown_before_the_first_frame() -> None:
    with FakeCamera().source() as source, pytest.raises(SourceError) as refused:
        _ = source.size
    assert refused.value.code == "source.no-picture-yet"


def test_a_slow_reader_gets_the_newest_frame_and_the_drops_are_counted() -> None:
    camera = FakeCamera()
    with camera.source() as source:
        frames = source.frames()
        next(frames)
        camera.clock.sleep(1.05)
        frame = next(frames)
        assert frame is not None
        assert frame.time == pytest.approx(1.05)
        assert (source.health.frames, source.health.dropped) == (2, 9)


def test_a_silent_camera_stalls_is_killed_and_opened_again() -> None:
    camera = FakeCamera()
    with camera.source() as source:
        frames = source.frames()
        states_until(camera, source, frames, 3)
        camera.silent = True
        assert states_until(camera, source, frames, 4.9) == [SourceState.LIVE, SourceState.STALLED, SourceState.WAITING]
        assert camera.captures[0].killed
        camera.silent = False
        assert states_until(camera, source, frames, 5) == [SourceState.WAITING, SourceState.LIVE]
        assert (len(camera.captures), source.health.reconnects) == (2, 1)


def test_a_gap_shows_as_a_jump_in_time() -> None:
    camera = FakeCamera()
    with camera.source() as source:
        frames = source.frames()
        states_until(camera, source, frames, 3)
        camera.silent = True
        states_until(camera, source, frames, 20)
        camera.silent = False
        frame = next(frame for frame in frames if frame is not None)
        assert 22 < frame.time < 40


def test_none_comes_at_least_once_a_second_while_there_is_no_frame() -> None:
    camera = FakeCamera()
    camera.silent = True
    with camera.source() as source:
        before = camera.clock.now()
        for frame in itertools.islice(source.frames(), 200):
            assert frame is None
            assert camera.clock.now() - before <= 1.0
            before = camera.clock.now()


def test_a_camera_that_refuses_is_tried_again_ever_more_slowly() -> None:
    camera = FakeCamera()
    camera.failure = SourceError("source.unreachable", "fake", "connection refused", "Wait.")
    with camera.source() as source:
        frames = source.frames()
        starts: list[float] = []
        for _ in range(400):
            next(frames)
            starts += [camera.clock.now()] * (len(camera.captures) - len(starts))
        assert "connection refused; trying again in" in source.health.reason
        delays = np.diff(starts)
        assert delays[0] < 2
        assert (np.diff(delays) > -1).all()
        assert 29 < delays[-1] < 62


def test_a_failure_that_no_second_try_can_mend_is_raised() -> None:
    camera = FakeCamera()
    camera.failure = SourceError("source.no-video", "fake", "it has no moving pictures", "Give one.")
    with camera.source() as source:
        with pytest.raises(SourceError) as raised:
            list(itertools.islice(source.frames(), 20))
        assert raised.value is camera.failure
        assert (source.health.state, camera.captures[0].killed) == (SourceState.FAILED, True)


def test_closing_kills_the_capture_and_ends_the_frames() -> None:
    camera = FakeCamera()
    source = camera.source()
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []
    assert camera.captures[0].killed


@given(st.lists(st.tuples(st.booleans(), st.floats(0.1, 30)), max_size=8))
def test_times_grow_and_follow_the_clock_whatever_the_camera_does(phases: list[tuple[bool, float]]) -> None:
    camera = FakeCamera(interval=0.2)
    with camera.source() as source:
        frames, last = source.frames(), -1.0
        for camera.silent, seconds in phases:
            end = camera.clock.now() + seconds
            while camera.clock.now() < end:
                frame = next(frames)
                assert source.health.reason
                if frame is not None:
                    assert last < frame.time <= camera.clock.now() - 1000
                    last = frame.time
