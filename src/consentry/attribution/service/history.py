"""What the log holds of contracts: the cases that the judge reads, few queries for one contract and for hundreds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from consentry.attribution.model import Case, Grade, Link, Outage, Rulebook, Signing, Statement, Visit
from consentry.attribution.records.deals import BuyerRow, DealRow, VerdictRow
from consentry.attribution.records.people import LinkRow
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import OutageRow, StatementRow, VisitRow
from consentry.attribution.rules.extract import Ties, extract, floor, index_events, to_milliseconds
from consentry.attribution.service import rulebooks
from consentry.attribution.service.parties import chunks
from consentry.attribution.service.reporting import report_events
from consentry.attribution.service.visit_history import visit_events
from consentry.attribution.visiting import Binding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from sqlalchemy.orm import Session

    from consentry.attribution.model import Event
    from consentry.ledger.work import UnitOfWork

__all__ = ["cases_of", "events_around", "events_of_project", "signings_of"]

FEW = 20
"""Up to so many contracts, only what lies around their buyers is read; beyond, the whole history of the project once."""


def cases_of(work: UnitOfWork, deals: Sequence[DealRow]) -> dict[str, Case]:
    """Return the case of each of ``deals``, which are of one project, by the deal's id."""
    if not deals:
        return {}
    project = deals[0].project
    signings = signings_of(work.session, deals)
    events = events_of_project(work.session, project) if len(deals) > FEW else events_around(work.session, project, signings.values())
    history, later = index_events(events), _Later.of(work.session, project)
    rulebook, zone = rulebooks.standing(work, project), ZoneInfo(work.site.settings.site.zone)
    settled = _settled(work.session, signings)
    found = {name: _known(extract(history, signing), signing.at, later, settled.get(name)) for name, signing in signings.items()}
    return {name: Case(signing, found[name], _begun(rulebook, signing.at), name, _offset(signing.at, zone)) for name, signing in signings.items()}


@dataclass(frozen=True, slots=True)
class _Later:
    """What became known of events after they were received: answers of visitors, findings on statements, that there was an outage."""

    answered: Mapping[str, tuple[datetime, bool]]
    decided: Mapping[str, datetime]
    logged: Mapping[str, datetime]

    @classmethod
    def of(cls, session: Session, project: str) -> _Later:
        visits = session.execute(select(VisitRow.id, VisitRow.answered, VisitRow.binding).where(VisitRow.project == project, VisitRow.answered.is_not(None)))
        answered = {row.id: (floor(row.answered), Binding(row.binding).binds) for row in visits if row.answered is not None}
        found = session.execute(select(StatementRow.id, StatementRow.decided).where(StatementRow.project == project, StatementRow.decided.is_not(None)))
        decided = {row.id: floor(row.decided) for row in found if row.decided is not None}
        return cls(answered, decided, {row.id: floor(row.logged) for row in session.execute(select(OutageRow.id, OutageRow.logged))})


def _settled(session: Session, deals: Iterable[str]) -> dict[str, datetime]:
    """Return when the first verdict on each contract was signed, where there is one."""
    found: dict[str, datetime] = {}
    for some in chunks(deals):
        for row in session.execute(select(VerdictRow.deal, VerdictRow.signed).where(VerdictRow.deal.in_(some), VerdictRow.number == 1)):
            found[row.deal] = floor(row.signed)
    return found


def _known(events: Sequence[Event], at: datetime, later: _Later, settled: datetime | None) -> tuple[Event, ...]:
    """Return events as they were known when the contract was signed, at ``at``: what was said of them afterwards belongs to an appeal.

    What a person found of a statement that was received by then counts until the verdict is signed, at ``settled``.
    """
    found = (_as_known(event, at, later, settled) for event in events)
    return tuple(event for event in found if event is not None)


def _as_known(event: Event, at: datetime, later: _Later, settled: datetime | None) -> Event | None:
    if isinstance(event, Visit) and event.id in later.answered:
        answered, binds = later.answered[event.id]
        return replace(event, bound=binds, grade=Grade.LOGGED) if answered > at else event
    if isinstance(event, Statement) and event.id is not None and event.id in later.decided:
        return replace(event, credible=False) if settled is not None and later.decided[event.id] > settled else event
    if isinstance(event, Outage) and event.id is not None and later.logged.get(event.id, at) > at:
        return None
    return event


def signings_of(session: Session, deals: Sequence[DealRow]) -> dict[str, Signing]:
    """Return what the judge reads of each contract: when it was signed, and by whom."""
    buyers: dict[str, list[str]] = defaultdict(list)
    for some in chunks(deal.id for deal in deals):
        for row in session.execute(select(BuyerRow.deal, BuyerRow.party).where(BuyerRow.deal.in_(some)).order_by(BuyerRow.deal, BuyerRow.place)):
            buyers[row.deal].append(row.party)
    return {deal.id: Signing(floor(deal.signed), tuple(buyers[deal.id]), deal.id) for deal in deals}


def events_of_project(session: Session, project: str) -> list[Event]:
    """Return everything that was received for a project."""
    return _as_received(session, project, [*report_events(session, project, None), *visit_events(session, project, None)])


def events_around(session: Session, project: str, signings: Iterable[Signing]) -> list[Event]:
    """Return what was received of the buyers of these contracts, of their kin, and of the reports that their visits name."""
    people = _ties(session, project).around(buyer for signing in signings for buyer in signing.buyers)
    arrived = visit_events(session, project, people)
    named = {event.report for event in arrived if isinstance(event, Visit) and event.report is not None}
    return _as_received(session, project, [*report_events(session, project, people | _clients(session, named)), *arrived])


def _ties(session: Session, project: str) -> Ties:
    rows = session.execute(select(LinkRow.a, LinkRow.b, LinkRow.kind).where(LinkRow.project == project, LinkRow.grade != Grade.INADMISSIBLE))
    return Ties((row.a, row.b, row.kind) for row in rows)


def _clients(session: Session, reports: Iterable[str]) -> set[str]:
    return {client for some in chunks(reports) for client in session.scalars(select(ReportRow.client).where(ReportRow.id.in_(some)))}


def _as_received(session: Session, project: str, events: Iterable[Event]) -> list[Event]:
    """Return events with their instants as the ledger holds them; a link that a contract brought was received when that was signed.

    Who bought, and on which paper they are kin, is said by the contract itself: that the office enters it hours later takes nothing from anybody.
    """
    query = select(BuyerRow.party, DealRow.signed, DealRow.recorded).join(DealRow, DealRow.id == BuyerRow.deal).where(DealRow.project == project)
    contracts = {party: (floor(signed), floor(recorded)) for party, signed, recorded in session.execute(query)}
    return [_brought(found, contracts) if isinstance(found := to_milliseconds(event), Link) else found for event in events]


def _brought(link: Link, contracts: dict[str, tuple[datetime, datetime]]) -> Link:
    for party in (link.a, link.b):
        if party in contracts and link.at == contracts[party][1]:
            return replace(link, at=contracts[party][0])
    return link


def _begun(rulebook: Rulebook, at: datetime) -> Rulebook:
    """Return the versions that had begun by then, so that rules which come later change no proposal; all of them where none had."""
    begun = tuple(version for version in rulebook.versions if version.start is None or version.start <= at)
    return Rulebook(begun) if begun else rulebook


def _offset(at: datetime, zone: tzinfo) -> tzinfo:
    offset = at.astimezone(zone).utcoffset()
    return zone if offset is None else timezone(offset)
