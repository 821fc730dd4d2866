"""What is asked of the vault and what it answers. Each message is a dataclass; its ``TYPE`` is the field ``type`` of the header.

Web process to vault: :class:`Status` to :class:`FetchToken`. Station worker to vault: :class:`Enrol`, :class:`Verify`, :class:`Identify`. The
bodies of these three are aligned faces, uint8 [n, S, S, 3], red-green-blue; all others have none. Public keys, signatures and grants travel as base64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeVar

from consentry.platform.errors import InputError
from consentry.recognition.codec import Longest, from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.consent.model import Purpose
    from consentry.ledger.model import JSONValue
    from consentry.recognition.model import Capture, StationTicket

__all__ = [
    "Done",
    "Enrol",
    "Erased",
    "FetchToken",
    "Identify",
    "IssuedToken",
    "LoadCalibration",
    "Message",
    "MintTicket",
    "MintedTicket",
    "Population",
    "PopulationCount",
    "Refused",
    "RegisterStation",
    "RemoveStation",
    "Resume",
    "Revoke",
    "RotateTransform",
    "SignedErasure",
    "SignedOutcome",
    "Status",
    "Suspend",
    "Tombstone",
    "TombstoneList",
    "Tombstones",
    "VaultStatus",
    "Verify",
    "read_answer",
    "read_station_question",
    "read_web_question",
    "written",
]

Record = TypeVar("Record")

Signature = Annotated[str, Longest(200)]
Document = Annotated[str, Longest(8_192)]
LongDocument = Annotated[str, Longest(60_000)]


@dataclass(frozen=True, slots=True)
class Status:
    """How is the vault? Answer: :class:`VaultStatus`."""

    TYPE: ClassVar[str] = "status"


@dataclass(frozen=True, slots=True)
class RegisterStation:
    """Let a station activate tickets, or change what it may; answer: :class:`Done`.

    ``public_key``: its P-256 key as the uncompressed point (65 bytes; WebCrypto's ``raw``). ``purposes``: what it may recognise for.
    ``attested``: its captures come from a camera of the site.
    """

    TYPE: ClassVar[str] = "register-station"
    station: str
    public_key: Signature
    purposes: tuple[Purpose, ...]
    may_enrol: bool
    attested: bool


@dataclass(frozen=True, slots=True)
class RemoveStation:
    """Forget a station and its tickets; answer: :class:`Done`, also where there was none."""

    TYPE: ClassVar[str] = "remove-station"
    station: str


@dataclass(frozen=True, slots=True)
class MintTicket:
    """Turn a person's act into a ticket; answer: :class:`MintedTicket`.

    ``activation``: canonical JSON of an ``Activation``. ``signature``: ECDSA P-256 with SHA-256 over its UTF-8 bytes, ``r ‖ s`` (64 bytes, as
    WebCrypto makes it). ``attended_by``: the member of staff who stands by, where the activation asks for one.
    """

    TYPE: ClassVar[str] = "mint-ticket"
    activation: Document
    signature: Signature
    attended_by: str | None


@dataclass(frozen=True, slots=True)
class Revoke:
    """End a consent: its key, template and place in the gallery are destroyed before the answer, a :class:`SignedErasure`. May be repeated."""

    TYPE: ClassVar[str] = "revoke"
    person: str
    consent: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Suspend:
    """Let a consent rest: nobody is recognised on it, over restarts, until it is resumed or revoked. Answer: :class:`Done`. May be repeated."""

    TYPE: ClassVar[str] = "suspend"
    consent: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Let a consent that rests hold again; answer: :class:`Done`, also where it did not rest."""

    TYPE: ClassVar[str] = "resume"
    consent: str


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Which consents were erased, with a sequence number above ``since``? Answer: :class:`TombstoneList`, the oldest first."""

    TYPE: ClassVar[str] = "tombstones"
    since: int


@dataclass(frozen=True, slots=True)
class LoadCalibration:
    """Use another calibration file from now on; answer: :class:`Done`."""

    TYPE: ClassVar[str] = "load-calibration"
    document: LongDocument


@dataclass(frozen=True, slots=True)
class RotateTransform:
    """Renew the keyed transform of a purpose: its templates are destroyed and match nothing any more; answer: :class:`Done`."""

    TYPE: ClassVar[str] = "rotate-transform"
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Population:
    """How many are enrolled? Answer: :class:`PopulationCount`."""

    TYPE: ClassVar[str] = "population"


@dataclass(frozen=True, slots=True)
class FetchToken:
    """EU profile: hand over, once and within a minute, the token that the enrolment with this ticket made. Answer: :class:`IssuedToken`."""

    TYPE: ClassVar[str] = "fetch-token"
    ticket: str


@dataclass(frozen=True, slots=True)
class Enrol:
    """Make a template of three to five shots of one person (body). ``grant``: the signed consent. Answer: :class:`SignedOutcome`."""

    TYPE: ClassVar[str] = "enrol"
    ticket: str
    grant: Document
    capture: Capture


@dataclass(frozen=True, slots=True)
class Verify:
    """Is the face (body: one shot) that of the record the token names, or holds? Answer: :class:`SignedOutcome`.

    ``token``: the id of the consent; in the EU profile the token that :class:`IssuedToken` carried.
    """

    TYPE: ClassVar[str] = "verify"
    ticket: str
    token: Document
    capture: Capture


@dataclass(frozen=True, slots=True)
class Identify:
    """Whose is the face (body: one shot) among those who agreed to the ticket's purpose? Answer: :class:`SignedOutcome`."""

    TYPE: ClassVar[str] = "identify"
    ticket: str
    capture: Capture


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """How the vault is.

    ``separate``: it runs as a user of its own. ``purposes``: what it recognises for; none where it must not. ``family``: the embedder its
    templates are of. ``certified``: whether the calibration in use certifies the model for doors; ``calibration``: its SHA-256, None without one.
    ``keys``: by epoch, the public key (Ed25519, base64) that outcomes and erasures are checked with. ``sequence``: the last number given.
    """

    TYPE: ClassVar[str] = "vault-status"
    site: str
    profile: str
    separate: bool
    purposes: tuple[Purpose, ...]
    family: str | None
    calibration: str | None
    certified: bool
    keys: Mapping[str, str]
    sequence: int
    stations: int


@dataclass(frozen=True, slots=True)
class Done:
    """It was done, durably."""

    TYPE: ClassVar[str] = "done"


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not done. ``code`` is stable; ``problem`` and ``mend`` are sentences."""

    TYPE: ClassVar[str] = "refused"
    code: str
    problem: Annotated[str, Longest(1_000)]
    mend: Annotated[str, Longest(1_000)]


@dataclass(frozen=True, slots=True)
class MintedTicket:
    """A ticket."""

    TYPE: ClassVar[str] = "ticket"
    ticket: StationTicket


@dataclass(frozen=True, slots=True)
class SignedOutcome:
    """An outcome as the canonical JSON text that the vault signed; read and check it with ``recognition.seals.opened_outcome``."""

    TYPE: ClassVar[str] = "outcome"
    outcome: Document
    signature: Signature
    epoch: int


@dataclass(frozen=True, slots=True)
class SignedErasure:
    """An :class:`Erased` as the canonical JSON text that the vault signed; ``recognition.seals.opened_erasure`` checks it."""

    TYPE: ClassVar[str] = "erasure"
    erasure: Document
    signature: Signature
    epoch: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, where (``stores``) and when; numbered in the sequence of outcomes."""

    sequence: int
    at: datetime
    person: str
    consent: str
    purpose: Purpose
    stores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A consent that the vault has erased."""

    sequence: int
    at: datetime
    person: str
    consent: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class TombstoneList:
    """Some tombstones, the oldest first; ``more`` says to ask again, since the last of these."""

    TYPE: ClassVar[str] = "tombstone-list"
    tombstones: tuple[Tombstone, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class PopulationCount:
    """By purpose, how many templates can match now."""

    TYPE: ClassVar[str] = "population-count"
    templates: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """EU profile: the one copy of the encrypted template, for the person's hands. Print it; keep nothing of it."""

    TYPE: ClassVar[str] = "token"
    token: Document


Change = RegisterStation | RemoveStation | Suspend | Resume | LoadCalibration | RotateTransform
WebQuestion = Status | MintTicket | Revoke | Change | Tombstones | Population | FetchToken
StationQuestion = Enrol | Verify | Identify
Answer = VaultStatus | Done | Refused | MintedTicket | SignedOutcome | SignedErasure | TombstoneList | PopulationCount | IssuedToken
Message = WebQuestion | StationQuestion | Answer

_WEB: dict[object, type[WebQuestion]] = {
    kind.TYPE: kind
    for kind in (
        Status,
        RegisterStation,
        RemoveStation,
        MintTicket,
        Revoke,
        Suspend,
        Resume,
        Tombstones,
        LoadCalibration,
        RotateTransform,
        Population,
        FetchToken,
    )
}
_STATION: dict[object, type[StationQuestion]] = {kind.TYPE: kind for kind in (Enrol, Verify, Identify)}
_ANSWERS: dict[object, type[Answer]] = {
    kind.TYPE: kind for kind in (VaultStatus, Done, Refused, MintedTicket, SignedOutcome, SignedErasure, TombstoneList, PopulationCount, IssuedToken)
}


def written(message: Message) -> dict[str, JSONValue]:
    """Return the header of a message."""
    return {"type": message.TYPE, **to_document(message)}


def read_web_question(header: Mapping[str, JSONValue]) -> WebQuestion:
    """Return what the web process asks.

    Raises:
        InputError: ``vault.message`` where it is none of its questions.
    """
    return _read(_WEB, header)


def read_station_question(header: Mapping[str, JSONValue]) -> StationQuestion:
    """Return what a station worker asks.

    Raises:
        InputError: ``vault.message`` where it is none of its questions.
    """
    return _read(_STATION, header)


def read_answer(header: Mapping[str, JSONValue]) -> Answer:
    """Return what the vault answered.

    Raises:
        InputError: ``vault.message`` where it is no answer of the vault.
    """
    return _read(_ANSWERS, header)


def _read(kinds: Mapping[object, type[Record]], header: Mapping[str, JSONValue]) -> Record:
    kind = kinds.get(header["type"]) if isinstance(header.get("type"), str) else None
    if kind is None:
        raise InputError("vault.message", "a message", "it is of no type that may come here", "Send a message of docs/vault.md.")
    return from_document(kind, {name: value for name, value in header.items() if name != "type"})
