"""The search of one block, in three steps that each leave a small part for the next.

1. The sign code of the query against all codes: a cache line a row.
2. The query at nearly full precision against the codes that are left.
3. Exact cosines with the vectors that are left.

Rows are copied into memory of the scanner's own on the way, and that is overwritten with zeros before the scan returns: what the allocator
gets back would keep a template readable long after its removal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from consentry.recognition.gallery.bounds import bounds
from consentry.recognition.gallery.codes import BITS, CODE_BYTES, PLANES, QueryCode
from consentry.recognition.gallery.hamming import distances

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from consentry.recognition.gallery.rows import Block

__all__ = ["Query", "Scanner"]

_AT_ONCE = 2048
"""Vectors taken at once for exact cosines."""
_ROUNDING = 2.0**-11
"""Most that a cosine is off because the vector is kept in half precision."""


class Query:
    """A unit vector, float32 [D], as a scan needs it, and the cosine from which rows count."""

    __slots__ = ("code", "distance", "floor", "least", "vector")

    def __init__(self, vector: NDArray[np.float32], floor: float) -> None:
        """Take both."""
        self.vector = vector
        self.floor = floor - _ROUNDING
        self.code = QueryCode(vector)
        limits = bounds(BITS, floor)
        self.distance = limits.distance
        self.least = limits.mean * self.code.kept - limits.slack

    def wipe(self) -> None:
        """Overwrite the codes with zeros; the vector is the caller's."""
        self.code.wipe()


class Scanner:
    """Scratch memory for the scans of one thread."""

    def __init__(self, dimension: int, block_rows: int) -> None:
        """Make room for the largest block."""
        self._distances = np.empty(PLANES * block_rows, np.int32)
        self._near = np.empty(block_rows, np.bool_)
        self._codes = np.zeros((block_rows, CODE_BYTES), np.uint8)
        self._halves = np.zeros((_AT_ONCE, dimension), np.float16)
        self._vectors = np.zeros((_AT_ONCE, dimension), np.float32)

    def scan(self, block: Block, query: Query) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids and the cosines of the rows of ``block`` whose cosine is the query's floor or more, in no order."""
        apart = distances(query.code.planes[:1], block.codes, self._distances)[0]
        left = np.flatnonzero(np.less_equal(apart, query.distance, out=self._near[: len(apart)]))
        left = left[self._estimates(block, left, query) >= query.least]
        cosines = self._cosines(block, left, query)
        near = cosines >= query.floor
        return block.ids[left[near]], cosines[near]

    def _estimates(self, block: Block, rows: NDArray[np.intp], query: Query) -> NDArray[np.float32]:
        """Return the mean, over the planes, of the query's part there with the sign of the row."""
        codes = self._codes[: len(rows)]
        np.take(block.codes, rows, axis=0, out=codes, mode="clip")
        apart = distances(query.code.planes, codes, self._distances)
        codes.fill(0)
        weights = query.code.weights
        return np.asarray(weights.sum() - (weights @ apart.astype(np.float32)) * np.float32(2 / BITS), np.float32)

    def _cosines(self, block: Block, rows: NDArray[np.intp], query: Query) -> NDArray[np.float32]:
        cosines = np.empty(len(rows), np.float32)
        for part in _parts(len(rows)):
            halves, vectors = self._halves[: part.stop - part.start], self._vectors[: part.stop - part.start]
            np.take(block.vectors, rows[part], axis=0, out=halves, mode="clip")
            vectors[:] = halves
            np.matmul(vectors, query.vector, out=cosines[part])
        used = min(len(rows), _AT_ONCE)
        self._halves[:used] = 0
        self._vectors[:used] = 0
        return cosines


def _parts(count: int) -> Iterator[slice]:
    for start in range(0, count, _AT_ONCE):
        yield slice(start, min(start + _AT_ONCE, count))
