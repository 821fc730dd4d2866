"""The gallery: what is added or removed is seen by the next search, and nothing of a removed row is left in memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.recognition.gallery.codes import BITS
from consentry.recognition.gallery.rows import BLOCK_ROWS, Rows
from consentry.recognition.gallery.scan import Query, Scanner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consentry.recognition.gallery.rows import Block

__all__ = ["Gallery"]

_LEAST_DIMENSION = 64
_LENGTH_TOLERANCE = 0.01
_LAST_ID = 2**63 - 1


class Gallery:
    """Vectors of length 1 under row ids, for search by cosine. Safe for any number of threads, of which one works at a time; shows no vector.

    Vectors are rotated by a :class:`~consentry.recognition.transform.KeyedTransform`; that makes the probability to miss a row the same for every
    model (see :mod:`~consentry.recognition.gallery.bounds`).
    """

    def __init__(self, dimension: int, capacity: int, *, threads: int = 1) -> None:
        """Take the length of a vector, the greatest number of rows, and with how many threads to search; memory grows with what is added.

        Raises:
            InputError: ``gallery.dimension`` or ``gallery.capacity`` where they cannot be served.
        """
        if not _LEAST_DIMENSION <= dimension <= BITS:
            mend = f"Use a model with vectors of {_LEAST_DIMENSION} to {BITS} numbers."
            raise InputError("gallery.dimension", f"dimension {dimension}", "a gallery of such vectors is not kept", mend)
        if capacity < 1:
            raise InputError("gallery.capacity", f"capacity {capacity}", "a gallery needs room for a row", "Give a number above zero.")
        self.dimension = dimension
        self.capacity = capacity
        self._lock = Lock()
        self._rows = Rows(dimension)
        self._scanners = [Scanner(dimension, BLOCK_ROWS) for _ in range(threads)]
        self._pool = ThreadPoolExecutor(threads, "gallery") if threads > 1 else None

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def __contains__(self, row_id: int) -> bool:
        """Tell whether there is a row of this id."""
        return row_id in self._rows

    def add(self, row_id: int, vector: NDArray[np.float32]) -> None:
        """Add a vector, float32 [D], under an id, 0 to 2⁶³-1, that is not in use; the next search sees it.

        Raises:
            InputError: ``gallery.vector`` or ``gallery.row-id`` where they cannot be kept.
            ConflictError: ``gallery.duplicate`` or ``gallery.full``.
        """
        self.add_many([row_id], vector[None])

    def add_many(self, row_ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add all of ``vectors``, float32 [N, D], under as many ids, or none where one of them cannot be added; see :meth:`add`."""
        self._check_vectors(vectors)
        with self._lock:
            self._check_ids(row_ids, len(vectors))
            self._rows.add(row_ids, vectors)

    def remove(self, row_id: int) -> None:
        """Remove a row and overwrite its memory with zeros; no search that ends afterwards names it.

        Raises:
            NotFoundError: ``gallery.unknown-row``.
        """
        with self._lock:
            if row_id not in self._rows:
                raise NotFoundError("gallery.unknown-row", f"row {row_id}", "it is not in the gallery", "It may have been removed already.")
            self._rows.remove(row_id)

    def search(self, vectors: NDArray[np.float32], k: int, *, floor: float = -1) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids, int64 [N, k], and cosines, float32 [N, k], of the ``k`` rows nearest to each of ``vectors``, float32 [N, D], best first.

        Only rows whose cosine is at least ``floor``, -1 to 1, are named: the higher, the quicker. Each of them is missed with a probability below
        1e-4, but with -1 none is. Where there are fewer than ``k``, the ids that follow are -1 and their cosines -inf.

        Raises:
            InputError: ``gallery.vector``, ``gallery.k`` or ``gallery.floor``.
        """
        self._check_vectors(vectors)
        if k < 1:
            raise InputError("gallery.k", f"k {k}", "a search names at least one row", "Give a number above zero.")
        if not -1 <= floor <= 1:
            raise InputError("gallery.floor", f"floor {floor}", "it is not a cosine", "Give a number from -1 to 1.")
        ids, cosines = np.full((len(vectors), k), -1, np.int64), np.full((len(vectors), k), -np.inf, np.float32)
        for number, vector in enumerate(vectors):
            found_ids, found_cosines = self._near(vector, floor)
            best = np.argsort(-found_cosines, kind="stable")[:k]
            ids[number, : len(best)], cosines[number, : len(best)] = found_ids[best], found_cosines[best]
        return ids, cosines

    def best_two(self, vector: NDArray[np.float32], *, floor: float = -1) -> tuple[tuple[int, float], ...]:
        """Return id and cosine of the nearest row to ``vector``, float32 [D], and of the second, as far as they reach ``floor``; see :meth:`search`.

        For the margin between them to be known, ``floor`` must lie below the threshold by as much as the margin must be.
        """
        ids, cosines = self.search(vector[None], 2, floor=floor)
        return tuple((int(row), float(cosine)) for row, cosine in zip(ids[0], cosines[0], strict=True) if row >= 0)

    def wipe(self) -> None:
        """Remove every row and overwrite all memory with zeros."""
        with self._lock:
            self._rows.wipe()

    def _near(self, vector: NDArray[np.float32], floor: float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return ids and cosines of all rows at ``floor`` or nearer, in no order."""
        query = Query(vector, floor)
        with self._lock:
            blocks = list(self._rows.blocks())
            shares = [blocks[number :: len(self._scanners)] for number in range(len(self._scanners))]
            work = map if self._pool is None or len(blocks) == 1 else self._pool.map
            found = [pair for pairs in work(partial(_scanned, query), self._scanners, shares) for pair in pairs]
        query.wipe()
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        ids, cosines = zip(*found, strict=True)
        return np.concatenate(ids), np.concatenate(cosines)

    def _check_vectors(self, vectors: NDArray[np.float32]) -> None:
        mend = "Use the vectors of the gallery's model, of length 1."
        if vectors.dtype != np.float32 or vectors.ndim != 2 or vectors.shape[1] != self.dimension:  # noqa: PLR2004 - rows and columns
            problem = f"they are {vectors.dtype} {list(vectors.shape)}, not float32 [N, {self.dimension}]"
            raise InputError("gallery.vector", "vectors for the gallery", problem, mend)
        # Also false where a number is not finite.
        if not np.all(np.abs(np.linalg.norm(vectors, axis=1) - 1) <= _LENGTH_TOLERANCE):
            raise InputError("gallery.vector", "vectors for the gallery", "not all have the length 1", mend)

    def _check_ids(self, row_ids: Sequence[int], vectors: int) -> None:
        if len(row_ids) != vectors:
            raise InputError("gallery.row-id", f"{len(row_ids)} ids", f"there are {vectors} vectors", "Give one id to each.")
        if not all(0 <= row_id <= _LAST_ID for row_id in row_ids):
            raise InputError("gallery.row-id", "ids for the gallery", "one is below 0 or above 2⁶³-1", "Give another.")
        if len(set(row_ids)) != vectors or any(row_id in self._rows for row_id in row_ids):
            raise ConflictError("gallery.duplicate", "ids for the gallery", "one is in use", "Remove that row first.")
        if len(self._rows) + vectors > self.capacity:
            raise ConflictError("gallery.full", "the gallery", f"it holds {len(self._rows)} of {self.capacity} rows", "Raise its capacity.")


def _scanned(query: Query, scanner: Scanner, blocks: list[Block]) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    return [scanner.scan(block, query) for block in blocks]
