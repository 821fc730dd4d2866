"""Open-set identification against the size of the gallery (ISO/IEC 19795-1): FNIR at a given FPIR.

Each draw enrols one picture of as many random subjects as the gallery holds, searches it with their other pictures (mated) and with the
pictures of subjects who are not in it (non-mated, drawn again with replacement by subject), sets the threshold so that the wanted share of
non-mated searches finds somebody, and counts the mated searches that do not find the right one above it. The middle draw is the figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.platform.errors import DatasetError
from consentry.vision.faces.intervals import DRAWS, RULE_OF_3, interval_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.faces.all_pairs import FacePrints
    from consentry.vision.faces.intervals import Interval

__all__ = ["REPORTED_FPIR", "IdentificationPoint", "gallery_sizes", "identification"]

REPORTED_FPIR = (0.1, 0.01)
_SEED = 20_231_201
_SMALLEST = 10
_STRANGERS_LEFT = 0.5
"""At most this share of those with two pictures is enrolled, so that people of the same kind are left as strangers."""


@dataclass(frozen=True, slots=True)
class IdentificationPoint:
    """What happens at one gallery size and FPIR; ``fnir`` and ``threshold`` are None where the data are too few, and ``refused`` says why."""

    gallery: int
    fpir: float
    fnir: float | None
    interval: Interval | None
    threshold: float | None
    mated: int
    non_mated: int
    refused: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Scores of all pictures against the enrolled one of every candidate; ``own``: the candidate of each picture, -1 for none."""

    scores: NDArray[np.float32]
    enrolled: NDArray[np.int64]
    own: NDArray[np.int64]
    subjects: NDArray[np.int64]
    acquired: NDArray[np.bool_]


def gallery_sizes(prints: FacePrints) -> tuple[int, ...]:
    """Return the sizes that the data allow: 10, 20, 50, 100 and so on."""
    most = int(_STRANGERS_LEFT * len(_candidates(prints)))
    steps = (step * 10**power for power in range(1, 7) for step in (1, 2, 5))
    return tuple(size for size in steps if size <= most)


def identification(prints: FacePrints) -> tuple[IdentificationPoint, ...]:
    """Measure at every gallery size of :func:`gallery_sizes` and FPIR of ``REPORTED_FPIR``.

    Raises:
        DatasetError: ``dataset.identification`` where too few people have two pictures.
    """
    sizes = gallery_sizes(prints)
    if not sizes:
        mend = f"Give pictures of at least {int(_SMALLEST / _STRANGERS_LEFT)} people, two of each."
        raise DatasetError("dataset.identification", "pictures", "too few people have two pictures", mend)
    table = _table(prints)
    return tuple(point for size in sizes for point in _points(table, size))


def _candidates(prints: FacePrints) -> NDArray[np.int64]:
    """Return a picture of each subject who has another one: the first that was acquired, or simply the first where none was."""
    best_first = np.argsort(~prints.acquired, kind="stable")
    _, first, pictures = np.unique(prints.subjects[best_first], return_index=True, return_counts=True)
    return np.sort(best_first[first[pictures > 1]]).astype(np.int64)


def _table(prints: FacePrints) -> _Table:
    enrolled = _candidates(prints)
    places = {int(subject): place for place, subject in enumerate(prints.subjects[enrolled])}
    own = np.array([places.get(int(subject), -1) for subject in prints.subjects], np.int64)
    # Who could not be enrolled is searched for in vain.
    scores = np.where(prints.acquired[enrolled], prints.vectors @ prints.vectors[enrolled].T, np.float32(-np.inf))
    return _Table(scores, enrolled, own, prints.subjects, prints.acquired)


def _points(table: _Table, size: int) -> list[IdentificationPoint]:
    chance = np.random.default_rng(_SEED + size)
    draws = [_searched(table, chance.permutation(len(table.enrolled))[:size], chance) for _ in range(DRAWS)]
    return [_point(draws, size, fpir) for fpir in REPORTED_FPIR]


def _searched(table: _Table, gallery: NDArray[np.int64], chance: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return one draw: the right candidate's score of each mated search, minus infinity where another one was higher, and the best of each non-mated one."""
    inside = np.isin(table.own, gallery)
    probes = np.ones(len(table.subjects), np.bool_)
    probes[table.enrolled] = False
    mated = np.flatnonzero(inside & probes)
    scores = table.scores[np.ix_(mated, gallery)]
    right = table.scores[mated, table.own[mated]]
    found = table.acquired[mated] & (right >= scores.max(axis=1))
    strangers = np.flatnonzero(~inside & table.acquired)
    people = np.unique(table.subjects[strangers])
    times = np.bincount(chance.choice(people, len(people)), minlength=int(table.subjects.max()) + 1)
    best = table.scores[np.ix_(strangers, gallery)].max(axis=1)
    return np.where(found, right, np.float32(-np.inf)).astype(np.float32), np.repeat(best, times[table.subjects[strangers]])


def _point(draws: list[tuple[NDArray[np.float32], NDArray[np.float32]]], size: int, fpir: float) -> IdentificationPoint:
    mated, non_mated = (int(np.median([len(draw[side]) for draw in draws])) for side in (0, 1))
    if fpir * non_mated < RULE_OF_3 or not mated:
        reason = f"{non_mated} non-mated and {mated} mated searches cannot tell it"
        return IdentificationPoint(size, fpir, None, None, None, mated, non_mated, reason)
    thresholds = [float(np.quantile(strangers, 1 - fpir, method="higher")) for _, strangers in draws]
    missed = [float(np.mean(right <= threshold)) for (right, _), threshold in zip(draws, thresholds, strict=True)]
    threshold = float(np.median(thresholds))
    told = threshold if np.isfinite(threshold) else None
    return IdentificationPoint(size, fpir, float(np.median(missed)), interval_of(missed), told, mated, non_mated)
