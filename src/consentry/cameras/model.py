"""Nouns of the cameras slice: what is known of a camera, its runs and its gaps, and what the editor of lines and areas works with.

Instants are UTC. Places are pixels of the camera's own picture, x to the right and y down. Nothing here is about a visitor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, timedelta

__all__ = [
    "AreaDraft",
    "CameraGap",
    "CameraHealth",
    "CameraState",
    "CameraView",
    "Fault",
    "GapCause",
    "Geometry",
    "Hole",
    "LineDraft",
    "Run",
    "RunRecord",
    "SignRecord",
    "Span",
    "Still",
    "Stop",
    "Timeline",
]


class CameraState(StrEnum):
    """What a camera is doing, as far as is known now."""

    INCOMPLETE = "incomplete"
    """Its settings lack something without which it may not start."""
    STARTING = "starting"
    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    WAITING = "waiting"
    FAILED = "failed"
    ENDED = "ended"
    STOPPED = "stopped"
    """Its process ended and none has begun since."""
    SILENT = "silent"
    """It says nothing, though nobody said that it stopped."""


class GapCause(StrEnum):
    """Why nothing was counted."""

    NO_PICTURE = "no-picture"
    """The camera's process ran and got no frames."""
    PROCESS_ENDED = "process-ended"
    """The camera's process was killed or failed."""
    STOPPED = "stopped"
    """The camera's process was stopped in good order, by a change of settings or a stop of the service."""
    SERVICE_DOWN = "service-down"
    """A new run began, and nobody said how the one before it ended: the whole service was down."""
    FIGURES_LOST = "figures-lost"
    """The same run went on, but its figures did not arrive."""
    SILENT = "silent"
    """Still going on: no counted minute arrives, and the cause is not known yet."""


class Span(NamedTuple):
    """A stretch of time, ``start`` included and ``end`` excluded."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One life of a camera's process. ``width`` and ``height``: pixels of its picture; ``started`` is None until it is reported."""

    id: str
    camera: str
    started: datetime | None = None
    detector: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """A camera's process ended. ``exit``: its exit status, negative for a signal, None where it is not known."""

    at: datetime
    exit: int | None


@dataclass(frozen=True, slots=True)
class Hole:
    """A run reported that it got no frames for a while."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What is known of the time of one run: minutes it counted, minutes it had no picture in, and what it reported itself.

    ``started`` is when its first frame came, None where that message has not arrived.
    """

    run: str
    started: datetime | None
    counted: tuple[Span, ...]
    missing: tuple[Span, ...] = ()
    holes: tuple[Hole, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is known of the time of one camera."""

    camera: str
    runs: tuple[RunRecord, ...]
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraGap:
    """Nothing was counted from ``start`` to ``end``; ``end`` is None while it goes on. ``detail`` says more in words."""

    camera: str
    start: datetime
    end: datetime | None
    cause: GapCause
    detail: str = ""
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """What was last heard of a camera. ``since``: when this state began; ``heard``: when it was last confirmed."""

    state: CameraState
    reason: str = ""
    since: datetime | None = None
    heard: datetime | None = None
    run: str | None = None
    last_minute: datetime | None = None
    """Start of the newest minute that was counted."""
    fps: float | None = None
    lag_ms: float | None = None
    dropped: int = 0
    reconnects: int = 0
    rss_mb: float | None = None


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as the editor draws it. ``name``: by ``zh`` and ``en``. ``start`` and ``end``: x, y in pixels."""

    id: str
    name: Mapping[str, str]
    start: tuple[float, float]
    end: tuple[float, float]
    staff_only: bool = False
    entrance: bool = True


@dataclass(frozen=True, slots=True)
class AreaDraft:
    """An area as the editor draws it. ``name``: by ``zh`` and ``en``. ``corners``: x, y in pixels, in order around it."""

    id: str
    name: Mapping[str, str]
    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Geometry:
    """The lines and areas of one camera. ``width`` and ``height`` of its picture are None before it has given one."""

    lines: tuple[LineDraft, ...]
    areas: tuple[AreaDraft, ...]
    width: int | None
    height: int | None
    etag: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line or area cannot count: ``kind`` is ``line`` or ``area``, ``element`` its id, ``index`` its place in the draft."""

    kind: str
    element: str
    index: int
    code: str
    problem: str
    mend: str


@dataclass(frozen=True, slots=True)
class SignRecord:
    """The sign that tells people of a camera: its text by ``zh`` and ``en``, where it stands, its photo (a file) and since when. None: not said yet."""

    text: Mapping[str, str] | None
    place: str | None
    photo: str | None
    placed_on: date | None


@dataclass(frozen=True, slots=True)
class CameraView:
    """A camera as staff see it. ``source`` never shows a password; ``missing`` names the settings without which it may not start."""

    id: str
    name: Mapping[str, str]
    source: str | None
    zone_type: str | None
    basis: str | None
    retention: timedelta | None
    detector: str
    sign: SignRecord | None
    missing: tuple[str, ...]
    health: CameraHealth
    lines: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Still:
    """A strongly pixelated picture of what a camera sees. ``pixels``: RGB, ``height`` rows of ``width`` cells, 3 bytes each."""

    camera: str
    at: datetime
    width: int
    height: int
    pixels: bytes = field(repr=False)
