"""Figures that hold on a noisy machine: medians with their range, ratios taken pair by pair, the largest number that holds. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Spread", "largest_that_holds", "ratios", "spread"]


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of several measurements, and the least and the greatest of them."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return ``median (low–high)``, for a cell of a table."""
        return f"{self.median:.3g} ({self.low:.3g}–{self.high:.3g})"


def spread(values: Iterable[float]) -> Spread:
    """Return the spread of one or more ``values``."""
    ordered = sorted(values)
    return Spread(median(ordered), ordered[0], ordered[-1])


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Return the spread of ``ours / theirs`` over the rounds: what disturbs a round disturbs both of its sides."""
    return spread(a / b for a, b in zip(ours, theirs, strict=True))


def largest_that_holds(holds: Callable[[int], bool], start: int, step: int) -> int:
    """Return the largest number, at least 0, for which ``holds`` is true; it is taken to hold for every smaller one.

    Steps of ``step`` up or down from ``start`` find a number that holds and one that does not; halving finds where it changes.
    """
    good, bad = 0, start
    while holds(bad):
        good, bad = bad, bad + step
    while good == 0 and bad > step:
        good, bad = (bad - step, bad) if holds(bad - step) else (0, bad - step)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return good
