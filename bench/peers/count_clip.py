"""Counts a clip with supervision's LineZone, ByteTrack and ONNX Runtime.

Request: ``clip``, ``lines`` (``[id, x1, y1, x2, y2]`` each, in pixels), ``weights`` (RTMDet as ONNX), ``limit`` (frames, or null). Answer:
``frames``, ``seconds``, ``cpu_seconds`` and ``network_seconds`` of all frames but the first, and ``counts`` (``[in, out]`` of each line).
"""

from __future__ import annotations

import json
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import onnxruntime
import supervision as sv
from trackers import ByteTrackTracker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LONGEST, MULTIPLE = 640, 32
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)
SCORE = 0.3


class Detector:
    """RTMDet in ONNX Runtime on one thread."""

    def __init__(self, weights: str) -> None:
        """Load the file ``weights``."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self.seconds = 0.0

    def __call__(self, image: NDArray[np.uint8]) -> Any:  # noqa: ANN401 - supervision ships no types
        """Return the people in ``image`` (uint8 [h, w, 3]) as ``supervision.Detections`` in its pixels."""
        canvas, scale = _fitted(image)
        blob = np.ascontiguousarray(((canvas - MEAN) / DEVIATION).transpose(2, 0, 1)[None])
        start = time.perf_counter()
        boxes, labels = self._session.run(None, {self._input: blob})
        self.seconds += time.perf_counter() - start
        people = boxes[0][(labels[0] == 0) & (boxes[0][:, 4] > SCORE)]
        return sv.Detections(people[:, :4] / scale, confidence=people[:, 4], class_id=np.zeros(len(people), int))


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    cv2.setNumThreads(1)
    print(json.dumps(_counted(request)))


def _counted(request: dict[str, Any]) -> dict[str, Any]:
    detector, tracker = Detector(request["weights"]), ByteTrackTracker()
    zones = [sv.LineZone(sv.Point(x1, y1), sv.Point(x2, y2), [sv.Position.BOTTOM_CENTER]) for _, x1, y1, x2, y2 in request["lines"]]
    frames, wall, cpu = 0, 0.0, 0.0
    for image in islice(_pictures(request["clip"]), request["limit"]):
        tracked = tracker.update(detector(image))
        tracked = tracked[tracked.tracker_id != -1]
        for zone in zones:
            zone.trigger(tracked)
        frames += 1
        if frames == 1:
            wall, cpu, detector.seconds = time.perf_counter(), time.process_time(), 0.0
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    # LineZone's "in" leads from the right bank to the left one as seen on the picture; ours is the other way round.
    counts = [[int(zone.out_count), int(zone.in_count)] for zone in zones]
    return {"frames": frames, "seconds": seconds, "cpu_seconds": cpu_seconds, "network_seconds": detector.seconds, "counts": counts}


def _pictures(clip: str) -> Iterator[NDArray[np.uint8]]:
    with av.open(clip) as container:
        container.streams.video[0].thread_count = 1
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _fitted(image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
    """Return the picture scaled to 640 pixels and filled up to a multiple of 32, and the scale: what the network needs, and no more."""
    scale = LONGEST / max(image.shape[:2])
    if scale != 1:
        image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale), np.uint8)
    height, width = image.shape[:2]
    canvas = np.full((-(-height // MULTIPLE) * MULTIPLE, -(-width // MULTIPLE) * MULTIPLE, 3), 114, np.float32)
    canvas[:height, :width] = image
    return canvas, scale


if __name__ == "__main__":
    main()
