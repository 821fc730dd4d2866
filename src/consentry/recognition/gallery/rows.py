"""The memory of a gallery: vectors in half precision, their sign codes and ids, in blocks that are added as they are needed.

A row that goes is overwritten by the last one, and that with zeros, so that rows stay together and nothing of a removed one remains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.recognition.gallery.codes import CODE_BYTES, sign_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["BLOCK_ROWS", "Block", "Rows"]

BLOCK_ROWS = 262_144
"""Rows of a block: their distances to a query, 1 MiB, fit the cache of one core, and what a block costs beside them is small."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows that lie together: ``vectors`` float16 [R, D], ``codes`` uint8 [R, 64], ``ids`` int64 [R]."""

    vectors: NDArray[np.float16]
    codes: NDArray[np.uint8]
    ids: NDArray[np.int64]

    @classmethod
    def empty(cls, rows: int, dimension: int) -> Block:
        """Return zeros; the system hands out the memory when it is first written to."""
        return cls(np.zeros((rows, dimension), np.float16), np.zeros((rows, CODE_BYTES), np.uint8), np.zeros(rows, np.int64))

    def first(self, count: int) -> Block:
        """Return a view of the first rows."""
        return Block(self.vectors[:count], self.codes[:count], self.ids[:count])

    def copy_row(self, row: int, source: Block, source_row: int) -> None:
        """Overwrite a row with another."""
        self.vectors[row], self.codes[row], self.ids[row] = source.vectors[source_row], source.codes[source_row], source.ids[source_row]

    def wipe(self, row: slice) -> None:
        """Overwrite rows with zeros."""
        self.vectors[row], self.codes[row], self.ids[row] = 0, 0, 0


class Rows:
    """Rows by id."""

    def __init__(self, dimension: int, block_rows: int = BLOCK_ROWS) -> None:
        """Begin without a row."""
        self._dimension = dimension
        self._block_rows = block_rows
        self._blocks: list[Block] = []
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._places)

    def __contains__(self, row_id: int) -> bool:
        """Tell whether there is a row of this id."""
        return row_id in self._places

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks, each cut to the rows that it holds."""
        for number, block in enumerate(self._blocks):
            yield block.first(min(self._block_rows, len(self) - number * self._block_rows))

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add ``vectors``, float32 [N, D], under ``ids``, none of which is here."""
        start = 0
        while start < len(ids):
            block, row = self._free_place()
            count = min(self._block_rows - row, len(ids) - start)
            part, place = slice(start, start + count), slice(row, row + count)
            block.vectors[place], block.ids[place] = vectors[part], ids[part]
            sign_codes(vectors[part], block.codes[place])
            self._places.update(zip(ids[part], range(len(self), len(self) + count), strict=True))
            start += count

    def remove(self, row_id: int) -> None:
        """Remove the row of this id, which is here."""
        place, last = self._places.pop(row_id), len(self)
        (block, row), (last_block, last_row) = self._at(place), self._at(last)
        if place != last:
            block.copy_row(row, last_block, last_row)
            self._places[int(block.ids[row])] = place
        last_block.wipe(slice(last_row, last_row + 1))
        if last_row == 0:
            self._blocks.pop()

    def wipe(self) -> None:
        """Overwrite and drop every row."""
        for block in self._blocks:
            block.wipe(slice(None))
        self._blocks.clear()
        self._places.clear()

    def _free_place(self) -> tuple[Block, int]:
        if len(self) == len(self._blocks) * self._block_rows:
            self._blocks.append(Block.empty(self._block_rows, self._dimension))
        return self._at(len(self))

    def _at(self, place: int) -> tuple[Block, int]:
        number, row = divmod(place, self._block_rows)
        return self._blocks[number], row
