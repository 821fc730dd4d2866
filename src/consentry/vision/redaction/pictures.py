"""Redacts one picture. The copy is encoded anew from its pixels, so nothing else that the file held (EXIF, place, title, preview) is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.platform.errors import InputError, SourceError
from consentry.vision.redaction.cover import cover
from consentry.vision.redaction.model import Sound, Summary
from consentry.vision.store import staged

if TYPE_CHECKING:
    from pathlib import Path

    from cv2.typing import MatLike
    from numpy.typing import NDArray

    from consentry.vision.faces.model import FaceDetector

__all__ = ["redact_picture"]

_CHANNELS = 3
"""Of a colour; a fourth one is transparency."""

_SETTINGS = {".jpg": (cv2.IMWRITE_JPEG_QUALITY, 92), ".jpeg": (cv2.IMWRITE_JPEG_QUALITY, 92), ".webp": (cv2.IMWRITE_WEBP_QUALITY, 92)}


def redact_picture(source: Path, target: Path, detector: FaceDetector) -> Summary:
    """Write a copy of the picture ``source`` in which every face that ``detector`` finds is painted over.

    Raises:
        SourceError: ``source.unreadable`` or ``source.not-picture``.
        InputError: ``redact.unwritable``.
    """
    picture = _read(source)
    faces = detector.detect(picture)
    cover(picture, faces.boxes)
    _write(picture, target)
    return Summary(1, len(faces), 0, len(faces), detector.name, Sound.NONE, _warnings(source))


def _read(path: Path) -> NDArray[np.uint8]:
    """Return the picture upright and on white where it is transparent, uint8 [H, W, 3], blue-green-red."""
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
        picture = _seen(cv2.imdecode(content, cv2.IMREAD_COLOR), cv2.imdecode(content, cv2.IMREAD_UNCHANGED))
    except OSError as error:
        raise SourceError("source.unreadable", str(path), f"it cannot be read ({(error.strerror or 'unknown cause').lower()})", "Check the path.") from None
    except cv2.error:
        picture = None
    if picture is None:
        mend = "Give a JPEG, PNG, WebP or BMP picture; to redact a video, let OUT end in .mp4"
        raise SourceError("source.not-picture", str(path), "it is not a picture that can be read", mend)
    return picture


def _seen(upright: MatLike | None, stored: MatLike | None) -> NDArray[np.uint8] | None:
    """Return what a viewer shows: where the file as it is ``stored`` is transparent, the colours below it are nobody's business."""
    if upright is None or stored is None or stored.ndim < _CHANNELS or stored.shape[2] <= _CHANNELS:
        return None if upright is None else np.asarray(upright, np.uint8)
    eight_bits = stored if stored.dtype == np.uint8 else (np.asarray(stored, np.uint16) >> 8).astype(np.uint8)
    turned = _turned_like(eight_bits, upright)
    share = turned[..., _CHANNELS:].astype(np.float32) / 255
    return np.asarray(np.rint(turned[..., :_CHANNELS] * share + 255 * (1 - share)), np.uint8)


def _turned_like(stored: MatLike, upright: MatLike) -> MatLike:
    """Return ``stored``, which OpenCV leaves as it lies in the file, turned and mirrored as its EXIF has turned ``upright``."""
    ways = (np.rot90(one, quarters) for one in (stored, stored[:, ::-1]) for quarters in range(4))
    return next((way for way in ways if np.array_equal(way[..., :_CHANNELS], upright)), stored)


def _warnings(path: Path) -> tuple[str, ...]:
    count = cv2.imcount(str(path))
    return (f"it holds {count} pictures, and the copy is of the first; for all of an animation let OUT end in .mp4",) if count > 1 else ()


def _write(picture: NDArray[np.uint8], target: Path) -> None:
    suffix = target.suffix.lower()
    try:
        done, data = cv2.imencode(suffix, picture, _SETTINGS.get(suffix, ()))
    except cv2.error:
        done, data = False, np.zeros(0, np.uint8)
    if not done:
        raise InputError("redact.unwritable", str(target), f"a picture of this size cannot be stored as {suffix}", "Write a .png instead.")
    try:
        with staged(target) as part:
            part.write_bytes(data.tobytes())
    except OSError as error:
        problem = f"the picture cannot be written ({(error.strerror or 'unknown cause').lower()})"
        raise InputError("redact.unwritable", str(target), problem, "Choose a folder that is writable and has room.") from None
