"""What the rules propose for a contract, as one document that a person signs or sends back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.deals import Proposal
from consentry.attribution.explanations import explanation_document
from consentry.attribution.records.deals import DealRow
from consentry.attribution.rules import explain
from consentry.attribution.rules.documents import sha256_of
from consentry.attribution.rules.notation import show_instant
from consentry.attribution.service import provenance, rulebooks
from consentry.attribution.service.history import cases_of
from consentry.attribution.service.standing import deal_row
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.attribution.model import Explanation, Rulebook
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["judge_all", "proposal", "propose"]


@permits(Permission.VIEW_ATTRIBUTION)
def proposal(site: Site, actor: Actor, deal: str) -> Proposal:  # noqa: ARG001 - the guard reads the actor
    """Return what the rules propose for a contract now.

    Raises:
        NotFoundError: ``deal.unknown``.
        LedgerError: ``evidence.altered`` or ``evidence.unproven`` where the database is not what the log received.
    """
    with reading(site) as work:
        return propose(work, deal_row(work.session, deal))


@permits(Permission.VIEW_ATTRIBUTION)
def judge_all(site: Site, actor: Actor, project: str) -> dict[str, Explanation]:  # noqa: ARG001 - as above
    """Return what the rules make of every contract of a project that was not cancelled, by the contract's id."""
    with reading(site) as work:
        wanted = select(DealRow).where(DealRow.project == project, DealRow.cancelled.is_(None)).order_by(DealRow.id)
        return explanations(work, list(work.session.scalars(wanted)))


def explanations(work: UnitOfWork, deals: Sequence[DealRow]) -> dict[str, Explanation]:
    """Return what the rules make of each of ``deals``, which are of one project."""
    return {name: explain(case) for name, case in cases_of(work, deals).items()}


def propose(work: UnitOfWork, deal: DealRow) -> Proposal:
    """Return the proposal for a contract: everything that it rests on in one document, which has the same hash until something else is known."""
    explanation = explain(cases_of(work, [deal])[deal.id])
    provenance.check_entries(work.session, explanation.case)
    document: dict[str, JSONValue] = {
        "deal": deal.id,
        "project": deal.project,
        "explanation": explanation_document(explanation),
        "rulebooks": _rulebooks(work, deal.project, explanation.case.rulebook),
        "entries": {name: list(indexes) for name, indexes in provenance.entries_of(work.session, explanation.case).items()},
    }
    return Proposal(deal.id, explanation, document, sha256_of(document))


def _rulebooks(work: UnitOfWork, project: str, applied: Rulebook) -> list[JSONValue]:
    """Return each version of the rules in a case by its hash and its entry in the ledger; their text stands in the case."""
    starts = {version.start for version in applied.versions}
    known = [one for one in rulebooks.recorded(work.session, project) if one.version.start in starts]
    return [{"from": show_instant(one.version.start) if one.version.start else None, "sha256": one.sha256, "entry": one.entry} for one in known]
