"""Changing a consent: in one transaction its row, its record, its entry of the ledger, and the event that tells later slices."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from consentry.consent.model import ConsentState, Ending, Via
from consentry.consent.records import consent_of, live_of_person
from consentry.consent.rules.record import with_event
from consentry.consent.rules.validity import STATE_AFTER, due_at, ending_due
from consentry.consent.service import people
from consentry.consent.work import ITSELF, tell
from consentry.ledger.model import Act
from consentry.ledger.rules.canonical import canonical, parse
from consentry.platform.events import EventName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.consent.records import ConsentRow
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork

__all__ = ["Author", "end", "end_if_due", "reckon", "record_text", "restore", "restrict", "sha256_hex", "suspend", "target_of"]

_EVENTS: Final[Mapping[ConsentState, EventName]] = {
    ConsentState.WITHDRAWN: EventName.CONSENT_WITHDRAWN,
    ConsentState.EXPIRED: EventName.CONSENT_EXPIRED,
    ConsentState.INVALIDATED: EventName.CONSENT_INVALIDATED,
}
_ACTIONS: Final[Mapping[ConsentState, str]] = {
    ConsentState.WITHDRAWN: "consent.withdrawn",
    ConsentState.EXPIRED: "consent.expired",
    ConsentState.INVALIDATED: "consent.invalidated",
}
_BY_THEMSELVES = frozenset({Via.RECEIPT, Via.KIOSK, Via.PHONE})


@dataclass(frozen=True, slots=True)
class Author:
    """Whose act an ending is: the ledger's ``label``, how the person withdrew where they did, and the reason where one is due."""

    label: str
    via: Via | None = None
    reason: str = ""


def end(work: UnitOfWork, row: ConsentRow, ending: Ending, author: Author) -> int:
    """End a consent that is not over, and return the index of its entry. What the person left goes with their last one."""
    before, state = consent_of(row), STATE_AFTER[ending]
    row.state, row.ended, row.ending, row.suspended = state, work.now, ending, None
    by = before.person if author.via in _BY_THEMSELVES else author.label
    row.record = record_text(with_event(_record(row), before, state, work.now, by))
    details: dict[str, JSONValue] = {"person": row.person, "ending": ending, "via": author.via, "record_sha256": sha256_hex(row.record)}
    row.entry_ended = work.record(Act(author.label, _ACTIONS[state], target_of(row), row.purpose, author.reason, details))
    tell(work, _EVENTS[state], before)
    work.session.flush()
    if not live_of_person(work.session, row.person):
        people.forget(work, row.person)
    return row.entry_ended


def end_if_due(work: UnitOfWork, row: ConsentRow) -> bool:
    """End a consent whose time is over, and return whether it was."""
    ending = ending_due(consent_of(row), work.now)
    if ending is None:
        return False
    end(work, row, ending, Author(ITSELF.label))
    return True


def suspend(work: UnitOfWork, row: ConsentRow) -> bool:
    """Let a consent rest and return whether it did not yet: nobody is recognised on it until it is restored or ended. The caller enters it."""
    if row.suspended is not None:
        return False
    row.suspended = work.now
    reckon(row)
    tell(work, EventName.CONSENT_SUSPENDED, consent_of(row))
    return True


def restrict(work: UnitOfWork, row: ConsentRow, label: str) -> None:
    """Let a consent rest because its person asked for that, and enter it."""
    if suspend(work, row):
        work.record(Act(label, "consent.suspended", target_of(row), row.purpose, details={"person": row.person, "cause": "restricted"}))


def restore(work: UnitOfWork, row: ConsentRow, label: str) -> None:
    """Let a consent that rests hold again; one whose time was over meanwhile ends instead, before the job has seen it."""
    if not end_if_due(work, row) and row.suspended is not None:
        row.suspended, row.restored = None, work.now
        reckon(row)
        work.record(Act(label, "consent.restored", target_of(row), row.purpose, details={"person": row.person}))
        tell(work, EventName.CONSENT_RESTORED, consent_of(row))


def reckon(row: ConsentRow) -> None:
    """Put down anew when a consent is over, after something that decides on it has changed."""
    row.due = due_at(consent_of(row))


def target_of(row: ConsentRow) -> str:
    """Return how the ledger names a consent that something is done to."""
    return f"consent:{row.id}"


def record_text(record: Mapping[str, JSONValue]) -> str:
    """Return a record as it is stored: canonical JSON."""
    return canonical(record).decode()


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, by which the ledger names a record."""
    return sha256(text.encode()).hexdigest()


def _record(row: ConsentRow) -> Mapping[str, JSONValue]:
    document = parse(row.record.encode())
    if not isinstance(document, dict):
        msg = f"the record of consent {row.id} is no object"
        raise TypeError(msg)
    return document
