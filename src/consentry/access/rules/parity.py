"""Whether whoever gives no face waits longer at a door than whoever does (R62)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from consentry.access.model import ReaderKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BOUND_S", "LEAST_PASSAGES", "SHARE", "Parity", "WayFigure", "parity", "settled"]

SHARE = 0.2
"""Of the face's median by which the slowest other way may be slower."""
BOUND_S = 2.0
"""Seconds by which it may be slower in any case."""
LEAST_PASSAGES = 30
"""Of a way, for its median to say something about a door."""


@dataclass(frozen=True, slots=True)
class WayFigure:
    """How long one way took: the median, seconds, of so many passages."""

    reader: ReaderKind
    passages: int
    median_s: float


@dataclass(frozen=True, slots=True)
class Parity:
    """The ways that were used, fastest first. ``slowest``: of those that are no face; ``holds`` is None where a face or another way is missing."""

    ways: tuple[WayFigure, ...]
    slowest: WayFigure | None
    holds: bool | None


def parity(seconds: Mapping[ReaderKind, Sequence[float]]) -> Parity:
    """Return how the ways compare; ``seconds``: each passage by its way, from the first thing shown to the release.

    It holds where the slowest way without a face takes at most a fifth of the face's median longer, or at most two seconds longer.
    """
    figures = sorted((WayFigure(way, len(each), median(each)) for way, each in seconds.items() if each), key=lambda one: (one.median_s, one.reader))
    face = next((one for one in figures if one.reader is ReaderKind.FACE), None)
    slowest = next((one for one in reversed(figures) if one.reader is not ReaderKind.FACE), None)
    holds = None if face is None or slowest is None else slowest.median_s - face.median_s <= max(SHARE * face.median_s, BOUND_S)
    return Parity(tuple(figures), slowest, holds)


def settled(seconds: Mapping[ReaderKind, Sequence[float]]) -> Parity:
    """Return how those ways compare that enough people used; see :func:`parity`."""
    return parity({way: each for way, each in seconds.items() if len(each) >= LEAST_PASSAGES})
