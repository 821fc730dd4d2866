"""Embeds chips with dlib, by the one call that ``face_recognition`` makes for a vector.

Request and answer: as ``bench.workers.embed_faces``, with ``weights`` instead of ``precision``.
"""

from __future__ import annotations

import json
import sys
import time

import dlib
import numpy as np


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    chips = np.load(request["chips"])
    model = dlib.face_recognition_model_v1(request["weights"])
    model.compute_face_descriptor(chips[0])
    times, vectors = [], []
    for index in range(request["repeats"]):
        start = time.perf_counter()
        vector = model.compute_face_descriptor(chips[index % len(chips)])
        times.append(time.perf_counter() - start)
        vectors.append(list(vector))
    print(json.dumps({"seconds": float(np.median(times)), "vectors": vectors[: len(chips)]}))


if __name__ == "__main__":
    main()
