"""The one picture that leaves a camera worker: so strongly pixelated that it shows a room and nobody in it."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import cv2

from consentry.counting.messages import Still

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CELLS", "pixelated_still"]

CELLS = 32
"""Cells along the longer side of the picture; a person at the size that counting needs covers a few of them."""


def pixelated_still(image: NDArray[np.uint8], *, run: str, request: str, at: float) -> Still:
    """Reduce ``image`` (uint8 [h, w, 3], blue-green-red) to the mean colour of each of its cells; the detail is gone for good."""
    height, width = image.shape[:2]
    scale = CELLS / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    cells = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
    return Still(run, at, request, *size, b64encode(cells.tobytes()).decode())
