"""A sales office for browser tests: two agencies, reports in every state, visits, contracts with verdicts, an appeal, an outage, a desk."""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.attribution.channel import ContractTerms, RefusalGround, ReplyDraft, ReplyKind, ReportDraft
from consentry.attribution.deals import BuyerDraft, DealDraft, Decision, KinDraft, Ruling
from consentry.attribution.service import agencies, agent_sessions, agents, arrivals, codes, contracts, deals, desks, flags, outages, replies, reporting
from consentry.attribution.service import appeals as appeal_service
from consentry.attribution.service.judging import proposal
from consentry.attribution.service.report_views import report
from consentry.attribution.service.rulebooks import follow
from consentry.attribution.service.signing import sign
from consentry.attribution.visiting import Arrival, EditField
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.clock import FixedClock
from consentry.platform.opening import open_site
from consentry.platform.site import Site

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from consentry.attribution.channel import Agency, ReportTerms

PROJECT = """
[[project]]
id = "garden"
name = { zh = "金樽府", en = "Garden Court" }
rulebook = "garden.toml"
"""
RULEBOOK = """
[[version]]
from = "{past}"
lead = "PT30M"

[[version]]
from = "{coming}"
lead = "PT45M"
kin = ["self", "spouse", "parent", "child", "sibling"]
"""
MANAGER = Actor(ActorKind.STAFF, "0199aa00-0000-7000-8000-00000000a001", frozenset(Permission) - {Permission.REPORT_VISITORS})
PASSPHRASE = "four kites above the harbour"  # noqa: S105 - of agents who live as long as a test
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Known:
    """A report with what only its agent's device keeps."""

    report: str
    agent: Actor
    phone: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Sales:
    """What the office holds, by what the tests look at."""

    report: str
    visit: str
    deal: str
    signed: str
    manual: str
    appeal: str
    agency: str


def add_project(file: Path, now: datetime) -> None:
    """Give a founded site a project whose rules change in a week."""
    starts = {"{past}": now - timedelta(days=200), "{coming}": now + timedelta(days=7)}
    text = RULEBOOK
    for place, start in starts.items():
        text = text.replace(place, start.isoformat(timespec="seconds"))
    (file.parent / "garden.toml").write_text(text, encoding="utf-8")
    with file.open("a", encoding="utf-8") as settings:
        settings.write(PROJECT)


def sell(file: Path, now: datetime) -> Sales:
    """Let the last two days of the office happen."""
    with open_site(file) as site:
        return _Office(Site(site.store, site.database, site.keys, FixedClock(now - timedelta(days=2)))).two_days(now)


class _Office:
    """Does what people of the office do, at the times that its clock shows."""

    def __init__(self, site: Site) -> None:
        self.site = site
        assert isinstance(site.clock, FixedClock)
        self.clock = site.clock

    def two_days(self, now: datetime) -> Sales:
        follow(self.site)
        blue, red = self._agency("蓝天渠道"), self._agency("红叶经纪")
        li, wu = self._agent(blue, "李娜"), self._agent(red, "吴刚")
        first, second = self._file(li, "王先生", "+8613812340001"), self._file(wu, "王先生", "+8613899990001")
        self._refuse(second, first)
        third = self._file(wu, "陈女士", "+8613812340003")
        self.clock.advance(HOUR)
        bound, unbound = self._arrive(first), self._arrive(third, bind=False)
        self.clock.advance(timedelta(minutes=4))
        arrivals.record_arrival(self.site, MANAGER, "garden", Arrival(alias="赵", phone="+8613812340009"))
        arrivals.edit_visit(self.site, MANAGER, unbound, EditField.PARTY_SIZE, 3, reason="漏数一名儿童")
        self.clock.advance(HOUR)
        signed = self._deal("3-1201", BuyerDraft("王", "+8613812340001"))
        self._sign(signed)
        other = self._deal(
            "5-0702", BuyerDraft("王", "+8613812340001"), BuyerDraft("刘", "+8613812340008"), kin=(KinDraft(1, self._visitor(bound), "spouse", "户口簿"),)
        )
        self._sign(other)
        self.clock.advance(HOUR)
        manual = self._deal("1-0303", BuyerDraft("陈", "+8613812340003"))
        flags.screen(self.site)
        opened, _ = appeal_service.appeal_by_staff(self.site, MANAGER, other, "户口簿上是姐姐，不是配偶。")
        outages.log_outage(self.site, MANAGER, self.clock.now() - HOUR, self.clock.now(), "案场停电")
        self.clock.advance(now - self.clock.now())
        waiting = self._file(li, "孙女士", "+8613812340007")
        self._file(wu, "孙女士", "+8613855550007")
        self._desk()
        return Sales(waiting.report, unbound, manual, signed, manual, opened.id, blue.id)

    def _agency(self, name: str) -> Agency:
        added, now = agencies.add_agency(self.site, MANAGER, name), self.clock.now()
        contracts.add_contract(self.site, MANAGER, ContractTerms(added.id, "garden", now, now + timedelta(days=90)))
        return added

    def _agent(self, agency: Agency, name: str) -> Actor:
        token = agents.invite_agent(self.site, MANAGER, agency.id, name).path.partition("#")[2]
        agents.accept_agent_link(self.site, token, PASSPHRASE)
        actor = agent_sessions.agent_of_token(self.site, agent_sessions.sign_in_agent(self.site, name, PASSPHRASE, "192.0.2.7").token)
        assert actor is not None
        return actor

    def _file(self, agent: Actor, alias: str, phone: str) -> Known:
        self.clock.advance(timedelta(seconds=1))
        terms, salt = reporting.begin_report(self.site, agent, "garden"), secrets.token_bytes(32)
        mask, planned = f"{phone[3:6]}****{phone[-4:]}", self.clock.now() + HOUR
        draft = ReportDraft("garden", terms.nonce, alias, mask, _committed(terms, salt, phone), planned)
        return Known(reporting.file_report(self.site, agent, draft).report, agent, phone, salt)

    def _refuse(self, one: Known, earlier: Known) -> None:
        entry = report(self.site, MANAGER, earlier.report).entry
        replies.reply_to_report(self.site, MANAGER, one.report, ReplyDraft(ReplyKind.REFUSE, RefusalGround.DUPLICATE, entry))

    def _arrive(self, known: Known, *, bind: bool = True) -> str:
        self.clock.advance(timedelta(minutes=1))
        if not bind:
            return arrivals.record_arrival(self.site, MANAGER, "garden", Arrival(alias="陈", phone=known.phone, report=known.report, party_size=2)).visit
        code = codes.issue_code(self.site, known.agent, known.report).text
        salt = base64.urlsafe_b64encode(known.salt).decode().rstrip("=")
        return arrivals.record_arrival(self.site, MANAGER, "garden", Arrival(alias="王", code=f"{code}.{salt}.{known.phone}")).visit

    def _visitor(self, visit: str) -> str:
        return arrivals.visit(self.site, MANAGER, visit).visitor

    def _deal(self, unit: str, *buyers: BuyerDraft, kin: tuple[KinDraft, ...] = ()) -> str:
        self.clock.advance(timedelta(minutes=1))
        draft = DealDraft("garden", unit, self.clock.now() - timedelta(seconds=30), Decimal("86500.00"), buyers, kin)
        return deals.record_deal(self.site, MANAGER, draft).id

    def _sign(self, deal: str) -> None:
        found = proposal(self.site, MANAGER, deal)
        sign(self.site, MANAGER, deal, Ruling(found.sha256, Decision.ACCEPT, "同意规则的结论"))

    def _desk(self) -> None:
        code = desks.pair_desk(self.site, MANAGER, "garden", "前台左侧").code
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        desks.complete_desk_pairing(self.site, code, key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _committed(terms: ReportTerms, salt: bytes, phone: str) -> bytes:
    """Return a commitment as the agent's page makes it."""
    parts = [part.encode() for part in (terms.origin, terms.project, terms.agency, terms.nonce)]
    parts += [salt, phone.encode()]
    return hashlib.sha256(b"".join(struct.pack(">I", len(part)) + part for part in parts)).digest()
