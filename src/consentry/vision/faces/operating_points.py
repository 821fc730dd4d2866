"""False match and false non-match rates at thresholds (ISO/IEC 19795-1), with intervals from drawing the subjects again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from consentry.vision.faces.all_pairs import HIGHEST_FMR
from consentry.vision.faces.intervals import RULE_OF_3, RULE_OF_30, interval_of, rate_interval, subject_draws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consentry.vision.faces.all_pairs import AllPairs
    from consentry.vision.faces.intervals import Interval

__all__ = ["OperatingPoint", "calibrated_rates", "operating_points", "shortage", "threshold_at"]

_STEPS = (1.0, 0.5, 0.2)
_LOWEST_EXPONENT = -8


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What happens at a threshold set for a false match rate; ``threshold``: cosine, from which on two faces match."""

    fmr: float
    threshold: float
    fnmr: float
    fmr_interval: Interval | None
    fnmr_interval: Interval | None


def calibrated_rates(impostors: int) -> tuple[float, ...]:
    """Return the false match rates, falling, for which ``impostors`` pairs give 30 errors or more (rule of 30)."""
    rates = [float(f"{step * 10.0**exponent:.6g}") for exponent in range(-1, _LOWEST_EXPONENT, -1) for step in _STEPS]
    return tuple(rate for rate in rates if rate <= HIGHEST_FMR and rate * impostors >= RULE_OF_30)


def shortage(fmr: float, impostors: int, genuines: int) -> str | None:
    """Return why the data cannot tell the error at ``fmr``; None where they can."""
    if genuines == 0:
        return "there is no genuine pair"
    if fmr * impostors < RULE_OF_3:
        return f"{impostors} impostor pairs cannot tell it: they would hold fewer than {RULE_OF_3} false matches"
    return None


def threshold_at(pairs: AllPairs, fmr: float) -> float:
    """Return the lowest threshold, half-way between two scores, at which no more than a share ``fmr`` of the impostors match."""
    rank = int(fmr * pairs.impostors + 1e-9)
    if rank >= len(pairs.impostor):
        return float(pairs.impostor[-1])
    above, below = float(pairs.impostor[rank - 1]) if rank else 1.0, float(pairs.impostor[rank])
    middle = (above + below) / 2
    return middle if middle > below else float(np.nextafter(np.float32(below), np.float32(2)))


def operating_points(pairs: AllPairs, rates: Sequence[float]) -> tuple[OperatingPoint, ...]:
    """Return the operating point for each of ``rates``, none of which may be beyond the data (:func:`shortage`)."""
    thresholds = np.array([threshold_at(pairs, rate) for rate in rates])
    rejected = np.searchsorted(pairs.genuine, thresholds, side="left")
    draws = [_drawn(pairs, np.array(rates), thresholds, times) for times in subject_draws(len(pairs.pictures))]
    matched = np.searchsorted(-pairs.impostor, -thresholds, side="right")
    return tuple(
        OperatingPoint(
            fmr=rate,
            threshold=float(thresholds[index]),
            fnmr=int(rejected[index]) / len(pairs.genuine),
            fmr_interval=rate_interval(interval_of(draw[0, index] for draw in draws), int(matched[index]), pairs.impostors),
            fnmr_interval=rate_interval(interval_of(draw[1, index] for draw in draws), int(rejected[index]), len(pairs.genuine)),
        )
        for index, rate in enumerate(rates)
    )


def _drawn(pairs: AllPairs, rates: NDArray[np.float64], thresholds: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the two rates of one draw, float64 [2, R]: FMR at the given thresholds, and FNMR at the thresholds that the draw itself gives."""
    weights = np.cumsum(times[pairs.impostor_subjects[:, 0]] * times[pairs.impostor_subjects[:, 1]])
    drawn_pictures = times * pairs.pictures
    impostors = (drawn_pictures.sum() ** 2 - np.square(drawn_pictures).sum()) / 2
    genuines = np.concatenate([[0.0], np.cumsum(times[pairs.genuine_subjects])])
    if impostors == 0 or genuines[-1] == 0:
        return np.full((2, len(rates)), np.nan)
    matched = np.searchsorted(-pairs.impostor, -thresholds, side="right")
    fmr = np.where(matched > 0, weights[matched - 1], 0) / impostors
    ranks = np.minimum(np.searchsorted(weights, rates * impostors, side="right"), len(weights) - 1)
    rejected = np.searchsorted(pairs.genuine, pairs.impostor[ranks], side="left")
    return np.stack([fmr, genuines[rejected] / genuines[-1]])
