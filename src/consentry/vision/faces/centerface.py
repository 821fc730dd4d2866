"""CenterFace (Xu et al. 2019, arXiv:1911.03599): a heat map of face centres at a quarter of the input, with size, offset and landmarks beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.vision.faces.model import Faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["STRIDE", "decode"]

STRIDE = 4


def decode(outputs: tuple[NDArray[Any], ...], width: int, low_score: float) -> Faces:  # noqa: ARG001  - the maps tell their own width
    """Return the faces in pixels of the input, not yet suppressed.

    ``outputs``: float32 [1, C, h, w] each: heat (C = 1), logarithm of height and width in cells (2), offset down and across in cells (2),
    landmarks as shares of the box, down and across in turn (10).
    """
    heat, logarithms, offsets, shares = (output[0] for output in outputs)
    rows, columns = np.nonzero(heat[0] >= low_score)
    centres = np.stack([columns + offsets[1, rows, columns], rows + offsets[0, rows, columns]], axis=1) + 0.5
    sides = np.exp(logarithms[::-1, rows, columns]).T
    corners = (centres - sides / 2) * STRIDE
    sides = sides * STRIDE
    landmarks = corners[:, None] + shares[:, rows, columns].T.reshape(-1, 5, 2)[:, :, ::-1] * sides[:, None]
    boxes = np.concatenate([corners, corners + sides], axis=1)
    return Faces(boxes.astype(np.float32), heat[0, rows, columns].astype(np.float32), landmarks.astype(np.float32))
