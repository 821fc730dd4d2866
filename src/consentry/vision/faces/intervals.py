"""How sure an error rate is: the rules of 3 and of 30, and weights that draw people, not pairs, at random.

Pairs that share a person are not independent, so a rate's interval comes from drawing the *subjects* again with replacement (Bolle, Ratha
and Pankanti 2004, "Error analysis of pattern recognition systems: the subsets bootstrap").
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["DRAWS", "RULE_OF_3", "RULE_OF_30", "Interval", "interval_of", "rate_interval", "subject_draws"]

DRAWS = 200
"""Times that the subjects are drawn again; the ends of a 95 % interval then rest on five draws each."""
RULE_OF_3 = 3
"""No error among n trials tells, at 95 %, only that the rate is below 3/n; a rate of which n trials expect fewer than 3 cannot be told."""
RULE_OF_30 = 30
"""With 30 errors the true rate lies within 30 % of the measured one, at 90 % (Doddington et al. 2000)."""
_ENDS = (2.5, 97.5)
_SEED = 20_240_229


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


def subject_draws(subjects: int, draws: int = DRAWS) -> Iterator[NDArray[np.float64]]:
    """Yield how often each of ``subjects`` people was drawn, float64 [subjects], ``draws`` times; the same draws for every call."""
    chance = np.random.default_rng(_SEED)
    for _ in range(draws):
        yield np.bincount(chance.integers(0, subjects, subjects), minlength=subjects).astype(np.float64)


def interval_of(values: Iterable[float]) -> Interval | None:
    """Return the middle 95 % of values of draws; draws that hold no value (NaN) are left out. None where no value is left."""
    kept = [value for value in values if not isnan(value)]
    if not kept:
        return None
    low, high = np.percentile(kept, _ENDS)
    return Interval(float(low), float(high))


def rate_interval(drawn: Interval | None, errors: int, trials: int) -> Interval | None:
    """Return the interval of a rate; without an error, or with nothing but errors, its open end is that of the rule of 3."""
    if drawn is None or trials == 0:
        return None
    if errors == 0:
        return Interval(0.0, min(1.0, RULE_OF_3 / trials))
    if errors == trials:
        return Interval(max(0.0, 1 - RULE_OF_3 / trials), 1.0)
    return drawn
