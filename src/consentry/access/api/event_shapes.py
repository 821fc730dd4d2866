"""What controllers send and get, and what staff see of controllers, doors, events and modes, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from consentry.access.controller.sync_text import LONGEST_SYNC
from consentry.access.happenings import ModeStep, OrderKind, UnknownKind
from consentry.access.model import AccessEvent, ContactState, DoorEvent, DoorMode, ReaderKind
from consentry.staff.rules import SHORTEST_REASON

__all__ = [
    "AdmissionIn",
    "AdmissionOut",
    "ControllerCodeOut",
    "ControllerOut",
    "ControllerPairingIn",
    "DoorOut",
    "EndIn",
    "EventOut",
    "ModeIn",
    "ModeOut",
    "OrderOut",
    "PairedControllerOut",
    "ReadinessOut",
    "ReasonIn",
    "RollOut",
    "SyncIn",
    "SyncOut",
    "WaysReportOut",
]

_Key = Annotated[str, Field(max_length=64)]


class _Out(BaseModel):
    """Something that is answered from a dataclass of the service."""

    model_config = ConfigDict(from_attributes=True)


class ReasonIn(BaseModel):
    """Why it is done."""

    reason: str = Field(min_length=SHORTEST_REASON, max_length=300, description="Kept in the ledger; it names no person.")


class EndIn(BaseModel):
    """Why it is done."""

    reason: str = Field(min_length=SHORTEST_REASON, max_length=300, description="Kept in the ledger; it names no person.")


class ControllerCodeOut(_Out):
    """What is typed into the device, once."""

    controller: str
    code: str
    expires: datetime


class ControllerPairingIn(BaseModel):
    """What a device sends to become a controller."""

    code: str = Field(max_length=40, description="As staff see it.")
    signing_key: _Key = Field(description="Base64 of its Ed25519 public key, 32 bytes.")
    exchange_key: _Key = Field(description="Base64 of its X25519 public key, 32 bytes.")


class SealedSecretOut(_Out):
    """The controller's secret, encrypted to its exchange key."""

    point: str = Field(description="Base64 of the X25519 public key that was made for this alone.")
    box: str = Field(description="Base64 of what is encrypted, with its tag.")


class PairedControllerOut(_Out):
    """What a device gets that became a controller."""

    controller: str
    site: str
    snapshot_key: str = Field(description="Base64 of the Ed25519 public key that signs its snapshots; the controller keeps to it.")
    secret: SealedSecretOut
    server_time: datetime


class ControllerOut(_Out):
    """A controller of the settings, and how it stands."""

    controller: str
    doors: tuple[str, ...]
    paired: datetime | None = Field(description="Since when a device is it.")
    paired_by: str | None
    key_sha256: str | None = Field(description="SHA-256 of the device's signing key, to compare with what the device shows.")
    seen: datetime | None = Field(description="When it last reported.")
    skew_s: int = Field(description="By how many seconds its clock was behind then; negative where it was ahead.")
    snapshot: int = Field(description="The number of the snapshot that it held then.")
    acknowledged: int = Field(description="The last of its events that is here.")
    away: bool


class SyncIn(BaseModel):
    """A controller's report."""

    text: str = Field(max_length=LONGEST_SYNC, description="Canonical JSON; see the documentation of doors and events.")
    signature: str = Field(max_length=200, description="Base64 of the controller's Ed25519 signature over `consentry/sync/v1`, a line feed, and the text.")


class OrderOut(_Out):
    """Something that a controller does once, before it expires."""

    id: str
    door: str
    what: OrderKind
    by: str
    expires: datetime
    credential: str | None


class SyncOut(_Out):
    """What a controller gets for a report."""

    acknowledged: int = Field(description="Every event up to this number is kept here.")
    snapshot: str | None = Field(description="The newest snapshot, where the controller holds an older one.")
    orders: tuple[OrderOut, ...]
    server_time: datetime


class DoorOut(_Out):
    """A door as its controller told it last."""

    door: str
    name: str
    controller: str
    contact: ContactState
    mode: DoorMode
    readers: dict[ReaderKind, bool] = Field(description="By way, whether it works.")
    told: datetime | None


class EventOut(_Out):
    """An event of a controller. People by pseudonym."""

    id: int
    controller: str
    at: datetime = Field(description="By the controller's clock.")
    kind: AccessEvent | DoorEvent
    door: str | None
    reader: ReaderKind | None
    person: str | None
    credential: str | None
    reports: tuple[AccessEvent, ...] = Field(description="What is told besides; duress only to whoever sees alarms.")
    took_ms: int | None = Field(description="Milliseconds between first read and release, of a granted one.")
    received: datetime


class ModeIn(BaseModel):
    """A mode that is proposed, for doors or for all doors that lead into an area."""

    mode: DoorMode = Field(description="lockdown or free. Fire comes from a door's fire input alone.")
    doors: tuple[Annotated[str, Field(max_length=64)], ...] = Field(default=(), max_length=256)
    area: str | None = Field(default=None, max_length=64, description="Every door that leads into it, besides `doors`.")
    reason: str = Field(min_length=SHORTEST_REASON, max_length=300, description="Kept in the ledger; it names no person.")


class ModeOut(_Out):
    """A mode, and how far it is."""

    id: str
    mode: DoorMode
    doors: tuple[str, ...]
    reason: str
    step: ModeStep
    by: str
    proposed: datetime
    expires: datetime = Field(description="Until when another person must confirm it.")
    confirmed_by: str | None
    confirmed: datetime | None
    ended_by: str | None
    ended: datetime | None


class PresentOut(_Out):
    """Somebody who is in an area as far as the doors know."""

    person: str
    name: str | None
    door: str
    at: datetime
    way: ReaderKind | None


class AreaOut(_Out):
    """Everybody in one area."""

    area: str
    people: tuple[PresentOut, ...]


class UnknownOut(_Out):
    """One thing that the roll does not know."""

    kind: UnknownKind
    subject: str
    many: int
    since: datetime


class RollOut(_Out):
    """Who is inside, for evacuation."""

    at: datetime
    since: datetime
    areas: tuple[AreaOut, ...]
    unknowns: tuple[UnknownOut, ...]


class WayOut(_Out):
    """One way through a door."""

    reader: ReaderKind
    works: bool
    code: str | None = Field(description="Why it does not work.")
    zh: str | None
    en: str | None


class ReadinessOut(_Out):
    """The ways through a door."""

    door: str
    ways: tuple[WayOut, ...]
    face_sole: bool = Field(description="Nothing but the face would open it, so that the face is stopped too.")


class AdmissionIn(BaseModel):
    """The ticket of a capture in which somebody was recognised."""

    ticket: str = Field(max_length=64)


class AdmissionOut(_Out):
    """What the reader at the door is shown, once."""

    door: str
    text: str
    expires: datetime


class WayTimeOut(_Out):
    """How long one way took."""

    way: ReaderKind
    many: int
    median_s: float


class WaysReportOut(_Out):
    """How long each way took in a span."""

    since: datetime
    until: datetime
    ways: tuple[WayTimeOut, ...]
    slowest: ReaderKind | None = Field(description="Of those that are no face.")
    holds: bool | None = Field(description="Whether it is within a fifth, or two seconds, of the face; none where one of them was not used.")
