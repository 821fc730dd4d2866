"""What an entry is as a document, and what may enter the log at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from consentry.ledger.model import Act, Entry
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.rules.clear_text import clear_text_in
from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from consentry.ledger.model import JSONValue

__all__ = [
    "ATTESTED",
    "CHECKPOINT",
    "COUNTED",
    "ERASED",
    "KEY_ROTATED",
    "MAX_ENTRY_BYTES",
    "OPENED",
    "PERMANENT",
    "RESTORED",
    "check_act",
    "entry_body",
    "entry_document",
    "milliseconds",
    "read_entry",
    "to_milliseconds",
]

OPENED = "ledger.opened"
RESTORED = "ledger.restored"
CHECKPOINT = "ledger.checkpoint"
ATTESTED = "ledger.attested"
COUNTED = "ledger.counted"
ERASED = "ledger.erased"
KEY_ROTATED = "key.rotated"

PERMANENT = frozenset({OPENED, RESTORED, CHECKPOINT, ATTESTED, COUNTED, ERASED, KEY_ROTATED})
"""Acts of the log itself. They name nobody but who erased, and an audit needs them, so they cannot be erased."""

MAX_ENTRY_BYTES = 12_288
"""Bytes of an entry as canonical JSON; what is larger is logged as a hash or a count."""

_ACTION = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+")
_ACTOR = re.compile(r"(?:staff|api-key|agent|resident|operator|system):[^\s:@]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST = {"action": 64, "actor": 80, "object": 200, "purpose": 80, "reason": 500}
_FIELDS = ("action", "actor", "at", "details", "index", "object", "purpose", "reason")
_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_act(act: Act) -> None:
    """Refuse an act that cannot enter the log.

    Raises:
        InputError: ``ledger.entry`` for a malformed or oversized field, ``ledger.clear-text`` for what looks like personal data in clear.
    """
    _check_shape(act)
    values: dict[str, JSONValue] = {**_texts(act), "details": act.details}
    for name, value in values.items():
        found = clear_text_in(value)
        if found:
            mend = "The log names people and things by identifier; leave it out."
            raise InputError("ledger.clear-text", f"ledger entry {act.action}, {name}", f"it looks like {found}", mend)


def entry_document(entry: Entry) -> dict[str, JSONValue]:
    """Return the entry as the JSON object whose canonical bytes are hashed."""
    return {**_texts(entry.act), "details": entry.act.details, "at": _instant_text(entry.at), "index": entry.index}


def entry_body(entry: Entry) -> bytes:
    """Return the canonical bytes of the entry.

    Raises:
        InputError: ``ledger.not-json`` for details that canonical JSON cannot hold, ``ledger.entry`` for an entry that is too large.
    """
    body = canonical(entry_document(entry))
    if len(body) > MAX_ENTRY_BYTES:
        raise _refused("details", f"with them it takes more than {MAX_ENTRY_BYTES} bytes", "Log a hash or a count of what is large.")
    return body


def read_entry(document: JSONValue) -> Entry:
    """Return the entry that ``entry_document`` wrote.

    Raises:
        ProofError: ``proof.entry`` where a field is missing, unknown or of the wrong kind.
    """
    if not isinstance(document, Mapping) or sorted(document) != list(_FIELDS):
        raise _not_an_entry(f"it does not have exactly the fields {', '.join(_FIELDS)}")
    texts = {name: _text(document, name) for name in _LONGEST}
    index, details, at = document["index"], document["details"], document["at"]
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise _not_an_entry("its index is no number from 0")
    if not isinstance(details, Mapping):
        raise _not_an_entry("its details are no object")
    return Entry(index, _instant(at), Act(**texts, details=details))


def to_milliseconds(instant: datetime) -> int:
    """Return the milliseconds since 1970 of an instant that carries its zone, rounded down."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def milliseconds(instant: datetime) -> datetime:
    """Return the instant in UTC without what is finer than a millisecond."""
    return _EPOCH + timedelta(milliseconds=to_milliseconds(instant))


def _texts(act: Act) -> dict[str, str]:
    return {"action": act.action, "actor": act.actor, "object": act.object, "purpose": act.purpose, "reason": act.reason}


def _check_shape(act: Act) -> None:
    if not _ACTION.fullmatch(act.action):
        raise _refused("action", "it is not written as dotted words", "Write it as in `camera.started`.")
    if not _ACTOR.fullmatch(act.actor):
        raise _refused("actor", "it is not an actor's label", "Give Actor.label, such as `staff:<identifier>`.")
    for name, text in _texts(act).items():
        if len(text) > _LONGEST[name] or _CONTROL.search(text):
            raise _refused(name, f"it has more than {_LONGEST[name]} characters, or control characters", "Shorten it to one line.")
    if not act.object or not act.purpose:
        raise _refused("object" if not act.object else "purpose", "it is empty", "Say what was acted on, and for which purpose.")


def _instant_text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _instant(text: object) -> datetime:
    if not isinstance(text, str) or not _AT.fullmatch(text):
        raise _not_an_entry("its time is not written as 2026-01-31T23:59:59.999Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise _not_an_entry("its time does not exist") from error


def _text(document: Mapping[str, JSONValue], name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise _not_an_entry(f"its {name} is no text")
    return value


def _refused(field: str, problem: str, mend: str) -> InputError:
    return InputError("ledger.entry", f"ledger entry, {field}", problem, mend)


def _not_an_entry(problem: str) -> ProofError:
    return ProofError("proof.entry", "entry", problem, "Ask for the file again.")
