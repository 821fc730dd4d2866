"""A sales office for tests: a site with projects, agencies with contracts, agents who are signed in, and what an agent's device does by itself."""

from __future__ import annotations

import hashlib
import secrets
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from consentry.attribution.channel import Agency, ContractTerms, ReportDraft
from consentry.attribution.service import agencies, agent_sessions, agents, contracts, reporting
from consentry.ledger.service import browse
from consentry.platform.actors import Actor, ActorKind, Permission, operator
from consentry.platform.clock import FixedClock
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.attribution.channel import AgentLink, Filed, ReportTerms
    from consentry.ledger.model import Act
    from consentry.platform.database import Database

SETTINGS = """
[site]
id = "hall-1"
name = {zh = "一号售楼处", en = "Sales hall one"}
zone = "Asia/Shanghai"
controller = {zh = "示范公司", en = "Demo Ltd"}
contact = "+86 000"

[web]
names = ["hall.lan"]

[[project]]
id = "garden"
name = {zh = "金樽府", en = "Garden court"}
daily_cap = 3

[[project]]
id = "lake"
name = {zh = "湖畔", en = "Lakeside"}
phone_form = "4+3"

[[project]]
id = "tower"
name = {zh = "云塔", en = "Cloud tower"}
phone_form = "full"
"""
NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Nine in the morning at the office."""
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
PASSPHRASE = "seven staples hold the gate"  # noqa: S105 - of accounts that live as long as a test
HOME = "192.0.2.7"
OPERATOR = operator("uid-1000")
MANAGER = Actor(ActorKind.STAFF, "manager-1", frozenset(Permission) - {Permission.REPORT_VISITORS})
PHONE, OTHER_PHONE = "+8613812345678", "+8613899995678"
MASK = "138****5678"


def committed(terms: ReportTerms, nonce: str, salt: bytes, phone: str) -> bytes:
    """Return a commitment as the agent's page makes it, from the words of the specification alone."""
    parts = [part.encode() for part in (terms.origin, terms.project, terms.agency, nonce)]
    parts += [salt, phone.encode()]
    return hashlib.sha256(b"".join(struct.pack(">I", len(part)) + part for part in parts)).digest()


@dataclass(frozen=True, slots=True)
class Kept:
    """What an agent's own receipt file holds besides the receipt."""

    phone: str
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))


@dataclass(frozen=True, slots=True)
class Office:
    """A site, its clock, and what tests do in it."""

    site: Site
    clock: FixedClock

    def pass_by(self, **time: float) -> None:
        self.clock.advance(timedelta(**time))

    def agency(self, name: str = "Blue sky", projects: tuple[str, ...] = ("garden",), lasts: timedelta = 30 * DAY) -> Agency:
        """Return a new agency with a contract for each of ``projects`` from now on."""
        added = agencies.add_agency(self.site, MANAGER, name)
        now = self.clock.now()
        for project in projects:
            contracts.add_contract(self.site, MANAGER, ContractTerms(added.id, project, now, now + lasts))
        return added

    def agent(self, agency: Agency, name: str = "li.na") -> Actor:
        """Return an agent who accepted the invitation and is signed in."""
        agents.accept_agent_link(self.site, token_of(agents.invite_agent(self.site, MANAGER, agency.id, name)), PASSPHRASE)
        return self.signed_in(name)

    def signed_in(self, name: str) -> Actor:
        actor = agent_sessions.agent_of_token(self.site, agent_sessions.sign_in_agent(self.site, name, PASSPHRASE, HOME).token)
        assert actor is not None
        return actor

    def draft(self, agent: Actor, kept: Kept | None = None, terms: ReportTerms | None = None, **changes: Any) -> ReportDraft:  # noqa: ANN401 - fields of the draft
        """Return a report as the agent's page makes it; ``changes`` are fields of the draft."""
        kept = kept or Kept(PHONE)
        terms = terms or reporting.begin_report(self.site, agent, changes.pop("project", "garden"))
        nonce = changes.pop("nonce", terms.nonce)
        said = {"alias": "王先生", "mask": MASK, "commitment": committed(terms, nonce, kept.salt, kept.phone), **changes}
        return ReportDraft(terms.project, nonce, **said)

    def file(self, agent: Actor, kept: Kept | None = None, **changes: Any) -> Filed:  # noqa: ANN401 - fields of the draft
        return reporting.file_report(self.site, agent, self.draft(agent, kept, **changes))

    def acts(self, action: str | None = None) -> list[Act]:
        """Return what the ledger holds, oldest first."""
        page = browse(self.site, OPERATOR, limit=500)
        found = [listed.entry.act for listed in reversed(page.entries) if listed.entry]
        return [act for act in found if action in {None, act.action}]


def office_on(database: Database, folder: Path, settings: str = SETTINGS) -> Office:
    """Return an office on a database that has every table; its clock stands at nine."""
    path = folder / "site.toml"
    path.write_text(settings, encoding="utf-8")
    clock = FixedClock(NINE)
    return Office(Site(SettingsStore(path), database, SiteKeys(bytes(range(32)), "hall-1"), clock), clock)


def token_of(link: AgentLink) -> str:
    """Return the token of a link's path."""
    start, _, token = link.path.partition("#")
    assert start == "/agent/welcome"
    return token


def numbers(count: int) -> list[str]:
    """Return ``count`` different numbers with different masks."""
    return [f"+861380000{index:04d}" for index in range(count)]


def mask(phone: str) -> str:
    """Return a mainland number as 3+4 shows it."""
    return f"{phone[3:6]}****{phone[-4:]}"
