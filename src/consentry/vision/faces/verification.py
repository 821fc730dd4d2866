"""Verification measured on a list of pairs: accuracy over folds, area under the curve, and errors at given false match rates.

Accuracy follows the protocol of Labeled Faces in the Wild (Huang et al. 2007, "image-restricted"): the threshold for a fold is chosen on
the other folds. A pair with a picture in which no face was found counts as decided wrongly, whichever kind it is. Error rates at a false
match rate rest on all pairs that the pictures of the list make, not on the listed ones alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.vision.faces.all_pairs import compare_all
from consentry.vision.faces.intervals import Interval, interval_of, subject_draws
from consentry.vision.faces.operating_points import OperatingPoint, calibrated_rates, operating_points, shortage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.vision.faces.all_pairs import AllPairs, FacePrints
    from consentry.vision.faces.pairs import PairList

__all__ = ["REPORTED_RATES", "Verification", "area_under_curve", "fold_decisions", "verification"]

REPORTED_RATES = (1e-3, 1e-4, 1e-5)
"""False match rates that a report gives, as far as the data go."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was measured. ``failed``: pictures without a face. ``points``: by false match rate, falling; ``refused``: rates the data cannot tell, and why."""

    pairs: int
    failed: int
    accuracy: float
    accuracy_interval: Interval | None
    auc: float
    auc_interval: Interval | None
    points: tuple[OperatingPoint, ...]
    refused: tuple[tuple[float, str], ...]
    compared: AllPairs

    def point(self, fmr: float) -> OperatingPoint | None:
        """Return what happens at a false match rate; None where it was not measured."""
        return next((point for point in self.points if point.fmr == fmr), None)


def verification(listed: PairList, prints: FacePrints) -> Verification:
    """Measure; ``prints`` are those of ``listed.portraits``, in their order."""
    place = {portrait: index for index, portrait in enumerate(listed.portraits)}
    ends = np.array([(place[pair.one], place[pair.two]) for pair in listed.pairs])
    genuine = np.array([pair.genuine for pair in listed.pairs])
    scores = _listed_scores(prints, ends, genuine)
    right = fold_decisions(scores, genuine, np.array([pair.fold for pair in listed.pairs]))
    accuracy, auc = _drawn_intervals(prints.subjects[ends], right, scores, genuine)
    compared = compare_all(prints)
    told, refused = _rates(compared)
    return Verification(
        pairs=len(listed.pairs),
        failed=int(np.sum(~prints.acquired)),
        accuracy=float(right.mean()),
        accuracy_interval=accuracy,
        auc=area_under_curve(scores, genuine, np.ones(len(scores))),
        auc_interval=auc,
        points=operating_points(compared, told),
        refused=refused,
        compared=compared,
    )


def fold_decisions(scores: NDArray[np.float64], genuine: NDArray[np.bool_], folds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each pair whether it is decided rightly at the threshold that is best on the other folds; with one fold, on itself."""
    right = np.zeros(len(scores), np.bool_)
    for fold in np.unique(folds):
        inside = folds == fold
        others = ~inside if np.any(~inside) else inside
        threshold = _best_threshold(scores[others], genuine[others])
        right[inside] = (scores[inside] >= threshold) == genuine[inside]
    return right


def area_under_curve(scores: NDArray[np.float64], genuine: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """Return the chance that a genuine pair scores higher than an impostor pair, ties counted half; NaN without both kinds."""
    values, rank = np.unique(scores, return_inverse=True)
    mated = np.bincount(rank, weights * genuine, len(values))
    strangers = np.bincount(rank, weights * ~genuine, len(values))
    lower = np.cumsum(strangers) - strangers / 2
    all_pairs = mated.sum() * strangers.sum()
    return float(np.sum(mated * lower) / all_pairs) if all_pairs else float("nan")


def _listed_scores(prints: FacePrints, ends: NDArray[np.int64], genuine: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the cosine of each pair; where a picture was not acquired, the worst score there is for its kind."""
    cosines = np.sum(prints.vectors[ends[:, 0]].astype(np.float64) * prints.vectors[ends[:, 1]], axis=1)
    return np.where(prints.acquired[ends].all(axis=1), cosines, np.where(genuine, -np.inf, np.inf))


def _best_threshold(scores: NDArray[np.float64], genuine: NDArray[np.bool_]) -> float:
    """Return the threshold, half-way between two scores, that decides most pairs rightly; the middle one of several."""
    values = np.unique(scores[np.isfinite(scores)])
    if not len(values):
        return 0.0
    candidates = np.concatenate([values[:1], (values[1:] + values[:-1]) / 2])
    mated, strangers = np.sort(scores[genuine]), np.sort(scores[~genuine])
    right = len(mated) - np.searchsorted(mated, candidates, side="left") + np.searchsorted(strangers, candidates, side="left")
    best = np.flatnonzero(right == right.max())
    return float(candidates[best[len(best) // 2]])


def _drawn_intervals(
    subjects: NDArray[np.int64], right: NDArray[np.bool_], scores: NDArray[np.float64], genuine: NDArray[np.bool_]
) -> tuple[Interval | None, Interval | None]:
    accuracies, areas = [], []
    for times in subject_draws(int(subjects.max()) + 1):
        # A genuine pair comes as often as its one subject, an impostor pair as often as both of its subjects together make it.
        weights = np.where(genuine, times[subjects[:, 0]], times[subjects[:, 0]] * times[subjects[:, 1]])
        total = weights.sum()
        accuracies.append(float(weights @ right / total) if total else float("nan"))
        areas.append(area_under_curve(scores, genuine, weights))
    return interval_of(accuracies), interval_of(areas)


def _rates(compared: AllPairs) -> tuple[tuple[float, ...], tuple[tuple[float, str], ...]]:
    """Return the rates that can be told, falling, and the reported ones that cannot, with the reason."""
    told, refused = set(calibrated_rates(compared.impostors) if len(compared.genuine) else ()), []
    for rate in REPORTED_RATES:
        reason = shortage(rate, compared.impostors, len(compared.genuine))
        if reason is None:
            told.add(rate)
        else:
            refused.append((rate, reason))
    return tuple(sorted(told, reverse=True)), tuple(refused)
