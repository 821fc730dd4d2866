"""What a desk signs, as text: canonical JSON under its P-256 key. Read strictly, so that one text has one meaning. Pure but for the signature's arithmetic."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from consentry.attribution.visiting import Arrival
from consentry.ledger.rules.canonical import parse
from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from consentry.attribution.visiting import SignedEntry
    from consentry.ledger.model import JSONValue

__all__ = ["QUEUED_AFTER", "SKEW_ALLOWED", "DeskText", "Turn", "claimed_at", "clock_problem", "is_signed", "read_desk_text", "read_query"]

QUEUED_AFTER = timedelta(seconds=60)
"""What a desk signed longer than this before it sent it was queued: the desk was cut off."""
SKEW_ALLOWED = timedelta(minutes=5)
"""How far a desk's clock may be off; tablets are usually right within a second."""
EXPECTED = "expected"
"""What a desk can ask for."""

_HALF = 32
_ENTRY = ("arrival", "at", "counter", "desk", "project")
_ARRIVAL = ("alias", "check", "code", "link", "party_size", "phone", "report")
_QUERY = ("at", "desk", "want")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999."""
_MOST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class DeskText:
    """An entry of a desk's queue: the number of its counter, from 1, when it was signed by the desk's own clock, and the arrival."""

    desk: str
    project: str
    counter: int
    at: datetime
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Turn:
    """Between which instants an entry belongs: not before the desk was paired or an earlier number was signed, not after a later number was."""

    earliest: datetime
    latest: datetime | None = None


def is_signed(entry: SignedEntry, public_key: bytes) -> bool:
    """Return whether the desk with ``public_key`` (P-256, uncompressed) signed a text; the signature is base64 of r ‖ s."""
    try:
        raw = base64.b64decode(entry.signature, validate=True)
        if len(raw) != 2 * _HALF:
            return False
        pair = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key).verify(pair, entry.text.encode(), ECDSA(SHA256()))
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def read_desk_text(text: str) -> DeskText:
    """Return the entry that a text holds.

    Raises:
        InputError: ``desk.entry`` for anything but canonical JSON of exactly these fields.
    """
    document = _object(text, _ENTRY)
    said = document["arrival"]
    if not isinstance(said, Mapping) or sorted(said) != list(_ARRIVAL):
        raise _refused(f"its arrival does not have exactly the fields {', '.join(_ARRIVAL)}")
    texts = {name: _text_or_none(said, name) for name in _ARRIVAL if name != "party_size"}
    arrival = Arrival(**texts, party_size=_number(said, "party_size", 1, _MOST))
    return DeskText(_text(document, "desk"), _text(document, "project"), _number(document, "counter", 1, _MOST), _instant(document), arrival)


def read_query(text: str, desk: str) -> datetime:
    """Return when a desk asked for whom it expects, by its own clock.

    Raises:
        InputError: ``desk.entry`` where the text asks for something else, or for another desk.
    """
    document = _object(text, _QUERY)
    if document["want"] != EXPECTED or document["desk"] != desk:
        raise _refused("it is no question of this desk")
    return _instant(document)


def clock_problem(signed: datetime, sent: datetime, now: datetime, turn: Turn) -> str | None:
    """Return why a desk's clock cannot tell when an entry was signed, or None where it can, within ``SKEW_ALLOWED``.

    Args:
        signed: As the desk signed it.
        sent: As the desk said without signing it, so that it is believed only where it agrees with our own clock.
        now: Our own clock.
        turn: Where the entry's number puts it.
    """
    if abs(now - sent) > SKEW_ALLOWED:
        return "the desk's clock is more than five minutes off"
    if signed - now > SKEW_ALLOWED:
        return "it was signed in the future"
    if turn.earliest - signed > SKEW_ALLOWED:
        return "it was signed before the desk was paired, or before what has an earlier number"
    if turn.latest is not None and signed - turn.latest > SKEW_ALLOWED:
        return "it was signed after what has a later number"
    return None


def claimed_at(signed: datetime, sent: datetime, now: datetime) -> datetime | None:
    """Return when a queued arrival was, by a desk's clock that has no :func:`clock_problem`; None where it was sent at once.

    A clock that is ahead cannot claim the future: then what counts is how long ago it was by that same clock.
    """
    waited = sent - signed
    if waited <= QUEUED_AFTER:
        return None
    return signed if signed <= now else now - waited


def _object(text: str, names: tuple[str, ...]) -> Mapping[str, JSONValue]:
    try:
        document = parse(text.encode("utf-8", "surrogatepass"))
    except ProofError:
        raise _refused("it is no canonical JSON") from None
    if not isinstance(document, Mapping) or sorted(document) != list(names):
        raise _refused(f"it does not have exactly the fields {', '.join(names)}")
    return document


def _text(document: Mapping[str, JSONValue], name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise _refused(f"its {name} is no text")
    return value


def _text_or_none(document: Mapping[str, JSONValue], name: str) -> str | None:
    return None if document[name] is None else _text(document, name)


def _number(document: Mapping[str, JSONValue], name: str, least: int, most: int) -> int:
    value = document[name]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _refused(f"its {name} is no number from {least}")
    return value


def _instant(document: Mapping[str, JSONValue]) -> datetime:
    return _EPOCH + timedelta(milliseconds=_number(document, "at", 0, _LATEST))


def _refused(problem: str) -> InputError:
    return InputError("desk.entry", "entry", problem, "Load the desk's page anew; staff can enter the visitor by hand.")
