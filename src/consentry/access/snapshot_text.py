"""A snapshot as text: ``CS1.<signature>`` and an end of line, then the canonical JSON that the server's Ed25519 key signed.

People and credentials are columns, not objects: one list for each field, in which sets of groups and of doors are numbers into a table. So ten thousand
people are read in a fraction of a second, and are a third as long. Times are microseconds since 1970. Nothing is read before the signature holds.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consentry.access.model import Credential, CredentialKind, CredentialState, DoorMode, EntryDigits, Issuer, Person, Snapshot
from consentry.access.pass_text import RefusedError, base64url, from_base64url
from consentry.access.policy_text import policy_document, read_policy
from consentry.ledger.rules.canonical import canonical
from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from consentry.ledger.model import JSONValue

__all__ = ["LONGEST_SNAPSHOT", "read_snapshot", "write_snapshot"]

LONGEST_SNAPSHOT = 64 * 1024 * 1024
"""Characters; ten thousand people with three credentials each are six million."""

_NAME = "CS1"
_SIGNED = b"consentry/snapshot/v1\n"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KINDS = {str(kind): kind for kind in CredentialKind}
_STATES = {str(state): state for state in CredentialState}
_NONE = type(None)


def write_snapshot(snapshot: Snapshot, key: Ed25519PrivateKey) -> str:
    """Return the snapshot as signed text.

    Raises:
        InputError: ``ledger.not-json`` where it holds text that is not Unicode.
    """
    body = canonical(_document(snapshot))
    return f"{_NAME}.{base64url(key.sign(_SIGNED + body))}\n{body.decode()}"


def read_snapshot(text: str, public_key: bytes, *, site: str, controller: str) -> Snapshot:
    """Return the snapshot of a text that the server signed for this controller. Whether it has expired is for the rules to say.

    Args:
        text: As :func:`write_snapshot` returned it.
        public_key: The server's, 32 bytes, pinned when the controller was paired.
        site: Of which it must be.
        controller: For which it must be.

    Raises:
        ProofError: ``snapshot.signature`` where nobody or somebody else signed it, ``snapshot.other`` where it is another site's or controller's,
            ``snapshot.text`` where what was signed cannot be read.
    """
    body = _signed_body(text, public_key)
    try:
        snapshot = _snapshot(json.loads(body))
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError, InputError) as error:
        problem = f"it cannot be read ({error})"
        raise ProofError("snapshot.text", "snapshot", problem, "Run the same version of Consentry on the server and the controller.") from error
    if (snapshot.site, snapshot.controller) != (site, controller):
        whose = f"it is for {snapshot.controller} of {snapshot.site}"
        raise ProofError("snapshot.other", "snapshot", whose, f"Take the one for {controller} of {site}.")
    return snapshot


def _signed_body(text: str, public_key: bytes) -> bytes:
    head, _, body = text.partition("\n")
    name, _, signature = head.partition(".")
    try:
        if name != _NAME or len(text) > LONGEST_SNAPSHOT:
            raise _unsigned()
        signed = body.encode()
        Ed25519PublicKey.from_public_bytes(public_key).verify(from_base64url(signature), _SIGNED + signed)
    except (InvalidSignature, ValueError, RefusedError) as error:
        raise _unsigned() from error
    return signed


def _unsigned() -> ProofError:
    return ProofError("snapshot.signature", "snapshot", "the server did not sign it", "Fetch it again; pair the controller anew if its server changed.")


def _document(snapshot: Snapshot) -> dict[str, JSONValue]:
    places = {person.id: place for place, person in enumerate(snapshot.people)}
    return {
        "v": 1,
        "number": snapshot.number,
        "site": snapshot.site,
        "controller": snapshot.controller,
        "issued": _micros(snapshot.issued),
        "expires": _micros(snapshot.expires),
        "policy": policy_document(snapshot.policy),
        "people": _people_columns(snapshot.people),
        "credentials": _credential_columns(snapshot.credentials, places),
        "issuers": [[issuer.kid, issuer.public_key] for issuer in snapshot.issuers],
        "modes": {door: str(mode) for door, mode in snapshot.modes.items()},
        "revoked": list(snapshot.revoked),
        "entry": [snapshot.entry.unit, snapshot.entry.pin],
    }


def _people_columns(people: Sequence[Person]) -> dict[str, JSONValue]:
    groups, sets = _numbered(person.groups for person in people)
    return {
        "id": [person.id for person in people],
        "groups": groups,
        "sets": [list(one or ()) for one in sets],
        "from": [_micros(person.valid_from) for person in people],
        "until": [_micros(person.valid_until) for person in people],
        "suspended": [person.suspended for person in people],
        "host": [person.host for person in people],
        "exempt": [person.passback_exempt for person in people],
        "longer": [person.longer_release for person in people],
    }


def _credential_columns(credentials: Sequence[Credential], places: Mapping[str, int]) -> dict[str, JSONValue]:
    doors, sets = _numbered(one.doors for one in credentials)
    return {
        "id": [one.id for one in credentials],
        "person": [places[one.person] for one in credentials],
        "kind": [str(one.kind) for one in credentials],
        "mark": [one.mark for one in credentials],
        "state": [str(one.state) for one in credentials],
        "from": [_micros(one.valid_from) for one in credentials],
        "until": [_micros(one.valid_until) for one in credentials],
        "number": [one.number for one in credentials],
        "salt": [one.salt for one in credentials],
        "duress": [one.duress for one in credentials],
        "doors": doors,
        "sets": [None if one is None else list(one) for one in sets],
        "uses": [one.uses for one in credentials],
        "host": [one.needs_host for one in credentials],
    }


def _numbered(values: Iterable[tuple[str, ...] | None]) -> tuple[list[JSONValue], list[tuple[str, ...] | None]]:
    """Return the number of each value in a table of different ones, and that table."""
    table: dict[tuple[str, ...] | None, int] = {}
    return [table.setdefault(value, len(table)) for value in values], list(table)


def _snapshot(document: dict[str, Any]) -> Snapshot:
    if document["v"] != 1:
        raise _malformed("v")
    people = _people(document["people"])
    return Snapshot(
        number=_one(document, "number", int),
        site=_one(document, "site", str),
        controller=_one(document, "controller", str),
        issued=_instant(_one(document, "issued", int)),
        expires=_instant(_one(document, "expires", int)),
        policy=read_policy(document["policy"]),
        people=people,
        credentials=_credentials(document["credentials"], people),
        issuers=tuple(map(_issuer, _column(document, "issuers", None, list))),
        modes={door: DoorMode(mode) for door, mode in _one(document, "modes", dict).items()},
        revoked=tuple(_column(document, "revoked", None, str)),
        entry=EntryDigits(*_column(document, "entry", 2, int, _NONE)),
    )


def _people(columns: dict[str, Any]) -> tuple[Person, ...]:
    ids = _different(columns, "id")
    length = len(ids)
    sets = _sets(columns, list)
    found = map(
        Person,
        ids,
        _picked(columns, "groups", sets, length),
        _times(columns, "from", length),
        _times(columns, "until", length),
        _column(columns, "suspended", length, bool),
        _column(columns, "host", length, str, _NONE),
        _column(columns, "exempt", length, bool),
        _column(columns, "longer", length, bool),
    )
    return tuple(found)


def _credentials(columns: dict[str, Any], people: Sequence[Person]) -> tuple[Credential, ...]:
    ids = _different(columns, "id")
    length = len(ids)
    sets = _sets(columns, list, _NONE)
    found = map(
        Credential,
        ids,
        _picked(columns, "person", [person.id for person in people], length),
        map(_KINDS.__getitem__, _column(columns, "kind", length, str)),
        _column(columns, "mark", length, str),
        map(_STATES.__getitem__, _column(columns, "state", length, str)),
        _times(columns, "from", length),
        _times(columns, "until", length),
        _column(columns, "number", length, str, _NONE),
        _column(columns, "salt", length, str, _NONE),
        _column(columns, "duress", length, str, _NONE),
        _picked(columns, "doors", sets, length),
        _column(columns, "uses", length, int, _NONE),
        _column(columns, "host", length, bool),
    )
    return tuple(found)


def _issuer(pair: list[Any]) -> Issuer:
    kid, key = pair
    if type(kid) is not int or type(key) is not str:
        raise _malformed("issuers")
    return Issuer(kid, key)


def _one(document: dict[str, Any], name: str, kind: type) -> Any:  # noqa: ANN401 - of the kind that is asked for
    if type(document[name]) is not kind:
        raise _malformed(name)
    return document[name]


def _column(columns: dict[str, Any], name: str, length: int | None, *kinds: type) -> list[Any]:
    """Return a list of so many values of these kinds. The types of a column are compared at once: a loop in Python would take most of the time."""
    values = columns[name]
    if type(values) is not list or (length is not None and len(values) != length) or not set(map(type, values)) <= set(kinds):
        raise _malformed(name)
    return values


def _sets(columns: dict[str, Any], *kinds: type) -> list[tuple[str, ...] | None]:
    sets = [None if one is None else tuple(one) for one in _column(columns, "sets", None, *kinds)]
    if not set(map(type, chain.from_iterable(one for one in sets if one is not None))) <= {str}:
        raise _malformed("sets")
    return sets


def _different(columns: dict[str, Any], name: str) -> list[str]:
    values = _column(columns, name, None, str)
    if len(set(values)) != len(values):
        raise _malformed(name)
    return values


def _picked(columns: dict[str, Any], name: str, table: Sequence[Any], length: int) -> list[Any]:
    places = _column(columns, name, length, int)
    if places and min(places) < 0:
        raise _malformed(name)
    return [table[place] for place in places]


def _times(columns: dict[str, Any], name: str, length: int) -> list[datetime | None]:
    # Most end at the same few instants.
    known = cache(_instant)
    return [None if value is None else known(value) for value in _column(columns, name, length, int, _NONE)]


def _micros(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _malformed(name: str) -> InputError:
    return InputError("snapshot.text", "snapshot", f"its {name} is malformed", "Run the same version of Consentry on the server and the controller.")
