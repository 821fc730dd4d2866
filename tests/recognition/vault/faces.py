"""Faces that are numbers: chips that say whose they are, and an embedder that reads that from them. No picture of anybody is needed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from consentry.vision.manifest import entry

SIDE = 8
DIMENSION = 128
FAMILY = "mobilefacenet"
WEIGHTS = entry(FAMILY).weights.sha256  # type: ignore[union-attr]
_NOISE = 0.05

Chips = NDArray[np.uint8]


def chip(person: int, shot: int = 0) -> Chips:
    """Return a face, uint8 [8, 8, 3], of ``person`` (0 to 65535) in one of 256 shots."""
    face = np.full((SIDE, SIDE, 3), 90, np.uint8)
    face[0, 0] = (person & 0xFF, person >> 8, shot)
    return face


def chips(person: int, shots: int = 3) -> bytes:
    """Return the body of an enrolment."""
    return np.stack([chip(person, shot) for shot in range(shots)]).tobytes()


class NumberedFaces:
    """An embedder for such faces. What it computes with is overwritten, so that a search of memory finds what the vault left, not what this did."""

    family = FAMILY
    dimension = DIMENSION

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return unit vectors, float32 [N, 128]; those of one person are alike."""
        vectors = np.empty((len(chips), DIMENSION), np.float32)
        for row, face in enumerate(chips):
            self._write(vectors[row], int(face[0, 0, 0]) | int(face[0, 0, 1]) << 8, int(face[0, 0, 2]))
        return vectors

    def _write(self, out: NDArray[np.float32], person: int, shot: int) -> None:
        noise = np.random.default_rng([7, person, shot]).standard_normal(DIMENSION, np.float32)
        np.random.default_rng([3, person]).standard_normal(DIMENSION, np.float32, out)
        out /= np.linalg.norm(out)
        noise *= _NOISE / np.linalg.norm(noise)
        out += noise
        out /= np.linalg.norm(out)
        noise.fill(0)
