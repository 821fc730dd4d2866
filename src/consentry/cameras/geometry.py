"""Lines and areas of a camera between the settings file, the rules of counting, and the editor."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from consentry.cameras.model import AreaDraft, Fault, Geometry, LineDraft
from consentry.counting.model import Line, Point, Zone
from consentry.counting.rules import check_line, check_zone
from consentry.platform.errors import GeometryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.cameras.model import Run
    from consentry.platform.settings import model as settings

__all__ = ["GeometryFaultsError", "area_members", "faults", "geometry_of", "line_members"]


class GeometryFaultsError(GeometryError):
    """Lines or areas that cannot count, all of them at once."""

    def __init__(self, camera: str, found: Sequence[Fault]) -> None:
        """``found``: at least one fault."""
        problem = "; ".join(f"{fault.kind} {fault.element!r}: {fault.problem}" for fault in found)
        super().__init__("geometry.faults", f"camera {camera!r}", problem, " ".join(dict.fromkeys(fault.mend for fault in found)))
        self.faults = tuple(found)


def geometry_of(camera: settings.Camera, run: Run | None) -> Geometry:
    """Return a camera's lines and areas as the settings have them, and the picture's size as its newest run had it."""
    lines, areas = tuple(_line(line) for line in camera.lines), tuple(_area(area) for area in camera.areas)
    return Geometry(lines, areas, run.width if run else None, run.height if run else None, _tag(lines, areas))


def _line(line: settings.Line) -> LineDraft:
    return LineDraft(line.id, _names(line.name), (line.start.x, line.start.y), (line.end.x, line.end.y), line.staff_only, line.entrance)


def _area(area: settings.Area) -> AreaDraft:
    return AreaDraft(area.id, _names(area.name), tuple((corner.x, corner.y) for corner in area.corners))


def _names(text: settings.Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _tag(lines: Sequence[LineDraft], areas: Sequence[AreaDraft]) -> str:
    document = json.dumps([[asdict(line) for line in lines], [asdict(area) for area in areas]], sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()[:32]


def faults(lines: Sequence[LineDraft], areas: Sequence[AreaDraft], width: int, height: int) -> list[Fault]:
    """Return everything for which these lines and areas could not count on a picture of ``width`` x ``height`` pixels."""
    found = [*_same_names("line", [line.id for line in lines]), *_same_names("area", [area.id for area in areas])]
    for index, line in enumerate(lines):
        try:
            check_line(Line(line.id, Point(*line.start), Point(*line.end)), width, height)
        except GeometryError as error:
            found.append(Fault("line", line.id, index, error.code, error.problem, error.mend))
    for index, area in enumerate(areas):
        try:
            check_zone(Zone(area.id, tuple(Point(*corner) for corner in area.corners)), width, height)
        except GeometryError as error:
            found.append(Fault("area", area.id, index, error.code.replace("zone.", "area."), error.problem, error.mend))
    return sorted(found, key=lambda fault: (fault.kind != "line", fault.index))


def _same_names(kind: str, names: Sequence[str]) -> list[Fault]:
    twins = [index for index, name in enumerate(names) if name in names[:index]]
    problem, mend = "this name is given twice", f"Give each {kind} a name of its own."
    return [Fault(kind, names[index], index, f"{kind}.same-name", problem, mend) for index in twins]


def line_members(lines: Sequence[LineDraft]) -> list[Mapping[str, object]]:
    """Return lines as they stand in the settings file."""
    return [
        {
            "id": line.id,
            "name": _written(line.name),
            "from": list(line.start),
            "to": list(line.end),
            "staff_only": line.staff_only,
            "entrance": line.entrance,
        }
        for line in lines
    ]


def area_members(areas: Sequence[AreaDraft]) -> list[Mapping[str, object]]:
    """Return areas as they stand in the settings file."""
    return [{"id": area.id, "name": _written(area.name), "corners": [list(corner) for corner in area.corners]} for area in areas]


def _written(name: Mapping[str, str]) -> object:
    texts = list(dict.fromkeys(name.values()))
    return texts[0] if len(texts) == 1 else dict(name)
