"""What is said about faces in a picture, and the two ports: finding faces, and embedding aligned ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ChipLayout", "FaceDetector", "FaceEmbedder", "Faces"]


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces found in one picture, best first.

    ``boxes``: float32 [N, 4], x1 y1 x2 y2, pixels. ``scores``: float32 [N], 0 to 1. ``landmarks``: float32 [N, 5, 2], pixels: the eye on the
    left of the picture, the other eye, tip of the nose, the corner of the mouth on the left of the picture, the other corner.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class ChipLayout:
    """How a family of embedders wants a face: a square of ``side`` pixels, and where in it the five ``points`` (float32 [5, 2]) lie."""

    family: str
    side: int
    points: NDArray[np.float32]


class FaceDetector(Protocol):
    """Finds faces."""

    @property
    def name(self) -> str:
        """Name in the manifest."""
        ...

    def detect(self, picture: NDArray[np.uint8]) -> Faces:
        """Return the faces of ``picture``, uint8 [H, W, 3], BGR."""
        ...


class FaceEmbedder(Protocol):
    """Turns aligned faces into vectors. On a site only the vault may hold one."""

    @property
    def family(self) -> str:
        """Name in the manifest; templates of one family cannot be compared with those of another."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return one vector of unit length for each chip, float32 [N, D]; ``chips``: uint8 [N, S, S, 3], RGB, aligned to the family's layout."""
        ...
