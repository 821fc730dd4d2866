"""Counts a clip with our counter.

Request: ``clip``, ``lines`` (``[id, x1, y1, x2, y2]`` each, in pixels), ``detector``, ``threads``, ``gated`` (false: the detector looks at
every picture whole), ``limit`` (frames, or null). Answer: ``frames``, ``seconds`` and ``cpu_seconds`` of all frames but the first, and
``counts`` (``[in, out]`` of each line).
"""

from __future__ import annotations

import json
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

from consentry.cli.options import DETECTION_SIDE
from consentry.counting.counter import Plan
from consentry.counting.folds import line_totals
from consentry.counting.model import Line, Point
from consentry.counting.service import count_frames
from consentry.video.sources import open_source
from consentry.vision.persons.select import WATCHED_SCORE, open_person_detector, open_watcher

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from consentry.counting.service import Watcher
    from consentry.vision.model import Detections, PersonDetector

__all__ = ["main", "plan_of"]


class WholePictures:
    """Watches with a detector that looks at every picture whole, to show what looking only where something moves is worth."""

    def __init__(self, detector: PersonDetector) -> None:
        """Watch with ``detector``."""
        self.name = detector.name
        self._detector = detector

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:  # noqa: ARG002 - the port's signature
        """Return the people in ``image`` (uint8 [h, w, 3]), in pixels of the image."""
        return self._detector.detect(image)


def plan_of(lines: list[list[Any]]) -> Plan:
    """Return the plan of a request's lines."""
    return Plan(tuple(Line(name, Point(x1, y1), Point(x2, y2)) for name, x1, y1, x2, y2 in lines))


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    print(json.dumps(_counted(request)))


def _counted(request: dict[str, Any]) -> dict[str, Any]:
    with open_source(request["clip"], longest_side=DETECTION_SIDE) as source:
        steps = count_frames(islice(source.frames(), request["limit"]), _watcher(request), plan_of(request["lines"]))
        step, frames = next(steps), 1
        wall, cpu = time.perf_counter(), time.process_time()
        for step in steps:  # noqa: B007 - the last one is used
            frames += 1
        seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    counts = [[line.entered, line.left] for line in line_totals(step.counter.finish())] if step.counter else []
    return {"frames": frames, "seconds": seconds, "cpu_seconds": cpu_seconds, "counts": counts}


def _watcher(request: dict[str, Any]) -> Watcher:
    name, threads = request["detector"], request["threads"]
    if request["gated"]:
        return open_watcher(name, threads=threads, longest_side=DETECTION_SIDE)
    return WholePictures(open_person_detector(name, threads=threads, longest_side=DETECTION_SIDE, low_score=WATCHED_SCORE))


if __name__ == "__main__":
    main()
