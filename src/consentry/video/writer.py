"""Writes pictures with their times to an MP4 file that appears only when it is whole."""

from __future__ import annotations

import os
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from av.error import FFmpegError

from consentry.platform.errors import InputError
from consentry.video.decoding import words

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from av.container import OutputContainer
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

__all__ = ["VideoWriter"]

TICKS_PER_SECOND = 90_000
NOMINAL_RATE = 30


class VideoWriter:
    """An H.264 file being written; a context manager.

    It stands under a temporary name beside ``path`` until ``close`` renames it. Left by an exception, or without a picture, nothing
    remains and an older file of the name is untouched. Times are kept to 1/90,000 s; odd sides are padded by one repeated row or column.
    """

    def __init__(self, path: Path, *, quality: int = 26, threads: int = 1) -> None:
        """Begin to write to ``path``; ``quality`` is x264's constant rate factor (smaller is better). Raises ``InputError``."""
        self.path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._options = {"preset": "veryfast", "crf": str(quality)}
        self._threads = threads
        self._stream: VideoStream | None = None
        self._shape: tuple[int, ...] = ()
        self._last_tick = -1
        self._open = True
        try:
            self._part.touch()  # libav would only notice at the first picture
        except OSError as error:
            raise self._unwritable((error.strerror or "unknown cause").lower()) from None
        self._container: OutputContainer = av.open(str(self._part), "w", format="mp4", options={"movflags": "+faststart"})

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """Append ``image`` (uint8 [h, w, 3], blue-green-red) shown from ``time`` (seconds) on.

        All images have the shape of the first and times grow; anything else raises ``ValueError``. A full disk raises ``InputError``.
        """
        tick = round(time * TICKS_PER_SECOND)
        if self._stream is None:
            self._shape = image.shape
            self._stream = self._added_stream()
        if image.shape != self._shape or tick <= self._last_tick:
            message = f"a picture of {image.shape} at {time} s does not follow one of {self._shape} at {self._last_tick / TICKS_PER_SECOND} s"
            raise ValueError(message)
        self._last_tick = tick
        frame = av.VideoFrame.from_ndarray(_even(image), "bgr24")
        frame.pts, frame.time_base = tick, Fraction(1, TICKS_PER_SECOND)
        self._encode(self._stream, frame)

    def close(self) -> None:
        """Finish the file and give it its name; safe to call twice."""
        if not self._open:
            return
        if self._stream is None:
            self.discard()
            return
        self._encode(self._stream, None)
        self._open = False
        try:
            self._container.close()
            self._part.replace(self.path)
        except (FFmpegError, OSError) as error:
            self._part.unlink(missing_ok=True)
            raise self._unwritable((error.strerror or "unknown cause").lower()) from None

    def discard(self) -> None:
        """Give up and leave nothing behind."""
        if self._open:
            self._open = False
            with suppress(FFmpegError):
                self._container.close()
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the file, or discard it after an exception."""
        if kind is None:
            self.close()
        else:
            self.discard()

    def _added_stream(self) -> VideoStream:
        height, width = self._shape[:2]
        stream = self._container.add_stream("libx264", rate=NOMINAL_RATE, options=self._options)
        stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS_PER_SECOND)
        # Re-ordered pictures would end the track before the last one is shown.
        stream.codec_context.max_b_frames = 0
        stream.codec_context.thread_count = self._threads
        return stream

    def _encode(self, stream: VideoStream, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(stream.encode(frame))
        except FFmpegError as error:
            self.discard()
            raise self._unwritable(words(error)) from None

    def _unwritable(self, problem: str) -> InputError:
        return InputError(
            "video.unwritable", str(self.path), f"the video cannot be written ({problem})", "Choose a folder that exists, is writable and has room."
        )


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return np.ascontiguousarray(image)
    return np.asarray(cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8)
