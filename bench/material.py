"""What is measured on: real clips with known truth where they are at hand, the rendered entrance, weights, and clips made of other clips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from consentry.counting.counter import Plan
from consentry.counting.evaluate import TrueClip, read_manifest
from consentry.counting.model import Line, Point
from consentry.platform.errors import DatasetError
from consentry.video.entrance import entrance
from consentry.video.render import write_clip
from consentry.video.scene import truth
from consentry.video.sources import open_source
from consentry.video.writer import VideoWriter
from consentry.vision.manifest import entry
from consentry.vision.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.video.model import Size

__all__ = ["PETS", "RECOMMENDED", "Material", "as_request", "scaled_clip", "scaled_line", "weights"]

RECOMMENDED = "rtmdet"
"""The detector that the performance bars speak of."""
PETS = "PETS09-S2L1"


@dataclass(frozen=True, slots=True)
class Material:
    """``shared`` holds real clips and truth, if it exists; ``work`` is a temporary folder; ``short`` asks for a quick, rough measurement.

    ``handling``: a file that says how long people's hands take at doors, None for what is assumed.
    """

    shared: Path
    work: Path
    short: bool
    handling: Path | None = None

    def has_real(self) -> bool:
        """Tell whether the real clips are here."""
        return (self.shared / "data").is_dir()

    def real(self, *parts: str) -> Path:
        """Return the path of a real file or folder.

        Raises:
            DatasetError: ``bench.no-data`` where it does not exist.
        """
        path = self.shared.joinpath("data", *parts)
        if not path.exists():
            raise DatasetError("bench.no-data", str(path), "this measuring data is not here", "Name the folder that holds it with --shared.")
        return path

    def true_clips(self) -> list[TrueClip]:
        """Return the real clips with true counts, the one of PETS first."""
        return read_manifest(self.real("counting", "truth.json"))

    def entrance(self) -> TrueClip:
        """Return the rendered entrance, rendering it the first time."""
        scene, clip = entrance(), self.work / "entrance.mp4"
        if not clip.exists():
            write_clip(scene, clip)
        counts = truth(scene)
        door = Line("door", Point(*scene.line.start), Point(*scene.line.end))
        return TrueClip(clip, Plan((door,)), {door.id: (counts["in"], counts["out"])})


def as_request(lines: tuple[Line, ...]) -> list[list[Any]]:
    """Return lines as the processes of a comparison take them: ``[id, x1, y1, x2, y2]`` each."""
    return [[line.id, *line.start, *line.end] for line in lines]


def scaled_line(line: Line, factor: float) -> Line:
    """Return the line on a picture ``factor`` times as large."""
    return Line(line.id, Point(line.start.x * factor, line.start.y * factor), Point(line.end.x * factor, line.end.y * factor))


def scaled_clip(clip: Path, target: Path, size: Size) -> Path:
    """Write ``clip`` scaled to ``size`` as H.264 to ``target`` and return ``target``."""
    with open_source(str(clip)) as source, VideoWriter(target, quality=20) as writer:
        for frame in source.frames():
            if frame is not None:
                writer.write(np.asarray(cv2.resize(frame.image, (size.width, size.height), interpolation=cv2.INTER_CUBIC), np.uint8), frame.time)
    return target


def weights(detector: str = RECOMMENDED) -> Path:
    """Return the verified weights of a detector.

    Raises:
        ModelError: they are not on this machine.
    """
    return open_store().path(entry(detector))
