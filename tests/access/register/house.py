"""A house with doors for tests: people with cards, PINs and telephones, and a consent for whoever wants to show their face."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.access.records.people import DoorGroupRow
from consentry.access.register import CardDraft, CredentialView, Limits, PersonDraft, PersonKind, PersonName, PersonTerms, PersonView
from consentry.access.service import cards, credentials, faces, people
from consentry.access.work import revision
from consentry.consent import service as consents
from consentry.consent.model import Purpose
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.events import deliver
from tests.consent.shop import NOON, acts, agree, open_purpose, settings_with, site_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.consent.model import Given
    from consentry.ledger.model import Act
    from consentry.platform.database import Database
    from consentry.platform.site import Site

DOORS = """
[[door]]
id = "front"
readers = ["card", "pin", "qr", "face"]
leads_into = "hall"
[door.wait]
card = 1
face = 2

[[door]]
id = "garage"
readers = ["card"]
leads_into = "garage"

[[door]]
id = "lift"
readers = ["card", "qr", "concierge", "face"]
leads_from = "hall"
leads_into = "floors"
controller = "inner"
"""
STAFF = Actor(ActorKind.STAFF, "desk-1", frozenset({Permission.MANAGE_CREDENTIALS, Permission.VIEW_DOORS, Permission.MANAGE_DOORS}))
NOBODY = Actor(ActorKind.STAFF, "nobody-1", frozenset())
WHY = "the holder asked for it"
UID = "04:A2:24:B1:5C:80:00"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class House:
    """A site with doors, and what staff do in its register."""

    site: Site

    def member(self, name: str = "王安", unit: str | None = "3-1201", *in_groups: str, **terms: Any) -> PersonView:  # noqa: ANN401 - terms of a person
        return self.person(PersonKind.MEMBER, name, unit, groups=in_groups or ("residents",), **terms)

    def person(self, kind: PersonKind, name: str, unit: str | None = None, **terms: Any) -> PersonView:  # noqa: ANN401 - terms of a person
        return people.add_person(self.site, STAFF, PersonDraft(kind, PersonName(name, unit), PersonTerms(**terms)))

    def card(self, person: PersonView, uid: str = UID, **limits: Any) -> CredentialView:  # noqa: ANN401 - limits of a credential
        return cards.add_card(self.site, STAFF, person.id, CardDraft(uid, limits=Limits(**limits)))

    def agreed(self, purpose: Purpose = Purpose.DOOR_ACCESS) -> Given:
        """Let somebody agree to be recognised for a purpose, which is opened where it is not yet."""
        if consents.current_notice(self.site, purpose) is None:
            open_purpose(self.site, purpose)
        return agree(self.site, purpose)

    def face(self, person: PersonView) -> CredentialView:
        return faces.link_face(self.site, STAFF, person.id, self.agreed().consent)

    def now(self, credential: CredentialView) -> CredentialView:
        """Return how a credential stands now."""
        return credentials.credential(self.site, STAFF, credential.id)

    def told(self) -> int:
        """Deliver the events that wait to the register."""
        return deliver(self.site, faces.HANDLERS)

    def acts(self, action: str | None = None) -> list[Act]:
        return acts(self.site, action)

    @property
    def revision(self) -> int:
        with self.site.database.reading() as session:
            return revision(session)


def house_on(database: Database, folder: Path) -> House:
    """Return a house on a database that has every table; its clock stands at noon, and it has groups."""
    site = site_on(database, folder, settings_with() + DOORS)
    with site.database.transaction() as session:
        session.add_all([DoorGroupRow(id="residents", zh="住户", en="Residents"), DoorGroupRow(id="staff", zh="员工", en="Staff")])
    return House(site)


def holder_key() -> bytes:
    """Return the public half of a new telephone's key."""
    return generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


__all__ = ["DAY", "DOORS", "NOBODY", "NOON", "STAFF", "UID", "WHY", "House", "holder_key", "house_on"]
