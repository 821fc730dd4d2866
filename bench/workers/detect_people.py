"""Finds people in every picture of a clip, for the trackers of a comparison that all start from the same detections.

Request: ``clip``, ``detector``, ``out`` (file). Writes an ``.npz`` with ``boxes`` (float32 [N, 4], x1 y1 x2 y2, pixels of the clip), ``scores`` (float32
[N]), ``frames`` (int64 [N], from 0) and ``times`` (float64 [frames], seconds). Answer: ``{}``.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from consentry.video.sources import open_source
from consentry.vision.manifest import Precision
from consentry.vision.persons.select import open_person_detector


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    detector = open_person_detector(request["detector"], precision=Precision.F32)
    found, times = [], []
    with open_source(request["clip"]) as source:
        for frame in source.frames():
            if frame is not None:
                found.append(detector.detect(frame.image))
                times.append(frame.time)
    np.savez(
        request["out"],
        boxes=np.concatenate([people.boxes for people in found]),
        scores=np.concatenate([people.scores for people in found]),
        frames=np.repeat(np.arange(len(found)), [len(people) for people in found]),
        times=np.array(times),
    )
    print("{}")


if __name__ == "__main__":
    main()
