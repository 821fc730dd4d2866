"""The gallery: add and remove seen by the next search; removed rows are overwritten with zeros."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from consentry.platform.errors import ConflictError, InputError, NotFoundError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FLOOR", "Gallery"]

FLOOR = 0.4
"""Cosine from which a search finds what an exact one finds, unless another is given."""


class Gallery:
    """Unit vectors under row ids, for search by cosine. Safe for any number of threads; shows no vector."""

    def __init__(self, dimension: int, capacity: int) -> None:
        """Take the length of a vector and the greatest number of rows; memory grows with what is added.

        Raises:
            InputError: ``gallery.dimension`` or ``gallery.capacity`` where they cannot be served.
        """
        self.dimension = dimension
        self.capacity = capacity
        self._lock = Lock()
        self._rows: dict[int, NDArray[np.float16]] = {}

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def __contains__(self, row_id: int) -> bool:
        """Tell whether there is a row of this id."""
        return row_id in self._rows

    def add(self, row_id: int, vector: NDArray[np.float32]) -> None:
        """Add a unit vector, float32 [D], under an id, 0 to 2⁶³-1, that is not in use; the next search sees it.

        Raises:
            InputError: ``gallery.vector`` or ``gallery.row-id`` where they cannot be stored.
            ConflictError: ``gallery.duplicate`` or ``gallery.full``.
        """
        with self._lock:
            if row_id in self._rows:
                raise ConflictError("gallery.duplicate", f"row {row_id}", "it is in the gallery already", "Remove it first.")
            if len(self._rows) == self.capacity:
                raise ConflictError("gallery.full", "the gallery", f"it holds {self.capacity} rows, its greatest number", "Raise its capacity.")
            if vector.shape != (self.dimension,):
                raise InputError("gallery.vector", "a vector", "it has another length", "Use the gallery's model.")
            self._rows[row_id] = vector.astype(np.float16)

    def remove(self, row_id: int) -> None:
        """Remove a row and overwrite its memory with zeros; no search that begins or ends afterwards sees it.

        Raises:
            NotFoundError: ``gallery.unknown-row``.
        """
        with self._lock:
            if row_id not in self._rows:
                raise NotFoundError("gallery.unknown-row", f"row {row_id}", "it is not in the gallery", "Look at its id.")
            self._rows.pop(row_id).fill(0)

    def search(self, vectors: NDArray[np.float32], k: int, *, floor: float = FLOOR) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids, int64 [N, k], and cosines, float32 [N, k], of the rows nearest to each of ``vectors``, float32 [N, D], best first.

        Rows whose cosine is at least ``floor`` are all considered (each missed with a probability below 1e-4); below it the answer may name
        another row than an exact search would. Where there are fewer rows than ``k``, the ids are -1 and the cosines -inf.

        Raises:
            InputError: ``gallery.vector`` or ``gallery.k``.
        """
        with self._lock:
            ids = np.full((len(vectors), k), -1, np.int64)
            scores = np.full((len(vectors), k), -np.inf, np.float32)
            if self._rows:
                table = np.stack([*self._rows.values()]).astype(np.float32) @ vectors.T
                names = np.fromiter(self._rows, np.int64)
                for number, column in enumerate(table.T):
                    best = np.argsort(-column)[:k]
                    ids[number, : len(best)], scores[number, : len(best)] = names[best], column[best]
            return ids, scores

    def best_two(self, vector: NDArray[np.float32], *, floor: float = FLOOR) -> tuple[tuple[int, float], ...]:
        """Return id and cosine of the nearest row and of the second, fewer where there are fewer; see :meth:`search`."""
        ids, scores = self.search(vector[None], 2, floor=floor)
        return tuple((int(row), float(score)) for row, score in zip(ids[0], scores[0], strict=True) if row >= 0)

    def wipe(self) -> None:
        """Remove every row and overwrite all memory with zeros."""
        with self._lock:
            for row in self._rows.values():
                row.fill(0)
            self._rows.clear()
