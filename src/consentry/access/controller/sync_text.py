"""What a controller tells the server, as text: its events in a hash chain, under its Ed25519 key. Both sides read and write it here. Pure.

Times are integers, milliseconds since 1970 in UTC. A text is canonical JSON (RFC 8785), so that one text has one meaning and one hash.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consentry.ledger.rules.canonical import canonical, parse
from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from consentry.ledger.model import JSONValue

__all__ = [
    "FIRST_BEFORE",
    "MOST_EVENTS",
    "DoorStanding",
    "Entry",
    "Fact",
    "SignedText",
    "SyncRequest",
    "chained",
    "is_signed",
    "milliseconds",
    "moment",
    "read_request",
    "sign_request",
]

FIRST_BEFORE = "0" * 64
"""What the first event of a controller follows."""
MOST_EVENTS = 500
"""Events of one request; the rest goes with the next."""

_HASH = re.compile("[0-9a-f]{64}")
_DOMAIN = b"consentry/sync/v1\n"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999."""
_MOST = 2**53 - 1
_OPTIONAL = ("door", "reader", "person", "credential")
_REQUEST = ("at", "clock_jumped", "controller", "counter", "doors", "events", "snapshot")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened, before it has its place in the log. ``kind``: a name of ``AccessEvent`` or ``DoorEvent``; ``door``: None of the controller.

    ``reports``: what is told besides, such as duress, or a number where the kind counts something.
    """

    at: datetime
    kind: str
    door: str | None = None
    reader: str | None = None
    person: str | None = None
    credential: str | None = None
    reports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact in its place: ``seq`` from 1 without gaps, ``before`` and ``hash`` of the chain (hex)."""

    seq: int
    fact: Fact
    before: str
    hash: str

    def document(self) -> dict[str, JSONValue]:
        """Return the entry as it travels."""
        return _fact_document(self.seq, self.fact) | {"before": self.before, "hash": self.hash}


@dataclass(frozen=True, slots=True)
class DoorStanding:
    """How a door stands: names of ``ContactState`` and ``DoorMode``, and ``ok`` or ``fault`` of each reader."""

    contact: str
    mode: str
    readers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What a controller says every two seconds. ``counter`` grows with each; ``snapshot``: the number that it works by, 0 for none."""

    controller: str
    at: datetime
    counter: int
    snapshot: int
    events: tuple[Entry, ...]
    doors: Mapping[str, DoorStanding]
    clock_jumped: bool = False


@dataclass(frozen=True, slots=True)
class SignedText:
    """Canonical JSON and base64 of the Ed25519 signature over it."""

    text: str
    signature: str


def milliseconds(at: datetime) -> int:
    """Return an instant as it stands in texts."""
    return (at - _EPOCH) // _MILLISECOND


def moment(count: int) -> datetime:
    """Return the instant that so many milliseconds since 1970 name."""
    return _EPOCH + timedelta(milliseconds=count)


def chained(seq: int, fact: Fact, before: str) -> Entry:
    """Return a fact as the entry that follows the one whose hash is ``before``: SHA-256 of that hash and the entry's canonical JSON without hashes."""
    return Entry(seq, fact, before, sha256(bytes.fromhex(before) + canonical(_fact_document(seq, fact))).hexdigest())


def sign_request(key: Ed25519PrivateKey, request: SyncRequest) -> SignedText:
    """Return a request under the controller's key."""
    doors: dict[str, JSONValue] = {
        door: {"contact": standing.contact, "mode": standing.mode, "readers": dict(standing.readers)} for door, standing in request.doors.items()
    }
    document: dict[str, JSONValue] = {
        "at": milliseconds(request.at),
        "clock_jumped": request.clock_jumped,
        "controller": request.controller,
        "counter": request.counter,
        "doors": doors,
        "events": [entry.document() for entry in request.events],
        "snapshot": request.snapshot,
    }
    text = canonical(document)
    return SignedText(text.decode(), base64.b64encode(key.sign(_DOMAIN + text)).decode())


def is_signed(signed: SignedText, public_key: bytes) -> bool:
    """Return whether the controller with the Ed25519 ``public_key`` (32 bytes) signed a request."""
    try:
        signature = base64.b64decode(signed.signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _DOMAIN + signed.text.encode())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def read_request(text: str) -> SyncRequest:
    """Return what a request says; its hashes are right in themselves, and its events follow each other.

    Raises:
        InputError: ``access.sync`` for anything else.
    """
    document = _object(_parsed(text), "request")
    if sorted(document) != list(_REQUEST):
        raise _refused(f"it does not have exactly the fields {', '.join(_REQUEST)}")
    events = tuple(_entry(item) for item in _list(document, "events"))
    _require_chain(events)
    jumped = document["clock_jumped"]
    if not isinstance(jumped, bool):
        raise _refused("its clock_jumped is neither true nor false")
    return SyncRequest(
        _text(document, "controller"),
        moment(_number(document, "at", _LATEST)),
        _number(document, "counter", _MOST),
        _number(document, "snapshot", _MOST),
        events,
        {door: _standing(value) for door, value in _object(document["doors"], "doors").items()},
        jumped,
    )


def _fact_document(seq: int, fact: Fact) -> dict[str, JSONValue]:
    document: dict[str, JSONValue] = {"seq": seq, "at": milliseconds(fact.at), "kind": fact.kind}
    document |= {name: value for name in _OPTIONAL if (value := getattr(fact, name)) is not None}
    return document | {"reports": list(fact.reports)} if fact.reports else document


def _require_chain(events: tuple[Entry, ...]) -> None:
    if len(events) > MOST_EVENTS:
        raise _refused(f"it has more than {MOST_EVENTS} events")
    for earlier, later in pairwise(events):
        if (later.seq, later.before) != (earlier.seq + 1, earlier.hash):
            raise _refused(f"its event {later.seq} does not follow {earlier.seq}")


def _entry(item: JSONValue) -> Entry:
    document = _object(item, "event")
    if not {"at", "before", "hash", "kind", "seq"} <= set(document) <= {"at", "before", "hash", "kind", "reports", "seq", *_OPTIONAL}:
        raise _refused("an event lacks a field or has one too many")
    optional = {name: _text(document, name) for name in _OPTIONAL if name in document}
    reports = tuple(_text({"report": report}, "report") for report in _list(document, "reports")) if "reports" in document else ()
    fact = Fact(moment(_number(document, "at", _LATEST)), _text(document, "kind"), **optional, reports=reports)
    entry = _rechained(_number(document, "seq", _MOST), fact, _text(document, "before"))
    if entry.hash != document["hash"]:
        raise _refused(f"the hash of event {entry.seq} is not that of what it says")
    return entry


def _rechained(seq: int, fact: Fact, before: str) -> Entry:
    if not _HASH.fullmatch(before):
        raise _refused(f"what event {seq} follows is no hash")
    return chained(seq, fact, before)


def _standing(value: JSONValue) -> DoorStanding:
    document = _object(value, "door")
    if sorted(document) != ["contact", "mode", "readers"]:
        raise _refused("a door does not have exactly the fields contact, mode, readers")
    readers = _object(document["readers"], "readers")
    return DoorStanding(_text(document, "contact"), _text(document, "mode"), {name: _text(readers, name) for name in readers})


def _parsed(text: str) -> JSONValue:
    try:
        return parse(text.encode("utf-8", "surrogatepass"))
    except ProofError:
        raise _refused("it is no canonical JSON") from None


def _object(value: JSONValue, what: str) -> Mapping[str, JSONValue]:
    if not isinstance(value, Mapping):
        raise _refused(f"its {what} is no object")
    return value


def _list(document: Mapping[str, JSONValue], name: str) -> Sequence[JSONValue]:
    value = document[name]
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise _refused(f"its {name} are no list")
    return value


def _text(document: Mapping[str, JSONValue], name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise _refused(f"its {name} is no text")
    return value


def _number(document: Mapping[str, JSONValue], name: str, most: int) -> int:
    value = document[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise _refused(f"its {name} is no number from 0")
    return value


def _refused(problem: str) -> InputError:
    return InputError("access.sync", "request", problem, "Update the controller to the server's release; its events stay with it until then.")
