"""A house with doors for tests: people with cards, PINs and telephones, and a consent for whoever wants to show their face."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.access.marks import Secrets
from consentry.access.model import DoorMode
from consentry.access.records.controllers import paired_controller
from consentry.access.register import CardDraft, CredentialView, Group, Limits, PersonDraft, PersonKind, PersonName, PersonTerms, PersonView, PolicyDraft
from consentry.access.service import cards, controllers, credentials, faces, groups, modes, people, policies, snapshots
from consentry.access.service.issuing import issuers
from consentry.access.snapshot_text import read_snapshot
from consentry.access.work import revision
from consentry.consent import service as consents
from consentry.consent.model import Purpose
from consentry.ledger.work import reading
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.events import deliver
from tests.consent.shop import NOON, acts, agree, open_purpose, pass_by, settings_with, site_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from consentry.access.model import Issuer, Snapshot
    from consentry.access.register import AppliedPolicy, SealedSnapshot
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

    def apply(self, rules: Sequence[Mapping[str, Any]], **said: Any) -> AppliedPolicy:  # noqa: ANN401 - parts of a draft
        """Put rules in force, whatever was before."""
        version, _ = policies.current_draft(self.site, STAFF)
        return policies.apply_policy(self.site, STAFF, policy(rules, **said), version, WHY)

    def paired(self, controller: str) -> Doorstep:
        """Make a new device the controller."""
        code = controllers.pair_controller(self.site, STAFF, controller).code
        signing = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        exchange = X25519PrivateKey.generate().public_key().public_bytes_raw()
        told = controllers.complete_controller_pairing(self.site, code, signing, exchange)
        return Doorstep(self, controller, base64.b64decode(told.snapshot_key))

    def device(self, controller: str, **values: int) -> None:
        """Let a device have reported something."""
        with self.site.database.transaction() as session:
            row = paired_controller(session, controller)
            for name, value in values.items():
                setattr(row, name, value)

    def lock_down(self, door: str) -> None:
        """Let two people lock a door down."""
        ends = self.site.clock.now() + DAY
        first, second = (Actor(ActorKind.STAFF, f"guard-{number}", frozenset(Permission), f"session-{number}", ends) for number in (1, 2))
        modes.confirm_mode(self.site, second, modes.propose_mode(self.site, first, DoorMode.LOCKDOWN, [door], WHY).id)

    def rewrite(self, settings: str) -> None:
        """Let the site have other settings."""
        self.site.store.replace(settings, expected=self.site.store.digest)

    def pass_by(self, **time: float) -> None:
        pass_by(self.site, **time)

    @property
    def revision(self) -> int:
        with self.site.database.reading() as session:
            return revision(session)


@dataclass(frozen=True, slots=True)
class Doorstep:
    """A controller that was paired, and what it gets."""

    house: House
    controller: str
    snapshot_key: bytes

    def sealed(self) -> SealedSnapshot:
        return snapshots.snapshot_for(self.house.site, self.controller)

    @property
    def text(self) -> str:
        return self.sealed().text

    def read(self) -> Snapshot:
        return read_snapshot(self.text, self.snapshot_key, site=self.house.site.keys.site, controller=self.controller)

    @property
    def secrets(self) -> Secrets:
        """Return what the device was given sealed."""
        with self.house.site.database.reading() as session:
            row = paired_controller(session, self.controller)
            assert row is not None
            return Secrets(self.controller, controllers.secret_of(self.house.site.keys, row))


def policy(rules: Sequence[Mapping[str, Any]], **said: Any) -> PolicyDraft:  # noqa: ANN401 - parts of a draft
    """Return a draft of these rules, without schedules unless they are given."""
    return PolicyDraft({"doors": [], "schedules": [], "holidays": [], "rules": list(rules), "passback": {}, **said})


def house_on(database: Database, folder: Path) -> House:
    """Return a house on a database that has every table; its clock stands at noon, and it has groups."""
    site = site_on(database, folder, settings_with() + DOORS)
    for group in (Group("residents", "住户", "Residents"), Group("staff", "员工", "Staff")):
        groups.put_group(site, STAFF, group)
    return House(site)


def signers(site: Site) -> tuple[Issuer, ...]:
    """Return whose signatures doors accept now."""
    with reading(site) as work:
        return issuers(work)


def holder_key() -> bytes:
    """Return the public half of a new telephone's key."""
    return generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


__all__ = ["DAY", "DOORS", "NOBODY", "NOON", "STAFF", "UID", "WHY", "Doorstep", "House", "holder_key", "house_on", "policy", "signers"]
