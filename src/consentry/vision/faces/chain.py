"""From a picture to the one face it is about, cut out for an embedder: the chain that evaluations measure from end to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.vision.faces.align import aligned
from consentry.vision.faces.detectors import AUTO, open_face_detector
from consentry.vision.manifest import Precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consentry.vision.faces.model import ChipLayout, FaceDetector, Faces

__all__ = ["Looks", "PortraitChain", "open_looks"]

_CLEAR = 0.5
"""Score of a face that needs no doubt."""
_FAINT = 0.1
"""Score of a face that is taken where there is no clear one, as with a mask."""
_SAME_FACE = 0.25
"""Two looks show one face when their landmarks lie closer on average than this share of the distance between the eyes."""
_LOOKS = {
    "centerface": ((("centerface", 256),), (("centerface", 640),)),
    "yunet": ((("yunet", 512), ("yunet", 640), ("centerface", 256)), (("yunet", 256), ("centerface", 640))),
}
"""Detectors and the longer side in pixels inside their networks: first those whose landmarks are averaged, then those that are tried where
the first find nothing. A single look scatters by 2 pixels on a face of 100: on LFW, MobileFaceNet's FNMR at an FMR of 1e-4 is 4.4 % with YuNet
at 512 alone and 3.5 % with the three looks."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Detectors at several sizes: ``usual``, whose landmarks are averaged, and ``further``, for pictures in which these see nothing."""

    name: str
    usual: tuple[FaceDetector, ...]
    further: tuple[FaceDetector, ...] = ()


def open_looks(name: str = AUTO, *, threads: int = 1) -> Looks:
    """Open the looks of the detector called ``name``; ``auto`` takes the best one present.

    Raises:
        ModelError: As ``open_face_detector``.
    """
    chosen = open_face_detector(name, threads=threads).name if name == AUTO or name not in _LOOKS else name
    usual, further = (
        tuple(open_face_detector(each, threads=threads, longest_side=side, low_score=_FAINT, precision=Precision.F32) for each, side in part)
        for part in _LOOKS[chosen]
    )
    return Looks(chosen, usual, further)


class PortraitChain:
    """Finds the face that a picture is about and cuts it out."""

    def __init__(self, looks: Looks, layout: ChipLayout) -> None:
        """Take what looks for faces, and the ``layout`` that the embedder wants."""
        self._looks = looks
        self._layout = layout

    def chip(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
        """Return the face of ``picture`` (uint8 [H, W, 3], BGR) as uint8 [S, S, 3], RGB; None where there is none.

        Of several faces the one nearest to the middle is meant, as in Labeled Faces in the Wild.
        """
        landmarks = self.landmarks(picture)
        return None if landmarks is None else aligned(picture, landmarks, self._layout)

    def landmarks(self, picture: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Return the landmarks of that face, float32 [5, 2], averaged over the looks that see it."""
        for looks in (self._looks.usual, self._looks.further):
            seen = [found for found in (_central(look.detect(picture), picture.shape) for look in looks) if found is not None]
            if seen:
                return _averaged(seen)
        return None


def _central(faces: Faces, shape: Sequence[int]) -> NDArray[np.float32] | None:
    """Return the landmarks of the face nearest to the middle: of the clear ones, or of all where none is clear."""
    clear = np.flatnonzero(faces.scores >= _CLEAR)
    candidates = clear if len(clear) else np.arange(len(faces))
    if not len(candidates):
        return None
    middles = (faces.boxes[candidates, :2] + faces.boxes[candidates, 2:]) / 2
    distances = np.linalg.norm(middles - np.array([shape[1], shape[0]]) / 2, axis=1)
    found = faces.landmarks[candidates[int(distances.argmin())]]
    # Eyes in one place give no size and no turn to align with.
    return found if np.isfinite(found).all() and np.linalg.norm(found[1] - found[0]) >= 1 else None


def _averaged(seen: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the mean of the looks that show the same face as the one that agrees best with the others."""
    points = np.stack(seen)
    apart = np.linalg.norm(points[:, None] - points, axis=3).mean(axis=2)
    best = int(apart.sum(axis=1).argmin())
    between_eyes = np.linalg.norm(points[best, 1] - points[best, 0])
    return np.asarray(points[apart[best] <= _SAME_FACE * between_eyes].mean(axis=0), np.float32)
