"""People for tests: a shop, accounts in it, and short ways to sign in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp

from consentry.ledger.service import browse
from consentry.platform.actors import Actor, operator
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site
from consentry.staff import service
from consentry.staff.model import OneTimeCode, Role, SecondFactorNeeded, SignedIn

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.ledger.model import Act
    from consentry.platform.clock import FixedClock
    from consentry.platform.database import Database

SETTINGS = """
[site]
id = "shop-1"
name = {zh = "一号店", en = "Shop one"}
zone = "Asia/Shanghai"
controller = {zh = "示范公司", en = "Demo Ltd"}
contact = "+86 000"

[web]
names = ["shop.lan"]
"""
ROOT = bytes(range(32))
PASSWORD = "correct staple of seven horses"  # noqa: S105 - of accounts that live as long as a test
HOME, ABROAD = "192.0.2.7", "203.0.113.9"
OPERATOR = operator("uid-1000")


@dataclass(frozen=True, slots=True)
class Member:
    """An account for tests: what it signs in with."""

    id: str
    name: str
    role: Role
    secret: str | None


@dataclass(frozen=True, slots=True)
class Shop:
    """A site, its clock, and what tests do in it."""

    site: Site
    clock: FixedClock

    def pass_by(self, **time: float) -> None:
        self.clock.advance(timedelta(**time))

    def member(self, name: str, role: Role = Role.STORE_MANAGER, *, second_factor: bool = False) -> Member:
        """Return a new member who accepted the invitation; administrators of tests enrol when the test says so."""
        link = service.invite(self.site, OPERATOR, name, role)
        signed_in = service.accept_link(self.site, token_of(link.path), name, PASSWORD, HOME)
        return Member(link.account, name, role, self._enrolled(signed_in) if second_factor else None)

    def administrator(self, name: str = "root admin") -> Member:
        return self.member(name, Role.ADMINISTRATOR, second_factor=True)

    def sign_in(self, member: Member, password: str = PASSWORD, address: str = HOME) -> SignedIn:
        """Sign in with every step that the account has; each call uses a new time step."""
        first = service.sign_in(self.site, member.name, password, address)
        if isinstance(first, SignedIn):
            return first
        self.pass_by(seconds=30)
        return service.finish_sign_in(self.site, first.ticket, OneTimeCode(self.code(member)), address)

    def begin(self, member: Member, address: str = HOME) -> str:
        """Return the ticket of the second step."""
        outcome = service.sign_in(self.site, member.name, PASSWORD, address)
        assert isinstance(outcome, SecondFactorNeeded)
        return outcome.ticket

    def code(self, member: Member) -> str:
        assert member.secret is not None
        return pyotp.TOTP(member.secret).at(self.clock.now())

    def actor(self, member: Member) -> Actor:
        return self.actor_of(self.sign_in(member))

    def actor_of(self, signed_in: SignedIn) -> Actor:
        actor = service.actor_of(self.site, signed_in.token)
        assert actor is not None
        return actor

    def acts(self, action: str | None = None) -> list[Act]:
        """Return what the ledger holds, oldest first."""
        page = browse(self.site, OPERATOR, limit=500)
        acts = [listed.entry.act for listed in reversed(page.entries) if listed.entry]
        return [act for act in acts if action in {None, act.action}]

    def _enrolled(self, signed_in: SignedIn) -> str:
        begun = service.begin_one_time_codes(self.site, self.actor_of(signed_in))
        code = pyotp.TOTP(begun.secret).at(self.clock.now())
        service.finish_one_time_codes(self.site, self.actor_of(signed_in), begun.ticket, "phone", code)
        return begun.secret


def shop_on(database: Database, folder: Path, clock: FixedClock, root: bytes = ROOT) -> Shop:
    """Return a shop on a database that has every table."""
    path = folder / "site.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return Shop(Site(SettingsStore(path), database, SiteKeys(root, "shop-1"), clock), clock)


def token_of(path: str) -> str:
    """Return the token of a link's path."""
    found = re.fullmatch(r"/console/welcome\?token=([\w-]{43})", path)
    assert found, path
    return found[1]
