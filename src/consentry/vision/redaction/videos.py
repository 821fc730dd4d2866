"""Redacts a recording in two passes: look at all of it, then paint. Only then is known what a face missed for a moment was before and after."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from consentry.platform.errors import InputError, SourceError
from consentry.video.files import FileSource
from consentry.video.writer import VideoWriter
from consentry.vision.redaction.ahead import ahead
from consentry.vision.redaction.camera import CameraMotion
from consentry.vision.redaction.cover import cover
from consentry.vision.redaction.model import Sound, Step, Summary
from consentry.vision.redaction.sound import has_sound, join_sound
from consentry.vision.redaction.tracks import Look, planned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consentry.video.model import Frame
    from consentry.vision.faces.model import FaceDetector
    from consentry.vision.redaction.tracks import Filling, Plan

__all__ = ["LOOK_EVERY_S", "look", "paint", "redact_video"]

LOOK_EVERY_S = 0.06
"""Least time between two looks for faces: every second frame at 25 or 30 a second, every frame up to 16 a second."""
QUALITY = 20
_AHEAD = 4


def redact_video(  # noqa: PLR0913  - what makes one redaction
    source: Path, target: Path, detector: FaceDetector, *, filling: Filling, keep_sound: bool, threads: int, progress: Callable[[Step], None]
) -> Summary:
    """Write a copy of the recording ``source`` (MP4, H.264) in which every face that ``detector`` finds is painted over.

    No title, place, subtitle or other data of the file is carried over; sound only where ``keep_sound``. ``threads`` decode and encode.

    Raises:
        SourceError: the file cannot be read, or changed meanwhile (``source.changed``).
        InputError: ``video.unwritable`` or ``redact.unwritable``.
    """
    with _folder_beside(target) as folder:
        times, looks, warnings = look(source, detector, threads=threads, progress=progress)
        plan = planned(times, looks, filling)
        sound = _fate(source, keep=keep_sound)
        pictures = Path(folder) / "pictures.mp4" if sound is Sound.KEPT else target
        paint(source, pictures, plan, threads=threads, progress=progress)
        if sound is Sound.KEPT:
            join_sound(pictures, source, target)
    faces = sum(map(len, plan.boxes))
    return Summary(len(times), faces, plan.filled, plan.tracks, detector.name, sound, warnings)


def look(source: Path, detector: FaceDetector, *, threads: int, progress: Callable[[Step], None]) -> tuple[list[float], list[Look], tuple[str, ...]]:
    """Return the times of all frames (seconds), the looks for faces in some of them, and what was wrong with the file."""
    times: list[float] = []
    looks: list[Look] = []
    camera = CameraMotion()
    with _frames(source, threads) as (video, frames):
        for frame in frames:
            if not looks or frame.time - times[looks[-1].frame] >= LOOK_EVERY_S:
                looks.append(Look(len(times), detector.detect(frame.image), camera.moved(frame.image)))
            times.append(frame.time)
            progress(Step("looking", _share(frame.time, video.duration)))
        return times, looks, video.warnings


def paint(source: Path, target: Path, plan: Plan, *, threads: int, progress: Callable[[Step], None]) -> None:
    """Write the frames of ``source`` with the faces of ``plan`` covered."""
    with _frames(source, threads) as (video, frames), VideoWriter(target, quality=QUALITY, threads=threads) as writer:
        for index, frame in enumerate(frames):
            if index >= len(plan.boxes):
                # Nobody looked for faces in this frame, so it must not be published.
                raise SourceError("source.changed", str(source), "it grew while it was being redacted", "Wait until the recording is complete.")
            cover(frame.image, plan.boxes[index])
            writer.write(frame.image, frame.time)
            progress(Step("writing", _share(frame.time, video.duration)))


@contextmanager
def _frames(source: Path, threads: int) -> Iterator[tuple[FileSource, Iterator[Frame]]]:
    """Open ``source`` and decode it in a thread of its own."""
    with FileSource(str(source), decode_threads=threads) as video, ahead(video.frames(), _AHEAD) as frames:
        yield video, frames


def _folder_beside(target: Path) -> TemporaryDirectory[str]:
    """Make a folder for what is not finished: a disk of its own for temporary files may be too small for a recording."""
    try:
        return TemporaryDirectory(prefix=".redacting-", dir=target.parent)
    except OSError as error:
        problem = f"nothing can be written beside it ({(error.strerror or 'unknown cause').lower()})"
        raise InputError("redact.unwritable", str(target), problem, "Choose a folder that is writable and has room.") from None


def _fate(source: Path, *, keep: bool) -> Sound:
    if not has_sound(source):
        return Sound.NONE
    return Sound.KEPT if keep else Sound.DROPPED


def _share(time: float, duration: float | None) -> float | None:
    return min(time / duration, 1.0) if duration else None
