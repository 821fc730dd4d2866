"""Videos are written whole or not at all, with the times they were given."""

from __future__ import annotations

import resource
import signal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.platform.errors import InputError
from consentry.video.model import Size
from consentry.video.sources import open_source
from consentry.video.writer import VideoWriter
from tests.video.clips import corners, quarters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMES = [0.0, 0.04, 0.1, 0.5, 0.51, 2.0, 9.75]


@pytest.mark.parametrize(("size", "written"), [((64, 48), Size(64, 48)), ((77, 51), Size(78, 52)), ((2, 1), Size(2, 2))])
def test_a_video_read_back_has_its_times_and_an_even_size(tmp_path: Path, size: tuple[int, int], written: Size) -> None:
    with VideoWriter(tmp_path / "out.mp4") as writer:
        for time in TIMES:
            writer.write(quarters(*size), time)
    with open_source(str(tmp_path / "out.mp4")) as source:
        assert [frame.time for frame in source.frames() if frame is not None] == pytest.approx(TIMES, abs=1e-4)
        assert (source.size, source.warnings) == (written, ())
        assert source.duration == pytest.approx(TIMES[-1], abs=0.1)


def test_the_colours_are_kept(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4") as writer:
        writer.write(quarters(64, 48), 0.0)
    with open_source(str(tmp_path / "out.mp4")) as source:
        frame = next(source.frames())
        assert frame is not None
        assert corners(frame.image) == ["blue", "green", "red", "black"]


def test_the_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    writer = VideoWriter(path)
    writer.write(quarters(64, 48), 0.0)
    assert not path.exists()
    writer.close()
    writer.close()
    assert list(tmp_path.iterdir()) == [path]


def write_and_fail(path: Path) -> None:
    with VideoWriter(path) as writer:
        writer.write(quarters(64, 48), 0.0)
        raise KeyboardInterrupt


def test_an_interruption_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"older")
    with pytest.raises(KeyboardInterrupt):
        write_and_fail(path)
    assert [(entry, entry.read_bytes()) for entry in tmp_path.iterdir()] == [(path, b"older")]


def test_a_video_without_a_picture_leaves_nothing(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("size", "time"), [((64, 48), 1.0), ((64, 48), 0.5), ((66, 48), 2.0)])
def test_pictures_out_of_order_or_of_another_size_are_refused(tmp_path: Path, size: tuple[int, int], time: float) -> None:
    writer = VideoWriter(tmp_path / "out.mp4")
    writer.write(quarters(64, 48), 1.0)
    with pytest.raises(ValueError, match="does not follow"):
        writer.write(quarters(*size), time)
    writer.discard()


def test_a_folder_that_does_not_exist_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "out.mp4"
    with pytest.raises(InputError) as refused:
        VideoWriter(path)
    assert (refused.value.code, refused.value.subject) == ("video.unwritable", str(path))


@pytest.fixture
def small_disk() -> Iterator[None]:
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def write_noise(path: Path) -> None:
    noise = np.random.default_rng(0)
    with VideoWriter(path) as writer:
        for index in range(200):
            writer.write(noise.integers(0, 255, (240, 320, 3), np.uint8), index / 25)


@pytest.mark.faults
@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        write_noise(tmp_path / "out.mp4")
    assert refused.value.code == "video.unwritable"
    assert list(tmp_path.iterdir()) == []
