"""The one place where a visitor's picture is decoded: a JPEG file, judged by its header before a decoder sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LONGEST_FILE", "LONGEST_SIDE", "MOST_PIXELS", "SHORTEST_SIDE", "JpegSize", "decoded", "size_of"]

LONGEST_FILE = 512 * 1024
"""Bytes."""
LONGEST_SIDE, MOST_PIXELS, SHORTEST_SIDE = 1920, 1920 * 1080, 64
"""Pixels; a camera held upright may send 1080 x 1920."""

_START, _END = b"\xff\xd8", b"\xff\xd9"
_BASELINE = {0xC0, 0xC1}
_OTHER_FRAMES = {0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_SCAN = 0xDA
_FRAME_BYTES = 6
_BITS = 8
_COLOURS = {1, 3}


@dataclass(frozen=True, slots=True)
class JpegSize:
    """Pixels across and down."""

    width: int
    height: int


def decoded(data: bytes | bytearray) -> NDArray[np.uint8]:
    """Return the picture in a JPEG file, uint8 [H, W, 3], BGR, as it lies in the file (no turning by EXIF).

    Raises:
        InputError: ``station.picture`` where it is no whole baseline JPEG file within the limits.
    """
    size = size_of(data)
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        raise _refusal("it cannot be decoded") from None
    if picture is None or picture.shape != (size.height, size.width, 3):
        raise _refusal("it cannot be decoded")
    return np.asarray(picture, np.uint8)


def size_of(data: bytes | bytearray) -> JpegSize:
    """Return the size that the header states, without decoding anything.

    Progressive files are refused: a small one can keep a decoder busy with scan after scan. Cameras and browsers write baseline files.

    Raises:
        InputError: ``station.picture`` where the file or the picture is too large or too small, or it is no whole baseline JPEG file.
    """
    if len(data) > LONGEST_FILE:
        raise _refusal(f"it is longer than {LONGEST_FILE} bytes")
    if data[:2] != _START or data[-2:] != _END:
        raise _refusal("it is no whole JPEG file")
    size = _frame_size(data)
    shorter, longer = sorted((size.width, size.height))
    if shorter < SHORTEST_SIDE or longer > LONGEST_SIDE or shorter * longer > MOST_PIXELS:
        raise _refusal(f"{size.width} x {size.height} pixels are too few or too many")
    return size


def _frame_size(data: bytes | bytearray) -> JpegSize:
    """Walk the segments of the header (ITU-T T.81, annex B) up to the frame's."""
    at = len(_START)
    while at + 4 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - every marker begins with it
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at + 4 : at + 2 + length]
        if marker in _BASELINE and len(segment) >= _FRAME_BYTES:
            return _frame(segment)
        if marker in _BASELINE | _OTHER_FRAMES | {_SCAN} or length < len(_START):
            break
        at += 2 + length
    raise _refusal("it has no header of a baseline JPEG file")


def _frame(segment: bytes | bytearray) -> JpegSize:
    if segment[0] != _BITS or segment[5] not in _COLOURS:
        raise _refusal("it has other colours than 8-bit grey or YCbCr")
    return JpegSize(int.from_bytes(segment[3:5], "big"), int.from_bytes(segment[1:3], "big"))


def _refusal(problem: str) -> InputError:
    return InputError("station.picture", "the frame", problem, "Send baseline JPEG files of at most 1920 x 1080 pixels and 512 KiB")
