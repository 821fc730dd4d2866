"""What a camera worker is told on its standard input: one line of JSON, and then one line for each still that somebody asks for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from consentry.counting.model import Line, Point, Region, Zone

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CameraOrder", "still_request"]


@dataclass(frozen=True, slots=True)
class CameraOrder:
    """Count the source at ``source`` through ``lines`` and ``areas``, inside ``region``.

    ``source`` may hold a password; that is why the order travels through a pipe, never through arguments or the environment. ``sign``: what
    tells people that they are counted. ``detector``: its name, or ``auto``. ``models``: the folder of weights, None for the usual places.
    """

    camera: str
    source: str
    sign: str
    lines: tuple[Line, ...] = ()
    areas: tuple[Zone, ...] = ()
    region: Region | None = None
    detector: str = "auto"
    threads: int = 1
    models: str | None = None

    def to_line(self) -> str:
        """Return the order as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> CameraOrder:
        """Return the order written by ``to_line``."""
        fields = json.loads(line)
        lines = tuple(_line(row) for row in fields.pop("lines"))
        areas = tuple(_zone(row) for row in fields.pop("areas"))
        region = fields.pop("region")
        return cls(lines=lines, areas=areas, region=None if region is None else Region(*region), **fields)


def still_request(request: str) -> str:
    """Return the line that asks for a still; its message will carry ``request``."""
    return json.dumps({"still": request}) + "\n"


def _line(row: Mapping[str, list[float]]) -> Line:
    return Line(str(row["id"]), Point(*row["start"]), Point(*row["end"]))


def _zone(row: Mapping[str, list[list[float]]]) -> Zone:
    return Zone(str(row["id"]), tuple(Point(*corner) for corner in row["corners"]))
