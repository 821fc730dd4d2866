"""Small clips for the video tests, written with PyAV: four coloured quarters, and a bar that moves by the frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.stream import VideoStream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BLUE, GREEN, RED, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)
TICKS = 1000


def quarters(width: int, height: int) -> NDArray[np.uint8]:
    """Return blue and green above, red and black below: uint8 [height, width, 3]."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = BLUE
    image[: height // 2, width // 2 :] = GREEN
    image[height // 2 :, : width // 2] = RED
    return image


def times_at(rate: float, count: int) -> list[float]:
    return [index / rate for index in range(count)]


def write_clip(
    path: Path,
    times: Sequence[float],
    *,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rotation: tuple[float, bool, bool] | None = None,
    pixel_aspect: Fraction | None = None,
    faststart: bool = False,
) -> Path:
    """Write the quarters once for each time; ``rotation`` is degrees counterclockwise, mirrored across, mirrored down."""
    with av.open(str(path), "w", options={"movflags": "+faststart"} if faststart else {}) as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.codec_context.time_base = Fraction(1, TICKS)
        stream.codec_context.max_b_frames = 0
        stream.codec_context.gop_size = 5
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation is not None:
            stream.set_display_rotation(rotation[0], hflip=rotation[1], vflip=rotation[2])
        for time in times:
            frame = av.VideoFrame.from_ndarray(quarters(*size), "bgr24")
            frame.pts, frame.time_base = round(time * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """Write a second of silence without pictures."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        for index in range(40):
            frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 44100, index * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def first_bytes(source: Path, target: Path, share: float) -> Path:
    """Write the first ``share`` of a file's bytes to another."""
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


def corners(image: NDArray[np.uint8]) -> list[str]:
    """Return the colour names at the top left, top right, bottom left and bottom right."""
    return [colour(image[y, x]) for y in (2, -3) for x in (2, -3)]


def colour(pixel: NDArray[np.uint8]) -> str:
    named = {"blue": BLUE, "green": GREEN, "red": RED, "black": BLACK}
    return min(named, key=lambda name: int(np.abs(pixel.astype(int) - named[name]).sum()))


def open_descriptors() -> int:
    """Return how many files, pipes and sockets this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
