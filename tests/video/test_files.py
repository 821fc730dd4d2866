"""Video files: every frame, at its time, as a viewer would see it; or one clear error."""

from __future__ import annotations

import gc
import os
import shutil
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from av.stream import Disposition

from consentry.platform.errors import SourceError
from consentry.video.model import Size, SourceState
from consentry.video.sources import open_source
from tests.video.clips import corners, first_bytes, open_descriptors, quarters, times_at, write_clip, write_sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from consentry.video.model import Frame

UPRIGHT = ["blue", "green", "red", "black"]


def read(path: Path, *, longest_side: int | None = None) -> list[Frame]:
    with open_source(str(path), longest_side=longest_side) as source:
        frames = [frame for frame in source.frames() if frame is not None]
        assert source.health.frames == len(frames)
    return frames


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", times_at(10, 30))


def test_a_file_gives_every_frame_at_its_time(clip: Path) -> None:
    frames = read(clip)
    assert [frame.time for frame in frames] == pytest.approx(times_at(10, 30))
    assert {frame.size for frame in frames} == {Size(64, 48)}


def test_a_variable_rate_keeps_its_times(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.1, 0.5, 0.51, 2.0, 7.25]
    assert [frame.time for frame in read(write_clip(tmp_path / "clip.mp4", times))] == pytest.approx(times, abs=1e-3)


def test_times_count_from_the_first_frame(tmp_path: Path) -> None:
    frames = read(write_clip(tmp_path / "clip.mkv", [5.0, 5.5, 6.0]))
    assert [frame.time for frame in frames] == pytest.approx([0.0, 0.5, 1.0])


def test_a_raw_stream_without_stamps_is_timed_by_its_nominal_rate(tmp_path: Path) -> None:
    with open_source(str(write_clip(tmp_path / "clip.h264", times_at(25, 20)))) as source:
        assert [frame.time for frame in source.frames() if frame is not None] == pytest.approx(times_at(25, 20))


@pytest.mark.parametrize(
    ("rotation", "size", "seen"),
    [
        ((0, False, False), Size(64, 48), ["blue", "green", "red", "black"]),
        ((90, False, False), Size(48, 64), ["green", "black", "blue", "red"]),
        ((180, False, False), Size(64, 48), ["black", "red", "green", "blue"]),
        ((-90, False, False), Size(48, 64), ["red", "blue", "black", "green"]),
        ((0, True, False), Size(64, 48), ["green", "blue", "black", "red"]),
        ((0, False, True), Size(64, 48), ["red", "black", "blue", "green"]),
    ],
    ids=["upright", "left", "upside-down", "right", "mirrored-across", "mirrored-down"],
)
def test_rotation_is_undone(tmp_path: Path, rotation: tuple[float, bool, bool], size: Size, seen: list[str]) -> None:
    frame = read(write_clip(tmp_path / "clip.mp4", [0.0, 0.1], rotation=rotation))[0]
    assert (frame.size, corners(frame.image)) == (size, seen)
    assert frame.image.shape == (size.height, size.width, 3)


def test_a_rotated_picture_is_scaled_to_its_upright_longest_side(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [0.0], size=(160, 80), rotation=(90, False, False))
    frame = read(clip, longest_side=40)[0]
    assert (frame.size, frame.image.shape) == (Size(80, 160), (40, 20, 3))


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "size"),
    [
        ("odd.mkv", "ffv1", "yuv420p", (67, 45)),
        ("odd444.mp4", "libx264", "yuv444p", (67, 45)),
        ("ten-bit.mp4", "libx264", "yuv420p10le", (64, 48)),
        ("full-range.avi", "mjpeg", "yuvj420p", (64, 48)),
        ("tiny.mkv", "ffv1", "yuv444p", (6, 6)),
        ("alpha.mkv", "ffv1", "bgra", (64, 48)),
        ("palette.gif", "gif", "rgb8", (64, 48)),
    ],
)
def test_every_pixel_format_gives_the_same_colours(tmp_path: Path, name: str, codec: str, pixels: str, size: tuple[int, int]) -> None:
    frame = read(write_clip(tmp_path / name, [0.0, 0.1], size=size, codec=codec, pixels=pixels))[0]
    assert (frame.size, frame.image.dtype, corners(frame.image)) == (Size(*size), np.uint8, UPRIGHT)
    assert frame.image.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize("pixels", ["gray", "gray10le"])
def test_a_grey_video_gives_grey_pictures(tmp_path: Path, pixels: str) -> None:
    image = read(write_clip(tmp_path / "grey.mkv", [0.0, 0.1], codec="ffv1", pixels=pixels))[0].image
    assert image.shape == (48, 64, 3)
    assert (image == image[..., :1]).all()
    assert image[2, -3, 0] > image[2, 2, 0] > image[-3, -3, 0]  # green is lighter than blue, and blue than black


@pytest.mark.parametrize(
    ("pixel_aspect", "size"),
    [(Fraction(16, 15), Size(768, 576)), (Fraction(8, 9), Size(640, 576)), (Fraction(100, 1), Size(720, 576))],
    ids=["wide", "narrow", "absurd"],
)
def test_non_square_pixels_are_made_square_unless_absurd(tmp_path: Path, pixel_aspect: Fraction, size: Size) -> None:
    frame = read(write_clip(tmp_path / "clip.mkv", [0.0], size=(720, 576), pixel_aspect=pixel_aspect))[0]
    assert (frame.size, frame.image.shape[:2]) == (size, (size.height, size.width))


@pytest.mark.parametrize(("longest_side", "shape"), [(None, (90, 160)), (160, (90, 160)), (500, (90, 160)), (80, (45, 80)), (33, (19, 33)), (1, (1, 1))])
def test_pictures_are_scaled_down_but_never_up(tmp_path: Path, longest_side: int | None, shape: tuple[int, int]) -> None:
    frame = read(write_clip(tmp_path / "clip.mkv", [0.0], size=(160, 90)), longest_side=longest_side)[0]
    assert (frame.image.shape[:2], frame.size) == (shape, Size(160, 90))


def test_scaling_keeps_what_is_where(tmp_path: Path) -> None:
    frame = read(write_clip(tmp_path / "clip.mp4", [0.0], size=(640, 480)), longest_side=64)[0]
    assert np.abs(frame.image.astype(int) - quarters(64, 48)).mean() < 8


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_nothing(tmp_path: Path, threads: int) -> None:
    clip = write_clip(tmp_path / "clip.mp4", times_at(25, 20))
    with open_source(str(clip), decode_threads=threads) as source:
        assert len(list(source.frames())) == 20


def test_a_file_tells_its_size_and_duration_before_its_frames(clip: Path) -> None:
    with open_source(str(clip)) as source:
        assert (source.size, source.duration) == (Size(64, 48), pytest.approx(3.0, abs=0.1))


def test_a_name_that_looks_like_an_address_is_still_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "clip.mp4", [0.0]).rename(tmp_path / "http:camera.mp4")
    with open_source("http:camera.mp4") as source:
        assert len(list(source.frames())) == 1


def test_a_whole_file_ends_without_complaint(clip: Path) -> None:
    with open_source(str(clip)) as source:
        list(source.frames())
        assert (source.health.state, source.health.reason, source.warnings) == (SourceState.ENDED, "read to its end", ())


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
def test_a_truncated_file_gives_its_frames_and_says_that_the_end_is_missing(tmp_path: Path, name: str) -> None:
    whole = write_clip(tmp_path / f"whole-{name}", times_at(10, 300), faststart=name.endswith("mp4"))
    cut = first_bytes(whole, tmp_path / name, 0.6)
    with open_source(str(cut)) as source:
        frames = list(source.frames())
        assert 30 < len(frames) < 300
        assert source.health.state is SourceState.ENDED
        assert "the end is missing: the header says 29.9 s" in source.health.reason
        assert any("the end is missing" in warning for warning in source.warnings)


def test_damage_in_the_middle_is_skipped_and_told(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", times_at(10, 300), faststart=True, size=(320, 240))
    data = bytearray(clip.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1500] = bytes(byte ^ 0x5A for byte in data[middle : middle + 1500])
    clip.write_bytes(data)
    with open_source(str(clip)) as source:
        times = [frame.time for frame in source.frames() if frame is not None]
        assert times == sorted(set(times))
        assert times[-1] == pytest.approx(29.9, abs=0.2)
        assert any("damaged parts skipped" in warning for warning in source.warnings)


def no_file(folder: Path) -> Path:
    return folder / "missing.mp4"


def empty_file(folder: Path) -> Path:
    (folder / "zero.mp4").touch()
    return folder / "zero.mp4"


def text_file(folder: Path) -> Path:
    (folder / "notes.txt").write_text("not a video\n" * 50)
    return folder / "notes.txt"


def text_named_as_video(folder: Path) -> Path:
    return text_file(folder).rename(folder / "notes.mp4")


def headless_video(folder: Path) -> Path:
    return first_bytes(write_clip(folder / "whole.mp4", times_at(10, 50)), folder / "cut.mp4", 0.5)


def video_without_data(folder: Path) -> Path:
    whole = write_clip(folder / "whole.mp4", times_at(10, 50), faststart=True)
    start = whole.read_bytes().index(b"mdat") + 4
    (folder / "cut.mp4").write_bytes(whole.read_bytes()[:start])
    return folder / "cut.mp4"


def sound(folder: Path) -> Path:
    return write_sound(folder / "sound.m4a")


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.mp4")
    return folder / "pipe.mp4"


def playlist_of_other_files(folder: Path) -> Path:
    write_clip(folder / "clip.mp4", [0.0])
    (folder / "list.ffconcat").write_text("ffconcat version 1.0\nfile clip.mp4\n")
    return folder / "list.ffconcat"


def name_too_long(folder: Path) -> Path:
    return folder / ("x" * 400)


def below_a_file(folder: Path) -> Path:
    return empty_file(folder) / "clip.mp4"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (no_file, "source.missing"),
        (empty_file, "source.empty"),
        (text_file, "source.not-video"),
        (text_named_as_video, "source.not-video"),
        (headless_video, "source.damaged"),
        (video_without_data, "source.damaged"),
        (sound, "source.no-video"),
        (fifo, "source.not-a-file"),
        (playlist_of_other_files, "source.not-video"),
        (name_too_long, "source.unreadable"),
        (below_a_file, "source.unreadable"),
    ],
    ids=lambda value: value.__name__ if callable(value) else value,
)
def test_a_file_that_cannot_be_read_is_refused_with_one_clear_error(
    tmp_path: Path, make: Callable[[Path], Path], code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = make(tmp_path)
    with pytest.raises(SourceError) as refused:
        open_source(str(path))
    error = refused.value
    assert (error.code, error.subject, error.exit_code) == (code, str(path), 2)
    assert error.problem
    assert error.mend.endswith(".")
    assert capfd.readouterr() == ("", "")


def test_a_file_without_the_right_to_read_it_is_refused(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.open", refuse)  # the tests may run as root, who may read everything
    with pytest.raises(SourceError) as refused:
        open_source(str(clip))
    assert refused.value.code == "source.forbidden"


def test_sound_with_a_cover_picture_is_no_video(tmp_path: Path) -> None:
    song = tmp_path / "song.mp4"
    with av.open(str(write_sound(tmp_path / "sound.m4a"))) as spoken, av.open(str(song), "w") as target:
        voice = target.add_stream_from_template(spoken.streams.audio[0])
        cover = target.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        target.mux(cover.encode(av.VideoFrame.from_ndarray(quarters(64, 48), "bgr24")))
        for packet in spoken.demux(audio=0):
            if packet.dts is not None:
                packet.stream = voice
                target.mux(packet)
    with av.open(str(song)) as container:
        assert len(container.streams.video) == 1
    with pytest.raises(SourceError) as refused:
        open_source(str(song))
    assert refused.value.code == "source.no-video"


def test_a_size_that_changes_midway_is_scaled_to_the_first_and_told(tmp_path: Path) -> None:
    first = write_clip(tmp_path / "a.ts", times_at(10, 10), size=(64, 48))
    second = write_clip(tmp_path / "b.ts", [1 + time for time in times_at(10, 10)], size=(128, 96))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    with open_source(str(joined)) as source:
        frames = [frame for frame in source.frames() if frame is not None]
        assert len(frames) == 20
        assert {frame.image.shape for frame in frames} == {(48, 64, 3)}
        assert any("size or orientation changed" in warning for warning in source.warnings)


def test_closing_ends_the_frames(clip: Path) -> None:
    with open_source(str(clip)) as source:
        frames = source.frames()
        next(frames)
        source.close()
        source.close()
        assert list(frames) == []


def test_many_files_in_turn_leave_no_descriptor_open(clip: Path) -> None:
    before = open_descriptors()
    for _ in range(20):
        read(clip)
    shutil.rmtree(clip.parent)
    assert open_descriptors() <= before


def test_decoded_frames_are_freed_without_the_garbage_collector(clip: Path) -> None:
    read(clip)
    gc.collect()
    gc.disable()
    try:
        with open_source(str(clip)) as source:
            for _ in source.frames():
                pass
            assert gc.collect() < 10  # a cycle through each of the 30 frames would keep the decoder's buffers
    finally:
        gc.enable()
