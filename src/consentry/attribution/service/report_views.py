"""Looking at reports: each agent at their own, staff at all of them without names, and at what names people with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.channel import Description, ListedReport, OwnReport, PossibleDuplicate, ReportState
from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.reports import ReplyRow, ReportRow
from consentry.attribution.rules.reports import clocks_of, state_of
from consentry.attribution.service import parties
from consentry.attribution.service.agencies import IDENTIFIER, agency_row
from consentry.attribution.service.agent_sessions import signed_in_agent
from consentry.attribution.service.replies import reply_shown
from consentry.attribution.service.reporting import facts_of, lookalikes
from consentry.attribution.service.revealing import report_row
from consentry.attribution.service.rulebooks import require_project
from consentry.attribution.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.service import receipts
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError, NotFoundError
from consentry.staff.rules import check_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from consentry.ledger.model import SealedBundle
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import Reason

__all__ = [
    "MOST_DESCRIBED",
    "MOST_WAITING",
    "describe_reports",
    "own_receipt",
    "own_reports",
    "possible_duplicates",
    "report",
    "report_receipt",
    "reports",
    "reports_between",
    "waiting_reports",
]

MOST_WAITING = 500
MOST_DESCRIBED = 200
"""Clients that are looked at for one reason: a day's reports of one agency."""


@permits(Permission.REPORT_VISITORS)
def own_reports(site: Site, actor: Actor, *, before: str | None = None, limit: int = 50) -> list[OwnReport]:
    """Return the agent's own reports with their clocks, newest first; ``before`` is the last id that the caller has.

    Raises:
        InputError: ``paging.cursor-unknown``.
    """
    with reading(site) as work:
        wanted = _joined().where(ReportRow.agent == signed_in_agent(work, actor).id)
        listed = _page(work, wanted, before, limit)
        said = _descriptions(work, [one.client for one in listed])
        return [OwnReport(one, said[one.client]) for one in listed]


@permits(Permission.REPORT_VISITORS)
def own_receipt(site: Site, actor: Actor, report: str) -> SealedBundle:
    """Return the signed receipt of one's own report: its entry, that of the reply, or the one that says that nobody replied in time.

    Raises:
        NotFoundError: ``report.unknown``, also for a report of somebody else.
        ConflictError: ``ledger.erased`` where the ledger's retention is over.
    """
    with reading(site) as work:
        row = report_row(work.session, report)
        if row.agent != signed_in_agent(work, actor).id:
            raise NotFoundError("report.unknown", "report", "there is none of that id", "List your reports.")
        entries = _entries(work, row)
    return receipts(site, ITSELF, entries)


@permits(Permission.VIEW_ATTRIBUTION)
def reports(  # noqa: PLR0913 - a list's filters
    site: Site,
    actor: Actor,  # noqa: ARG001 - the guard reads the actor
    project: str,
    *,
    agency: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[ListedReport]:
    """Return reports for a project, newest first, without names; ``before`` is the last id that the caller has.

    Raises:
        NotFoundError: ``project.unknown`` or ``agency.unknown``.
        InputError: ``paging.cursor-unknown``.
    """
    require_project(site, project)
    with reading(site) as work:
        wanted = _joined().where(ReportRow.project == project)
        if agency is not None:
            wanted = wanted.where(ReportRow.agency == agency_row(work.session, agency).id)
        return _page(work, wanted, before, limit)


@permits(Permission.VIEW_ATTRIBUTION)
def waiting_reports(site: Site, actor: Actor, project: str) -> list[ListedReport]:  # noqa: ARG001 - the guard reads the actor
    """Return the reports that can still be replied to in time, the ``MOST_WAITING`` most urgent of them, these first.

    Raises:
        NotFoundError: ``project.unknown``.
    """
    require_project(site, project)
    with reading(site) as work:
        unanswered = _joined().where(ReportRow.project == project, ReportRow.reply_open, ReportRow.reply_due >= work.now).order_by(ReportRow.reply_due)
        found = [_listed(row, reply, work.now) for row, reply in work.session.execute(unanswered.limit(MOST_WAITING))]
        return [one for one in found if one.state in {ReportState.WAITING, ReportState.ARRIVED}]


@permits(Permission.VIEW_ATTRIBUTION)
def report(site: Site, actor: Actor, name: str) -> ListedReport:  # noqa: ARG001 - the guard reads the actor
    """Return one report, without names.

    Raises:
        NotFoundError: ``report.unknown``.
    """
    with reading(site) as work:
        row = report_row(work.session, name)
        return _listed(row, work.session.get(ReplyRow, name), work.now)


@permits(Permission.VIEW_ATTRIBUTION)
def possible_duplicates(site: Site, actor: Actor, report: str) -> tuple[PossibleDuplicate, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return other agencies' live reports whose client may be the same, oldest first. None of them is certain before a number is revealed.

    Raises:
        NotFoundError: ``report.unknown``.
    """
    with reading(site) as work:
        alike = lookalikes(work, report_row(work.session, report))
        return tuple(PossibleDuplicate(row.id, row.agency, row.filed, row.entry) for row in alike)


@permits(Permission.VIEW_ATTRIBUTION)
def report_receipt(site: Site, actor: Actor, report: str) -> SealedBundle:  # noqa: ARG001 - the guard reads the actor
    """Return the signed receipt of a report and of what was replied.

    Raises:
        NotFoundError: ``report.unknown``.
        ConflictError: ``ledger.erased``.
    """
    with reading(site) as work:
        entries = _entries(work, report_row(work.session, report))
    return receipts(site, ITSELF, entries)


@permits(Permission.VIEW_ATTRIBUTION)
def describe_reports(site: Site, actor: Actor, names: Sequence[str], reason: Reason) -> Mapping[str, Description]:
    """Return alias and mask of the clients of some reports. Who looked, at which reports and why is written into the ledger.

    Raises:
        InputError: ``input.text`` without a reason and a ticket, ``report.too-many`` for more than ``MOST_DESCRIBED``.
        NotFoundError: ``report.unknown``.
    """
    why, wanted = check_reason(reason), sorted(set(names))
    if len(wanted) > MOST_DESCRIBED:
        raise InputError("report.too-many", "reports", f"more than {MOST_DESCRIBED} at once", "Look at fewer at a time.")
    with writing(site) as work:
        clients = {name: report_row(work.session, name).client for name in wanted}
        said = _descriptions(work, list(clients.values()))
        details = {"ticket": why.ticket, "reports": wanted}
        work.record(Act(actor.label, "attribution.reports-viewed", "reports", PURPOSE, why.text, details))
        return {name: said[client] for name, client in clients.items()}


def reports_between(session: Session, project: str, start: datetime, end: datetime, now: datetime) -> list[ListedReport]:
    """Return the reports that were received from ``start`` until before ``end``, as they stand at ``now``, oldest first."""
    wanted = _joined().where(ReportRow.project == project, ReportRow.filed >= start, ReportRow.filed < end).order_by(ReportRow.entry)
    return [_listed(row, reply, now) for row, reply in session.execute(wanted)]


def _joined() -> Select[ReportRow, ReplyRow | None]:
    return select(ReportRow, ReplyRow).outerjoin(ReplyRow, ReplyRow.report == ReportRow.id)


def _page(work: UnitOfWork, wanted: Select[ReportRow, ReplyRow | None], before: str | None, limit: int) -> list[ListedReport]:
    if before is not None:
        if not IDENTIFIER.fullmatch(before):
            raise InputError("paging.cursor-unknown", "cursor", "it does not come from this list", "Send the `next` of a page unchanged.")
        wanted = wanted.where(ReportRow.id < before)
    return [_listed(row, reply, work.now) for row, reply in work.session.execute(wanted.order_by(ReportRow.id.desc()).limit(limit))]


def _listed(row: ReportRow, reply: ReplyRow | None, now: datetime) -> ListedReport:
    facts = facts_of(row, reply)
    return ListedReport(
        id=row.id,
        project=row.project,
        agency=row.agency,
        agent=row.agent,
        client=row.client,
        filed=row.filed,
        planned=row.planned,
        entry=row.entry,
        state=state_of(facts, now),
        clocks=clocks_of(facts),
        reply=reply_shown(row, reply) if reply else None,
        accepted_silently=row.accepted_silently,
        arrived=row.arrived,
        erased=row.erased is not None,
    )


def _descriptions(work: UnitOfWork, clients: Sequence[str]) -> dict[str, Description]:
    masks: dict[str, str | None] = {}
    for some in parties.chunks(clients):
        masks.update({found.id: found.mask for found in work.session.execute(select(PartyRow.id, PartyRow.mask).where(PartyRow.id.in_(some)))})
    return {client: Description(parties.alias_of(work, client), masks.get(client)) for client in clients}


def _entries(work: UnitOfWork, row: ReportRow) -> list[int]:
    reply = work.session.get(ReplyRow, row.id)
    return [entry for entry in (row.entry, reply.entry if reply else None, row.accepted_silently) if entry is not None]
