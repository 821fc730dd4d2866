"""Rendering a scene: pictures frame by frame, and a clip of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.video.backdrop import backdrop
from consentry.video.figure import body
from consentry.video.paint import draw_figure, draw_shadow
from consentry.video.walk import position, stance
from consentry.video.writer import VideoWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.video.scene import Scene

__all__ = ["compose", "frames", "write_clip"]

SLACK = 32
"""Pixels by which the field of noise exceeds the picture: each frame takes another cut of it."""
FLICKER, MAINS = 0.012, 1.7
"""Relative depth and beat (hertz) of a lamp that is sampled by the camera's shutter."""
SOFTNESS = 0.6
"""Standard deviation of the lens's blur, pixels."""


def frames(scene: Scene) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Yield each time (seconds) and picture (uint8 [h, w, 3], blue-green-red) of ``scene``; the same scene gives the same bytes."""
    empty = backdrop(scene.size, scene.line).astype(np.float32)
    random = np.random.default_rng(scene.seed)
    field = _noise_field(scene, random)
    for index in range(round(scene.duration * scene.fps)):
        time = index / scene.fps
        clean = compose(scene, time, empty)
        yield time, np.asarray(cv2.add(clean, _cut(field, scene, random), dtype=cv2.CV_8U), np.uint8)


def compose(scene: Scene, time: float, empty: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the noiseless picture at ``time`` over the backdrop ``empty`` (float32 [h, w, 3], kept)."""
    canvas = empty.copy()
    present = [(place, walker) for walker in scene.walkers if (place := position(walker, time)) is not None]
    for place, _ in present:
        draw_shadow(canvas, place)
    for place, walker in sorted(present, key=lambda pair: pair[0].y):
        draw_figure(canvas, body(stance(walker, time), walker.look), walker.look, place)
    lamp = 1.0 + FLICKER * math.sin(math.tau * MAINS * time)
    return np.asarray(cv2.convertScaleAbs(cv2.GaussianBlur(canvas, (0, 0), SOFTNESS), alpha=lamp), np.uint8)


def write_clip(scene: Scene, path: Path) -> None:
    """Write ``scene`` as an H.264 clip whose frames stand ``1 / fps`` apart, from 0.

    The pictures are those of ``frames``, whose bytes are always the same; x264 is not that faithful, even with one thread: about one file
    in a few hundred spends its bits otherwise.

    Raises:
        InputError: ``path`` cannot be written.
    """
    with VideoWriter(path) as writer:
        for time, image in frames(scene):
            writer.write(image, time)


def _noise_field(scene: Scene, random: np.random.Generator) -> NDArray[np.int16]:
    shape = (scene.size.height + SLACK, scene.size.width + SLACK, 3)
    return np.rint(random.normal(0.0, scene.noise, shape)).astype(np.int16)


def _cut(field: NDArray[np.int16], scene: Scene, random: np.random.Generator) -> NDArray[np.int16]:
    """Return a part of ``field`` as large as the picture, at a random place."""
    top, left = random.integers(SLACK, size=2)
    return field[top : top + scene.size.height, left : left + scene.size.width]
