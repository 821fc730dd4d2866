"""The nouns of recognition: stations and what activates them, tickets, captures, decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.consent.model import Purpose

__all__ = [
    "ENROL_TICKET_S",
    "TICKET_S",
    "Act",
    "Activation",
    "Band",
    "Capture",
    "Decision",
    "Outcome",
    "StationTicket",
    "TicketKind",
]

TICKET_S = 10.0
"""Seconds for which a ticket to verify or identify holds (R28)."""
ENROL_TICKET_S = 60.0
"""Seconds for which a ticket to enrol holds."""


class TicketKind(StrEnum):
    """What a ticket is good for, once."""

    ENROL = "enrol"
    VERIFY = "verify"
    IDENTIFY = "identify"


class Act(StrEnum):
    """What the person did to activate the station."""

    BUTTON = "button"
    QR = "qr"
    CARD = "card"


class Decision(StrEnum):
    """What the vault decided. ``unsure`` is nobody's name: the person goes on by the other way."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNSURE = "unsure"


class Band(StrEnum):
    """How far the score was from the threshold, in steps that do not let anybody climb towards it."""

    CLEAR = "clear"
    NEAR = "near"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Activation:
    """A person's act at a station, signed with the station's key.

    ``counter`` grows with every activation of the station. ``nonce``: 16 random bytes as hex. ``consent``: to enrol, the consent; to verify, the
    record that the person's token names; None to identify. ``notice_sha256``: the text that the person saw. ``attended``: a member of staff was asked
    to stand by.
    """

    station: str
    kind: TicketKind
    purpose: Purpose
    act: Act
    counter: int
    at: datetime
    nonce: str
    notice_sha256: str
    consent: str | None = None
    attended: bool = False


@dataclass(frozen=True, slots=True)
class AgreementClaim:
    """What a station says of a yes that was given at it, signed with the station's key: which text it showed for which one act of the person."""

    station: str
    purpose: Purpose
    action: str
    notice_sha256: str


@dataclass(frozen=True, slots=True)
class StationTicket:
    """Leave to use a face once. ``id``: 128 random bits as hex. ``attended``: a member of staff stands by and is named in the log."""

    id: str
    station: str
    kind: TicketKind
    purpose: Purpose
    expires: datetime
    notice_sha256: str
    consent: str | None = None
    attended: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """What the station worker says of the frames it looked at: never of who is in them.

    ``quality``: measure to score, 0 to 100 (ISO/IEC 29794-5). ``liveness``: method to whether it passed; a method that was not used is absent.
    ``detector``: the face detector. ``attested``: the camera is the station's own, not a person's telephone.
    """

    detector: str
    quality: Mapping[str, int]
    liveness: Mapping[str, bool]
    attested: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the vault answers a capture with; signed and numbered, so that the log shows an omission.

    ``sequence`` grows by one with every outcome of the vault. ``fmr``: the false match rate that the threshold was set for, as ``1e-4``.
    ``duplicates``: consents of the same purpose whose face is the same, for a person to look at. There is no score and no margin.
    """

    sequence: int
    at: datetime
    ticket: str
    station: str
    kind: TicketKind
    purpose: Purpose
    decision: Decision
    band: Band
    fmr: str
    model: str
    reasons: tuple[str, ...] = ()
    person: str | None = None
    consent: str | None = None
    duplicates: tuple[str, ...] = field(default=())
