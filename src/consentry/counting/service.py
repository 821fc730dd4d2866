"""What a user does with counting: count a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

import numpy as np

from consentry.counting.counter import Counter, Plan
from consentry.counting.report import CountReport
from consentry.platform.errors import InputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from consentry.counting.model import Region
    from consentry.video.model import Frame, FrameSource
    from consentry.vision.model import Detections

__all__ = ["FIRST_FRAME_WITHIN", "Progress", "Watcher", "count_frames", "count_source"]

_NOBODY = np.zeros((0, 4))

FIRST_FRAME_WITHIN = 15.0
"""Seconds after which a live source that has given no frame is given up."""


class Watcher(Protocol):
    """Sees the people in one camera's frames, in order of time."""

    @property
    def name(self) -> str:
        """The detector's name."""
        ...

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:
        """Return the people in ``image`` (uint8 [h, w, 3]) at ``time`` seconds, in pixels of the image."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a count stands: after each frame, and at least once a second while a live source gives none (``frame`` is then None).

    ``boxes``: float64 [N, 4], x1 y1 x2 y2, pixels of the picture, of the people followed in this frame.
    """

    counter: Counter | None
    frame: Frame | None
    boxes: NDArray[np.float64]


def count_frames(frames: Iterable[Frame | None], watcher: Watcher, plan: Plan, *, origin: Callable[[Frame], float] | None = None) -> Iterator[Progress]:
    """Count a camera's frames, one step a frame; ``counter.finish()`` of the last step gives the log.

    ``origin`` is asked with the first frame and returns what is added to every time, in seconds.

    Raises:
        GeometryError: a line or zone cannot count on this picture.
    """
    counter: Counter | None = None
    start = 0.0
    for frame in frames:
        if frame is None:
            yield Progress(counter, None, _NOBODY)
            continue
        if counter is None:
            counter, start = Counter(plan.on(frame.size), frame.size), origin(frame) if origin else 0.0
        image, corner, scale = _looked_at(frame, plan.region)
        seen = watcher.watch(image, frame.time)
        yield Progress(counter, frame, counter.observe(start + frame.time, (seen.boxes + corner) * scale, seen.scores))


def _looked_at(frame: Frame, region: Region | None) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """Return the part of the frame inside the region, where it begins (pixels of the frame's image), and what turns these into the picture's own.

    Both arrays are float32 [4], for x1 y1 x2 y2.
    """
    height, width = frame.image.shape[:2]
    across, down = frame.size.width / width, frame.size.height / height
    scale = np.array([across, down] * 2, np.float32)
    if region is None:
        return frame.image, np.zeros(4, np.float32), scale
    left, top = max(0, int(region.left / across)), max(0, int(region.top / down))
    right, bottom = ceil(region.right / across), ceil(region.bottom / down)
    return frame.image[top:bottom, left:right], np.array([left, top] * 2, np.float32), scale


def count_source(  # noqa: PLR0913  - what to count, with what, and when to stop are separate choices
    source: FrameSource,
    watcher: Watcher,
    plan: Plan,
    *,
    sign: str | None = None,
    seconds: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> tuple[CountReport, Counter]:
    """Count a source to its end, for ``seconds``, or until interrupted (Ctrl-C ends a live count like its time limit).

    ``sign``: what tells people that they are counted; a live source needs it (PIPL art. 26). Times of a live source are seconds since 1970.

    Raises:
        InputError: ``count.no-sign`` for a live source without a sign.
        SourceError: the source cannot be read, is empty, or gave no frame within 15 s (``source.no-frames``).
        GeometryError: a line or zone cannot count on this picture.
    """
    if source.live and not (sign and sign.strip()):
        mend = "Say where it stands and what it says: --sign TEXT or --sign FILE."
        raise InputError("count.no-sign", source.spec, "a camera may only count where a sign tells people so (PIPL art. 26)", mend)
    run = _Run(source, watcher, plan, seconds)
    try:
        for progress in run.steps():
            if on_progress:
                on_progress(progress)
    except KeyboardInterrupt:
        if not source.live or run.counter is None:
            raise
    if run.counter is None:
        raise SourceError("source.no-frames", source.spec, "it holds no picture that could be counted", "Try another source.")
    counter, log = run.counter, run.counter.finish()
    warnings = [*source.warnings, *counter.warnings()]
    return CountReport(source.spec, watcher.name, counter.frames, run.rate(), log, sign, warnings), counter


class _Run:
    """One count under way: its limits and its speed."""

    def __init__(self, source: FrameSource, watcher: Watcher, plan: Plan, seconds: float | None) -> None:
        self.counter: Counter | None = None
        self._source, self._seconds = source, seconds
        self._opened = self._warm = perf_counter()
        self._steps = count_frames(source.frames(), watcher, plan, origin=_wall_clock if source.live else None)

    def steps(self) -> Iterator[Progress]:
        for progress in self._steps:
            if progress.counter is None:
                self._check_patience()
            elif self.counter is None:
                self.counter, self._warm = progress.counter, perf_counter()
            yield progress
            if self._over(progress.frame):
                return

    def rate(self) -> float:
        """Return frames per second of the wall clock from the end of the first frame on: the first one pays for loading the network."""
        frames = (self.counter.frames if self.counter else 0) - 1
        return frames / max(perf_counter() - self._warm, 1e-9) if frames > 0 else 0.0

    def _check_patience(self) -> None:
        if perf_counter() - self._opened > FIRST_FRAME_WITHIN:
            problem = f"no picture came within {FIRST_FRAME_WITHIN:.0f} s ({self._source.health.reason})"
            raise SourceError("source.no-frames", self._source.spec, problem, "Check the address, the network and the camera's own page.")

    def _over(self, frame: Frame | None) -> bool:
        if self._seconds is None:
            return False
        if self._source.live:
            return perf_counter() - self._opened >= self._seconds
        return frame is not None and frame.time >= self._seconds


def _wall_clock(first: Frame) -> float:
    return datetime.now(UTC).timestamp() - first.time
