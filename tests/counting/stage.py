"""A stage for the counting tests: scenes of walkers, and a watcher that knows where everybody is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.video.model import Frame, Size
from consentry.video.scene import Line, Scene, boxes
from consentry.video.walk import Walker, Waypoint
from consentry.vision.model import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = Size(480, 360)


@dataclass
class SceneWatcher:
    """Sees every body of a scene whose box shows in the picture; ``jitter`` is the deviation of a box's sides in body heights."""

    scene: Scene
    jitter: float = 0.0
    missed: float = 0.0
    name: str = "sees all"

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.scene.seed)

    def watch(self, image: NDArray[np.uint8], time: float) -> Detections:
        height, width = image.shape[:2]
        share = width / self.scene.size.width
        rows = [(box.x1, box.y1, box.x2, box.y2) for box in boxes(self.scene, time) if self.random.random() >= self.missed]
        seen = np.array(rows, np.float32).reshape(-1, 4) * share
        seen = (seen + self.random.normal(0, self.jitter, seen.shape) * (seen[:, 3:] - seen[:, 1:2])).astype(np.float32)
        seen = seen.clip(0, [width, height, width, height]).astype(np.float32)
        seen = seen[seen[:, 2] - seen[:, 0] > 8 * share]
        return Detections(seen, np.full(len(seen), 0.9, np.float32))


def frames_of(scene: Scene, rate: float, share: float = 1.0) -> list[Frame]:
    image = np.zeros((round(scene.size.height * share), round(scene.size.width * share), 3), np.uint8)
    return [Frame(image, frame / rate, scene.size) for frame in range(round(scene.duration * rate))]


def walker(*points: tuple[float, float, float]) -> Walker:
    return Walker(tuple(Waypoint(time, x, y, 120.0) for time, x, y in points))


def stage(*walkers: Walker, line: Line | None = None, duration: float = 12.0) -> Scene:
    return Scene(SIZE, 10.0, duration, line or Line((240, 0), (240, 360)), walkers)
