"""A block of flats for tests: a house with a policy, residents with accounts, and its controller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from consentry.access.residence import GuestDraft
from consentry.access.service import guests, resident_sessions, residents
from tests.access.events.lodge import Controller
from tests.access.register.house import STAFF, House, house_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.access.register import PersonView
    from consentry.access.residence import GuestPass, IssuedGuest, ResidentLink
    from consentry.platform.actors import Actor
    from consentry.platform.database import Database
    from consentry.platform.site import Site

__all__ = ["ADDRESS", "HOUR", "PASSPHRASE", "Block", "block_on", "token_of"]

PASSPHRASE = "seven quiet herons"  # noqa: S105 - of nobody
ADDRESS = "192.0.2.9"
HOUR = timedelta(hours=1)
RULES = (
    {"id": "home", "group": "residents", "doors": ["front", "lift"], "schedule": None, "deny": False},
    {"id": "work", "group": "staff", "doors": ["garage"], "schedule": None, "deny": False},
)


@dataclass(frozen=True, slots=True)
class Block:
    """The house, and what residents do in it."""

    house: House

    @property
    def site(self) -> Site:
        return self.house.site

    def account(self, person: PersonView, name: str = "wang.an") -> Actor:
        """Make an account, follow its link and sign in."""
        residents.accept_resident_link(self.site, token_of(residents.invite_resident(self.site, STAFF, person.id, name)), PASSPHRASE)
        return self.signed_in(name)

    def signed_in(self, name: str) -> Actor:
        token = resident_sessions.sign_in_resident(self.site, name, PASSPHRASE, ADDRESS).token
        actor = resident_sessions.resident_of_token(self.site, token)
        assert actor is not None
        return actor

    def resident(self, name: str = "wang.an", unit: str | None = "3-1201") -> Actor:
        return self.account(self.house.member(name, unit), name)

    def draft(self, *doors: str, **said: Any) -> GuestDraft:  # noqa: ANN401 - fields of a draft
        now = self.site.clock.now()
        return GuestDraft(said.pop("name", "陈"), doors or ("front",), said.pop("starts", now), said.pop("until", now + 4 * HOUR), **said)

    def guest(self, actor: Actor, *doors: str, **said: Any) -> IssuedGuest:  # noqa: ANN401 - as above
        return guests.issue_guest_pass(self.site, actor, self.draft(*doors, **said))

    def listed(self, actor: Actor) -> GuestPass:
        """Return the newest guest pass of a resident, as it stands now."""
        return guests.own_guest_passes(self.site, actor)[0]

    def controller(self, name: str = "main") -> Controller:
        """Return a device that reports."""
        found = Controller(self.site, name)
        found.pair()
        found.send()
        return found


def token_of(link: ResidentLink | IssuedGuest) -> str:
    """Return the secret of a link."""
    return link.path.partition("#")[2]


def block_on(database: Database, folder: Path) -> Block:
    """Return a block whose rules let residents through front door and lift, and staff into the garage."""
    house = house_on(database, folder)
    house.apply(RULES)
    return Block(house)
