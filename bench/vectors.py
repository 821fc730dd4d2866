"""Vectors such as a model makes of faces, drawn the same on every side of a comparison: strangers, and mates at a given cosine.

Strangers lie in random directions, which is where a model that tells people apart puts them; real ones lie a little nearer to each other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Mates", "galleries", "strangers"]

AT_ONCE = 50_000


def strangers(chance: np.random.Generator, count: int, dimension: int) -> NDArray[np.float32]:
    """Return unit vectors, float32 [N, D]."""
    vectors = chance.standard_normal((count, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def galleries(rows: int, dimension: int) -> Iterator[NDArray[np.float32]]:
    """Yield the vectors of a gallery, piece by piece; the row of a vector is its id."""
    for start in range(0, rows, AT_ONCE):
        yield strangers(np.random.default_rng([1, start, dimension]), min(AT_ONCE, rows - start), dimension)


class Mates:
    """Random rows of a gallery, and for each a direction at right angles to it; ``ids``: int64 [N]."""

    def __init__(self, rows: int, dimension: int, count: int) -> None:
        """Draw ``count`` of the gallery of ``rows``."""
        chance = np.random.default_rng([2, rows, dimension])
        self.ids = chance.integers(0, rows, count)
        self._aside = strangers(chance, count, dimension)
        self._rows = np.empty_like(self._aside)
        for number, vectors in enumerate(galleries(rows, dimension)):
            here = self.ids // AT_ONCE == number
            self._rows[here] = vectors[self.ids[here] % AT_ONCE]
        self._aside -= np.sum(self._aside * self._rows, axis=1, keepdims=True) * self._rows
        self._aside /= np.linalg.norm(self._aside, axis=1, keepdims=True)

    def at(self, cosine: float, part: slice) -> NDArray[np.float32]:
        """Return vectors at ``cosine`` to some of the rows, float32 [N, D]."""
        return np.asarray(cosine * self._rows[part] + math.sqrt(1 - cosine**2) * self._aside[part], np.float32)
