"""What a controller tells the server of its doors: canonical JSON, signed with the controller's key, its events chained by hashes.

Both sides write and read it here. Times are integers, milliseconds since 1970 in UTC. A controller signs ``PREFIX`` and the text's UTF-8 with Ed25519.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consentry.access.model import AccessEvent, ContactState, DoorEvent, DoorMode, ReaderKind
from consentry.ledger.rules.canonical import canonical, parse
from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from consentry.ledger.model import JSONValue

__all__ = [
    "GENESIS",
    "LONGEST_SYNC",
    "LONGEST_TOOK_MS",
    "MOST_EVENTS",
    "PREFIX",
    "Chained",
    "DoorReport",
    "EventKind",
    "Happening",
    "SignedSync",
    "Sync",
    "chained",
    "event_hash",
    "event_kind",
    "instant",
    "is_signed",
    "milliseconds",
    "read_sync",
    "signed",
    "sync_text",
]

PREFIX: Final = b"consentry/sync/v1\n"
GENESIS: Final = "0" * 64
"""What stands before the first event of a controller."""
LONGEST_SYNC: Final = 1_000_000
"""Characters of the longest text."""
MOST_EVENTS: Final = 500
"""Events in one text; a controller sends the rest the next time."""

LONGEST_TOOK_MS: Final = 3_600_000
"""An hour: whatever seems to have taken longer is told as that."""

_START = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_NAME = 64
_HEX_64 = 64
_LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999."""
_MOST = 2**53 - 1
_ACCESS_EVENTS = frozenset(AccessEvent)

EventKind = AccessEvent | DoorEvent


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened at a door, or to the controller itself (``door`` None).

    ``seq`` counts from 1 without gaps. ``reader``: which way was used. ``person``, ``credential``: pseudonyms, where they were known. ``reports``: what is
    told besides, such as duress. ``took_ms``: of a granted event, milliseconds between the first read and the release, at most
    ``LONGEST_TOOK_MS``. ``order``: the order carried out.
    """

    seq: int
    at: datetime
    kind: EventKind
    door: str | None = None
    reader: ReaderKind | None = None
    person: str | None = None
    credential: str | None = None
    reports: tuple[AccessEvent, ...] = ()
    took_ms: int | None = None
    order: str | None = None

    def __post_init__(self) -> None:
        """Cut ``took_ms``."""
        if self.took_ms is not None and self.took_ms > LONGEST_TOOK_MS:
            object.__setattr__(self, "took_ms", LONGEST_TOOK_MS)


@dataclass(frozen=True, slots=True)
class Chained:
    """An event with its place in the controller's chain, SHA-256 as hex."""

    event: Happening
    before: str
    hash: str


@dataclass(frozen=True, slots=True)
class DoorReport:
    """How a door stands. ``readers`` holds every way that the controller serves, and whether it works."""

    contact: ContactState
    mode: DoorMode
    readers: Mapping[ReaderKind, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sync:
    """One report. ``counter`` grows with every report. ``snapshot``: the number held, 0 for none. ``events``: a run of the chain, oldest first.

    ``oldest``: the lowest number of an event that the controller still has, or will give next: what is older and not acknowledged is lost.
    """

    controller: str
    at: datetime
    counter: int
    snapshot: int
    oldest: int
    events: tuple[Chained, ...] = ()
    doors: Mapping[str, DoorReport] = field(default_factory=dict)
    clock_jumped: bool = False


@dataclass(frozen=True, slots=True)
class SignedSync:
    """A report as it travels; ``signature``: base64 of Ed25519 over ``PREFIX`` and the text."""

    text: str
    signature: str


def milliseconds(at: datetime) -> int:
    """Return an instant as it stands in the text."""
    return (at - _START) // timedelta(milliseconds=1)


def instant(count: int) -> datetime:
    """Return the instant that so many milliseconds since 1970 name."""
    return _START + timedelta(milliseconds=count)


def event_kind(name: str) -> EventKind:
    """Return the kind of an event by its name in BACnet.

    Raises:
        ValueError: For any other text.
    """
    return AccessEvent(name) if name in _ACCESS_EVENTS else DoorEvent(name)


def event_hash(before: str, event: Happening) -> str:
    """Return the hash of an event: SHA-256 over the 32 bytes of ``before`` and the event's canonical JSON."""
    return sha256(bytes.fromhex(before) + canonical(_event_document(event))).hexdigest()


def chained(before: str, event: Happening) -> Chained:
    """Return an event with its place after the one whose hash is ``before`` (``GENESIS`` for the first)."""
    return Chained(event, before, event_hash(before, event))


def sync_text(sync: Sync) -> str:
    """Return a report as canonical JSON."""
    return canonical(
        {
            "controller": sync.controller,
            "at": milliseconds(sync.at),
            "counter": sync.counter,
            "snapshot": sync.snapshot,
            "oldest": sync.oldest,
            "events": [{**_event_document(one.event), "before": one.before, "hash": one.hash} for one in sync.events],
            "doors": {door: _door_document(report) for door, report in sync.doors.items()},
            "clock_jumped": sync.clock_jumped,
        }
    ).decode()


def signed(key: Ed25519PrivateKey, sync: Sync) -> SignedSync:
    """Return a report signed by its controller."""
    text = sync_text(sync)
    return SignedSync(text, base64.b64encode(key.sign(PREFIX + text.encode())).decode())


def is_signed(said: SignedSync, public_key: bytes) -> bool:
    """Tell whether the controller of that Ed25519 key (32 bytes) signed it."""
    try:
        signature = base64.b64decode(said.signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, PREFIX + said.text.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def read_sync(text: str) -> Sync:
    """Return a report. Hashes are read as they stand: whether they fit is for the reader of the chain to say.

    Raises:
        InputError: ``controller.sync`` for anything that ``sync_text`` would not have written.
    """
    try:
        found = parse(text.encode()) if len(text) <= LONGEST_SYNC else None
        sync = _sync(_mapping(found))
        if sync_text(sync) != text:
            raise _unreadable("it holds more than belongs in it")
    except (ProofError, UnicodeEncodeError):
        raise _unreadable("it is not canonical JSON") from None
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _unreadable("it is too long, or a field is missing or has the wrong form") from None
    return sync


def _sync(found: Mapping[str, JSONValue]) -> Sync:
    events = found["events"]
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise _unreadable(f"it holds more than {MOST_EVENTS} events, or no list of them")
    return Sync(
        _name(found["controller"]),
        _instant(found["at"]),
        _number(found["counter"]),
        _number(found["snapshot"]),
        _number(found["oldest"]),
        tuple(_chained(one) for one in events),
        {_name(door): _report(report) for door, report in _mapping(found["doors"]).items()},
        found["clock_jumped"] is True,
    )


def _chained(found: JSONValue) -> Chained:
    one = _mapping(found)
    reports = one.get("reports", [])
    if not isinstance(reports, list):
        raise TypeError
    event = Happening(
        _number(one["seq"]),
        _instant(one["at"]),
        event_kind(_name(one["kind"])),
        _name_or_none(one, "door"),
        ReaderKind(_name(one["reader"])) if "reader" in one else None,
        _name_or_none(one, "person"),
        _name_or_none(one, "credential"),
        tuple(AccessEvent(_name(report)) for report in reports),
        _number(one["took_ms"]) if "took_ms" in one else None,
        _name_or_none(one, "order"),
    )
    return Chained(event, _hash(one["before"]), _hash(one["hash"]))


def _report(found: JSONValue) -> DoorReport:
    one = _mapping(found)
    readers = {ReaderKind(name): {"ok": True, "fault": False}[_name(state)] for name, state in _mapping(one["readers"]).items()}
    return DoorReport(ContactState(_name(one["contact"])), DoorMode(_name(one["mode"])), readers)


def _event_document(event: Happening) -> dict[str, JSONValue]:
    """Return an event as JSON; what is not known is left out."""
    known: dict[str, JSONValue] = {"seq": event.seq, "at": milliseconds(event.at), "kind": event.kind.value}
    optional: dict[str, JSONValue] = {
        "door": event.door,
        "reader": event.reader.value if event.reader else None,
        "person": event.person,
        "credential": event.credential,
        "reports": [report.value for report in event.reports] or None,
        "took_ms": event.took_ms,
        "order": event.order,
    }
    return known | {name: value for name, value in optional.items() if value is not None}


def _door_document(report: DoorReport) -> dict[str, JSONValue]:
    readers: dict[str, JSONValue] = {reader.value: "ok" if works else "fault" for reader, works in report.readers.items()}
    return {"contact": report.contact.value, "mode": report.mode.value, "readers": readers}


def _mapping(value: JSONValue) -> Mapping[str, JSONValue]:
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def _name(value: JSONValue) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME or not value.isprintable():
        raise TypeError
    return value


def _name_or_none(found: Mapping[str, JSONValue], name: str) -> str | None:
    return _name(found[name]) if name in found else None


def _number(value: JSONValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise TypeError
    return value


def _instant(value: JSONValue) -> datetime:
    count = _number(value)
    if count > _LATEST:
        raise ValueError(count)
    return instant(count)


def _hash(value: JSONValue) -> str:
    text = _name(value)
    if len(text) != _HEX_64 or bytes.fromhex(text).hex() != text:
        raise ValueError(text)
    return text


def _unreadable(problem: str) -> InputError:
    return InputError("controller.sync", "report", problem, "Send what the documentation of doors and events states.")
