"""Finds small and large faces in whole pictures: one look at a large size, one at a small size, each for the faces that suit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from consentry.vision.faces.geometry import chosen, joined, suppressed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.faces.model import FaceDetector, Faces

__all__ = ["ScaledFaces"]

LARGEST_OF_LARGE = 0.2
"""Share of the picture's longer side; in an input of 1920 pixels a larger face has more than 384, for which these networks were not made."""
SMALLEST_OF_SMALL = 0.12
"""Share of the picture's longer side; in an input of 640 pixels such a face has 77, plenty."""
OVERLAP = 0.3


class ScaledFaces:
    """A face detector made of two, which draw the picture large and small."""

    def __init__(self, large: FaceDetector, small: FaceDetector) -> None:
        """Look with both."""
        self.name = large.name
        self._large = large
        self._small = small

    def detect(self, picture: NDArray[np.uint8]) -> Faces:
        """Return the faces of ``picture``; see ``FaceDetector``."""
        longest = max(picture.shape[:2])
        near, far = self._small.detect(picture), self._large.detect(picture)
        near = chosen(near, _sides(near) >= SMALLEST_OF_SMALL * longest)
        far = chosen(far, _sides(far) <= LARGEST_OF_LARGE * longest)
        return suppressed(joined([near, far]), OVERLAP)


def _sides(faces: Faces) -> NDArray[np.float32]:
    """Return the longer side of each face, float32 [N], pixels."""
    return np.asarray((faces.boxes[:, 2:] - faces.boxes[:, :2]).max(axis=1, initial=0), np.float32)
