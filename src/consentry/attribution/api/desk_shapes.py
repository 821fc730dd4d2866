"""What desks send and get, and what staff see of desks, visits, statements and outages, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from consentry.attribution.service.desk_queue import LONGEST_TEXT, MOST_AT_ONCE
from consentry.attribution.service.receiving import LARGEST_PARTY
from consentry.attribution.visiting import Answer, Binding, EditField, HintKind, OutageCause, Voiced
from consentry.platform.http.times import Instant
from consentry.staff.rules import SHORTEST_REASON

__all__ = [
    "ArrivalIn",
    "DecisionIn",
    "DeskEntryOut",
    "DeskFaceOut",
    "DeskOut",
    "DeskPairingIn",
    "EditIn",
    "EditOut",
    "ExpectedOut",
    "NewDeskIn",
    "OutageIn",
    "OutageOut",
    "PairingCodeOut",
    "ProjectName",
    "QueueIn",
    "QueueOut",
    "ReceiptOut",
    "RecordedOut",
    "SealOut",
    "SealedIn",
    "SettlementIn",
    "SignedIn",
    "StatementOut",
    "VisitOut",
]

_Why = Annotated[str, Field(min_length=SHORTEST_REASON, max_length=300, description="Kept in the ledger; it names no person.")]
_Id = Annotated[str, Field(max_length=36)]


class _Out(BaseModel):
    """Something that is answered from a dataclass of the service."""

    model_config = ConfigDict(from_attributes=True)


class ProjectName(_Out):
    """What people call a project."""

    zh: str
    en: str


class NewDeskIn(BaseModel):
    """A desk that is to be."""

    project: str = Field(max_length=64)
    name: str = Field(max_length=80, description="What staff call it.")


class PairingCodeOut(_Out):
    """What is typed into the device, once."""

    project: str
    name: str
    code: str
    expires: datetime


class DeskPairingIn(BaseModel):
    """What a device sends to become a desk."""

    code: str = Field(max_length=40, description="As staff see it.")
    public_key: str = Field(max_length=200, description="Base64 of its P-256 public key: the uncompressed point, 65 bytes.")


class DeskFaceOut(_Out):
    """What a device may know of the desk that it is."""

    desk: str
    name: str
    project: str
    project_name: ProjectName | None


class DeskOut(_Out):
    """A desk, and how it stands."""

    desk: str
    name: str
    project: str
    paired: datetime
    paired_by: str
    revoked: datetime | None
    seen: datetime | None = Field(description="When it last sent something.")
    skew_s: int = Field(description="By how many seconds its clock was behind then; negative where it was ahead.")
    waiting: int = Field(description="Entries that could not be accepted and that nobody has settled.")


class SignedIn(BaseModel):
    """Something that a desk signed."""

    text: str = Field(max_length=LONGEST_TEXT, description="Canonical JSON; see the documentation of arrivals.")
    signature: str = Field(max_length=200, description="Of the desk's key over its UTF-8: ECDSA P-256 with SHA-256, base64 of r and s.")


class SealedIn(BaseModel):
    """Something that a desk signed, as it waited on the device: encrypted to the site."""

    epoch: int = Field(ge=1, description="Of the site's key, as the desk got it.")
    point: str = Field(max_length=100, description="Base64 of the P-256 public key that the desk made for this entry: the uncompressed point, 65 bytes.")
    box: str = Field(max_length=3 * LONGEST_TEXT, description="Base64 of the encrypted JSON of text and signature.")


class SealOut(_Out):
    """The key to which a desk encrypts what waits on its device."""

    epoch: int
    point: str = Field(description="Base64 of a P-256 public key: the uncompressed point, 65 bytes.")


class QueueIn(BaseModel):
    """A desk's queue, or a part of it."""

    sent: Instant = Field(description="Now, by the desk's clock.")
    entries: list[SignedIn | SealedIn] = Field(max_length=MOST_AT_ONCE)


class HintOut(_Out):
    """Something that the desk should know. It decides nothing."""

    kind: HintKind
    agency: str | None
    at: datetime | None
    minutes: int | None


class RecordedOut(_Out):
    """An arrival that was recorded."""

    visit: str
    at: datetime
    claimed_at: datetime | None
    binding: Binding
    report: str | None
    agency: str | None
    hints: list[HintOut]
    entry: int = Field(description="Its index in the ledger.")
    secret: str | None = Field(default=None, description="Of the visitor's link, where it was made here; told once.")


class OutcomeOut(_Out):
    """What came of one entry."""

    counter: int | None
    visit: str | None
    code: str | None = Field(description="Why it made no visit; it waits for staff then.")
    problem: str | None
    recorded: RecordedOut | None


class QueueOut(_Out):
    """What came of a queue, in its order."""

    outcomes: list[OutcomeOut]
    now: datetime
    skew_s: int


class ExpectedOut(_Out):
    """A report whose client may arrive now."""

    report: str
    agency: str
    agency_name: str
    alias: str
    mask: str
    filed: datetime
    planned: datetime | None
    valid_until: datetime
    lead_left: int = Field(description="Minutes until its lead is kept.")
    clashes: list[str] = Field(description="Agencies of other awaited reports that show the same number.")


class ReceiptOut(BaseModel):
    """A signed receipt."""

    receipt: str = Field(description="The receipt's file in Base64; anyone checks it with `consentry ledger verify`.")


class ArrivalIn(BaseModel):
    """Who stands at the desk."""

    project: str = Field(max_length=64)
    alias: str | None = Field(default=None, max_length=80)
    report: _Id | None = None
    code: str | None = Field(default=None, max_length=400, description="The visit code as it was scanned.")
    phone: str | None = Field(default=None, max_length=40, description="As the visitor typed it; only a keyed hash is kept.")
    check: _Id | None = Field(default=None, description="Id of a check of their document.")
    party_size: int = Field(default=1, ge=1, le=LARGEST_PARTY)


class VisitOut(_Out):
    """A visit. Who it was, and by what number, is told with a reason and a ticket alone."""

    id: str
    project: str
    visitor: str = Field(description="A pseudonym.")
    report: str | None
    agency: str | None
    at: datetime
    claimed_at: datetime | None
    binding: Binding
    answer: Answer | None
    party_size: int
    desk: str | None
    received_by: str
    edits: int


class EditIn(BaseModel):
    """What a value should have been."""

    field: EditField
    to: str | int | None = Field(description="An instant, the id of a report or nothing, or a number of people.")
    reason: str = Field(min_length=SHORTEST_REASON, max_length=300, description="Kept in the ledger; it names no person.")


class EditOut(_Out):
    """What somebody wanted to be another value. The first one stands."""

    visit: str
    field: EditField
    before: str | int | None
    after: str | int | None
    reason: str
    by: str
    at: datetime


class DeskEntryOut(_Out):
    """An entry that could not be accepted."""

    desk: str
    counter: int
    sha256: str
    received: datetime
    code: str
    at: datetime | None
    alias: str | None
    report: str | None
    party_size: int | None
    settled: datetime | None


class SettlementIn(BaseModel):
    """What became of an entry that could not be accepted."""

    visit: _Id | None = Field(default=None, description="The visit as which it was entered by hand; none where there is nothing to enter.")
    reason: _Why


class StatementOut(_Out):
    """What a visitor stated."""

    id: str
    project: str
    visit: str
    person: str
    kind: Voiced
    at: datetime
    words: str
    credible: bool | None
    decided: datetime | None
    decided_by: str | None


class DecisionIn(BaseModel):
    """What a person found of a statement."""

    credible: bool
    reason: str = Field(min_length=SHORTEST_REASON, max_length=300, description="Shown to the visitor, and kept in the ledger; it names no person.")


class OutageIn(BaseModel):
    """A time in which nothing could be received."""

    start: Instant
    until: Instant
    reason: str = Field(min_length=SHORTEST_REASON, max_length=300, description="Kept in the ledger; it names no person.")


class OutageOut(_Out):
    """A time in which nothing could be received, and how that became known."""

    id: str
    start: datetime
    until: datetime
    cause: OutageCause
    reason: str
    by: str
    logged: datetime
