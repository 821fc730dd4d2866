"""What is lent and not back yet, for staff: cards whose time is over before all, because nobody knows where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.people import DoorPersonRow
from consentry.access.register import ListedLoan, PersonKind, Why
from consentry.access.service.lending import newest_loans
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["loans"]


@permits(Permission.MANAGE_CREDENTIALS)
def loans(site: Site, actor: Actor, owner: str | None = None) -> tuple[ListedLoan, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return what is lent, of one owner or of all: what is overdue first, then what is due first. Nobody is named."""
    with reading(site) as work:
        found = [*_cards(work, owner), *_pins(work, owner)]
    return tuple(sorted(found, key=lambda loan: (not loan.overdue, loan.until.timestamp() if loan.until else 0.0, loan.credential)))


def _cards(work: UnitOfWork, owner: str | None) -> Iterator[ListedLoan]:
    """Yield the cards that are out. A card stays so until its owner has it back, also when the row of the loan is gone."""
    wanted = select(CredentialRow).where(CredentialRow.state == CredentialState.SUSPENDED, CredentialRow.why == Why.LENT)
    cards = work.session.scalars(wanted if owner is None else wanted.where(CredentialRow.person == owner)).all()
    newest = newest_loans(work.session, [card.id for card in cards])
    for card in cards:
        lent = newest.get(card.id)
        if lent is None:
            yield ListedLoan(card.person, None, card.id, CredentialKind.CARD, (), None, None, overdue=True)
        else:
            over = lent.state == CredentialState.ENDED or (lent.valid_until is not None and work.now >= lent.valid_until)
            yield ListedLoan(card.person, lent.person, card.id, CredentialKind.CARD, tuple(lent.doors or ()), lent.added, lent.valid_until, overdue=over)


def _pins(work: UnitOfWork, owner: str | None) -> Iterator[ListedLoan]:
    """Yield the PINs that borrowers got. They end by themselves: nothing has to come back."""
    borrowed = select(CredentialRow, DoorPersonRow.host).join(DoorPersonRow, DoorPersonRow.id == CredentialRow.person)
    wanted = borrowed.where(DoorPersonRow.kind == PersonKind.DELEGATE, CredentialRow.kind == CredentialKind.PIN, CredentialRow.state != CredentialState.ENDED)
    for row, host in work.session.execute(wanted if owner is None else wanted.where(DoorPersonRow.host == owner)):
        if row.valid_until is None or work.now < row.valid_until:
            yield ListedLoan(str(host), row.person, row.id, CredentialKind.PIN, tuple(row.doors or ()), row.added, row.valid_until, overdue=False)
