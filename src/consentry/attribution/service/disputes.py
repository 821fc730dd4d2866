"""Disputes that nobody has closed: a visitor in a verdict's case says that somebody else brought them, or nobody, or that something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.records.deals import BuyerRow, VerdictRow
from consentry.attribution.records.visits import StatementRow
from consentry.attribution.service.parties import chunks, reachable
from consentry.attribution.visiting import Voiced

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

__all__ = ["disputed"]


def disputed(session: Session, deals: Collection[str]) -> set[str]:
    """Return those of ``deals`` whose latest verdict rests on a case with a visit of which a dispute is open.

    Only the verdicts around whoever disputes are read: their documents are large, and disputes are few.
    """
    wanted = select(StatementRow.visit, StatementRow.person).where(StatementRow.kind == Voiced.DISPUTE, StatementRow.decided.is_(None))
    visits = {row.visit: row.person for row in session.execute(wanted)}
    near = _bought_near(session, visits.values()) & set(deals)
    return {deal for deal in near if (document := _document(session, deal)) and any(f'"{visit}"' in document for visit in visits)}


def _bought_near(session: Session, people: Collection[str]) -> set[str]:
    around = reachable(session, people)
    return {deal for some in chunks(around) for deal in session.scalars(select(BuyerRow.deal).where(BuyerRow.party.in_(some)))}


def _document(session: Session, deal: str) -> str | None:
    return session.scalar(select(VerdictRow.document).where(VerdictRow.deal == deal).order_by(VerdictRow.number.desc()).limit(1))
