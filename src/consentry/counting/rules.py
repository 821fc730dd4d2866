"""Decisions of the counting slice: which lines and zones can count, and who crossed together."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from math import hypot
from typing import TYPE_CHECKING

from consentry.counting.geometry import length, polygon_area
from consentry.counting.model import Crossing, GroupRule, Line, Point, Region, Zone
from consentry.platform.errors import GeometryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["BORDER_MARGIN", "SHORTEST_LINE", "check_line", "check_names", "check_region", "check_zone", "groups", "middle_line", "short_line_warning"]

BORDER_MARGIN = 0.03
"""A line that lies within this share of the picture along a border cannot count: feet leave the picture before crossing."""

SHORTEST_LINE = 0.05
"""The shortest line accepted, as a share of the picture's height."""

SMALLEST_REGION = 0.1
"""The smallest region of interest, as a share of the picture's width and of its height."""

_BORDER_TOLERANCE = 1.0
_FEWEST_CORNERS = 3
_SMALLEST_ZONE = 16.0


def middle_line(width: int, height: int) -> Line:
    """Return the line used when none is given: vertical, in the middle, walked downwards."""
    return Line("middle", Point(width / 2, 0.0), Point(width / 2, float(height)))


def check_line(line: Line, width: int, height: int) -> None:
    """Refuse a line that could never count, with the reason.

    Raises:
        GeometryError: ``line.outside``, ``line.ends-coincide``, ``line.too-short`` or ``line.on-border``.
    """
    subject = f"line {line.id!r}"
    for end in (line.start, line.end):
        if not _on_picture(end, width, height):
            problem = f"the end {end.x:g},{end.y:g} is outside the {width}x{height} picture"
            raise GeometryError("line.outside", subject, problem, "Move it onto the picture; ending on the border is fine.")
    if line.start == line.end:
        raise GeometryError("line.ends-coincide", subject, "both ends are the same point", "Give two different ends: NAME=x1,y1,x2,y2.")
    shortest = SHORTEST_LINE * height
    if length(line) < shortest:
        problem = f"it is {length(line):.0f} px long, shorter than 5 % of the picture's height ({shortest:.0f} px)"
        raise GeometryError("line.too-short", subject, problem, "Draw it across the whole way that people take.")
    border = _border_along(line, width, height)
    if border:
        problem = f"it lies along the {border} border, within 3 % of it, where people leave the picture before they cross"
        raise GeometryError("line.on-border", subject, problem, "Move it further into the picture.")


def _on_picture(point: Point, width: int, height: int) -> bool:
    tolerance = _BORDER_TOLERANCE
    return -tolerance <= point.x <= width + tolerance and -tolerance <= point.y <= height + tolerance


def _border_along(line: Line, width: int, height: int) -> str | None:
    dx, dy = BORDER_MARGIN * width, BORDER_MARGIN * height
    ends = (line.start, line.end)
    upright = abs(line.end.y - line.start.y) >= abs(line.end.x - line.start.x)
    borders = {
        "left": upright and all(end.x <= dx for end in ends),
        "right": upright and all(end.x >= width - dx for end in ends),
        "top": not upright and all(end.y <= dy for end in ends),
        "bottom": not upright and all(end.y >= height - dy for end in ends),
    }
    return next((name for name, along in borders.items() if along), None)


def check_region(region: Region, width: int, height: int) -> None:
    """Refuse a region of interest in which nobody could be found, with the reason.

    Raises:
        GeometryError: ``region.outside`` or ``region.too-small``.
    """
    subject = "region of interest"
    for corner in (Point(region.left, region.top), Point(region.right, region.bottom)):
        if not _on_picture(corner, width, height):
            problem = f"the corner {corner.x:g},{corner.y:g} is outside the {width}x{height} picture"
            raise GeometryError("region.outside", subject, problem, "Move it onto the picture.")
    if region.right - region.left < SMALLEST_REGION * width or region.bottom - region.top < SMALLEST_REGION * height:
        problem = f"it is smaller than {SMALLEST_REGION:.0%} of the {width}x{height} picture on a side, or its corners are the wrong way round"
        raise GeometryError("region.too-small", subject, problem, "Give its left top corner and then its right bottom one: x1,y1,x2,y2.")


def check_names(kind: str, names: Sequence[str]) -> None:
    """Refuse lines or zones (``kind``) of one name: their figures would be added up.

    Raises:
        GeometryError: ``line.same-name`` or ``zone.same-name``.
    """
    twin = next((name for name in names if names.count(name) > 1), None)
    if twin is not None:
        raise GeometryError(f"{kind}.same-name", f"{kind} {twin!r}", "this name is given twice", f"Give each {kind} a name of its own.")


def check_zone(zone: Zone, width: int, height: int) -> None:
    """Refuse a zone that could never hold anyone, with the reason.

    Raises:
        GeometryError: ``zone.corners``, ``zone.outside`` or ``zone.no-area``.
    """
    subject = f"zone {zone.id!r}"
    if len(zone.corners) < _FEWEST_CORNERS:
        problem = f"it has {len(zone.corners)} corners"
        raise GeometryError("zone.corners", subject, problem, "Give three corners or more: NAME=x1,y1;x2,y2;x3,y3.")
    for corner in zone.corners:
        if not _on_picture(corner, width, height):
            problem = f"the corner {corner.x:g},{corner.y:g} is outside the {width}x{height} picture"
            raise GeometryError("zone.outside", subject, problem, "Move it onto the picture; a corner on the border is fine.")
    if polygon_area(zone.corners) < _SMALLEST_ZONE:
        raise GeometryError("zone.no-area", subject, "its corners enclose no area", "Give the corners in order around the zone.")


def short_line_warning(line: Line, median_height: float) -> str | None:
    """Return a warning when the people who cross a line are taller on the picture than the line is long.

    ``median_height``: pixels. A foot point is only as exact as a few per cent of a person's height, so such a line counts badly.
    """
    if length(line) >= median_height:
        return None
    return (
        f"line {line.id!r} is {length(line):.0f} px long, shorter than the people who cross it ({median_height:.0f} px tall on the picture): "
        "its counts are unsure. Draw a longer line, or move the camera further away."
    )


def groups(crossings: Iterable[Crossing], rule: GroupRule) -> list[list[Crossing]]:
    """Gather crossings of one line and direction into groups, in order of time.

    A crossing joins a group when it follows some member within ``rule.seconds`` and lies within ``rule.heights`` of it (single linkage).
    Each crossing is in exactly one group, whatever the order of those with equal times.
    """
    lanes: defaultdict[tuple[str, str], list[Crossing]] = defaultdict(list)
    for crossing in crossings:
        lanes[crossing.line, crossing.direction].append(crossing)
    found = [group for lane in lanes.values() for group in _linked(sorted(lane, key=_order), rule)]
    return sorted(found, key=lambda group: _order(group[0]))


def _order(crossing: Crossing) -> tuple[float, str, str, Point]:
    return (crossing.time, crossing.line, crossing.direction, crossing.at)


def _linked(lane: Sequence[Crossing], rule: GroupRule) -> list[list[Crossing]]:
    complete: list[list[Crossing]] = []
    recent: list[list[Crossing]] = []
    for crossing in lane:
        complete += [group for group in recent if crossing.time - group[-1].time > rule.seconds]
        recent = [group for group in recent if crossing.time - group[-1].time <= rule.seconds]
        near = [group for group in recent if any(_together(member, crossing, rule) for member in reversed(group))]
        rest = [group for group in recent if group not in near]
        recent = [*rest, sorted([*chain.from_iterable(near), crossing], key=_order)]
    return [*complete, *recent]


def _together(a: Crossing, b: Crossing, rule: GroupRule) -> bool:
    return abs(a.time - b.time) <= rule.seconds and hypot(a.at.x - b.at.x, a.at.y - b.at.y) <= rule.heights * max(a.height, b.height)
