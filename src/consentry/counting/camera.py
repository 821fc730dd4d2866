"""A camera's worker at work: frames in, messages out, until it is told to stop."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Protocol

from consentry.counting.counter import Plan
from consentry.counting.messages import HealthReport, to_line
from consentry.counting.reporting import RunReport
from consentry.counting.service import count_frames
from consentry.counting.still import pixelated_still
from consentry.platform.clock import SystemClock
from consentry.platform.errors import ConsentryError, InputError
from consentry.platform.ids import new_id
from consentry.video.loop import LoopSource
from consentry.video.model import SourceState
from consentry.video.sources import open_source
from consentry.vision.persons.select import open_watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO, TextIO

    from consentry.counting.messages import Message
    from consentry.counting.order import CameraOrder
    from consentry.counting.service import Progress, Watcher
    from consentry.video.model import Frame, FrameSource

__all__ = ["HEALTH_EVERY", "CameraRun", "Clocks", "Requests", "SystemTime", "work"]

log = logging.getLogger(__name__)

DETECTION_SIDE = 640
"""Longest side in pixels of the pictures that people are looked for in."""

HEALTH_EVERY = 5.0
"""Seconds between two messages of health; one comes at once when the state of the source changes."""
CLOCK_SET = 1.0
"""Seconds by which the time of day must move against the monotonic clock to count as set."""

_MICROSECONDS = 6
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


class Clocks(Protocol):
    """The two clocks of a machine."""

    def now(self) -> float:
        """Return the time of day in seconds since 1970; somebody may set it."""
        ...

    def steady(self) -> float:
        """Return seconds that never jump."""
        ...


class SystemTime:
    """The two clocks of this machine."""

    def now(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def steady(self) -> float:
        """Return seconds that never jump."""
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Requests:
    """What comes in while the camera counts: requests for a still, and the wish that it stop."""

    stills: SimpleQueue[str] = field(default_factory=SimpleQueue)
    stop: Event = field(default_factory=Event)


class CameraRun:
    """One life of one camera's worker. Its frames carry the time of day, so that what is counted depends on it alone."""

    def __init__(self, run: str, source: FrameSource, say: Callable[[Message], None], requests: Requests, clock: Clocks | None = None) -> None:
        """Take the run's id, the open source, where messages go, and where requests come from."""
        self._run, self._source, self._say, self._requests = run, source, say, requests
        self._clock: Clocks = clock or SystemTime()
        self._zero = self._clock.now() - self._clock.steady()
        self._report: RunReport | None = None
        self._told = (SourceState.CONNECTING, self._clock.steady() - HEALTH_EVERY, 0)
        self._newest = 0.0
        self._stopped_because = "it was told to stop"

    def count(self, watcher: Watcher, plan: Plan) -> None:
        """Count until told to stop, or until the clock is set: what follows then belongs to another run.

        Raises:
            SourceError: the source cannot be read, and trying again would not help.
            GeometryError: a line or zone cannot count on this picture.
        """
        self._tell_health()
        for step in count_frames(self._timed_frames(), watcher, plan):
            self._follow(step, watcher.name)
        if self._report is not None:
            self._tell(self._report.finish())
        self._say(self._health(SourceState.ENDED, self._stopped_because))

    def _timed_frames(self) -> Iterator[Frame | None]:
        """Yield the source's frames with the time of day in seconds since 1970."""
        offset = 0.0 if isinstance(self._source, LoopSource) else None
        for frame in self._source.frames():
            if self._requests.stop.is_set() or self._clock_was_set():
                return
            if frame is None:
                yield None
                continue
            offset = self._clock.now() - frame.time if offset is None else offset
            yield replace(frame, time=round(frame.time + offset, _MICROSECONDS))

    def _clock_was_set(self) -> bool:
        moved = self._clock.now() - self._clock.steady() - self._zero
        if abs(moved) <= CLOCK_SET:
            return False
        self._stopped_because = f"the clock of this machine was set by {moved:+.0f} s"
        return True

    def _follow(self, step: Progress, detector: str) -> None:
        if step.frame is not None and step.counter is not None:
            self._newest = step.frame.time
            if self._report is None:
                self._report = RunReport(self._run, step.counter, step.frame.time)
                self._say(self._report.started(step.frame.time, detector, step.frame.size))
            self._show(step.frame)
        if self._report is not None:
            self._tell(self._report.messages(self._newest if step.frame is not None else self._clock.now()))
        self._tell_health()

    def _show(self, frame: Frame) -> None:
        """Answer whoever asked for a still."""
        try:
            while True:
                self._say(pixelated_still(frame.image, run=self._run, request=self._requests.stills.get_nowait(), at=frame.time))
        except Empty:
            return

    def _tell(self, messages: list[Message]) -> None:
        for message in messages:
            self._say(message)

    def _tell_health(self) -> None:
        health = self._source.health
        state, at, _ = self._told
        if health.state is not state or self._clock.steady() - at >= HEALTH_EVERY:
            self._say(self._health(health.state, health.reason))

    def _health(self, state: SourceState, reason: str) -> HealthReport:
        health, now = self._source.health, self._clock.steady()
        _, at, frames = self._told
        self._told = (state, now, health.frames)
        fps = (health.frames - frames) / max(now - at, 1e-3)
        lag = 1000 * max(0.0, self._clock.now() - self._newest) if self._newest else 0.0
        return HealthReport(self._run, self._clock.now(), state, reason, round(fps, 2), health.dropped, health.reconnects, round(lag), _memory_mb())


def work(order: CameraOrder, asked: TextIO, told: BinaryIO) -> int:
    """Count as ordered until ``asked`` closes or SIGTERM comes; return the exit code. ``asked`` holds requests for stills, a line each.

    An error ends it and is said as the last message: whoever started it decides when to try again.
    """
    if order.models is not None:
        os.environ["CONSENTRY_MODELS"] = order.models
    requests = Requests()
    signal.signal(signal.SIGTERM, lambda *_: requests.stop.set())
    threading.Thread(target=_listen, args=(asked, requests), daemon=True).start()

    def say(message: Message) -> None:
        told.write(to_line(message))
        told.flush()

    run = new_id(SystemClock().now())
    try:
        with _opened(order) as source:
            watcher = open_watcher(order.detector, threads=order.threads, longest_side=DETECTION_SIDE)
            CameraRun(run, source, say, requests).count(watcher, Plan(order.lines, order.areas, region=order.region))
    except ConsentryError as error:
        log.error("%s [%s]", error, error.code)  # noqa: TRY400 - an error meant for the reader needs no traceback
        say(HealthReport(run, time.time(), SourceState.FAILED, f"{error.problem}. {error.mend}", 0.0, 0, 0, 0.0, _memory_mb()))
        return error.exit_code
    return 0


def _opened(order: CameraOrder) -> FrameSource:
    if not order.sign.strip():
        raise InputError("camera.no-sign", order.camera, "a camera may only count where a sign tells people so (PIPL art. 26)", "Record its sign.")
    source = open_source(order.source, longest_side=DETECTION_SIDE)
    if source.live:
        return source
    source.close()
    raise InputError("camera.not-live", source.spec, "it is a recording, which has no time of day", "Give a camera, or play it in a loop: loop:FILE.")


def _listen(asked: TextIO, requests: Requests) -> None:
    """Pass on requests until the pipe closes: whoever started this worker is gone."""
    for line in asked:
        requests.stills.put(json.loads(line)["still"])
    requests.stop.set()


def _memory_mb() -> float:
    """Return the resident memory of this process."""
    return round(int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_MB, 1)
