"""Turns the pictures of a list into vectors, in memory, for one evaluation; no picture and no vector is ever written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.platform.errors import DatasetError
from consentry.vision.faces.all_pairs import FacePrints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.vision.faces.chain import PortraitChain
    from consentry.vision.faces.model import FaceEmbedder
    from consentry.vision.faces.pairs import Portrait

__all__ = ["check_pictures", "face_prints", "read_picture"]

_BATCH = 64


def check_pictures(paths: Iterable[Path], mend: str) -> None:
    """Refuse a list with a picture that is not there, before hours are spent on the others.

    Raises:
        DatasetError: ``dataset.picture``, with ``mend``.
    """
    missing = next((path for path in paths if not _is_file(path)), None)
    if missing is not None:
        raise DatasetError("dataset.picture", str(missing), "the list names a picture that is not there", mend)


def read_picture(path: Path) -> NDArray[np.uint8] | None:
    """Return the picture of a file, upright, uint8 [H, W, 3], BGR; None where it cannot be decoded.

    Raises:
        DatasetError: ``dataset.picture`` where the file cannot be read at all.
    """
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        problem = f"it cannot be read ({(error.strerror or 'unknown cause').lower()})"
        raise DatasetError("dataset.picture", str(path), problem, "Check the folder and the file's permissions.") from None
    try:
        picture = cv2.imdecode(content, cv2.IMREAD_COLOR) if len(content) else None
    except cv2.error:  # of more pixels than OpenCV takes
        picture = None
    return None if picture is None else np.asarray(picture, np.uint8)


def face_prints(
    images: Path, portraits: Sequence[Portrait], chain: PortraitChain, embedder: FaceEmbedder, on_progress: Callable[[int], None] = lambda _: None
) -> FacePrints:
    """Return the vectors of ``portraits``, in their order. A picture that cannot be decoded, or shows no face, is not acquired.

    ``on_progress`` is told how many pictures are done.
    """
    vectors = np.zeros((len(portraits), embedder.dimension), np.float32)
    acquired = np.zeros(len(portraits), np.bool_)
    start = 0
    while start < len(portraits):
        chips = [_chip(portrait.path(images), chain) for portrait in portraits[start : start + _BATCH]]
        found = np.flatnonzero([chip is not None for chip in chips]) + start
        if len(found):
            vectors[found] = embedder.embed(np.stack([chip for chip in chips if chip is not None]))
            acquired[found] = True
        start += len(chips)
        on_progress(start)
    names = [portrait.name for portrait in portraits]
    return FacePrints(vectors, acquired, np.unique(names, return_inverse=True)[1].astype(np.int64))


def _chip(path: Path, chain: PortraitChain) -> NDArray[np.uint8] | None:
    picture = read_picture(path)
    return None if picture is None else chain.chip(picture)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for any file
        return False
