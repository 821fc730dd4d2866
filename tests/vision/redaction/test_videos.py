"""Redacted recordings: no face in any frame, nothing of the file but its pictures, sound only where it was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from consentry.platform.errors import InputError, SourceError
from consentry.vision.redaction import videos
from consentry.vision.redaction.model import Sound, Step, Summary
from consentry.vision.redaction.tracks import Filling, Plan
from tests.vision.redaction.stage import FRAMES, HEIGHT, NOTE, RATE, SIDE, WIDTH, Squares, frame_picture, place, record, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.faces.model import Faces

FILLING = Filling(gap=1.0, lead=0.4, strong=0.5)


def redacted(source: Path, target: Path, detector: Squares, *, keep_sound: bool = False) -> Summary:
    return videos.redact_video(source, target, detector, filling=FILLING, keep_sound=keep_sound, threads=1, progress=lambda _: None)


def faces_left(path: Path) -> list[tuple[int, int]]:
    """Return (frame, square) of every square of which something bright is left where it stood."""
    left = []
    for index, (_, picture) in enumerate(shown(path)):
        for rank in (0, 1):
            x, y = place(index, rank)
            if picture[y : y + SIDE, x : x + SIDE].max() > 150:
                left.append((index, rank))
    return left


def test_the_squares_are_there_before(tmp_path: Path) -> None:
    assert len(faces_left(record(tmp_path / "in.mkv"))) == 2 * FRAMES


def test_every_face_is_gone_from_every_frame_and_the_rest_is_as_it_was(tmp_path: Path) -> None:
    summary = redacted(record(tmp_path / "in.mkv"), tmp_path / "out.mp4", Squares())
    assert faces_left(tmp_path / "out.mp4") == []
    frames = shown(tmp_path / "out.mp4")
    assert [time for time, _ in frames] == pytest.approx([index / RATE for index in range(FRAMES)], abs=1e-3)
    assert all(np.abs(picture[:40].astype(int) - 60).max() < 12 for _, picture in frames)
    assert (summary.frames, summary.tracks, summary.faces) == (FRAMES, 2, 2 * FRAMES)


@pytest.mark.parametrize("missed", [range(8), range(10, 18), range(17, 25), [3, 4, 9, 10, 11, 15, 20]])
def test_faces_that_the_detector_misses_for_a_moment_are_gone_too(missed: range | list[int], tmp_path: Path) -> None:
    detector = Squares(lambda look: look in missed)
    summary = redacted(record(tmp_path / "in.mkv"), tmp_path / "out.mp4", detector)
    hidden_lead = range(6) if 0 in missed else range(43, FRAMES) if 24 in missed else range(0)
    assert [frame for frame, _ in faces_left(tmp_path / "out.mp4") if frame not in hidden_lead] == []
    assert summary.filled >= 2 * len(missed) - 2 * len(hidden_lead)


def test_a_face_missed_for_good_stays_and_the_test_above_would_notice(tmp_path: Path) -> None:
    redacted(record(tmp_path / "in.mkv"), tmp_path / "out.mp4", Squares(lambda _: True))
    assert len(faces_left(tmp_path / "out.mp4")) == 2 * FRAMES


def test_titles_and_places_are_not_carried_over_with_sound_or_without(tmp_path: Path) -> None:
    source = record(tmp_path / "in.mkv")
    assert NOTE.encode() in source.read_bytes()
    for keep, kinds, fate in ((False, ["video"], Sound.DROPPED), (True, ["video", "audio"], Sound.KEPT)):
        target = tmp_path / f"{fate}.mp4"
        assert redacted(source, target, Squares(), keep_sound=keep).sound is fate
        assert NOTE.encode() not in target.read_bytes()
        with av.open(str(target)) as video:
            assert [stream.type for stream in video.streams] == kinds


def test_kept_sound_stays_with_its_pictures(tmp_path: Path) -> None:
    source = record(tmp_path / "in.mkv", start=3.0)
    redacted(source, tmp_path / "out.mp4", Squares(), keep_sound=True)
    with av.open(str(tmp_path / "out.mp4")) as video:
        heard = [(frame.time or 0.0, frame.samples, np.abs(frame.to_ndarray()).mean()) for frame in video.decode(audio=0)]
    assert heard[0][0] == pytest.approx(0, abs=0.05)
    assert heard[-1][0] + heard[-1][1] / 48_000 == pytest.approx(FRAMES / RATE, abs=0.1)
    assert np.mean([level for _, _, level in heard]) > 0.05
    assert faces_left(tmp_path / "out.mp4") == []


def test_a_recording_without_sound_says_so(tmp_path: Path) -> None:
    assert redacted(record(tmp_path / "in.mkv", sound=False), tmp_path / "out.mp4", Squares(), keep_sound=True).sound is Sound.NONE


def test_a_recording_that_grows_between_the_passes_is_not_published(tmp_path: Path) -> None:
    plan = Plan(tuple(np.zeros((0, 4), np.float32) for _ in range(FRAMES - 1)), 0, 0)
    with pytest.raises(SourceError) as refused:
        videos.paint(record(tmp_path / "in.mkv"), tmp_path / "out.mp4", plan, threads=1, progress=lambda _: None)
    assert refused.value.code == "source.changed"
    assert [path.name for path in tmp_path.iterdir()] == ["in.mkv"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(Squares):
        def detect(self, picture: NDArray[np.uint8]) -> Faces:
            raise RuntimeError(picture.shape)

    with pytest.raises(RuntimeError):
        redacted(record(tmp_path / "in.mkv"), tmp_path / "out.mp4", Broken(), keep_sound=True)
    assert [path.name for path in tmp_path.iterdir()] == ["in.mkv"]


def test_a_folder_that_takes_nothing_is_refused_before_anybody_is_looked_for(tmp_path: Path) -> None:
    class Unasked(Squares):
        def detect(self, picture: NDArray[np.uint8]) -> Faces:
            raise AssertionError(picture.shape)

    with pytest.raises(InputError) as refused:
        redacted(record(tmp_path / "in.mkv"), Path("/proc/out.mp4"), Unasked())
    assert refused.value.code == "redact.unwritable"


def test_progress_goes_through_both_passes_to_the_end(tmp_path: Path) -> None:
    steps: list[Step] = []
    source = record(tmp_path / "in.mkv", sound=False)
    videos.redact_video(source, tmp_path / "out.mp4", Squares(), filling=FILLING, keep_sound=False, threads=1, progress=steps.append)
    assert [step.part for step in steps] == ["looking"] * FRAMES + ["writing"] * FRAMES
    shares = [step.share or 0.0 for step in steps[:FRAMES]]
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_a_recording_is_looked_at_every_second_frame(tmp_path: Path) -> None:
    detector = Squares()
    redacted(record(tmp_path / "in.mkv", sound=False), tmp_path / "out.mp4", detector)
    assert detector.looks == FRAMES / 2


def test_the_stage_is_what_the_tests_think() -> None:
    assert frame_picture(0).shape == (HEIGHT, WIDTH, 3)
    assert len(Squares().detect(frame_picture(3))) == 2
