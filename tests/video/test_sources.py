"""What every source promises, the fakes that ship included."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from consentry.platform.errors import SourceError
from consentry.video.fake import FakeCamera, FakeSource
from consentry.video.model import Frame, Size, SourceState
from consentry.video.sources import open_source
from tests.video.clips import quarters, times_at, write_clip
from tests.video.http_camera import http_camera

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from consentry.video.model import FrameSource

    Opener = Callable[[Path], AbstractContextManager[FrameSource]]

COUNT = 12


def file(folder: Path) -> AbstractContextManager[FrameSource]:
    return open_source(str(write_clip(folder / "clip.mp4", times_at(10, COUNT))))


def folder(folder: Path) -> AbstractContextManager[FrameSource]:
    for index in range(COUNT):
        assert cv2.imwrite(str(folder / f"{index}.png"), quarters(64, 48))
    return open_source(f"{folder}?fps=10")


def scripted(*, live: bool) -> FakeSource:
    return FakeSource([Frame(quarters(64, 48), time, Size(64, 48)) for time in times_at(10, COUNT)], live=live)


def fake_recording(_: Path) -> AbstractContextManager[FrameSource]:
    return scripted(live=False)


def fake_live(_: Path) -> AbstractContextManager[FrameSource]:
    return scripted(live=True)


def fake_camera(_: Path) -> AbstractContextManager[FrameSource]:
    return FakeCamera(size=Size(64, 48)).source()


class HttpCamera:
    """A real live source together with the server that it reads."""

    def __init__(self, folder: Path) -> None:
        self.server = http_camera(folder)

    def __enter__(self) -> FrameSource:
        self.source = open_source(f"http://{self.server.__enter__()}/video.mjpg")
        return self.source.__enter__()

    def __exit__(self, *_: object) -> None:
        self.source.close()
        self.server.__exit__(None, None, None)


RECORDED: list[Opener] = [file, folder, fake_recording]
LIVE: list[Opener] = [fake_live, fake_camera, HttpCamera]


@pytest.fixture(params=[*RECORDED, *LIVE], ids=lambda opener: opener.__name__)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FrameSource]:
    with request.param(tmp_path) as opened:
        yield opened


@pytest.fixture(params=RECORDED, ids=lambda opener: opener.__name__)
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FrameSource]:
    with request.param(tmp_path) as opened:
        yield opened


@pytest.fixture(params=LIVE, ids=lambda opener: opener.__name__)
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FrameSource]:
    with request.param(tmp_path) as opened:
        yield opened


def pictures(source: FrameSource) -> list[Frame]:
    return list(itertools.islice((frame for frame in source.frames() if frame is not None), COUNT))


def test_frames_are_pictures_with_growing_times_from_zero(source: FrameSource) -> None:
    frames = pictures(source)
    assert len(frames) == COUNT
    for frame in frames:
        assert (frame.image.shape, frame.image.dtype, frame.size) == ((48, 64, 3), np.uint8, Size(64, 48))
        assert frame.image.flags["C_CONTIGUOUS"]
        assert frame.image.flags["WRITEABLE"]
    times = [frame.time for frame in frames]
    assert times == sorted(set(times))
    assert 0 <= times[0] < 1


def test_the_size_is_that_of_the_frames(source: FrameSource) -> None:
    pictures(source)
    assert source.size == Size(64, 48)


def test_health_counts_the_frames_given_and_has_a_reason(source: FrameSource) -> None:
    assert source.health.frames == 0
    assert source.health.reason
    pictures(source)
    assert source.health.frames == COUNT
    assert source.health.reason


def test_closing_twice_ends_the_frames(source: FrameSource) -> None:
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []


def test_a_recording_gives_every_frame_and_ends(recording: FrameSource) -> None:
    frames = list(recording.frames())
    assert None not in frames
    assert (len(frames), recording.health.state, recording.health.dropped, recording.live) == (COUNT, SourceState.ENDED, 0, False)
    assert recording.duration == pytest.approx(COUNT / 10, abs=0.11)


def test_a_live_source_has_no_duration_and_no_end(live: FrameSource) -> None:
    assert (live.live, live.duration) == (True, None)
    assert len(list(itertools.islice(live.frames(), 2 * COUNT))) == 2 * COUNT


def test_a_fake_without_a_frame_has_no_size() -> None:
    with FakeSource([]) as source, pytest.raises(SourceError):
        _ = source.size
