"""Counts line crossings of given detections with supervision's LineZone and a tracker of ``trackers``.

Request: ``detections`` (file of ``bench.workers.detect_people``), ``lines`` (``[id, x1, y1, x2, y2]`` each, in pixels), ``trackers`` (names of classes),
``scores`` (lowest scores of the detections handed on) and ``thresholds`` (LineZone's ``minimum_crossing_threshold``). Answer: ``counts``, a list of
``{"tracker", "score", "threshold", "lines": [[in, out], ...]}`` with one entry for every combination.
"""

from __future__ import annotations

import json
import sys
from itertools import product
from typing import Any

import numpy as np
import supervision as sv
import trackers


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    frames = _frames(request["detections"])
    answers = []
    for name, score in product(request["trackers"], request["scores"]):
        tracked = _tracked(getattr(trackers, name)(), frames, score)
        for threshold in request["thresholds"]:
            lines = _counts(tracked, request["lines"], threshold)
            answers.append({"tracker": name, "score": score, "threshold": threshold, "lines": lines})
    print(json.dumps({"counts": answers}))


def _frames(path: str) -> list[Any]:
    """Return the people of each picture as ``supervision.Detections``."""
    with np.load(path) as data:
        boxes, scores, frames, times = data["boxes"], data["scores"], data["frames"], data["times"]
    picked = (frames == index for index in range(len(times)))
    return [sv.Detections(boxes[own], confidence=scores[own], class_id=np.zeros(own.sum(), int)) for own in picked]


def _tracked(tracker: Any, frames: list[Any], score: float) -> list[Any]:  # noqa: ANN401 - trackers ships no types
    found = (tracker.update(people[people.confidence > score]) for people in frames)
    return [people[people.tracker_id != -1] for people in found]


def _counts(tracked: list[Any], lines: list[list[Any]], threshold: int) -> list[list[int]]:
    zones = [sv.LineZone(sv.Point(x1, y1), sv.Point(x2, y2), [sv.Position.BOTTOM_CENTER], threshold) for _, x1, y1, x2, y2 in lines]
    for people in tracked:
        for zone in zones:
            zone.trigger(people)
    # LineZone's "in" leads from the right bank to the left one as seen on the picture; ours is the other way round.
    return [[int(zone.out_count), int(zone.in_count)] for zone in zones]


if __name__ == "__main__":
    main()
