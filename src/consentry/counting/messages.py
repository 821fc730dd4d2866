"""What a camera worker says: one JSON object a line on its standard output. Numbers per interval, health, and nothing about any one person.

Every message names the ``run`` (one life of one worker). Instants are seconds since 1970, UTC. Whoever reads must be idempotent: a
message is sent again until it is acknowledged.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from consentry.counting.folds import LineCount, ZoneCount

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DWELL_BUCKETS",
    "AreaDwell",
    "GapReport",
    "HealthReport",
    "HourReport",
    "Message",
    "MinuteReport",
    "Started",
    "Still",
    "dwell_bucket",
    "parse",
    "to_line",
]

DWELL_BUCKETS = (5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 450, 600, 900, 1200, 1800, 2700, 3600)
"""Upper ends of the dwell histogram's buckets in seconds, each end outside its bucket; one more bucket holds everything longer."""


def dwell_bucket(seconds: float) -> int:
    """Return the index of the bucket that a dwell falls into: 0 to ``len(DWELL_BUCKETS)``."""
    return sum(seconds >= end for end in DWELL_BUCKETS)


@dataclass(frozen=True, slots=True)
class Started:
    """The worker has seen its first frame and counts. ``lines`` and ``areas`` are ids; ``width`` and ``height`` the picture's, in pixels."""

    type: ClassVar[str] = "started"
    run: str
    at: float
    detector: str
    lines: tuple[str, ...]
    areas: tuple[str, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class MinuteReport:
    """One settled minute; nothing that is found out later changes it. ``state`` is ``counted`` or ``missing``; a missing one holds no figures.

    ``start``: a multiple of 60. ``coverage``: the share of the minute that was watched.
    """

    type: ClassVar[str] = "minute"
    run: str
    start: int
    state: str
    coverage: float
    lines: tuple[LineCount, ...] = ()
    areas: tuple[ZoneCount, ...] = ()


@dataclass(frozen=True, slots=True)
class AreaDwell:
    """How many visits of an area that ended in an hour lasted how long: one count for each bucket, ``len(DWELL_BUCKETS) + 1`` of them."""

    id: str
    dwell: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HourReport:
    """Dwell histograms and the heat grid of what this run has seen of one hour.

    It is sent every ten minutes and when the hour is settled: a later report of the same run and hour replaces the earlier one. Those of
    several runs in one hour add up. ``seconds``: seconds of presence per cell, rounded, row by row.
    """

    type: ClassVar[str] = "hour"
    run: str
    start: int
    areas: tuple[AreaDwell, ...]
    rows: int
    columns: int
    seconds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HealthReport:
    """How the camera and its worker are. ``lag_ms``: how long after its own time the last frame was counted. ``rss_mb``: the worker's memory."""

    type: ClassVar[str] = "health"
    run: str
    at: float
    state: str
    reason: str
    fps: float
    dropped: int
    reconnects: int
    lag_ms: float
    rss_mb: float


@dataclass(frozen=True, slots=True)
class Still:
    """A strongly pixelated still that somebody asked for: at most 32 cells wide. ``pixels``: base64 of uint8 [height, width, 3], red-green-blue."""

    type: ClassVar[str] = "still"
    run: str
    at: float
    request: str
    width: int
    height: int
    pixels: str


@dataclass(frozen=True, slots=True)
class GapReport:
    """Nothing was seen between ``start`` and ``end``."""

    type: ClassVar[str] = "gap"
    run: str
    start: float
    end: float
    reason: str


Message = Started | MinuteReport | HourReport | HealthReport | Still | GapReport


def to_line(message: Message) -> bytes:
    """Return a message as its line."""
    return (json.dumps({"type": message.type, **_document(message)}, separators=(",", ":")) + "\n").encode()


def parse(document: Mapping[str, Any]) -> Message:
    """Read a message; keys that it does not have are left out.

    Raises:
        KeyError, TypeError, ValueError: it is no message of a worker.
    """
    match document["type"]:
        case "minute":
            lines, areas = _line_counts(document["lines"]), _zone_counts(document["areas"])
            return MinuteReport(document["run"], document["start"], document["state"], document["coverage"], lines, areas)
        case "hour":
            heat, dwells = document["heat"], tuple(AreaDwell(area["id"], tuple(area["dwell"])) for area in document["areas"])
            return HourReport(document["run"], document["start"], dwells, heat["rows"], heat["columns"], tuple(heat["seconds"]))
        case "started":
            return Started(**{**_fields(Started, document), "lines": tuple(document["lines"]), "areas": tuple(document["areas"])})
        case "health":
            return HealthReport(**_fields(HealthReport, document))
        case "still":
            return Still(**_fields(Still, document))
        case "gap":
            return GapReport(**_fields(GapReport, document))
        case other:
            msg = f"no message of a camera worker: {other!r}"
            raise ValueError(msg)


def _document(message: Message) -> dict[str, Any]:
    match message:
        case MinuteReport():
            figures = {"lines": [_line(count) for count in message.lines], "areas": [asdict(count) for count in message.areas]}
            return {"run": message.run, "start": message.start, "state": message.state, "coverage": message.coverage, **figures}
        case HourReport():
            heat = {"rows": message.rows, "columns": message.columns, "seconds": list(message.seconds)}
            return {"run": message.run, "start": message.start, "areas": [asdict(area) for area in message.areas], "heat": heat}
        case _:
            return asdict(message)


def _line(count: LineCount) -> dict[str, Any]:
    return {"id": count.id, "in": count.entered, "out": count.left, "groups_in": count.groups_in, "groups_out": count.groups_out}


def _line_counts(rows: list[Mapping[str, Any]]) -> tuple[LineCount, ...]:
    return tuple(LineCount(row["id"], row["in"], row["out"], row["groups_in"], row["groups_out"]) for row in rows)


def _zone_counts(rows: list[Mapping[str, Any]]) -> tuple[ZoneCount, ...]:
    return tuple(ZoneCount(row["id"], row["visits"], row["max_occupancy"]) for row in rows)


def _fields(kind: type[Message], document: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: document[field.name] for field in fields(kind)}
