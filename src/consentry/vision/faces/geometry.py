"""What every face detector does with the faces it found: join, choose, place in the picture, suppress doubles. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.faces.model import Faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["chosen", "clipped", "joined", "no_faces", "placed", "suppressed"]


def no_faces() -> Faces:
    """Return the answer for a picture without a face."""
    return Faces(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32))


def chosen(faces: Faces, which: NDArray[np.bool_] | NDArray[np.intp]) -> Faces:
    """Return those that ``which`` (a mask, or indices in the order wanted) names."""
    return Faces(faces.boxes[which], faces.scores[which], faces.landmarks[which])


def joined(parts: Sequence[Faces]) -> Faces:
    """Return the faces of all ``parts``, by falling score."""
    whole = [no_faces(), *parts]
    every = Faces(*(np.concatenate([getattr(part, name) for part in whole]) for name in ("boxes", "scores", "landmarks")))
    return chosen(every, np.argsort(-every.scores, kind="stable"))


def placed(faces: Faces, scale: tuple[float, float], origin: tuple[float, float]) -> Faces:
    """Return faces given in pixels of an enlarged part of a picture in pixels of the picture.

    ``scale``: pixels of the part for a pixel of the picture, across and down. ``origin``: the part's corner in the picture, left and top.
    """
    by, corner = np.asarray(scale), np.asarray(origin)
    boxes = faces.boxes / np.tile(by, 2) + np.tile(corner, 2)
    return Faces(boxes.astype(np.float32), faces.scores, (faces.landmarks / by + corner).astype(np.float32))


def clipped(faces: Faces, width: int, height: int) -> Faces:
    """Return the faces with boxes cut to a picture of ``width`` x ``height`` pixels; what is then narrower or lower than a pixel is left out."""
    boxes = np.clip(faces.boxes, 0, np.asarray([width, height] * 2, np.float32)).astype(np.float32)
    seen = np.all(boxes[:, 2:] - boxes[:, :2] >= 1, axis=1)
    return chosen(Faces(boxes, faces.scores, faces.landmarks), seen)


def suppressed(faces: Faces, overlap: float) -> Faces:
    """Return ``faces`` by falling score, without each that overlaps a better one by more than ``overlap`` of their union.

    Boxes must have an area.
    """
    origins_and_sides = np.concatenate([faces.boxes[:, :2], faces.boxes[:, 2:] - faces.boxes[:, :2]], axis=1)
    return chosen(faces, np.asarray(cv2.dnn.NMSBoxes(origins_and_sides.tolist(), faces.scores.tolist(), 0.0, overlap), np.intp).reshape(-1))
