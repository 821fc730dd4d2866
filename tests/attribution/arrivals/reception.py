"""A reception for tests: an office, the codes that agents show at it, and devices that sign what they send as the desk's page does."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.attribution.model import Edit, Link, Outage, Statement, Visit
from consentry.attribution.service import arrivals, codes, desk_queue, desks
from consentry.attribution.visiting import Arrival, SignedEntry
from consentry.consent import service as consents
from consentry.consent.requests import RequestKind
from consentry.platform.actors import Actor, ActorKind, Permission
from tests.attribution.reports.office import MANAGER, PHONE, Kept, Office, mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.attribution.channel import Filed
    from consentry.attribution.visiting import EntryOutcome, HintKind, Reconciled, Recorded
    from consentry.platform.site import Site

FRONT = Actor(ActorKind.STAFF, "front-1", frozenset({Permission.RECEIVE_VISITORS}))
NOBODY = Actor(ActorKind.STAFF, "nobody-1", frozenset())
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_ARRIVAL = {"alias": None, "check": None, "code": None, "link": None, "party_size": 1, "phone": None, "report": None}
SECRET = "0123456789ABCDEFGHJKMNPQRS"  # noqa: S105 - of links that live as long as a test


def canonical(document: object) -> str:
    """Return canonical JSON as the desk's page writes it; ASCII names, so that sorting them is enough."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def link_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def secret_number(number: int) -> str:
    """Return one of many secrets of links."""
    return f"{number:026d}"


@dataclass(slots=True)
class Device:
    """A tablet at the desk: its key, its clock's error, its counter."""

    site: Site
    id: str
    project: str
    key: ec.EllipticCurvePrivateKey
    ahead: timedelta = timedelta(0)
    counter: int = 0

    def now(self) -> datetime:
        return self.site.clock.now() + self.ahead

    def sign(self, text: str) -> SignedEntry:
        r, s = decode_dss_signature(self.key.sign(text.encode("utf-8", "surrogatepass"), ec.ECDSA(SHA256())))
        return SignedEntry(text, base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode())

    def entry(self, counter: int | None = None, at: datetime | None = None, **arrival: Any) -> SignedEntry:  # noqa: ANN401 - fields of an arrival
        """Sign an arrival under the next number, or under the one that is given."""
        if counter is None:
            self.counter += 1
            counter = self.counter
        signed_at = (at or self.now()) - EPOCH
        document = {"arrival": {**NO_ARRIVAL, "link": link_of(secret_number(counter)), **arrival}, "at": signed_at // timedelta(milliseconds=1)}
        return self.sign(canonical({**document, "counter": counter, "desk": self.id, "project": self.project}))

    def send(self, *entries: SignedEntry, attendant: Actor | None = None) -> Reconciled:
        return desk_queue.reconcile(self.site, self.id, entries, sent=self.now(), attendant=attendant)

    def one(self, entry: SignedEntry) -> EntryOutcome:
        return self.send(entry).outcomes[0]

    def ask(self, **changes: Any) -> SignedEntry:  # noqa: ANN401 - fields of the question
        """Sign the question for whom the desk expects."""
        asked = {"at": (self.now() - EPOCH) // timedelta(milliseconds=1), "desk": self.id, "want": "expected", **changes}
        return self.sign(canonical(asked))


@dataclass(frozen=True, slots=True)
class Reception:
    """An office at whose desk people arrive."""

    office: Office
    project: str = field(default="garden")

    @property
    def site(self) -> Site:
        return self.office.site

    def desk(self, name: str = "Front desk", project: str | None = None) -> Device:
        """Return a device that was paired."""
        key = ec.generate_private_key(ec.SECP256R1())
        code = desks.pair_desk(self.site, MANAGER, project or self.project, name).code
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        face = desks.complete_desk_pairing(self.site, code, point)
        return Device(self.site, face.desk, face.project, key)

    def reported(self, agent: Actor, phone: str = PHONE, **changes: Any) -> tuple[Filed, Kept]:  # noqa: ANN401 - fields of the draft
        kept = Kept(phone)
        return self.office.file(agent, kept, mask=mask(phone), **changes), kept

    def code(self, agent: Actor, filed: Filed, kept: Kept | None = None, phone: str | None = None) -> str:
        """Return what the agent's page shows: the code, and behind it salt and number where the receipt file is at hand."""
        text = codes.issue_code(self.site, agent, filed.report).text
        if kept is None:
            return text
        salt = base64.urlsafe_b64encode(kept.salt).decode().rstrip("=")
        return f"{text}.{salt}.{phone or kept.phone}"

    def arrive(self, **arrival: Any) -> Recorded:  # noqa: ANN401 - fields of an arrival
        return arrivals.record_arrival(self.site, FRONT, self.project, Arrival(**arrival))

    def asked_to_be_erased(self, kind: RequestKind = RequestKind.DELETE) -> str:
        """Let somebody ask for it, and return the id of the request."""
        known = {one.id for one in consents.requests(self.site, MANAGER, limit=100)}
        consents.file_request(self.site, kind)
        (filed,) = {one.id for one in consents.requests(self.site, MANAGER, limit=100)} - known
        return filed

    def visits(self) -> list[Visit]:
        """Return what the judge reads of visits, in order of time."""
        return [event for event in self.events() if isinstance(event, Visit)]

    def links(self) -> list[Link]:
        return [event for event in self.events() if isinstance(event, Link)]

    def events(self, people: Sequence[str] | None = None) -> list[Visit | Edit | Link | Statement | Outage]:
        with self.site.database.reading() as session:
            return arrivals.visit_events(session, self.project, people)


def kinds(recorded: Recorded | None) -> list[HintKind]:
    assert recorded is not None
    return [hint.kind for hint in recorded.hints]
