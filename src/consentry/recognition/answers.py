"""What the use cases of recognition answer: purposes and what blocks them, stations, captures, duplicates to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.consent.model import Blocker, Purpose
    from consentry.platform.settings.model import Text
    from consentry.recognition.model import Band, Decision, StationTicket, TicketKind
    from consentry.recognition.station.model import CapturePhase, Refusal

__all__ = [
    "Acceptance",
    "CaptureOutcome",
    "CaptureView",
    "IncidentKind",
    "OpenCapture",
    "PairedStation",
    "PairingCode",
    "PurposeState",
    "Review",
    "ReviewDecision",
    "StationFace",
    "StationState",
]


class IncidentKind(StrEnum):
    """What must never happen. Each stops the station where it happened, until a person has looked at it."""

    INVALID_CONSENT = "invalid-consent"
    """The vault matched somebody whose consent is not valid."""
    FORGED_OUTCOME = "forged-outcome"
    """An outcome came that no key of the vault signed."""
    OTHER_CAPTURE = "other-capture"
    """An outcome came that belongs to another capture, or came twice."""
    SEQUENCE_GAP = "sequence-gap"
    """The vault gave a number that the log does not show."""
    VAULT_KEY = "vault-key"
    """The vault has another key than the one that was pinned."""


@dataclass(frozen=True, slots=True)
class PurposeState:
    """A purpose of the settings, and everything that keeps it from running now."""

    purpose: Purpose
    blockers: tuple[Blocker, ...]

    @property
    def open(self) -> bool:
        """Whether it runs."""
        return not self.blockers


@dataclass(frozen=True, slots=True)
class PairingCode:
    """What staff type into a device, once and within minutes, to make it a station."""

    station: str
    code: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class StationFace:
    """What a device may know of the station that it is."""

    station: str
    name: Text
    purposes: tuple[Purpose, ...]
    enrols: bool


@dataclass(frozen=True, slots=True)
class PairedStation:
    """A device that was made a station. ``public_key``: P-256, the uncompressed point, 65 bytes. ``stopped``: why it may not be used now."""

    station: str
    public_key: bytes = field(repr=False)
    paired: datetime
    paired_by: str
    registered: str
    stopped: IncidentKind | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StationState:
    """A station as staff see it."""

    station: str
    name: Text
    purposes: tuple[Purpose, ...]
    enrols: bool
    paired: datetime | None
    stopped: IncidentKind | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenCapture:
    """A ticket that is being used."""

    ticket: StationTicket
    attended_by: str | None


@dataclass(frozen=True, slots=True)
class CaptureOutcome:
    """What the kiosk may know of the vault's outcome. ``consent``: of the person, where the vault knew them."""

    decision: Decision
    band: Band
    kind: TicketKind
    purpose: Purpose
    reasons: tuple[str, ...]
    consent: str | None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody who was recognised for a door just now. ``kind``: against one record, or among everyone who agreed; ``began``: when they asked for it."""

    consent: str
    kind: TicketKind
    began: datetime


@dataclass(frozen=True, slots=True)
class CaptureView:
    """How a capture stands. ``progress``: 0 to 1. ``hint``: the code of what keeps the picture from being good enough. ``token``: EU profile, once."""

    phase: CapturePhase
    progress: float
    hint: str | None = None
    refusal: Refusal | None = None
    outcome: CaptureOutcome | None = None
    token: str | None = field(default=None, repr=False)


class ReviewDecision(StrEnum):
    """What a person found who looked at two consents of one face."""

    SAME_PERSON = "same-person"
    DIFFERENT_PEOPLE = "different-people"


@dataclass(frozen=True, slots=True)
class Review:
    """Consents of one purpose whose face is the same, for a person to look at. Nothing is merged."""

    id: str
    purpose: Purpose
    consent: str
    others: tuple[str, ...]
    found: datetime
    decision: ReviewDecision | None = None
    decided: datetime | None = None
    decided_by: str | None = None
