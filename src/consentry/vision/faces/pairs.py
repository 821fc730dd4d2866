"""Lists of pairs of face pictures in the form of Labeled Faces in the Wild (Huang et al. 2007).

The first line holds the number of folds and of genuine pairs in each, tab-separated. Each fold then has that many genuine pairs
(``NAME n m``) and as many impostor pairs (``NAME n OTHER m``). Picture ``n`` of ``NAME`` is ``NAME/NAME_000n.jpg``. Between
tabs a name may hold blanks.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.platform.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Pair", "PairList", "Portrait", "read_pairs"]

_FORM = "Give a list in the form of LFW's pairs.txt"
_GENUINE_FIELDS, _IMPOSTOR_FIELDS = 3, 4


@dataclass(frozen=True, slots=True, order=True)
class Portrait:
    """One picture of one person."""

    name: str
    number: int

    def path(self, images: Path) -> Path:
        """Return where it lies under the folder ``images``."""
        return images / self.name / f"{self.name}_{self.number:04d}.jpg"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, and the fold they belong to, from 0."""

    one: Portrait
    two: Portrait
    fold: int

    @property
    def genuine(self) -> bool:
        """Whether both show the same person."""
        return self.one.name == self.two.name


@dataclass(frozen=True, slots=True)
class PairList:
    """A list of pairs and the SHA-256 (hex) of its file."""

    pairs: tuple[Pair, ...]
    digest: str

    @property
    def folds(self) -> int:
        """Return how many folds it has."""
        return 1 + max(pair.fold for pair in self.pairs)

    @property
    def portraits(self) -> tuple[Portrait, ...]:
        """Return every picture once, by name and number."""
        return tuple(sorted({portrait for pair in self.pairs for portrait in (pair.one, pair.two)}))


def read_pairs(path: Path) -> PairList:
    """Read a list of pairs.

    Raises:
        DatasetError: ``dataset.missing`` where there is no such file, ``dataset.pairs`` where it is no list of pairs.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError("dataset.missing", str(path), "it cannot be read", _FORM) from error
    try:
        pairs = _pairs(content.decode("utf-8-sig").splitlines())
    except ValueError as error:
        raise DatasetError("dataset.pairs", str(path), f"it is no list of pairs ({error})", _FORM) from error
    return PairList(pairs, hashlib.sha256(content).hexdigest())


def _pairs(lines: list[str]) -> tuple[Pair, ...]:
    rows = [_fields(line) for line in lines if line.strip()]
    folds, genuine = _head(rows[0] if rows else [])
    if len(rows) - 1 != folds * 2 * genuine:
        raise ValueError(f"{len(rows) - 1} pairs, where its first line promises {folds * 2 * genuine}")
    pairs = tuple(_pair(row, index // (2 * genuine)) for index, row in enumerate(rows[1:]))
    if {pair.genuine for pair in pairs} != {True, False}:
        raise ValueError("it needs genuine and impostor pairs")
    return pairs


def _fields(line: str) -> list[str]:
    between_tabs = [field.strip() for field in line.split("\t") if field.strip()]
    return between_tabs if len(between_tabs) in {_GENUINE_FIELDS, _IMPOSTOR_FIELDS} else line.split()


def _head(row: list[str]) -> tuple[int, int]:
    """Return the folds and the genuine pairs in each; a list that names only the pairs has one fold (as LFW's ``pairsDevTest.txt``)."""
    match [int(field) for field in row]:
        case [pairs] if pairs > 0:
            return 1, pairs
        case [folds, pairs] if folds > 0 and pairs > 0:
            return folds, pairs
    raise ValueError("its first line is not the numbers of folds and pairs")


def _pair(row: list[str], fold: int) -> Pair:
    if len(row) == _GENUINE_FIELDS:
        return Pair(_portrait(row[0], row[1]), _portrait(row[0], row[2]), fold)
    if len(row) == _IMPOSTOR_FIELDS:
        return Pair(_portrait(row[0], row[1]), _portrait(row[2], row[3]), fold)
    raise ValueError(f"a line has {len(row)} fields")


def _portrait(name: str, number: str) -> Portrait:
    if "/" in name or name in {".", ".."}:
        raise ValueError("a name is a path")
    return Portrait(name, int(number))
