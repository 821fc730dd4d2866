"""Compares every picture with every other: all genuine pairs, and the highest scores among all impostor pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["HIGHEST_FMR", "AllPairs", "FacePrints", "compare_all"]

HIGHEST_FMR = 0.1
"""Only this share of the impostor pairs, those with the highest scores, is kept: no threshold is ever set below them."""
_BLOCK = 512


@dataclass(frozen=True, slots=True, eq=False)
class FacePrints:
    """Vectors of pictures, in memory for one evaluation.

    ``vectors``: float32 [N, D], unit length. ``acquired``: bool [N]; False where no face was found, and the vector means nothing.
    ``subjects``: int64 [N], from 0, who is on the picture.
    """

    vectors: NDArray[np.float32]
    acquired: NDArray[np.bool_]
    subjects: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class AllPairs:
    """Scores of all pairs of pictures.

    ``genuine``: float32 [G], rising, minus infinity where a picture was not acquired; ``genuine_subjects``: int64 [G]. ``impostor``: float32
    [K], falling: the highest of the ``impostors`` pairs of pictures that were acquired; ``impostor_subjects``: int64 [K, 2].
    ``pictures``: float64 [S], acquired pictures of each subject.
    """

    genuine: NDArray[np.float32]
    genuine_subjects: NDArray[np.int64]
    impostor: NDArray[np.float32]
    impostor_subjects: NDArray[np.int64]
    impostors: int
    pictures: NDArray[np.float64]


def compare_all(prints: FacePrints) -> AllPairs:
    """Return the scores (cosine) of all pairs of ``prints``."""
    genuine, genuine_subjects = _genuine(prints)
    vectors, subjects = prints.vectors[prints.acquired], prints.subjects[prints.acquired]
    everyone = np.concatenate([scores for _, _, scores in _impostor_blocks(vectors, subjects)] or [np.empty(0, np.float32)])
    cut = _score_of_rank(everyone, int(HIGHEST_FMR * len(everyone)))
    scores, pairs = _at_least(vectors, subjects, cut)
    falling = np.argsort(-scores, kind="stable")
    rising = np.argsort(genuine, kind="stable")
    pictures = np.bincount(subjects, minlength=int(prints.subjects.max(initial=-1)) + 1).astype(np.float64)
    return AllPairs(genuine[rising], genuine_subjects[rising], scores[falling], pairs[falling], len(everyone), pictures)


def _genuine(prints: FacePrints) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    scores, subjects = [np.empty(0, np.float32)], [np.empty(0, np.int64)]
    for subject in np.unique(prints.subjects):
        members = np.flatnonzero(prints.subjects == subject)
        one, two = np.triu_indices(len(members), 1)
        found = np.einsum("nd,nd->n", prints.vectors[members[one]], prints.vectors[members[two]])
        both = prints.acquired[members[one]] & prints.acquired[members[two]]
        scores.append(np.where(both, found, np.float32(-np.inf)).astype(np.float32))
        subjects.append(np.full(len(found), subject, np.int64))
    return np.concatenate(scores), np.concatenate(subjects)


def _impostor_blocks(vectors: NDArray[np.float32], subjects: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]]:
    """Yield (first, second, score) of all impostor pairs, in blocks, so that the whole table never stands in memory."""
    for start in range(0, len(vectors), _BLOCK):
        table = vectors[start : start + _BLOCK] @ vectors.T
        later = np.arange(len(vectors)) > np.arange(start, start + len(table))[:, None]
        first, second = np.nonzero(later & (subjects[start : start + _BLOCK, None] != subjects))
        yield first + start, second, table[first, second]


def _score_of_rank(scores: NDArray[np.float32], rank: int) -> float:
    """Return the score of which ``rank`` others are higher; minus infinity where there are no more."""
    if rank >= len(scores):
        return float("-inf")
    return float(np.partition(scores, len(scores) - 1 - rank)[len(scores) - 1 - rank])


def _at_least(vectors: NDArray[np.float32], subjects: NDArray[np.int64], cut: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    scores, pairs = [np.empty(0, np.float32)], [np.empty((0, 2), np.int64)]
    for first, second, found in _impostor_blocks(vectors, subjects):
        kept = found >= cut
        scores.append(found[kept])
        pairs.append(np.stack([subjects[first[kept]], subjects[second[kept]]], axis=1))
    return np.concatenate(scores), np.concatenate(pairs)
