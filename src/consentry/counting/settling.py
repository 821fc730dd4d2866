"""Folds events into minutes while they come: the incremental form of ``folds.minutes``, with memory for a few seconds of events.

An event is certain some time after its own: foot points are steadied (0.25 s), a lost track is kept (3 s), a visit is held for whoever
may only be hidden (10 s). So a minute is settled ``WAIT`` seconds after its end, and never changes afterwards. An event that becomes
certain later still (someone stood on the line all that time) is counted in the first minute that is not settled: none is ever dropped.

For events that come within ``WAIT`` the rows equal those of the batch fold (a property test), but for one thing: two chains of groups
that both reach from a settled minute past ``WAIT`` and join only then stay two groups.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from consentry.counting.folds import MINUTE, Interval, IntervalState, LineCount, ZoneCount, interval_state, minute_of, watched_share
from consentry.counting.model import Crossing, Direction, Gap, GroupRule, ZoneEnter, ZoneExit
from consentry.counting.rules import groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from consentry.counting.model import Event

__all__ = ["WAIT", "MinuteFold"]

WAIT = 15.0
"""Seconds after its end at which a minute is settled."""


class MinuteFold:
    """Takes one camera's events in the order in which they become certain, and gives each minute once."""

    def __init__(self, lines: Sequence[str], zones: Sequence[str], start: float, rule: GroupRule | None = None) -> None:
        """Take the ids of lines and zones, the instant of the first frame (seconds) and what makes a group."""
        self._lines, self._zones = tuple(lines), tuple(zones)
        self._rule = rule or GroupRule()
        self._start = start
        self._open = minute_of(start)
        self._crossings: list[Crossing] = []
        self._passages: list[ZoneEnter | ZoneExit] = []
        self._gaps: list[tuple[float, float]] = []
        self._inside = dict.fromkeys(self._zones, 0)

    def __len__(self) -> int:
        """Return the number of events remembered."""
        return len(self._crossings) + len(self._passages) + len(self._gaps)

    def add(self, events: Iterable[Event]) -> None:
        """Take events that have become certain."""
        earliest = self._open * MINUTE
        for event in events:
            if isinstance(event, Gap):
                self._gaps.append((event.start, event.end))
            elif isinstance(event, Crossing):
                self._crossings.append(event if event.time >= earliest else replace(event, time=earliest))
            else:
                self._passages.append(event if event.time >= earliest else replace(event, time=earliest))

    def settle(self, last: float, now: float) -> list[Interval]:
        """Return the minutes that are settled at ``now``, oldest first; ``last`` is the instant of the newest frame."""
        rows = []
        while (self._open + 1) * MINUTE + WAIT <= now:
            rows.append(self._settled(last))
        return rows

    def finish(self, last: float) -> list[Interval]:
        """Return every minute that is left: nothing follows the frame at ``last``."""
        times = [event.time for event in (*self._crossings, *self._passages)]
        # A frame on the full minute begins no other, as in the batch fold; an event on it does.
        end = max(-int(-last // MINUTE), self._open + 1, *(minute_of(time) + 1 for time in times)) if times else -int(-last // MINUTE)
        rows = []
        while self._open < end:
            rows.append(self._settled(last))
        return rows

    def _settled(self, last: float) -> Interval:
        minute, end = self._open, (self._open + 1) * MINUTE
        span = (minute * MINUTE, end)
        lines = self._count_lines(minute)
        zones = tuple(self._count_zone(zone, minute) for zone in self._zones)
        happened = any(line.entered or line.left for line in lines) or any(zone.visits for zone in zones)
        coverage = watched_share(span, (self._start, last), self._gaps)
        self._forget(end)
        state = interval_state(span, coverage, happened=happened)
        figures = (lines, zones) if state is IntervalState.COUNTED else ((), ())
        return Interval(span[0], 1, state, coverage, *figures)

    def _count_lines(self, minute: int) -> tuple[LineCount, ...]:
        people = Counter((c.line, c.direction) for c in self._crossings if minute_of(c.time) == minute)
        # A group whose first member lies in an earlier minute was counted there; such members are kept as long as others can join them.
        firsts = (group[0] for group in groups(self._crossings, self._rule))
        together = Counter((c.line, c.direction) for c in firsts if minute_of(c.time) == minute)
        both = (Direction.IN, Direction.OUT)
        return tuple(LineCount(line, *(people[line, way] for way in both), *(together[line, way] for way in both)) for line in self._lines)

    def _count_zone(self, zone: str, minute: int) -> ZoneCount:
        mine = [event for event in self._passages if event.zone == zone and minute_of(event.time) == minute]
        highest = inside = self._inside[zone]
        # At equal times people leave before others enter, as in the batch fold.
        for _, change in sorted((event.time, 1 if isinstance(event, ZoneEnter) else -1) for event in mine):
            inside += change
            highest = max(highest, inside)
        self._inside[zone] = inside
        return ZoneCount(zone, sum(isinstance(event, ZoneEnter) for event in mine), highest)

    def _forget(self, end: float) -> None:
        self._open += 1
        self._crossings = [crossing for crossing in self._crossings if crossing.time >= end - self._rule.seconds]
        self._passages = [event for event in self._passages if event.time >= end]
        self._gaps = [gap for gap in self._gaps if gap[1] > end]
