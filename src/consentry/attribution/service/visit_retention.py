"""The end of visits: those that led to no contract go when their project's ``visit_retention`` is over, and with them what names a person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, or_, select

from consentry.attribution.records.deals import BuyerRow
from consentry.attribution.records.people import LinkRow, PartyRow
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import (
    DeskEntryRow,
    DeskPairingRow,
    DocumentCheckRow,
    EditRow,
    OutageRow,
    StatementRow,
    VisitCodeRow,
    VisitRow,
)
from consentry.attribution.service import outages, parties
from consentry.attribution.service.parties import chunks
from consentry.attribution.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["CHECKS_KEPT", "CODES_KEPT", "ENTRIES_KEPT", "JOBS", "OUTAGES_KEPT", "WITHOUT_PROJECT", "forget_devices", "forget_visits"]

CODES_KEPT = timedelta(days=7)
"""How long after its end a visit code is known, so that a desk that was cut off is told that it was used, or when it ended."""
CHECKS_KEPT = timedelta(days=1)
ENTRIES_KEPT = timedelta(days=90)
"""How long a desk can send an entry again and get the same answer; one that waits for somebody is kept until it is settled."""
OUTAGES_KEPT = timedelta(days=3653)
"""As long as the longest life of a verdict's evidence."""
WITHOUT_PROJECT = timedelta(days=400)
"""How long visits of a project are kept that the settings no longer name."""
_AT_ONCE = 200


def forget_visits(site: Site) -> int:
    """Delete the visits that are over and led to no contract, and return how many; a job.

    Their visitors, and the clients whom they alone kept, are erased; pseudonyms and links stay while something else hangs on them.
    """
    with reading(site) as work:
        projects = list(work.session.scalars(select(VisitRow.project).distinct()))
    return sum(_forget_of(site, project) for project in projects)


def forget_devices(site: Site) -> None:
    """Delete codes, checks, answers to desks and outages that no longer serve; a job."""
    with writing(site) as work:
        session, now = work.session, work.now
        session.execute(delete(DeskPairingRow).where(DeskPairingRow.expires <= now))
        session.execute(delete(VisitCodeRow).where(VisitCodeRow.expires <= now - CODES_KEPT))
        session.execute(delete(DocumentCheckRow).where(DocumentCheckRow.at <= now - CHECKS_KEPT))
        answered = or_(DeskEntryRow.code.is_(None), DeskEntryRow.settled.is_not(None))
        session.execute(delete(DeskEntryRow).where(DeskEntryRow.received <= now - ENTRIES_KEPT, answered))
        session.execute(delete(OutageRow).where(OutageRow.until <= now - OUTAGES_KEPT))


JOBS: Final = (
    Job("attribution-heartbeat", outages.BEAT_EVERY, outages.beat),
    Job("retention-visits", timedelta(hours=1), forget_visits),
    Job("retention-desks", timedelta(hours=1), forget_devices),
)
"""What is to run by itself while the site does."""


def _forget_of(site: Site, project: str) -> int:
    known = site.settings.project(project)
    kept = known.visit_retention if known else WITHOUT_PROJECT
    forgotten, after = 0, ""
    while True:
        with writing(site) as work:
            rows = _over(work.session, project, work.now - kept, after)
            free = _without_contract(work.session, rows)
            _forget(work, project, free)
        if not rows:
            return forgotten
        forgotten, after = forgotten + len(free), rows[-1].id


def _over(session: Session, project: str, before: datetime, after: str) -> Sequence[VisitRow]:
    wanted = select(VisitRow).where(VisitRow.project == project, VisitRow.at < before, VisitRow.id > after)
    return list(session.scalars(wanted.order_by(VisitRow.id).limit(_AT_ONCE)))


def _without_contract(session: Session, rows: Sequence[VisitRow]) -> list[VisitRow]:
    """Return the visits of people of whom nobody, however they are linked, bought anything."""
    free = []
    for row in rows:
        around = parties.reachable(session, [row.visitor, *_clients(session, [row.report] if row.report else [])])
        if not any(session.scalar(select(BuyerRow.party).where(BuyerRow.party.in_(some)).limit(1)) for some in chunks(around)):
            free.append(row)
    return free


def _forget(work: UnitOfWork, project: str, rows: Sequence[VisitRow]) -> None:
    if not rows:
        return
    visits, reports = [row.id for row in rows], {row.report for row in rows if row.report}
    people = {row.visitor for row in rows}
    for table, column in ((EditRow, EditRow.visit), (StatementRow, StatementRow.visit), (VisitRow, VisitRow.id)):
        work.session.execute(delete(table).where(column.in_(visits)))
    _forget_reports(work, reports)
    for person in people:
        parties.erase(work, person)
    _drop_pseudonyms(work.session, people)
    work.record(Act(ITSELF.label, "attribution.visits-expired", f"project:{project}", PURPOSE, "retention", {"visits": len(visits)}))


def _forget_reports(work: UnitOfWork, reports: Collection[str]) -> None:
    """Erase what reports say of people whose last visit is gone."""
    for some in chunks(reports):
        visited = select(VisitRow.id).where(VisitRow.report == ReportRow.id)
        for row in work.session.scalars(select(ReportRow).where(ReportRow.id.in_(some), ReportRow.erased.is_(None), ~visited.exists())):
            parties.erase(work, row.client)
            row.commitment, row.client_mark, row.likeness, row.erased = None, None, None, work.now


def _clients(session: Session, reports: Collection[str]) -> list[str]:
    return list(session.scalars(select(ReportRow.client).where(ReportRow.id.in_(reports)))) if reports else []


def _drop_pseudonyms(session: Session, people: Collection[str]) -> None:
    """Delete links both of whose ends are erased, and erased visitors on whom no link hangs."""
    session.flush()
    erased = select(PartyRow.id).where(PartyRow.erased.is_not(None))
    for some in chunks(people):
        ends = or_(LinkRow.a.in_(some), LinkRow.b.in_(some))
        session.execute(delete(LinkRow).where(ends, LinkRow.a.in_(erased), LinkRow.b.in_(erased)).execution_options(synchronize_session=False))
        linked = select(LinkRow.id).where(or_(LinkRow.a == PartyRow.id, LinkRow.b == PartyRow.id))
        session.execute(delete(PartyRow).where(PartyRow.id.in_(some), ~linked.exists()).execution_options(synchronize_session=False))
