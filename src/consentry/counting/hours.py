"""Hourly dwell histograms and heat grids, from events and presence as they come."""

from __future__ import annotations

from collections import defaultdict
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from consentry.counting.messages import DWELL_BUCKETS, AreaDwell, HourReport, dwell_bucket
from consentry.counting.model import ZoneExit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from consentry.counting.model import Event

__all__ = ["REPORT_EVERY", "HourFold"]

HOUR = 3600
REPORT_EVERY = 600
"""Seconds between reports: what a killed worker takes with it at most. They fall on multiples of it."""


class HourFold:
    """Holds the hour under way and the one before, for visits whose end becomes certain late."""

    def __init__(self, run: str, zones: Sequence[str], start: float) -> None:
        """Take the run's id, the ids of the zones, and the instant of the first frame (seconds since 1970)."""
        self._run, self._zones = run, tuple(zones)
        self._due = (floor(start / REPORT_EVERY) + 1) * REPORT_EVERY
        self._oldest = floor(start / HOUR)
        self._dwell: defaultdict[int, dict[str, NDArray[np.int64]]] = defaultdict(self._no_visits)
        self._heat: dict[int, NDArray[np.float64]] = {}

    def add(self, events: Iterable[Event]) -> None:
        """Take the visits that ended; one of an hour already forgotten goes to the oldest held."""
        for event in events:
            if isinstance(event, ZoneExit):
                hour = max(self._oldest, floor(event.time / HOUR))
                self._dwell[hour][event.zone][dwell_bucket(event.dwell)] += 1

    def is_due(self, now: float) -> bool:
        """Tell whether a report is due: the heat of the time before is then wanted."""
        return now >= self._due

    def report(self, heat: NDArray[np.float64], now: float) -> list[HourReport]:
        """Take the presence since the last report (float64 [rows, columns], seconds) and return the reports of the hours held."""
        current = (self._due - 1) // HOUR
        self._heat[current] = self._heat.get(current, 0.0) + heat
        hours = sorted(self._heat.keys() | self._dwell.keys())
        reports = [self._reported(hour, heat.shape) for hour in hours]
        self._due = (floor(now / REPORT_EVERY) + 1) * REPORT_EVERY
        self._forget_before(current)
        return reports

    def _reported(self, hour: int, shape: tuple[int, ...]) -> HourReport:
        heat = self._heat.get(hour, np.zeros(shape))
        visits = self._dwell.get(hour) or self._no_visits()
        dwells = tuple(AreaDwell(zone, tuple(counts.tolist())) for zone, counts in visits.items())
        rows, columns = shape
        return HourReport(self._run, hour * HOUR, dwells, rows, columns, tuple(np.rint(heat).astype(int).ravel().tolist()))

    def _forget_before(self, hour: int) -> None:
        for held in (self._dwell, self._heat):
            for old in [key for key in held if key < hour]:
                del held[old]
        self._oldest = hour

    def _no_visits(self) -> dict[str, NDArray[np.int64]]:
        return {zone: np.zeros(len(DWELL_BUCKETS) + 1, np.int64) for zone in self._zones}
