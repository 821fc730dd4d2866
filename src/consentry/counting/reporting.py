"""One run of a camera, folded into messages as it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.counting.folds import Interval, IntervalState
from consentry.counting.hours import HourFold
from consentry.counting.messages import GapReport, MinuteReport, Started
from consentry.counting.model import Gap
from consentry.counting.settling import MinuteFold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from consentry.counting.counter import Counter
    from consentry.counting.messages import Message
    from consentry.counting.model import Event
    from consentry.video.model import Size

__all__ = ["RunReport"]


class RunReport:
    """Drains a counter after each frame. Memory is that of some seconds of events and two hours of histograms."""

    def __init__(self, run: str, counter: Counter, start: float) -> None:
        """Take the run's id, its counter, whose plan has been checked against the picture, and the instant of the first frame."""
        plan = counter.plan
        self._run, self._counter = run, counter
        self._lines, self._zones = tuple(line.id for line in plan.lines), tuple(zone.id for zone in plan.zones)
        self._minutes = MinuteFold(self._lines, self._zones, start, plan.group_rule)
        self._hours = HourFold(run, self._zones, start)

    def started(self, at: float, detector: str, size: Size) -> Started:
        """Return the message that a run begins with."""
        return Started(self._run, at, detector, self._lines, self._zones, size.width, size.height)

    def messages(self, now: float) -> list[Message]:
        """Return what became certain since the last call; ``now`` is the instant of the newest frame, or later while there is none."""
        events = self._drained()
        minutes = self._minutes.settle(self._counter.last, now)
        hours = self._hours.report(self._counter.heat.take_seconds(), now) if self._hours.is_due(now) else []
        return [*self._gaps(events), *map(self._minute, minutes), *hours]

    def finish(self) -> list[Message]:
        """End every track and visit and return all that is left, the minute under way with what was seen of it."""
        self._counter.finish()
        events = self._drained()
        minutes = self._minutes.finish(self._counter.last)
        hours = self._hours.report(self._counter.heat.take_seconds(), self._counter.last)
        return [*self._gaps(events), *map(self._minute, minutes), *hours]

    def _drained(self) -> list[Event]:
        events = self._counter.drain()
        self._minutes.add(events)
        self._hours.add(events)
        return events

    def _gaps(self, events: Iterable[Event]) -> list[GapReport]:
        return [GapReport(self._run, event.start, event.end, event.reason) for event in events if isinstance(event, Gap)]

    def _minute(self, row: Interval) -> MinuteReport:
        state = "counted" if row.state is IntervalState.COUNTED else "missing"
        return MinuteReport(self._run, int(row.start), state, round(row.coverage, 4), row.lines, row.zones)
