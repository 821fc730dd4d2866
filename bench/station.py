"""A station, JPEG in and decision out: decode, detect, judge quality and liveness, embed, search one in a million.

The worker's own code runs, with a vault in the same process that embeds and searches; what is left out is the way through two sockets.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from bench.figures import spread
from bench.processes import OURS, ask, cores
from bench.report import Report
from consentry.platform.errors import DatasetError
from consentry.video.model import Size
from consentry.video.sources import open_source
from consentry.vision.faces.detectors import FACE_DETECTORS
from consentry.vision.manifest import entry
from consentry.vision.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from bench.material import Material
    from bench.report import Cell

__all__ = ["measure"]

BAR_MIDDLE_MS, BAR_LATE_MS = 20, 50
CLIP = "tranvanluyt_real.mp4"
FAMILY = "mobilefacenet"
FLOOR = 0.46
"""Cosine from which on the nearest are asked for: the threshold for a false match rate of 1e-5 on LFW. Among a million people at most one stranger
in twenty may be taken for one of them, which is a rate of 5e-8; the vault is unsure up to ten times that, and the threshold of 5e-7 is higher."""
ROWS, SHORT_ROWS = 1_000_000, 50_000
CAPTURES, SHORT_CAPTURES = 200, 20
FRAMES = 30
SIZES = (Size(640, 480), Size(1280, 720))
CORES = 2
_LATE = 99
_PARTS = (("deciding", "deciding"), ("of which embed and search", "embed_and_search"), ("prompted", "prompted"))


def measure(material: Material) -> Report:
    """Measure each detector at each size of the frames."""
    rows: list[tuple[Cell, ...]] = []
    details: dict[str, Any] = {}
    number, gallery = (SHORT_CAPTURES, SHORT_ROWS) if material.short else (CAPTURES, ROWS)
    present = [detector for detector in FACE_DETECTORS if open_store().has(entry(detector))]
    for size in SIZES:
        frames = _frames(material, size)
        for detector in present:
            request = {"frames": frames, "captures": number, "rows": gallery, "floor": FLOOR, "family": FAMILY, "detector": detector, "threads": CORES}
            answer = details[f"{detector}-{size.width}"] = ask(OURS, "bench.workers.watch_station", request, cores()[:CORES])
            rows += [_row(f"{size.width} × {size.height}", detector, what, answer[name]) for what, name in _PARTS]
    columns = ("pixels", "detector", "what", "frames", "median ms", "p99 ms", "range ms")
    notes = (
        f"Bar: half of the deciding frames within {BAR_MIDDLE_MS} ms, 99 of 100 within {BAR_LATE_MS} ms, on {CORES} cores.",
        f"{gallery:,} in the gallery, searched from a cosine of {FLOOR} on; embedder: {FAMILY}.",
        "Deciding: JPEG to decision, embedding and search included. Prompted: frames of a capture that asks for a turn of the head.",
    )
    return Report("Station: JPEG in, decision out", columns, tuple(rows), notes, details)


def _frames(material: Material, size: Size) -> list[str]:
    """Write the first frames of a clip of one person as a browser would send them, and return their paths."""
    clip = material.real("liveness", CLIP)
    with open_source(str(clip)) as source:
        pictures = [frame.image for frame in islice(source.frames(), FRAMES) if frame is not None]
    return [_written(picture, size, material.work / f"station-{size.width}-{number}.jpg") for number, picture in enumerate(pictures)]


def _written(picture: NDArray[np.uint8], size: Size, path: Path) -> str:
    """Write an upright picture at full height in the middle of a wide frame."""
    width = round(picture.shape[1] * size.height / picture.shape[0])
    scaled = cv2.resize(picture, (width, size.height), interpolation=cv2.INTER_AREA)
    left = (size.width - width) // 2
    frame = cv2.copyMakeBorder(scaled, 0, 0, left, size.width - width - left, cv2.BORDER_REPLICATE)
    if not cv2.imwrite(str(path), frame, [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise DatasetError("bench.frame", str(path), "it cannot be written", "Free some space for temporary files")
    return str(path)


def _row(pixels: str, detector: str, what: str, times: list[float]) -> tuple[Cell, ...]:
    if not times:
        return (pixels, detector, what, 0, None, None, None)
    found = spread(times)
    return (pixels, detector, what, len(times), found.median, float(np.percentile(times, _LATE)), str(found))
