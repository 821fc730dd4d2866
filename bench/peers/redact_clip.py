"""Redacts a clip with deface, by the function that its command calls and with the command's defaults.

Request: ``clip``, ``out`` (file), ``areas`` (file). Writes and answers as ``bench.workers.redact_clip`` does; the areas are the boxes around its ellipses.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
from deface.centerface import CenterFace
from deface.deface import scale_bb, video_detect

THRESHOLD, MASK_SCALE = 0.2, 1.3


class Recorded:
    """deface's detector, which also keeps what it found."""

    def __init__(self) -> None:
        """Load the network."""
        self._detector = CenterFace()
        self.found: list[Any] = []

    def __call__(self, image: Any, threshold: float) -> Any:  # noqa: ANN401 - deface ships no types
        """Return the faces of ``image`` as deface does."""
        boxes, landmarks = self._detector(image, threshold=threshold)
        height, width = image.shape[:2]
        limits = (width - 1, height - 1, width - 1, height - 1)
        self.found.append([np.clip(scale_bb(*box[:4].astype(int), MASK_SCALE), 0, limits) for box in boxes])
        return boxes, landmarks


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    with redirect_stdout(sys.stderr):
        answer = _redacted(request)
    print(json.dumps(answer))


def _redacted(request: dict[str, Any]) -> dict[str, Any]:
    detector = Recorded()
    wall, cpu = time.perf_counter(), _cpu_seconds()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        video_detect(
            request["clip"],
            request["out"],
            detector,
            threshold=THRESHOLD,
            enable_preview=False,
            cam=False,
            nested=False,
            replacewith="blur",
            mask_scale=MASK_SCALE,
            ellipse=True,
            draw_scores=False,
            ffmpeg_config={"codec": "libx264"},
        )
    seconds, cpu_seconds = time.perf_counter() - wall, _cpu_seconds() - cpu
    frames = np.repeat(np.arange(len(detector.found)), [len(found) for found in detector.found])
    np.savez(request["areas"], areas=np.array([box for found in detector.found for box in found], np.int64).reshape(-1, 4), frames=frames)
    return {"frames": len(detector.found), "seconds": seconds, "cpu_seconds": cpu_seconds}


def _cpu_seconds() -> float:
    """Return what this process and its children, ffmpeg among them, have used so far."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()
