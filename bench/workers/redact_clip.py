"""Redacts a clip with our redaction.

Request: ``clip``, ``out`` (file), ``areas`` (file), ``detector``. Writes the redacted clip, and an ``.npz`` with what was painted: ``areas`` (int64
[N, 4], left top right bottom, pixels) and ``frames`` (int64 [N], from 0). Answer: ``frames``, ``seconds`` and ``cpu_seconds``, loading left out.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from consentry.vision.redaction import videos
from consentry.vision.redaction.cover import covered_areas
from consentry.vision.redaction.service import STRONG, open_for_redaction
from consentry.vision.redaction.tracks import Filling, planned


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    print(json.dumps(_redacted(request)))


def _redacted(request: dict[str, Any]) -> dict[str, Any]:
    threads = len(os.sched_getaffinity(0))
    detector = open_for_redaction(request["detector"], tiles=False, threads=threads)
    wall, cpu = time.perf_counter(), time.process_time()
    times, looks, _ = videos.look(Path(request["clip"]), detector, threads=threads, progress=lambda _: None)
    plan = planned(times, looks, Filling(strong=STRONG[request["detector"]]))
    videos.paint(Path(request["clip"]), Path(request["out"]), plan, threads=threads, progress=lambda _: None)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    areas = [covered_areas(boxes, 1920, 1080) for boxes in plan.boxes]
    np.savez(request["areas"], areas=np.concatenate(areas), frames=np.repeat(np.arange(len(areas)), [len(part) for part in areas]))
    return {"frames": len(times), "seconds": seconds, "cpu_seconds": cpu_seconds}


if __name__ == "__main__":
    main()
