"""Paints over faces so that nothing of them is left.

Blurred and pixelated faces can be recognised by a network trained on such pictures, at 16 pixels a cell still (McPherson et al. 2016, Defeating
Image Obfuscation with Deep Learning, arXiv:1609.00408), and a blur can partly be undone. One constant colour holds nothing of what was there:
two pictures that differ only under the covers become the same picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COLOUR", "MARGIN", "cover", "covered_areas"]

COLOUR = (112, 112, 112)
MARGIN = 0.25
"""Share of a face's width and height added on each side: hair, ears and chin lie outside the box of a detector."""
LEAST_MARGIN = 2
"""Pixels; a face of 8 pixels is placed to a pixel or two, and compression spreads a pixel around it."""


def cover(picture: NDArray[np.uint8], boxes: NDArray[np.float32]) -> None:
    """Paint over ``boxes`` (float32 [N, 4], pixels) and the margin around them, in ``picture`` (uint8 [H, W, 3]) itself."""
    for left, top, right, bottom in covered_areas(boxes, picture.shape[1], picture.shape[0]):
        picture[top:bottom, left:right] = COLOUR


def covered_areas(boxes: NDArray[np.float32], width: int, height: int) -> NDArray[np.intp]:
    """Return what is painted for faces in a picture of ``width`` x ``height``: [N, 4], left top right bottom, whole pixels, the last two exclusive."""
    reach = np.maximum((boxes[:, 2:] - boxes[:, :2]) * MARGIN, LEAST_MARGIN)
    low = np.floor(boxes[:, :2] - reach)
    high = np.ceil(boxes[:, 2:] + reach)
    limits = np.asarray([width, height] * 2)
    return np.asarray(np.clip(np.concatenate([low, high], axis=1), 0, limits), np.intp)
