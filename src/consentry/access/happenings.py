"""What happens at doors as the site knows it: controllers, their events, orders to them, modes, who is inside, how ready each door is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.access.controller.sealing import SealedSecret
    from consentry.access.model import AccessEvent, ContactState, DoorEvent, DoorMode, ReaderKind

__all__ = [
    "AreaRoll",
    "ControllerCode",
    "ControllerState",
    "DoorReadiness",
    "DoorState",
    "EventFilter",
    "FaceAdmission",
    "HostQuestion",
    "ModeState",
    "ModeStep",
    "Order",
    "OrderKind",
    "PairedController",
    "PassEvent",
    "Present",
    "Roll",
    "SyncAnswer",
    "Unknown",
    "UnknownKind",
    "WayState",
    "WayTime",
    "WaysReport",
]


@dataclass(frozen=True, slots=True)
class ControllerCode:
    """What is typed into a device, once, to make it the controller of that id."""

    controller: str
    code: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class PairedController:
    """What a device gets that became a controller. ``snapshot_key``: base64 of the Ed25519 key that signs its snapshots; ``secret`` is sealed to its key."""

    controller: str
    site: str
    snapshot_key: str
    secret: SealedSecret
    server_time: datetime


@dataclass(frozen=True, slots=True)
class ControllerState:
    """A controller of the settings, and how it stands.

    ``paired`` is None where no device is it. ``snapshot``: the number that it held when ``seen`` last; ``acknowledged``: the last of its events that is
    here; ``skew_s``: by how many seconds its clock was behind then, negative where it was ahead. ``away``: it is paired and was not heard of lately.
    """

    controller: str
    doors: tuple[str, ...]
    paired: datetime | None
    paired_by: str | None
    key_sha256: str | None
    seen: datetime | None
    skew_s: int
    snapshot: int
    acknowledged: int
    away: bool


class OrderKind(StrEnum):
    """What a controller is told to do once: unlock a door, or let a guest in whose host said yes."""

    RELEASE = "release"
    HOST_AGREED = "host-agreed"


@dataclass(frozen=True, slots=True)
class Order:
    """Something that a controller does once, before it expires. ``credential``: of the guest who waits; the controller decides about it as about any other."""

    id: str
    door: str
    what: OrderKind
    by: str
    expires: datetime
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """What a controller gets for a report. ``acknowledged``: every event up to it is kept here; ``snapshot``: text, None where it holds the newest."""

    acknowledged: int
    snapshot: str | None
    orders: tuple[Order, ...]
    server_time: datetime


@dataclass(frozen=True, slots=True)
class DoorState:
    """A door as its controller told it last. ``readers``: by way, whether it works."""

    door: str
    name: str
    controller: str
    contact: ContactState
    mode: DoorMode
    readers: Mapping[ReaderKind, bool]
    told: datetime | None


@dataclass(frozen=True, slots=True)
class PassEvent:
    """An event of a controller. ``id`` grows in the order of arrival; ``took_ms``: milliseconds between first read and release, of one that was granted.

    ``reports`` (such as duress) are empty for whoever does not see alarms: somebody may look over a shoulder. Names are the register's to tell.
    """

    id: int
    controller: str
    at: datetime
    kind: AccessEvent | DoorEvent
    door: str | None
    reader: ReaderKind | None
    person: str | None
    credential: str | None
    reports: tuple[AccessEvent, ...]
    took_ms: int | None
    received: datetime


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; what is None or empty excludes none."""

    doors: tuple[str, ...] = ()
    kinds: tuple[AccessEvent | DoorEvent, ...] = ()
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HostQuestion:
    """A guest who stands at a door and waits for the host's word, until ``expires``."""

    credential: str
    door: str
    at: datetime
    expires: datetime


class ModeStep(StrEnum):
    """How far a mode is: one person proposed it, two set it, it lapsed because nobody confirmed it, or it was ended."""

    PROPOSED = "proposed"
    STANDING = "standing"
    LAPSED = "lapsed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ModeState:
    """Lockdown or free access of doors. ``by`` and ``confirmed_by`` are two members of staff; ``expires``: until when it must be confirmed."""

    id: str
    mode: DoorMode
    doors: tuple[str, ...]
    reason: str
    step: ModeStep
    by: str
    proposed: datetime
    expires: datetime
    confirmed_by: str | None = None
    confirmed: datetime | None = None
    ended_by: str | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who is in an area as far as the doors know; ``door`` and ``at``: the last one passed, and when."""

    person: str
    name: str | None
    door: str
    at: datetime
    way: ReaderKind | None


@dataclass(frozen=True, slots=True)
class AreaRoll:
    """Everybody in one area, by name."""

    area: str
    people: tuple[Present, ...]


class UnknownKind(StrEnum):
    """Why a roll may be wrong."""

    OPENED_WITHOUT_NAME = "opened-without-name"
    """A door was opened from inside, by hand, by force, or stood free: whoever passed it then is not counted."""
    CONTROLLER_AWAY = "controller-away"
    """A controller was not heard of: what happened at its doors since is not here."""
    CONTACT_UNKNOWN = "contact-unknown"
    """Whether somebody who was let in went through is not known."""
    EARLIER = "earlier"
    """People who went in before the hours that are looked at, and were not seen to leave."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """One thing that the roll does not know. ``subject``: a door, a controller or an area; ``many``: how often, or how many people."""

    kind: UnknownKind
    subject: str
    many: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is inside, for evacuation: from what the doors told between ``since`` and ``at``."""

    at: datetime
    since: datetime
    areas: tuple[AreaRoll, ...]
    unknowns: tuple[Unknown, ...]


@dataclass(frozen=True, slots=True)
class WayState:
    """One way through a door, and whether it works now. ``code``: why it does not, such as ``reader.fault`` or ``vault.away``."""

    reader: ReaderKind
    works: bool
    code: str | None = None
    zh: str | None = None
    en: str | None = None


@dataclass(frozen=True, slots=True)
class DoorReadiness:
    """The ways through a door. ``face_sole``: without the face nobody could pass, so that the face reader is stopped (R61)."""

    door: str
    ways: tuple[WayState, ...]
    face_sole: bool


@dataclass(frozen=True, slots=True)
class FaceAdmission:
    """What lets a person in whose face was just recognised: the text of a CF1 pass, once, at this door, before it expires."""

    door: str
    text: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class WayTime:
    """How long one way took: median seconds between first read and release, of how many."""

    way: ReaderKind
    many: int
    median_s: float


@dataclass(frozen=True, slots=True)
class WaysReport:
    """How long each way took in a span. ``slowest``: of those that are no face; ``holds``: within a fifth or two seconds of the face, or None."""

    since: datetime
    until: datetime
    ways: tuple[WayTime, ...]
    slowest: ReaderKind | None
    holds: bool | None
