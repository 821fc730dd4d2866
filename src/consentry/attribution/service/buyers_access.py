"""Which contracts the link of a visit opens: those of a buyer whom a proof joins to its visitor, never those of a number that somebody only said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.explanations import read_explanation
from consentry.attribution.model import Grade, IdentityKind, Link
from consentry.attribution.records.deals import BuyerRow, DealRow, VerdictRow
from consentry.attribution.rules.admission import admit
from consentry.attribution.service import parties
from consentry.attribution.service.parties import chunks
from consentry.attribution.service.statements import row_by_secret
from consentry.ledger.rules.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.attribution.records.visits import VisitRow
    from consentry.ledger.work import UnitOfWork

__all__ = ["contracts_opened_by"]

_NUMBERS = frozenset({IdentityKind.ID, IdentityKind.PHONE})


def contracts_opened_by(work: UnitOfWork, secret: str) -> set[str]:
    """Return the contracts with a verdict that the visitor of a receipt bought, as far as more than a spoken number says so.

    A reader's link proves it at any time; a number that both sides confirmed, and a bound visit that the verdict counts as the buyer's, only where the
    visit came before the contract: whoever knows a buyer's number could bring it to the desk afterwards.

    Raises:
        NotFoundError: ``visit.secret``.
    """
    visit = row_by_secret(work, secret)
    found: dict[str, datetime] = {}
    for some in chunks(parties.appearances(work.session, visit.visitor)):
        query = select(DealRow.id, DealRow.signed).join(BuyerRow, BuyerRow.deal == DealRow.id).where(BuyerRow.party.in_(some))
        found.update((row.id, row.signed) for row in work.session.execute(query))
    return {deal for deal, signed in found.items() if _opens(work.session, visit, deal, signed)}


def _opens(session: Session, visit: VisitRow, deal: str, signed: datetime) -> bool:
    document = session.scalar(select(VerdictRow.document).where(VerdictRow.deal == deal).order_by(VerdictRow.number.desc()).limit(1))
    if document is None:
        return False
    before = visit.at <= signed
    buyers = set(session.scalars(select(BuyerRow.party).where(BuyerRow.deal == deal)))
    proven = _joined([visit.visitor], lambda people: [link for link in parties.links_of(session, people) if _proves(link, numbers=before)])
    return not buyers.isdisjoint(proven) or (before and _is_buyers_visit(document, visit.id))


def _proves(link: Link, *, numbers: bool) -> bool:
    if link.grade is Grade.INADMISSIBLE:
        return False
    return link.kind == IdentityKind.ID or (numbers and link.kind == IdentityKind.PHONE and link.grade is Grade.TWO_SIDED)


def _is_buyers_visit(document: str, visit: str) -> bool:
    """Return whether a verdict's case holds a visit, bound to a report, as one of the buyers themselves: not of their kin, not of a bare number."""
    case = read_explanation(canonical(json.loads(document)["proposal"]["explanation"]), "verdict").case
    admitted = admit(case)
    links = [link for link in admitted.links if link.kind in _NUMBERS]
    buyers = _joined(case.signing.buyers, lambda people: [link for link in links if not people.isdisjoint((link.a, link.b))])
    return any(event.id == visit and event.bound and event.person in buyers for event in admitted.visits)


def _joined(people: Iterable[str], links: Callable[[set[str]], Iterable[Link]]) -> set[str]:
    """Return everybody whom ``links`` (of the people it is given) join to ``people``, however many lie between."""
    known: set[str] = set()
    fresh = set(people)
    while fresh:
        known |= fresh
        fresh = {end for link in links(fresh) for end in (link.a, link.b)} - known
    return known
