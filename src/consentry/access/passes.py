"""Passes that a door reads as a code: a resident's on the telephone (CP1), a guest's on paper or a screen (CG1), and a face just recognised (CF1).

Each is text: its name, its body (canonical JSON in base64url) and the issuer's Ed25519 signature over the body, with points between. The telephone adds
the door, the 30-second step and its own P-256 signature over both, so that a code which was watched opens no other door and no later step. Everything is
read strictly: one pass has one text. What a pass holds is in ``docs/passes.md``.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from consentry.access.model import AccessEvent, CredentialKind
from consentry.access.pass_text import FACE, GUEST, ID, LATEST_SECOND, MOST_DOORS, PHONE, UNREADABLE, VERSION, PassBody, RefusedError, base64url, from_base64url
from consentry.ledger.rules.canonical import LARGEST_INTEGER, canonical
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from consentry.access.model import Issuer
    from consentry.ledger.model import JSONValue

__all__ = [
    "FACE_LASTS",
    "FACE_TAKES",
    "STEP",
    "FacePass",
    "GuestPass",
    "IssuerKey",
    "PhonePass",
    "Place",
    "Verified",
    "issue_face_pass",
    "issue_guest_pass",
    "issue_phone_pass",
    "phone_code",
    "step_at",
    "verify",
]

STEP = timedelta(seconds=30)
"""How long one code of a telephone is shown."""
FACE_LASTS = timedelta(seconds=10)
"""How long a recognised face may wait at the door."""
FACE_TAKES = timedelta(seconds=30)
"""How long a capture may have taken until its admission: a ticket lasts ten seconds, and what it came to is told for ten more."""
LONGEST_CODE = 2048
"""Characters of a code; what one QR code of middling density holds."""

_MILLISECOND = timedelta(milliseconds=1)
_STEP_S = 30
_CLOCKS_DIFFER_S = 30
"""Seconds by which the server's clock may be ahead of a controller's, for a pass of ten seconds."""
_PASS = b"consentry/pass/v1\n"
_DOOR = b"consentry/door/v1\n"
_HALF = 32
_POINT_BYTES = 65
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
# int() also reads the digits of every other script, signs and underscores.
_COUNT = re.compile(r"0|[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """The site's key for passes and its number, the epoch of the site's keys."""

    kid: int
    key: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class PhonePass:
    """A resident's pass on their own telephone. ``holder``: the telephone's P-256 key, 65 bytes, uncompressed; ``doors``: None for all of its person."""

    site: str
    id: str
    holder: bytes
    valid_from: datetime
    valid_until: datetime
    doors: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class GuestPass:
    """A guest's pass: it names one door, or each use waits for the host. ``uses``: how often it opens in all, None without limit."""

    site: str
    id: str
    doors: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    uses: int | None = None
    needs_host: bool = False


@dataclass(frozen=True, slots=True)
class FacePass:
    """One recognised face at one door, for seconds and once. ``nonce``: 1 to 64 letters and digits that come once.

    ``took``: from the beginning of its capture to this admission, at most ``FACE_TAKES``. A span and no instant, so that a door whose clock is not the
    server's counts as many seconds (R62).
    """

    site: str
    door: str
    consent: str
    nonce: str
    took: timedelta
    expires: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code is shown, and whose signatures count there."""

    site: str
    door: str
    issuers: Sequence[Issuer]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a code proves: that the credential with this mark is here. ``once``: a name for this showing, which may come once before ``until``.

    ``took``: of a face, from the beginning of its capture to its admission.
    """

    kind: CredentialKind
    mark: str
    once: str | None = None
    until: datetime | None = None
    uses: int | None = None
    needs_host: bool = False
    took: timedelta | None = None


def issue_phone_pass(issuer: IssuerKey, phone: PhonePass) -> str:
    """Return the pass ``CP1.<body>.<signature>``, to which the telephone adds door, step and its own signature.

    Raises:
        InputError: ``pass.field`` where the pass cannot be written, ``pass.holder`` where the key is no point of P-256.
    """
    _check_holder(phone.holder)
    body = {**_dated(phone), "holder": base64url(phone.holder), "doors": None if phone.doors is None else _checked_doors(phone.doors)}
    return _issued(PHONE, issuer, body)


def issue_guest_pass(issuer: IssuerKey, guest: GuestPass) -> str:
    """Return the pass ``CG1.<body>.<signature>``.

    Raises:
        InputError: ``pass.doors`` where it names several doors and does not wait for the host: whoever copies paper would walk through the house;
            ``pass.field`` where the pass cannot be written.
    """
    if len(guest.doors) != 1 and not guest.needs_host:
        raise InputError("pass.doors", "guest pass", "it opens several doors", "Name one door, or let each use wait for the host.")
    if guest.uses is not None and not 0 < guest.uses <= LARGEST_INTEGER:
        raise _unwritable("uses")
    return _issued(GUEST, issuer, {**_dated(guest), "doors": _checked_doors(guest.doors), "uses": guest.uses, "host": guest.needs_host})


def issue_face_pass(issuer: IssuerKey, face: FacePass) -> str:
    """Return the admission ``CF1.<body>.<signature>``.

    Raises:
        InputError: ``pass.field`` where it cannot be written.
    """
    _check_name(face.site, _SLUG, "site")
    _check_name(face.door, _SLUG, "door")
    _check_name(face.consent, ID, "consent")
    _check_name(face.nonce, ID, "nonce")
    if not timedelta(0) <= face.took <= FACE_TAKES:
        raise _unwritable("took")
    named: dict[str, JSONValue] = {"site": face.site, "door": face.door, "consent": face.consent, "nonce": face.nonce}
    return _issued(FACE, issuer, {**named, "took": face.took // _MILLISECOND, "exp": _seconds(face.expires)})


def step_at(now: datetime) -> int:
    """Return the number of the 30-second step of an instant."""
    return _seconds(now) // _STEP_S


def phone_code(issued: str, pass_id: str, holder: EllipticCurvePrivateKey, door: str, step: int) -> str:
    """Return what a telephone shows at a door in a step. The page on the telephone does the same in JavaScript."""
    first, second = decode_dss_signature(holder.sign(_door_text(pass_id, door, step), ECDSA(SHA256())))
    return f"{issued}.{door}.{step}.{base64url(first.to_bytes(_HALF, 'big') + second.to_bytes(_HALF, 'big'))}"


def verify(text: str, place: Place, now: datetime) -> Verified | AccessEvent:
    """Return what a code proves at a place, or why it proves nothing. Never raises, whatever the text.

    Whether the credential is known, and whether ``once`` came before, is for the caller to find out.
    """
    try:
        return _verified(text, place, now)
    except RefusedError as refused:
        return refused.fault


_FORGED = AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR
_EARLY = AccessEvent.DENIED_CREDENTIAL_NOT_YET_ACTIVE
_LATE = AccessEvent.DENIED_CREDENTIAL_EXPIRED
_ELSEWHERE = AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS


def _verified(text: str, place: Place, now: datetime) -> Verified:
    name, *parts = text.split(".") if len(text) <= LONGEST_CODE else [""]
    checks = {PHONE: (_phone, 5), GUEST: (_guest, 2), FACE: (_face, 2)}
    check, length = checks.get(name, (None, 0))
    if check is None or len(parts) != length:
        raise RefusedError(UNREADABLE)
    body = PassBody(name, parts[0])
    _check_issued(body, parts[1], place)
    return check(body, parts[2:], place, _seconds(now))


def _phone(body: PassBody, shown: list[str], place: Place, now: int) -> Verified:
    door, step_text, signature = shown
    pass_id, holder, doors = body.name("pass"), body.raw("holder", _POINT_BYTES), body.doors(may_be_all=True)
    step = _step(step_text)
    if _SLUG.fullmatch(door) is None:
        raise RefusedError(UNREADABLE)
    _check_signed_by(holder, signature, _door_text(pass_id, door, step))
    if door != place.door or (doors is not None and door not in doors):
        raise RefusedError(_ELSEWHERE)
    _check_dates(body, now)
    _check_step(step, now // _STEP_S)
    until = datetime.fromtimestamp((step + 2) * _STEP_S, UTC)
    return Verified(CredentialKind.PHONE, pass_id, f"phone/{pass_id}/{door}/{step}", until)


def _guest(body: PassBody, _: list[str], place: Place, now: int) -> Verified:
    pass_id, doors, needs_host = body.name("pass"), body.doors(may_be_all=False), body.truth("host")
    uses = None if body["uses"] is None else body.number("uses", 1, LARGEST_INTEGER)
    if doors is None or place.door not in doors:
        raise RefusedError(_ELSEWHERE)
    _check_dates(body, now)
    return Verified(CredentialKind.GUEST, pass_id, uses=uses, needs_host=needs_host)


def _face(body: PassBody, _: list[str], place: Place, now: int) -> Verified:
    consent, nonce, door = body.name("consent"), body.name("nonce"), body["door"]
    expires, took = body.number("exp", 0, LATEST_SECOND), body.number("took", 0, FACE_TAKES // _MILLISECOND)
    if door != place.door:
        raise RefusedError(_ELSEWHERE)
    if now >= expires:
        raise RefusedError(_LATE)
    if expires - now > FACE_LASTS.seconds + _CLOCKS_DIFFER_S:
        raise RefusedError(_EARLY)
    return Verified(CredentialKind.FACE, consent, f"face/{nonce}", datetime.fromtimestamp(expires, UTC), took=took * _MILLISECOND)


def _check_issued(body: PassBody, signature: str, place: Place) -> None:
    kid = body.number("kid", 1, LARGEST_INTEGER)
    key = next((issuer.public_key for issuer in place.issuers if issuer.kid == kid), None)
    if key is None:
        raise RefusedError(_FORGED)
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True)).verify(from_base64url(signature), _PASS + body.bytes)
    except (InvalidSignature, ValueError):
        raise RefusedError(_FORGED) from None
    if body["site"] != place.site:
        raise RefusedError(_FORGED)


def _check_signed_by(holder: bytes, signature: str, text: bytes) -> None:
    raw = from_base64url(signature)
    if len(raw) != 2 * _HALF:
        raise RefusedError(_FORGED)
    try:
        pair = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), holder).verify(pair, text, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise RefusedError(_FORGED) from None


def _check_dates(body: PassBody, now: int) -> None:
    if now < body.number("nbf", 0, LATEST_SECOND):
        raise RefusedError(_EARLY)
    if now >= body.number("exp", 0, LATEST_SECOND):
        raise RefusedError(_LATE)


def _step(text: str) -> int:
    if _COUNT.fullmatch(text) is None:
        raise RefusedError(UNREADABLE)
    return int(text)


def _check_step(step: int, now: int) -> None:
    """Refuse a step that is not this one or a neighbour: clocks differ, and a code is read a moment after it was drawn."""
    if step < now - 1:
        raise RefusedError(_LATE)
    if step > now + 1:
        raise RefusedError(_EARLY)


def _door_text(pass_id: str, door: str, step: int) -> bytes:
    return _DOOR + f"{pass_id}\n{door}\n{step}".encode()


def _issued(name: str, issuer: IssuerKey, body: dict[str, JSONValue]) -> str:
    written = canonical({**body, "v": VERSION, "kid": issuer.kid})
    return f"{name}.{base64url(written)}.{base64url(issuer.key.sign(_PASS + written))}"


def _dated(dated: PhonePass | GuestPass) -> dict[str, JSONValue]:
    _check_name(dated.site, _SLUG, "site")
    _check_name(dated.id, ID, "id")
    if dated.valid_until <= dated.valid_from:
        raise _unwritable("valid_until")
    return {"site": dated.site, "pass": dated.id, "nbf": _seconds(dated.valid_from), "exp": _seconds(dated.valid_until)}


def _checked_doors(doors: tuple[str, ...]) -> list[JSONValue]:
    if not 0 < len(doors) <= MOST_DOORS:
        raise _unwritable("doors")
    for door in doors:
        _check_name(door, _SLUG, "doors")
    return list(doors)


def _check_name(value: str, form: re.Pattern[str], key: str) -> None:
    if form.fullmatch(value) is None:
        raise _unwritable(key)


def _check_holder(holder: bytes) -> None:
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), holder)
    except ValueError:
        holder = b""
    if len(holder) != _POINT_BYTES:
        raise InputError("pass.holder", "phone pass", "its key is no uncompressed point of P-256", "Make the telephone's key anew.")


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _unwritable(key: str) -> InputError:
    return InputError("pass.field", "pass", f"its {key} cannot be written", "Give what the page on passes in the documentation says.")
