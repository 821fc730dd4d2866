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

    from numpy.typing import NDArray

    from consentry.vision.faces.model import FaceDetector

__all__ = ["redact_picture"]

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
    return Summary(frames=1, faces=len(faces), filled=0, tracks=len(faces), detector=detector.name, sound=Sound.NONE)


def _read(path: Path) -> NDArray[np.uint8]:
    """Return the picture upright, uint8 [H, W, 3], blue-green-red."""
    try:
        picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except OSError as error:
        raise SourceError("source.unreadable", str(path), f"it cannot be read ({(error.strerror or 'unknown cause').lower()})", "Check the path.") from None
    except cv2.error:
        picture = None
    if picture is None:
        mend = "Give a JPEG, PNG, WebP or BMP picture; to redact a video, let OUT end in .mp4"
        raise SourceError("source.not-picture", str(path), "it is not a picture that can be read", mend)
    return np.asarray(picture, np.uint8)


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
