"""Embeds chips with our runtime, one by one, as a station does.

Request: ``chips`` (a .npy of uint8 [N, 150, 150, 3], RGB), ``precision``, ``repeats``. Answer: ``seconds`` per chip (the middle one) and
``vectors`` of the chips, as dlib gives them: not mirrored, not of unit length.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from consentry.vision.faces.embedders import open_network_of
from consentry.vision.manifest import Precision


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    chips = np.load(request["chips"])
    network = open_network_of("dlib", threads=1, precision=Precision(request["precision"]))
    network.infer_batch(chips[:1])
    times, vectors = [], []
    for index in range(request["repeats"]):
        start = time.perf_counter()
        (vector, *_) = network.infer_batch(chips[index % len(chips) : index % len(chips) + 1])
        times.append(time.perf_counter() - start)
        vectors.append(vector[0].tolist())
    print(json.dumps({"seconds": float(np.median(times)), "vectors": vectors[: len(chips)]}))


if __name__ == "__main__":
    main()
