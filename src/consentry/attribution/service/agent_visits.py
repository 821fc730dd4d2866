"""What an agent sees of the visits that name their agency's report: when, whether bound, what the visitor answered, and the receipt of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import VisitRow
from consentry.attribution.service.agent_sessions import signed_in_agent
from consentry.attribution.visiting import AgentVisit, Answer, Binding
from consentry.attribution.work import proof
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from consentry.ledger.model import SealedBundle
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["agent_visit_receipts", "agent_visits"]


@permits(Permission.REPORT_VISITORS)
def agent_visits(site: Site, actor: Actor, report: str) -> tuple[AgentVisit, ...]:
    """Return the visits that name a report of the agent's agency, oldest first. Nothing of the visitor is told but their answer.

    Raises:
        DeniedError: ``access.denied`` for an actor who is no agent.
        NotFoundError: ``report.unknown``.
    """
    with reading(site) as work:
        rows = _visits(work, actor, report)
    return tuple(AgentVisit(row.id, row.at, row.claimed_at, Binding(row.binding), Answer(row.answer) if row.answer else None, row.answered) for row in rows)


@permits(Permission.REPORT_VISITORS)
def agent_visit_receipts(site: Site, actor: Actor, report: str) -> tuple[SealedBundle, ...]:
    """Return the signed receipts of these visits and of their visitors' answers, oldest first.

    Raises:
        DeniedError: ``access.denied`` for an actor who is no agent.
        NotFoundError: ``report.unknown``.
    """
    with reading(site) as work:
        entries = [entry for row in _visits(work, actor, report) for entry in (row.entry, row.entry_answered) if entry is not None]
    return tuple(proof(site, entry) for entry in entries)


def _visits(work: UnitOfWork, actor: Actor, report: str) -> list[VisitRow]:
    agency, row = signed_in_agent(work, actor).agency, work.session.get(ReportRow, report[:36])
    if row is None or row.id != report or row.agency != agency:
        raise NotFoundError("report.unknown", "report", "your agency has none of that id", "Look at the list of your reports.")
    return list(work.session.scalars(select(VisitRow).where(VisitRow.report == row.id).order_by(VisitRow.id)))
