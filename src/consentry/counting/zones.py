"""Visits of zones: who is inside, since when, and when a visit has really ended.

A visit begins when a foot has been inside for ``entry`` seconds and ends when it has not been inside for ``exit`` seconds, so that
jitter at the border is neither. Nobody leaves a zone through its middle: a track lost there is held for ``hidden`` seconds, and a
track that appears there continues the held visit nearest to it. Event times are those of the first and last foot point inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf
from typing import TYPE_CHECKING

from consentry.counting.geometry import distance_to_segment, inside
from consentry.counting.model import Foot, Line, Point, TrackId, Zone, ZoneEnter, ZoneExit

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["VisitRule", "ZoneCounter"]

_BORDER = 1.5
"""Pixels: a zone drawn up to the picture's last row or column of pixels reaches its border."""


@dataclass(frozen=True, slots=True)
class VisitRule:
    """Times in seconds, distances in heights of the person."""

    entry: float = 0.5
    exit: float = 2.0
    hidden: float = 10.0
    border: float = 0.5
    """A foot this near the zone's border, or the picture's, may have left through it."""
    stride: float = 1.0
    """A lost visit is continued by a foot this near its last one, plus ``pace`` for each second between them."""
    pace: float = 0.5


@dataclass(slots=True)
class _Visit:
    track: TrackId
    began: float
    last: Foot
    number: int = 0  # 0 until the visit is announced


class ZoneCounter:
    """Follows visits of one zone. State is one small record per visitor."""

    def __init__(self, zone: Zone, size: tuple[int, int], rule: VisitRule | None = None) -> None:
        """``size``: width and height of the picture in pixels."""
        self.zone = zone
        self._width, self._height = size
        self._rule = rule or VisitRule()
        self._borders = [Line("", a, b) for a, b in zip(zone.corners, (*zone.corners[1:], zone.corners[0]), strict=True) if a != b]
        self._visits: list[_Visit] = []
        self._announced = 0

    def __len__(self) -> int:
        """Return the number of visits followed."""
        return len(self._visits)

    def update(self, feet: Sequence[Foot], now: float) -> list[ZoneEnter | ZoneExit]:
        """Take foot points up to ``now`` seconds, in order of time, and return what they decide."""
        events: list[ZoneEnter | ZoneExit] = []
        for foot in feet:
            events.extend(self._leave(foot.time))
            if inside(self.zone.corners, self._on_picture(foot.at)):
                events.extend(self._stay(foot))
            else:
                self._pass_by(foot)
        return [*events, *self._leave(now)]

    def finish(self) -> list[ZoneEnter | ZoneExit]:
        """End every visit: nothing more will be seen."""
        return self._leave(inf)

    def _stay(self, foot: Foot) -> list[ZoneEnter | ZoneExit]:
        visit = self._visit_of(foot)
        if visit is None:
            self._visits.append(_Visit(foot.track, foot.time, foot))
            return []
        visit.track, visit.last = foot.track, foot
        if visit.number or foot.time - visit.began < self._rule.entry:
            return []
        self._announced += 1
        visit.number = self._announced
        return [ZoneEnter(self.zone.id, visit.began, visit.number)]

    def _pass_by(self, foot: Foot) -> None:
        """Forget what had begun but was too short to be a visit."""
        self._visits = [visit for visit in self._visits if visit.number or visit.track != foot.track]

    def _visit_of(self, foot: Foot) -> _Visit | None:
        own = next((visit for visit in self._visits if visit.track == foot.track), None)
        if own or self._near_border(foot):
            return own
        lost = [visit for visit in self._visits if self._continues(visit, foot)]
        return min(lost, key=lambda visit: _apart(visit.last, foot), default=None)

    def _continues(self, visit: _Visit, foot: Foot) -> bool:
        waited = foot.time - visit.last.time
        reach = (self._rule.stride + self._rule.pace * waited) * max(foot.height, visit.last.height)
        return waited > 0 and not self._near_border(visit.last) and _apart(visit.last, foot) <= reach

    def _patience(self, visit: _Visit) -> float:
        return self._rule.exit if self._near_border(visit.last) else self._rule.hidden

    def _near_border(self, foot: Foot) -> bool:
        margin = self._rule.border * foot.height
        x, y = foot.at
        # A person's feet leave the picture at its sides and bottom; at the top they only get smaller.
        edge = min(x, self._width - x, self._height - y)
        return edge <= margin or any(distance_to_segment(border, foot.at) <= margin for border in self._borders)

    def _on_picture(self, place: Point) -> Point:
        # The feet of someone cut off by the picture's border stand on it or beyond, where no polygon has an inside.
        return Point(min(max(place.x, _BORDER), self._width - _BORDER), min(max(place.y, _BORDER), self._height - _BORDER))

    def _leave(self, now: float) -> list[ZoneEnter | ZoneExit]:
        overdue = [visit for visit in self._visits if now - visit.last.time > min(self._rule.exit, self._rule.hidden)]
        gone = [visit for visit in overdue if now - visit.last.time > self._patience(visit)]
        for visit in gone:
            self._visits.remove(visit)
        return [ZoneExit(self.zone.id, v.last.time, v.number, v.last.time - v.began) for v in gone if v.number]


def _apart(a: Foot, b: Foot) -> float:
    return hypot(a.at.x - b.at.x, a.at.y - b.at.y)
