"""How far apart the sign codes of two vectors at a given cosine may be. Pure.

A plane through the origin in a random direction parts two vectors at an angle with the probability angle/π (Goemans and Williamson, J. ACM
42(6), 1995), so the Hamming distance of their sign codes is binomial; codes are taken of vectors in a random rotation, so this holds for every pair,
whatever the model. The second bound is that of a query in full precision against the signs of a row (Dong, Charikar and Li, SIGIR 2008).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

__all__ = ["MISS_BY_CODE", "MISS_BY_ESTIMATE", "Bounds", "bounds", "most_distance"]

MISS_BY_CODE, MISS_BY_ESTIMATE = 6e-5, 2e-5
"""Probability of each bound to leave out a row that is just as near as asked for; the first may err more, because it leaves work for the second."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a row must keep to: at most ``distance`` bits that differ, and at least ``mean`` less ``slack`` in the estimate of :mod:`codes`.

    ``mean``: of the estimate, where the query is not rounded; it shrinks as the rounded query does.
    """

    distance: int
    mean: float
    slack: float


@lru_cache(maxsize=64)
def bounds(bits: int, cosine: float) -> Bounds:
    """Return the bounds that a row at ``cosine``, -1 to 1, or nearer breaks with the probabilities above; none does at -1."""
    mean = cosine * math.sqrt(2 / math.pi)
    if cosine == -1:
        return Bounds(bits, mean, math.inf)
    deviation = math.sqrt((1 - mean * mean) / bits)
    return Bounds(most_distance(bits, cosine, MISS_BY_CODE), mean, NormalDist().inv_cdf(1 - MISS_BY_ESTIMATE) * deviation)


def most_distance(bits: int, cosine: float, miss: float) -> int:
    """Return the least Hamming distance that a pair at ``cosine`` exceeds with a probability of ``miss`` at most."""
    parted = math.acos(cosine) / math.pi
    if parted == 0:
        return 0
    exceeded = 0.0
    for distance in range(bits, 0, -1):
        exceeded += _binomial(bits, distance, parted)
        if exceeded > miss:
            return distance
    return 0


def _binomial(bits: int, distance: int, parted: float) -> float:
    ways = math.lgamma(bits + 1) - math.lgamma(distance + 1) - math.lgamma(bits - distance + 1)
    return math.exp(ways + distance * math.log(parted) + (bits - distance) * math.log1p(-parted))
