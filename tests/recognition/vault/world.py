"""A site around a vault: its keys, a station, consents, a calibration signed for tests, and the messages that go with them."""

from __future__ import annotations

import base64
import os
import secrets
import socket
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.consent import grants
from consentry.consent.model import ConsentGrant, Purpose
from consentry.platform.keys.key_file import KeyKind, create_key_file
from consentry.recognition import messages, wire
from consentry.recognition.calibration import Calibration, Dataset, ErrorRate, OperatingPoint, Signer, calibration_text, signed
from consentry.recognition.codec import to_text
from consentry.recognition.model import Act, Activation, Capture, Outcome, StationTicket, TicketKind
from consentry.recognition.seals import opened_outcome
from consentry.recognition.vault.order import VaultOrder
from tests.recognition.vault.faces import FAMILY, WEIGHTS, chip, chips

if TYPE_CHECKING:
    from pathlib import Path

SITE = "shop"
STATION = "door-1"
NOTICE = "ab" * 32
LIVE = Capture("yunet", {"sharpness": 90, "illumination": 80}, {"active": True}, attested=True)
STILL = replace(LIVE, liveness={"active": False})
UNKNOWN = replace(LIVE, liveness={})
ALL = tuple(Purpose)

Wanted = TypeVar("Wanted")


class Asking(Protocol):
    """Puts a question to a vault, wherever it runs."""

    def __call__(self, question: messages.WebQuestion | messages.StationQuestion, body: bytes = b"") -> messages.Answer:
        """Return its answer."""
        ...


def calibration(*, family: str = FAMILY, fnmr: float = 0.01) -> Calibration:
    """Return figures that certify for doors unless ``fnmr`` is too high."""
    scores = ((1e-1, 0.3), (1e-2, 0.4), (1e-3, 0.5), (1e-4, 0.6), (1e-5, 0.7), (1e-6, 0.8))
    points = tuple(OperatingPoint(rate, threshold, rate * 2) for rate, threshold in scores)
    rates = {name: ErrorRate(fnmr, fnmr, fnmr) for name in ("1e-3", "1e-4")}
    return Calibration(family, "yunet", WEIGHTS, Dataset("numbers", "ef" * 32, 100), 100, 100, points, rates)


@dataclass
class Site:
    """Holds what the rest of a site would hold: the key that signs grants, a station's key, who has agreed. ``time``: where its clock stands, if it does."""

    folder: Path
    grant_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    station_key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    counter: int = 0
    time: datetime | None = None

    def __post_init__(self) -> None:
        """Make the folders and the vault's root key, unless they are there."""
        for name in ("keys", "keys/vault", "data", "data/vault"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (self.folder / "keys" / "vault.key").exists():
            create_key_file(self.folder / "keys" / "vault.key", KeyKind.VAULT, SITE, datetime(2026, 1, 1, tzinfo=UTC))

    def order(self) -> VaultOrder:
        """Return the order of this site's vault."""
        users = (os.getuid(),)
        key = self.grant_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
        document = calibration_text(signed(calibration(), self.grant_key, epoch=1, by=Signer.TEST_ONLY))
        return VaultOrder(
            key=str(self.folder / "keys" / "vault.key"),
            data=str(self.folder / "data"),
            keystore=str(self.folder / "keys" / "vault"),
            socket=str(self.folder / "v.sock"),
            stations_socket=str(self.folder / "s.sock"),
            askers=users,
            station_askers=users,
            grant_keys={1: key},
            calibration_keys={1: key},
            calibration=document,
            family=FAMILY,
            purposes=ALL,
            identifies=ALL,
            separate=True,
            accept_test_calibration=True,
        )

    def registration(self) -> messages.RegisterStation:
        """Return the message that registers the station."""
        point = self.station_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return messages.RegisterStation(STATION, base64.b64encode(point).decode(), ALL, may_enrol=True, attested=True)

    def now(self) -> datetime:
        """Return the time of the site."""
        return self.time or datetime.now(UTC)

    def grant(self, purpose: Purpose = Purpose.GREETING) -> ConsentGrant:
        """Return the grant of a new consent of a new person."""
        issued = self.now()
        expires = issued + timedelta(days=90)
        return ConsentGrant(str(uuid4()), str(uuid4()), SITE, purpose, FAMILY, NOTICE, issued, expires, 1, may_enrol_for_doors=True)

    def grant_text(self, grant: ConsentGrant) -> str:
        """Return a grant as a message carries it."""
        return base64.b64encode(grants.signed(grant, self.grant_key)).decode()

    def activation(self, kind: TicketKind, consent: str | None = None, purpose: Purpose = Purpose.GREETING, *, attended: bool = False) -> Activation:
        """Return the next activation of the station."""
        self.counter += 1
        return Activation(STATION, kind, purpose, Act.BUTTON, self.counter, self.now(), secrets.token_hex(16), NOTICE, consent, attended)

    def minting(self, activation: Activation, attended_by: str | None = None) -> messages.MintTicket:
        """Return the message that asks for a ticket, signed."""
        text = to_text(activation)
        r, s = decode_dss_signature(self.station_key.sign(text.encode(), ECDSA(SHA256())))
        return messages.MintTicket(text, base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode(), attended_by)


def is_(kind: type[Wanted], answer: object) -> Wanted:
    """Return the answer, which must be of this kind."""
    assert isinstance(answer, kind), answer
    return answer


def refused(answer: messages.Answer) -> str:
    """Return the code of a refusal."""
    return is_(messages.Refused, answer).code


def ticket(site: Site, ask: Asking, kind: TicketKind, consent: str | None = None, purpose: Purpose = Purpose.GREETING) -> StationTicket:
    """Return a ticket that the vault minted."""
    return is_(messages.MintedTicket, ask(site.minting(site.activation(kind, consent, purpose)))).ticket


def outcome(ask: Asking, answer: messages.Answer) -> Outcome:
    """Return the outcome that the vault signed."""
    keys = {int(epoch): base64.b64decode(key) for epoch, key in is_(messages.VaultStatus, ask(messages.Status())).keys.items()}
    return opened_outcome(is_(messages.SignedOutcome, answer), keys)


def enrol(
    site: Site, ask: Asking, person: int, grant: ConsentGrant | None = None, *, capture: Capture = LIVE, shots: int = 3
) -> tuple[ConsentGrant, messages.Answer]:
    """Enrol a numbered face and return grant and answer."""
    grant = grant or site.grant()
    held = ticket(site, ask, TicketKind.ENROL, grant.consent, purpose=grant.purpose)
    return grant, ask(messages.Enrol(held.id, site.grant_text(grant), capture), chips(person, shots))


def identify(site: Site, ask: Asking, person: int, purpose: Purpose = Purpose.GREETING, capture: Capture = LIVE) -> messages.Answer:
    """Show another shot of a numbered face and return the answer."""
    held = ticket(site, ask, TicketKind.IDENTIFY, purpose=purpose)
    return ask(messages.Identify(held.id, capture), chip(person, 200).tobytes())


def verify(site: Site, ask: Asking, person: int, grant: ConsentGrant, token: str | None = None, *, capture: Capture = LIVE) -> messages.Answer:
    """Show another shot of a numbered face with the token of a consent and return the answer."""
    held = ticket(site, ask, TicketKind.VERIFY, grant.consent, purpose=grant.purpose)
    return ask(messages.Verify(held.id, token or grant.consent, capture), chip(person, 200).tobytes())


def over(path: str, question: messages.WebQuestion | messages.StationQuestion, body: bytes = b"") -> messages.Answer:
    """Ask over a socket, with a connection of its own."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(path)
        wire.send(sock, messages.written(question), body)
        return messages.read_answer(wire.receive(sock)[0])


def asking(order: VaultOrder) -> Asking:
    """Return what asks a running vault."""

    def ask(question: messages.WebQuestion | messages.StationQuestion, body: bytes = b"") -> messages.Answer:
        stations = isinstance(question, messages.StationQuestion)
        return over(order.stations_socket if stations else order.socket, question, body)

    return ask
