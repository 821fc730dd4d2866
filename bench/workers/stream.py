"""Counts one stream at the pace of a camera: frame ``k`` is there ``k`` intervals after the start, and not before.

Request: ``clip`` (begun again when it ends), ``first`` (frame to begin with), ``fps``, ``detector``. When the first frame has been counted,
which compiles the network, it prints ``{}`` and reads a second line: ``start`` (on the machine's monotonic clock) and ``seconds``, after which
it ends, wherever it is. Answer: ``lags`` (seconds from when a frame was there to when it was counted), ``late`` (frames that a slot for the
newest frame would have dropped, because the next one was there before work on them began), ``cpu_seconds``, ``people`` (followed, middle over
the frames) and ``stages`` (milliseconds of CPU per frame).
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import wraps
from itertools import count, islice
from statistics import median
from typing import TYPE_CHECKING, Any

from consentry.cli.options import DETECTION_SIDE
from consentry.counting.counter import Counter, Plan
from consentry.counting.service import count_frames
from consentry.video.sources import open_source
from consentry.vision.letterbox import Canvas
from consentry.vision.motion import MotionGate
from consentry.vision.persons.network_detector import NetworkDetector
from consentry.vision.persons.select import open_watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consentry.video.model import Frame

STAGES = ((Canvas, "draw", "draw"), (MotionGate, "update", "gate"), (NetworkDetector, "detect_input", "detect"), (Counter, "observe", "track and count"))


class Stopwatch:
    """Adds up the CPU time of this process in named stages."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def attach(self, owner: type, method: str, stage: str) -> None:
        """Time every call of a method of a class."""
        setattr(owner, method, self.timed(getattr(owner, method), stage))

    def timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """Return ``function`` with its time added to ``stage``."""

        @wraps(function)
        def call(*arguments: object, **options: object) -> object:
            begin = time.process_time()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds[stage] += time.process_time() - begin

        return call


@dataclass(slots=True)
class Camera:
    """Gives the frames of a clip without end, each when it is due; until ``start`` is set, at once."""

    request: dict[str, Any]
    watch: Stopwatch
    start: float | None = None
    given: int = 0
    late: int = 0

    @property
    def interval(self) -> float:
        """Seconds from one frame to the next."""
        return 1 / float(self.request["fps"])

    def frames(self) -> Iterator[Frame]:
        """Yield frames, waiting for each to be due and counting those that come late."""
        read = self.watch.timed(next, "decode and scale")
        frames = self._endless()
        for index in count():
            if self.start is not None:
                wait = self.due(self.given) - time.monotonic()
                time.sleep(max(0.0, wait))
                self.late += -wait > self.interval
                self.given += 1
            yield replace(read(frames), time=index * self.interval)

    def due(self, index: int) -> float:
        """Return when frame ``index`` is there, on the monotonic clock."""
        return (self.start or 0.0) + index * self.interval

    def _endless(self) -> Iterator[Frame]:
        skip = self.request["first"]
        while True:
            with open_source(self.request["clip"], longest_side=DETECTION_SIDE) as source:
                yield from (frame for frame in islice(source.frames(), skip, None) if frame is not None)
            skip = 0


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    watch = Stopwatch()
    camera = Camera(request, watch)
    steps = count_frames(camera.frames(), open_watcher(request["detector"], threads=1, longest_side=DETECTION_SIDE), Plan())
    next(steps)
    print("{}", flush=True)
    begin = json.loads(sys.stdin.readline())
    for owner, method, stage in STAGES:
        watch.attach(owner, method, stage)
    camera.start, watch.seconds = begin["start"], defaultdict(float)
    cpu, end = time.process_time(), begin["start"] + begin["seconds"]
    lags, people = [], []
    for index, step in enumerate(steps):
        lags.append(time.monotonic() - camera.due(index))
        people.append(len(step.boxes))
        if time.monotonic() >= end:
            break
    cpu_seconds = time.process_time() - cpu
    stages = {stage: 1000 * seconds / len(lags) for stage, seconds in watch.seconds.items()}
    stages["everything else"] = 1000 * cpu_seconds / len(lags) - sum(stages.values())
    print(json.dumps({"lags": lags, "late": camera.late, "cpu_seconds": cpu_seconds, "people": median(people), "stages": stages}))


if __name__ == "__main__":
    main()
