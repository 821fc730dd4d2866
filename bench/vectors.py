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

__all__ = ["galleries", "mates", "strangers"]

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


def mates(rows: int, dimension: int, count: int, cosine: float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return ids, int64 [N], of random rows of that gallery, and for each a vector at ``cosine`` to it, float32 [N, D]."""
    chance = np.random.default_rng([2, rows, dimension, round(1000 * cosine)])
    ids = np.sort(chance.integers(0, rows, count))
    aside = strangers(chance, count, dimension)
    probes = np.empty_like(aside)
    for number, vectors in enumerate(galleries(rows, dimension)):
        here = ids // AT_ONCE == number
        mated, across = vectors[ids[here] % AT_ONCE], aside[here]
        across -= np.sum(across * mated, axis=1, keepdims=True) * mated
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        probes[here] = cosine * mated + math.sqrt(1 - cosine**2) * across
    order = chance.permutation(count)
    return ids[order], probes[order]
