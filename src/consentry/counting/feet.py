"""Foot points made steady: a local linear regression over a short window of time around each sample.

A box's lower edge jitters by a few per cent of its height from frame to frame. A straight line fitted to the samples within
``radius`` seconds and read at the middle removes most of that without lagging behind a walking person. The price is a delay of
``radius`` seconds; samples of a track that has ended or was lost are given as soon as nothing can follow within the window.
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING

from consentry.counting.model import Foot, Point, TrackId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["RADIUS", "FootSmoother"]

RADIUS = 0.25
"""Seconds on either side of a sample that the fit looks at."""

_ROUNDING = 1e-9
_FEWEST = 3


class FootSmoother:
    """Steadies the foot points of many tracks. State: the samples of the last two radii, per living track."""

    def __init__(self, radius: float = RADIUS) -> None:
        """``radius``: seconds on either side; zero passes samples through."""
        self._radius = radius
        self._windows: dict[TrackId, _Window] = {}

    def __len__(self) -> int:
        """Return the number of tracks remembered."""
        return len(self._windows)

    def update(self, time: float, feet: Iterable[Foot]) -> list[Foot]:
        """Take the samples of one frame, return every sample that has become steady by then, in order of time."""
        for foot in feet:
            self._windows.setdefault(foot.track, _Window()).samples.append(foot)
        return _in_order(window.steady(time - self._radius, self._radius) for window in self._windows.values())

    def end(self, tracks: Iterable[TrackId]) -> list[Foot]:
        """Forget tracks that have ended and return what was left of them."""
        ended = [window for track in tracks if (window := self._windows.pop(track, None))]
        return _in_order(window.steady(float("inf"), self._radius) for window in ended)


class _Window:
    """The samples of one track that may still be asked for; ``given`` of them have been returned."""

    def __init__(self) -> None:
        self.samples: deque[Foot] = deque()
        self.given = 0

    def steady(self, until: float, radius: float) -> list[Foot]:
        steady = []
        while self.given < len(self.samples) and self.samples[self.given].time <= until:
            steady.append(self._fit(self.samples[self.given], radius))
            self.given += 1
        while self.given > 1 and self.samples[0].time < self.samples[self.given - 1].time - 2 * radius:
            self.samples.popleft()
            self.given -= 1
        return steady

    def _fit(self, foot: Foot, radius: float) -> Foot:
        near = [other for other in self.samples if abs(other.time - foot.time) <= radius + _ROUNDING]
        if len(near) < _FEWEST:
            return foot
        x = _read([(other.time - foot.time, other.at.x) for other in near])
        y = _read([(other.time - foot.time, other.at.y) for other in near])
        return Foot(foot.track, foot.time, Point(x, y), foot.height)


def _read(samples: Sequence[tuple[float, float]]) -> float:
    """Return the least-squares straight line through ``(offset, value)`` samples, read at offset zero."""
    n = len(samples)
    t = sum(offset for offset, _ in samples) / n
    v = sum(value for _, value in samples) / n
    spread = sum((offset - t) ** 2 for offset, _ in samples)
    slope = sum((offset - t) * (value - v) for offset, value in samples) / spread if spread else 0.0
    return v - slope * t


def _in_order(parts: Iterable[list[Foot]]) -> list[Foot]:
    return sorted(chain.from_iterable(parts), key=lambda foot: foot.time)
