"""Delegates: family or a carer, to whom a resident gives a way in for a time. It is a loan of the register; they come in by a card or a PIN of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.people import DoorPersonRow
from consentry.access.register import PersonKind
from consentry.access.residence import Delegate
from consentry.access.service import people
from consentry.access.service.credentials import credential_row
from consentry.access.service.lending import end_loan, enter_loan, open_loans, return_card
from consentry.access.service.own_doors import doors_of, named
from consentry.access.service.resident_sessions import current_resident
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError

if TYPE_CHECKING:
    from consentry.access.register import Loan, LoanDraft
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["LONGEST_LOAN", "delegates", "end_delegate", "give_to_delegate", "have_card_back"]

LONGEST_LOAN: Final = timedelta(days=366)


@permits(Permission.LIVE_HERE)
def delegates(site: Site, actor: Actor) -> tuple[Delegate, ...]:
    """Return to whom the resident gave something for a time, the newest first; whoever is forgotten is not among them."""
    with reading(site) as work:
        mine = DoorPersonRow.host == current_resident(work, actor).person, DoorPersonRow.kind == PersonKind.DELEGATE, DoorPersonRow.sealed.is_not(None)
        rows = work.session.scalars(select(DoorPersonRow).where(*mine).order_by(DoorPersonRow.id.desc()))
        return tuple(_shown(work, row) for row in rows)


@permits(Permission.LIVE_HERE)
def give_to_delegate(site: Site, actor: Actor, draft: LoanDraft) -> Loan:
    """Give a card or a PIN to somebody for a time; see ``lending.lend``. A PIN that was made for them is shown this once.

    Raises:
        InputError: ``delegate.doors`` for a door that the resident may not pass, ``delegate.until`` where it ends at once or lasts longer than
            ``LONGEST_LOAN``; else as ``lending.lend``.
        NotFoundError: ``credential.unknown`` for what is not the resident's.
        ConflictError: ``delegate.too-many`` where as many stand open as ``[access] guest_passes`` allows; else as ``lending.lend``.
    """
    with writing(site) as work:
        person = current_resident(work, actor).person
        _check(work, person, draft)
        return enter_loan(work, actor.label, person, draft)


@permits(Permission.LIVE_HERE)
def end_delegate(site: Site, actor: Actor, person: str) -> None:
    """End at once what somebody was given. A card that was lent opens for its owner again.

    Raises:
        NotFoundError: ``delegate.unknown``.
        ConflictError: ``loan.none`` where they have nothing of the resident's any more.
    """
    with writing(site) as work:
        owner = current_resident(work, actor).person
        row = work.session.get(DoorPersonRow, person[:36])
        if row is None or row.host != owner or row.kind != PersonKind.DELEGATE:
            raise NotFoundError("delegate.unknown", "delegate", "you gave nothing to anybody of that id", "Look at the list.")
        end_loan(work, actor.label, row)


@permits(Permission.LIVE_HERE)
def have_card_back(site: Site, actor: Actor, credential: str) -> None:
    """Say that a card of the resident's own that was lent is back: it opens for them again from now on. Also when its time is over and its borrower forgotten.

    Raises:
        NotFoundError: ``credential.unknown`` for what is not the resident's.
        ConflictError: ``loan.none`` for what is not lent, or what staff suspended meanwhile.
    """
    with writing(site) as work:
        owner, card = current_resident(work, actor).person, credential_row(work.session, credential)
        if card.person != owner:
            raise NotFoundError("credential.unknown", "credential", "there is none of that id", "Look at your ways in.")
        return_card(work, actor.label, card)


def _check(work: UnitOfWork, person: str, draft: LoanDraft) -> None:
    if not draft.doors or set(draft.doors) - {door.id for door in doors_of(work, person)}:
        raise InputError("delegate.doors", "loan", "it names no door, or one that is not yours", "Choose among your doors.")
    if not work.now < draft.valid_until <= work.now + LONGEST_LOAN:
        raise InputError("delegate.until", "loan", "it is over already, or lasts too long", f"Choose an end within {LONGEST_LOAN.days} days.")
    most = work.site.settings.access.guest_passes
    if open_loans(work, person) >= most:
        raise ConflictError("delegate.too-many", "loans", f"{most} are open already", "End one that is not needed.")


def _shown(work: UnitOfWork, row: DoorPersonRow) -> Delegate:
    held = work.session.scalar(select(CredentialRow).where(CredentialRow.person == row.id).order_by(CredentialRow.id).limit(1))
    said = people.name_of(work, row)
    over = row.left is not None or (row.valid_until is not None and work.now >= row.valid_until)
    return Delegate(
        person=row.id,
        name=said.name if said else None,
        doors=tuple(named(work.site, door) for door in row.doors or ()),
        since=row.added,
        until=row.valid_until,
        way=CredentialKind(held.kind) if held else None,
        standing=not over and held is not None and held.state == CredentialState.ACTIVE,
    )
