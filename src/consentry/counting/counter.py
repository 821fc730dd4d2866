"""One camera's people turned into events: tracker, foot points, lines, zones and heat in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from consentry.counting.feet import FootSmoother
from consentry.counting.folds import EventLog
from consentry.counting.heat import HeatGrid
from consentry.counting.lines import LineCounter
from consentry.counting.model import Crossing, Event, Foot, Gap, GroupRule, Line, Region, TrackId, Zone
from consentry.counting.rules import check_line, check_names, check_region, check_zone, middle_line, short_line_warning
from consentry.counting.tracker import Tracker, TrackerRule
from consentry.counting.zones import ZoneCounter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.video.model import Size

__all__ = ["LONGEST_SILENCE", "Counter", "Plan"]

LONGEST_SILENCE = 5.0
"""Seconds without a frame after which the time between is a gap."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is counted in one camera's picture. Without lines and zones, a vertical line in the middle; without a region, people everywhere."""

    lines: tuple[Line, ...] = ()
    zones: tuple[Zone, ...] = ()
    group_rule: GroupRule = field(default_factory=GroupRule)
    region: Region | None = None

    def on(self, size: Size) -> Plan:
        """Return the plan for a picture of ``size``, checked.

        Raises:
            GeometryError: a line or zone cannot count on such a picture.
        """
        if self.region:
            check_region(self.region, size.width, size.height)
        check_names("line", [line.id for line in self.lines])
        check_names("zone", [zone.id for zone in self.zones])
        for line in self.lines:
            check_line(line, size.width, size.height)
        for zone in self.zones:
            check_zone(zone, size.width, size.height)
        if self.lines or self.zones:
            return self
        return replace(self, lines=(middle_line(size.width, size.height),))


class Counter:
    """Turns detections of one camera into events. Memory is bounded by the people in the picture, except for the events themselves."""

    def __init__(self, plan: Plan, size: Size, camera: str = "camera", rule: TrackerRule | None = None) -> None:
        """``plan`` must have been checked against ``size`` (:meth:`Plan.on`)."""
        self.plan = plan
        self.heat = HeatGrid(size.width, size.height)
        self.events: list[Event] = []
        self.frames = 0
        self._tracker = Tracker(camera, rule)
        self._smoother = FootSmoother()
        self._lines = LineCounter(plan.lines)
        self._zones = [ZoneCounter(zone, (size.width, size.height)) for zone in plan.zones]
        self._first: float | None = None
        self._last = 0.0

    def observe(self, time: float, boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """Take the people seen at ``time`` (boxes in pixels of the picture) and return the boxes of those followed."""
        if self._first is None:
            self._first = time
        elif time - self._last > LONGEST_SILENCE:
            self.events.append(Gap(self._last, time, "no frames"))
        self._last = time
        self.frames += 1
        update = self._tracker.update(time, boxes, scores)
        self._advance(self._smoother.update(time, update.feet), update.ended, time)
        return update.boxes

    def drain(self) -> list[Event]:
        """Return the events since the last drain and forget them, so that memory stays flat; a log holds only what came later."""
        drained, self.events = self.events, []
        return drained

    @property
    def last(self) -> float:
        """The time of the newest frame."""
        return self._last

    def finish(self) -> EventLog:
        """End every track and visit and return the log."""
        self._advance([], self._tracker.finish(), self._last)
        for zone in self._zones:
            self.events.extend(zone.finish())
        return self.log()

    def log(self) -> EventLog:
        """Return what has been decided so far."""
        plan = self.plan
        ids = tuple(line.id for line in plan.lines), tuple(zone.id for zone in plan.zones)
        return EventLog(self._first or 0.0, self._last, *ids, tuple(self.events), plan.group_rule)

    def warnings(self) -> list[str]:
        """Return what makes the figures of a line doubtful."""
        found = []
        for line in self.plan.lines:
            heights = [event.height for event in self.events if isinstance(event, Crossing) and event.line == line.id]
            warning = short_line_warning(line, float(np.median(heights))) if heights else None
            found.extend([warning] if warning else [])
        return found

    def _advance(self, feet: list[Foot], ended: list[TrackId], time: float) -> None:
        feet = sorted([*feet, *self._smoother.end(ended)], key=lambda foot: foot.time)
        self.heat.update(feet)
        for foot in feet:
            self.events.extend(self._lines.update(foot))
        self.events.extend(self._lines.end(ended))
        for zone in self._zones:
            self.events.extend(zone.update(feet, time))
        self.heat.end(ended)
