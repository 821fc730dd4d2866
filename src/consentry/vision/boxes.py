"""Geometry of boxes: area, overlap, suppression of doubles. Pure functions on float32 [N, 4] (x1 y1 x2 y2, pixels)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from consentry.vision.model import Detections

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["areas", "clipped", "containments", "no_people", "overlaps", "suppressed", "without_parts"]


def areas(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the areas, float32 [N], pixels squared; an inverted box has none."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def overlaps(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the intersection over union of every pair, float32 [N, M]; 0 where both are empty."""
    shared = _intersections(first, second)
    return _ratio(shared, areas(first)[:, None] + areas(second)[None, :] - shared)


def containments(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the intersection over the smaller box of every pair, float32 [N, M]: 1 where one box holds the other."""
    return _ratio(_intersections(first, second), np.minimum(areas(first)[:, None], areas(second)[None, :]))


def suppressed(found: Detections, overlap: float) -> Detections:
    """Return ``found`` by falling score, without each box that overlaps a better one by more than ``overlap`` of their union.

    Boxes must have an area.
    """
    origins_and_sides = np.concatenate([found.boxes[:, :2], found.boxes[:, 2:] - found.boxes[:, :2]], axis=1)
    kept = np.asarray(cv2.dnn.NMSBoxes(origins_and_sides.tolist(), found.scores.tolist(), 0.0, overlap), np.intp).reshape(-1)
    return Detections(found.boxes[kept], found.scores[kept])


def without_parts(found: Detections, overlap: float, containment: float) -> Detections:
    """Return ``found`` by falling score, without each box that clashes with a better one (greedy suppression).

    Two boxes clash if their intersection is more than ``overlap`` of their union or more than ``containment`` of the smaller one.
    """
    order = np.argsort(-found.scores, kind="stable")
    boxes = found.boxes[order]
    clash = (overlaps(boxes, boxes) > overlap) | (containments(boxes, boxes) > containment)
    alive = np.ones(len(order), bool)
    for rank in range(len(order)):
        if alive[rank]:
            alive[rank + 1 :] &= ~clash[rank, rank + 1 :]
    kept = order[alive]
    return Detections(found.boxes[kept], found.scores[kept])


def clipped(found: Detections, width: int, height: int) -> Detections:
    """Return ``found`` cut to a picture of ``width`` x ``height`` pixels; what is then narrower or lower than a pixel is left out."""
    boxes = np.clip(found.boxes, 0, np.asarray([width, height] * 2, np.float32)).astype(np.float32)
    seen = np.all(boxes[:, 2:] - boxes[:, :2] >= 1, axis=1)
    return Detections(boxes[seen], found.scores[seen])


def no_people() -> Detections:
    """Return the answer for a picture without people."""
    return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


def _intersections(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.maximum(high - low, 0)
    return np.asarray(sides[..., 0] * sides[..., 1], np.float32)


def _ratio(shared: NDArray[np.float32], whole: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0), np.float32)
