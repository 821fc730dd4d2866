"""Vectors of unit length for tests of templates: strangers, and pairs at a given cosine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def strangers(chance: np.random.Generator, count: int, dimension: int) -> NDArray[np.float32]:
    """Return vectors in random directions, float32 [N, D]."""
    vectors = chance.standard_normal((count, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def mates(chance: np.random.Generator, vectors: NDArray[np.float32], cosine: float) -> NDArray[np.float32]:
    """Return, for each of ``vectors``, another at ``cosine`` to it."""
    aside = strangers(chance, *vectors.shape)
    aside -= np.sum(aside * vectors, axis=1, keepdims=True) * vectors
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    return np.asarray(cosine * vectors + math.sqrt(1 - cosine**2) * aside, np.float32)
