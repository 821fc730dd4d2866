"""Nouns of the vision slice: what a person detector returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Detections", "PersonDetector"]


@dataclass(frozen=True, slots=True)
class Detections:
    """People found in one image.

    ``boxes``: float32 [N, 4], x1 y1 x2 y2, pixels of the image given. ``scores``: float32 [N], 0 to 1, falling.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of people found."""
        return len(self.scores)


class PersonDetector(Protocol):
    """Finds people in an image; holds no state that could identify anyone."""

    @property
    def name(self) -> str:
        """The detector's name in commands and reports, such as ``rtmdet``."""
        ...

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Return the people in ``image`` (uint8 [h, w, 3], blue-green-red)."""
        ...
