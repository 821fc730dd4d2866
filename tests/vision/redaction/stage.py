"""Recordings and pictures for tests: white squares for faces, a detector that finds them, and data of a file that must not be carried over."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

from consentry.vision.faces.model import Faces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

WIDTH, HEIGHT, RATE, FRAMES = 320, 240, 25, 50
SIDE = 24
NOTE = "Anna-at-48.2N-16.3E"


class Squares:
    """Finds white squares, except in the pictures that it is told to miss, counted from 0."""

    name = "squares"

    def __init__(self, misses: Callable[[int], bool] = lambda _: False) -> None:
        self._misses = misses
        self.looks = 0

    def detect(self, picture: NDArray[np.uint8]) -> Faces:
        stats = cv2.connectedComponentsWithStats((picture.min(axis=2) > 215).astype(np.uint8))[2][1:]
        seen = stats[(stats[:, 2] > SIDE / 2) & (stats[:, 3] > SIDE / 2)].astype(np.float32)
        if self._misses(self.looks):
            seen = seen[:0]
        self.looks += 1
        boxes = np.concatenate([seen[:, :2], seen[:, :2] + seen[:, 2:4]], axis=1)
        return Faces(boxes, np.full(len(boxes), 0.9, np.float32), np.zeros((len(boxes), 5, 2), np.float32))


def place(frame: int, rank: int) -> tuple[int, int]:
    """Return the corner of one of two squares that walk towards each other on lines of their own."""
    return (20 + 4 * frame, 60) if rank == 0 else (270 - 4 * frame, 150)


def frame_picture(frame: int) -> NDArray[np.uint8]:
    picture = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    for rank in (0, 1):
        left, top = place(frame, rank)
        picture[top : top + SIDE, left : left + SIDE] = 255
    return picture


def record(path: Path, frames: int = FRAMES, *, sound: bool = True, start: float = 0.0) -> Path:
    """Write a recording with titles and, if wanted, a tone; its first picture is shown at ``start`` seconds."""
    with av.open(str(path), "w", format="matroska") as out:
        out.metadata.update({"title": NOTE, "comment": NOTE, "location": NOTE})
        video = out.add_stream("libx264", rate=RATE, options={"crf": "12", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.metadata["title"] = NOTE
        audio = out.add_stream("flac", rate=16_000, layout="mono") if sound else None
        if audio is not None:
            audio.metadata["title"] = NOTE
        for index in range(frames):
            picture = av.VideoFrame.from_ndarray(frame_picture(index), "bgr24")
            picture.pts, picture.time_base = round((start + index / RATE) * 1000), Fraction(1, 1000)
            out.mux(video.encode(picture))
        out.mux(video.encode(None))
        if audio is not None:
            for index in range(frames):
                out.mux(audio.encode(_tone(index, start)))
            out.mux(audio.encode(None))
    return path


def _tone(index: int, start: float) -> av.AudioFrame:
    samples = 16_000 // RATE
    wave = 8000 * np.sin(2 * np.pi * 440 / 16_000 * np.arange(index * samples, (index + 1) * samples))
    piece = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None], "s16", "mono")
    piece.sample_rate, piece.pts, piece.time_base = 16_000, round(start * 16_000) + index * samples, Fraction(1, 16_000)
    return piece


def shown(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    """Return the time of each frame and its picture."""
    with av.open(str(path)) as video:
        return [(frame.time or 0.0, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)) for frame in video.decode(video=0)]
