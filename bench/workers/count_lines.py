"""Counts line crossings of given detections with our tracker, foot points and lines: what remains of a difference when the detections are the same.

Request: ``detections`` (file of ``bench.workers.detect_people``), ``size`` (width, height of the clip's picture) and ``lines`` (``[id, x1, y1, x2, y2]``
each, in pixels). Answer: ``counts`` (``[in, out]`` of each line).
"""

from __future__ import annotations

import json
import sys

import numpy as np

from bench.workers.count_clip import plan_of
from consentry.counting.counter import Counter
from consentry.counting.folds import line_totals
from consentry.video.model import Size


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    size = Size(*request["size"])
    counter = Counter(plan_of(request["lines"]).on(size), size)
    with np.load(request["detections"]) as data:
        boxes, scores, frames, times = data["boxes"], data["scores"], data["frames"], data["times"]
    for index, time in enumerate(times.tolist()):
        counter.observe(time, boxes[frames == index], scores[frames == index])
    print(json.dumps({"counts": [[line.entered, line.left] for line in line_totals(counter.finish())]}))


if __name__ == "__main__":
    main()
