"""Tracks given detections with the trackers of ``trackers``.

Request: ``frames`` (for each picture ``[[x1, y1, x2, y2, score], ...]``), ``trackers`` (names of classes). Answer:
``rows``, a list of ``[frame, track, x, y, width, height]`` for each tracker; frames count from 1, and only confirmed tracks are in it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import supervision as sv
import trackers


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    print(json.dumps({"rows": {name: list(_rows(getattr(trackers, name)(), request["frames"])) for name in request["trackers"]}}))


def _rows(tracker: Any, frames: list[list[list[float]]]) -> Any:  # noqa: ANN401 - trackers ships no types
    for number, people in enumerate(frames, 1):
        table = np.array(people, np.float64).reshape(-1, 5)
        found = tracker.update(sv.Detections(table[:, :4], confidence=table[:, 4], class_id=np.zeros(len(table), int)))
        for (x1, y1, x2, y2), track in zip(found.xyxy.tolist(), found.tracker_id.tolist(), strict=True):
            if track != -1:
                yield [number, track, x1, y1, x2 - x1, y2 - y1]


if __name__ == "__main__":
    main()
