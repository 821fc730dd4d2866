"""A small house with a resident, a guest, a face and a card, whose keys are made from numbers: what is shown at its doors comes out alike every time."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.access.marks import Secrets, inner_card, inner_pin, inner_unit, number_salt, salt_bytes
from consentry.access.model import Attempt, Credential, CredentialKind, Door, Issuer, Person, Policy, ReaderKind, Rule, Snapshot
from consentry.access.passes import (
    FacePass,
    GuestPass,
    IssuerKey,
    PhonePass,
    issue_face_pass,
    issue_guest_pass,
    issue_phone_pass,
    phone_code,
    step_at,
)
from consentry.access.proving import CardShown, CodeShown, PinShown, prove
from consentry.access.rules.deciding import State, compile_snapshot, decide

if TYPE_CHECKING:
    from consentry.access.model import Decision, Evidence
    from consentry.access.proving import Shown
    from consentry.access.rules.deciding import Compiled

__all__ = ["NOW", "SITE", "Codes", "House", "holder_point", "house", "issuer"]

NOW = datetime(2026, 6, 30, 9, 0, 7, tzinfo=UTC)
SITE = "home"
DAY = timedelta(days=1)
READERS = (ReaderKind.CARD, ReaderKind.PIN, ReaderKind.QR, ReaderKind.FACE)
SITE_KEY = bytes(range(32))
UID = bytes.fromhex("04a1b2c3d4e5f6")
UNIT, PIN, DURESS = "31201", "739152", "739153"


@dataclass(slots=True)
class Codes:
    """Codes that were shown, as a controller remembers them, without end."""

    seen: dict[str, datetime] = field(default_factory=dict)

    def first_use(self, key: str, until: datetime) -> bool:
        """Return whether a code never came before."""
        first = key not in self.seen
        self.seen[key] = until
        return first


@dataclass(frozen=True, slots=True)
class House:
    """The house: its doors are ``gate`` and ``lobby``; the resident's telephone opens both, the guest's pass the gate, the face the gate."""

    compiled: Compiled
    secrets: Secrets
    issuer: IssuerKey
    holder: EllipticCurvePrivateKey
    phone: PhonePass
    guest: GuestPass

    def phone_shown(self, door: str = "gate", step: int | None = None) -> str:
        """Return what the resident's telephone shows."""
        return phone_code(issue_phone_pass(self.issuer, self.phone), self.phone.id, self.holder, door, step_at(NOW) if step is None else step)

    def guest_shown(self) -> str:
        """Return the guest's pass."""
        return issue_guest_pass(self.issuer, self.guest)

    def face_shown(self, nonce: str = "n1", expires: datetime = NOW + timedelta(seconds=10)) -> str:
        """Return the admission of the resident's face at the gate."""
        return issue_face_pass(self.issuer, FacePass(SITE, "gate", "consent-1", nonce, timedelta(seconds=4), expires))

    def evidence(self, shown: Shown, at: datetime = NOW, codes: Codes | None = None) -> Evidence:
        """Return what is proved."""
        return prove(self.compiled, self.secrets, shown, at, codes if codes is not None else Codes())

    def decision(self, shown: Shown, at: datetime = NOW, codes: Codes | None = None) -> Decision:
        """Return what is decided when nobody tried anything before, so that no lock-out hides what a proof let through."""
        return decide(self.compiled, State(), Attempt(shown.door, at, self.evidence(shown, at, codes)))[0]

    def code(self, text: str, door: str = "gate", at: datetime = NOW, codes: Codes | None = None) -> Decision:
        """Return what is decided about a code."""
        return self.decision(CodeShown(door, text), at, codes)

    def pin(self, unit: str | CardShown = UNIT, pin: str = PIN) -> Evidence:
        """Return what a PIN proves at the gate."""
        return self.evidence(PinShown("gate", unit, pin))

    def card(self, uid: bytes = UID, kind: str = "uid") -> Evidence:
        """Return what a card proves at the gate."""
        return self.evidence(CardShown("gate", kind, uid))

    def with_credential(self, credential: str, **changes: object) -> House:
        """Return the house whose register says otherwise of one credential."""
        snapshot = self.compiled.snapshot
        changed = tuple(replace(one, **changes) if one.id == credential else one for one in snapshot.credentials)  # type: ignore[arg-type] # by name
        return replace(self, compiled=compile_snapshot(replace(snapshot, credentials=changed)))


def issuer(kid: int, seed: int) -> IssuerKey:
    """Return an issuer's key."""
    return IssuerKey(kid, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def holder_point(holder: EllipticCurvePrivateKey) -> bytes:
    """Return the public point of a telephone's key."""
    return holder.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@cache
def house() -> House:
    """Return the house."""
    key, holder, secrets = issuer(2, 7), derive_private_key(12345, SECP256R1()), Secrets("main", b"s" * 32)
    phone = PhonePass(SITE, "phone-1", holder_point(holder), NOW - DAY, NOW + DAY)
    guest = GuestPass(SITE, "guest-1", ("gate",), NOW - DAY, NOW + DAY, uses=3)
    return House(compile_snapshot(_snapshot(secrets, [issuer(1, 6), key])), secrets, key, holder, phone, guest)


def public_key(key: IssuerKey) -> Issuer:
    """Return what a snapshot says of an issuer."""
    return Issuer(key.kid, base64.b64encode(key.key.public_key().public_bytes_raw()).decode())


def _snapshot(secrets: Secrets, issuers: list[IssuerKey]) -> Snapshot:
    doors = tuple(Door(door, READERS) for door in ("gate", "lobby"))
    rules = (Rule("all", "residents", ("gate", "lobby")), Rule("guests", "guests", ("gate", "lobby")))
    people = (Person("resident", ("residents",)), Person("guest", ("guests",), host="resident"))
    return Snapshot(
        7, SITE, "main", NOW - DAY, NOW + DAY, Policy(1, "Asia/Shanghai", doors, rules=rules), people, _credentials(secrets), tuple(map(public_key, issuers))
    )


def _credentials(secrets: Secrets) -> tuple[Credential, ...]:
    kind, card, unit = CredentialKind, inner_card("uid", UID), inner_unit(UNIT)
    of_unit, of_card = number_salt(SITE_KEY, unit), number_salt(SITE_KEY, card)

    def hashed(pin: str, salt: str) -> str:
        return secrets.mark(inner_pin(pin, salt_bytes(salt)))

    return (
        Credential("card", "resident", kind.CARD, secrets.mark(card)),
        Credential("pin", "resident", kind.PIN, hashed(PIN, of_unit), number=secrets.mark(unit), salt=of_unit, duress=hashed(DURESS, of_unit)),
        Credential("card-pin", "resident", kind.PIN, hashed("804417", of_card), number=secrets.mark(card), salt=of_card),
        Credential("phone", "resident", kind.PHONE, "phone-1"),
        Credential("face", "resident", kind.FACE, "consent-1"),
        Credential("guest", "guest", kind.GUEST, "guest-1", uses=3, doors=("gate",)),
    )
