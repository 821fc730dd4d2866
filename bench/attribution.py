"""Visit attribution at the size of a large sales office: every contract judged, one contract proposed, the board and the screens of the day."""

from __future__ import annotations

import random
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bench.figures import spread
from bench.report import Report
from consentry.attribution.records.agencies import AgencyRow, AgentRow, ContractRow
from consentry.attribution.records.deals import BuyerRow, DealRow, VerdictRow
from consentry.attribution.records.people import LinkRow, PartyRow
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import VisitRow
from consentry.attribution.service import arrivals, board, deals, judging, rulebooks
from consentry.attribution.service.provenance import check_received
from consentry.ledger.model import Act
from consentry.ledger.service import record_many
from consentry.ledger.work import reading
from consentry.platform.actors import operator
from consentry.platform.clock import FixedClock
from consentry.platform.database import Database
from consentry.platform.ids import new_id
from consentry.platform.keys import SiteKeys
from consentry.platform.migrations import tables
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bench.material import Material
    from bench.report import Cell
    from consentry.attribution.model import Explanation

__all__ = ["Size", "filled_site", "measure"]

Received = ReportRow | VisitRow | DealRow | LinkRow | ContractRow

NOW = datetime(2026, 6, 30, 9, tzinfo=UTC)
DAYS = 120
AGENCIES = 20
TIMES = 20
PROJECT = "garden"
ME = operator("bench")
BAR_SCREEN_MS, BAR_ALL_S = 300.0, 5.0

SETTINGS = """
[site]
id = "bench"
name = {zh = "测", en = "Bench"}
zone = "Asia/Shanghai"
controller = {zh = "测", en = "Bench Ltd"}
contact = "+86 000"

[[project]]
id = "garden"
name = {zh = "园", en = "Garden"}
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many reports, visits and contracts there are."""

    reports: int
    visits: int
    deals: int


FULL, SHORT = Size(10_000, 3_000, 500), Size(1_000, 300, 50)


def measure(material: Material) -> Report:
    """Fill a site, judge every contract, and time what people wait for."""
    size = SHORT if material.short else FULL
    site = filled_site(material.work, size)
    started = time.perf_counter()
    judged = judging.judge_all(site, ME, PROJECT)
    whole = time.perf_counter() - started
    rows: tuple[tuple[Cell, ...], ...] = (
        (f"all {len(judged)} contracts judged", f"{1000 * whole:.0f}", f"{1000 * BAR_ALL_S:.0f}"),
        *((name, str(spread(_timed(ask))), f"{BAR_SCREEN_MS:g}") for name, ask in _screens(site, list(judged))),
    )
    notes = (
        f"{size.reports} reports, {size.visits} visits, {size.deals} contracts, SQLite, one process. Milliseconds: median (least–most) of {TIMES}.",
        "A proposal is extracted, compared with the ledger entry of each event, judged and hashed.",
    )
    return Report("Visit attribution", ("what", "ms", "bar, ms"), rows, notes, {"kinds": _kinds(judged)})


def filled_site(folder: Path, size: Size) -> Site:
    """Return a site whose reports, visits and contracts are spread over some months: two in three contracts were brought by an agency."""
    (folder / "site.toml").write_text(SETTINGS, encoding="utf-8")
    site = Site(SettingsStore(folder / "site.toml"), Database(f"sqlite:///{folder / 'main.db'}"), SiteKeys(bytes(range(32)), "bench"), FixedClock(NOW))
    with site.database.transaction() as session:
        tables().create_all(session.connection())
    rulebooks.follow(site)
    with site.database.transaction() as session:
        _Filler(session, size).fill()
    return site


def _screens(site: Site, names: list[str]) -> Iterator[tuple[str, Callable[[], object]]]:
    chance = random.Random(1)  # noqa: S311 - which contracts are looked at
    yield "one proposal", lambda: judging.proposal(site, ME, chance.choice(names))
    yield "the log compared before a signature", lambda: _compare(site)
    yield "board", lambda: board.board(site, ME)
    yield "list of contracts", lambda: deals.deals(site, ME, limit=100)
    yield "list of visits", lambda: arrivals.visits(site, ME, PROJECT, limit=100)
    yield "who is expected at the desk", lambda: arrivals.expected_today(site, ME, PROJECT)


def _compare(site: Site) -> None:
    with reading(site) as work:
        check_received(work, PROJECT, NOW)


def _timed(ask: Callable[[], object]) -> Iterator[float]:
    for _ in range(TIMES):
        started = time.perf_counter()
        ask()
        yield 1000 * (time.perf_counter() - started)


def _kinds(judged: dict[str, Explanation]) -> dict[str, int]:
    kinds = [str(one.verdict.kind) for one in judged.values()]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


class _Filler:
    """Writes rows as the services would, in bulk."""

    def __init__(self, session: Session, size: Size) -> None:
        self._session = session
        self._size = size
        self._chance = random.Random(2)  # noqa: S311 - what happened when
        self._agencies = [new_id(NOW) for _ in range(AGENCIES)]
        self._agents = {agency: new_id(NOW) for agency in self._agencies}

    def fill(self) -> None:
        self._add_agencies()
        reports = [self._report() for _ in range(self._size.reports)]
        self._put(reports, "report-filed")
        came = reports[: self._size.visits * 2 // 3]
        visits = [self._visit(report) for report in came] + [self._visit(None) for _ in range(self._size.visits - len(came))]
        self._put(visits, "arrived")
        self._join([(report.client, visit.visitor) for report, visit in zip(came, visits, strict=False)])
        bought = self._chance.sample(visits, self._size.deals)
        contracts = [self._deal(visit) for visit in bought]
        self._put(contracts, "deal-recorded")
        buyers = [self._party("buyer") for _ in contracts]
        self._session.add_all(BuyerRow(deal=deal.id, party=buyer, place=0) for deal, buyer in zip(contracts, buyers, strict=True))
        self._join([(visit.visitor, buyer) for visit, buyer in zip(bought, buyers, strict=True)])
        self._session.add_all(self._verdict(deal) for deal in contracts[: len(contracts) // 2])

    def _add_agencies(self) -> None:
        for number, agency in enumerate(self._agencies):
            start = NOW - timedelta(days=2 * DAYS)
            self._session.add(AgencyRow(id=agency, name=f"agency {number}", name_key=f"agency {number}", added=start))
            self._session.flush()
            contract = ContractRow(id=new_id(NOW), agency=agency, project=PROJECT, start=start, until=NOW + timedelta(days=DAYS), recorded=start, entry=0)
            agent = AgentRow(id=self._agents[agency], agency=agency, state="active", name_mark=secrets.token_bytes(32), wrapped=b"", sealed=b"", created=start)
            self._session.add_all([contract, agent])
        self._session.flush()
        self._put(list(self._session.scalars(select(ContractRow))), "contract-added")

    def _report(self) -> ReportRow:
        agency, filed = self._chance.choice(self._agencies), self._moment()
        row = ReportRow(id=new_id(filed), project=PROJECT, agency=agency, agent=self._agents[agency], client=self._party("client"), filed=filed)
        row.origin, row.nonce, row.commitment = "bench", secrets.token_hex(32), secrets.token_bytes(32)
        row.lead_reached, row.reply_due, row.valid_until = filed + timedelta(minutes=30), filed + timedelta(minutes=30), filed + timedelta(days=2)
        return row

    def _visit(self, report: ReportRow | None) -> VisitRow:
        at = report.filed + timedelta(minutes=self._chance.randrange(20, 600)) if report else self._moment()
        row = VisitRow(id=new_id(at), project=PROJECT, visitor=self._party("visitor"), report=report.id if report else None, at=at, party_size=2)
        row.binding, row.received_by, row.secret = "bound" if report else "none", "staff:desk", secrets.token_bytes(32)
        return row

    def _deal(self, visit: VisitRow) -> DealRow:
        signed = min(visit.at + timedelta(days=self._chance.randrange(1, 35)), NOW)
        row = DealRow(id=new_id(signed), project=PROJECT, unit=secrets.token_hex(4), signed=signed, recorded=signed, recorded_by="staff:office")
        row.commission = 4_608_000
        return row

    def _verdict(self, deal: DealRow) -> VerdictRow:
        row = VerdictRow(id=new_id(deal.signed), deal=deal.id, number=1, document="{}", sha256="0" * 64, kind="channel", flags=[], entry=0)
        row.agencies, row.concerned = self._agencies[:1], self._agencies[:2]
        row.signed, row.signed_by, row.appeal_until = deal.signed, "staff:signer", deal.signed + timedelta(days=7)
        return row

    def _party(self, kind: str) -> str:
        row = PartyRow(id=new_id(NOW), project=PROJECT, kind=kind, added=NOW)
        self._session.add(row)
        return row.id

    def _join(self, pairs: list[tuple[str, str]]) -> None:
        links = [LinkRow(id=new_id(NOW), project=PROJECT, kind="phone", grade="B", at=NOW - timedelta(days=2 * DAYS), by="system:attribution") for _ in pairs]
        for link, (a, b) in zip(links, pairs, strict=True):
            link.a, link.b = sorted((a, b))
        self._put(links, "linked")

    def _moment(self) -> datetime:
        return (NOW - timedelta(minutes=self._chance.randrange(60 * 24 * DAYS))).replace(microsecond=0)

    def _put(self, rows: Sequence[Received], action: str) -> None:
        """Write rows, each with its entry at the moment that it says."""
        for row in sorted(rows, key=_received):
            row.entry = record_many(self._session, [Act("system:attribution", f"attribution.{action}", "bench", "attribution")], _received(row))[0]
        self._session.add_all(rows)
        self._session.flush()


def _received(row: Received) -> datetime:
    if isinstance(row, ReportRow):
        return row.filed
    return row.at if isinstance(row, VisitRow | LinkRow) else row.recorded
