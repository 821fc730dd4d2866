"""Giving something of one's own to somebody else for a time, for a few doors alone, and having it back. A face and a telephone stay with their owner."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.people import DoorPersonRow
from consentry.access.register import Limits, Loan, PersonDraft, PersonKind, PersonName, PersonTerms, PinDraft, Why
from consentry.access.service.credentials import add, credential_row, holder_row, new_row, set_state, view
from consentry.access.service.people import enter, leave, unit_of
from consentry.access.service.pins import enter_pin
from consentry.access.work import CREDENTIALS, PURPOSE, credential_label, person_label
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from consentry.access.register import LoanDraft
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["LONGEST_BY_STAFF", "end_loan", "enter_loan", "is_out", "lend", "newest_loans", "open_loans", "return_card", "take_back"]

LONGEST_BY_STAFF: Final = timedelta(days=7)
"""How long staff lend something on its owner's word; for longer its owner gives it on their own page."""


@permits(Permission.MANAGE_CREDENTIALS)
def lend(site: Site, actor: Actor, person: str, draft: LoanDraft, reason: str) -> Loan:
    """Give something that ``person`` holds to somebody else until a time, for the doors of the draft, on the owner's word.

    A card changes hands: it opens nothing for its owner until they have it back (:func:`credentials.change_state` to active). In the place of a PIN or a
    telephone the borrower gets a PIN of their own, which is shown this once. What they pass is what the owner passes, within those doors; and a card or a
    PIN that ends earlier, or waits for a host, does so for them.

    Raises:
        NotFoundError: ``door-person.unknown``, ``credential.unknown``, also for what somebody else holds.
        InputError: ``loan.kind`` for a face or a guest's pass, ``loan.doors`` without doors or beyond those of the credential, ``door.unknown``,
            ``loan.until`` where it ends at once or after ``LONGEST_BY_STAFF``, ``credential.validity`` where what is lent begins later, ``input.text``.
        ConflictError: ``loan.rests`` for what opens nothing now, ``loan.uses`` for what opens a number of times, ``loan.again`` for what is borrowed
            itself, ``loan.too-many`` where as many of the owner stand open as ``[access] guest_passes`` allows, ``pin.no-number``, ``door-person.left``.
    """
    why = stated(reason)
    with writing(site) as work:
        if not work.now < draft.valid_until <= work.now + LONGEST_BY_STAFF:
            mend = f"Let it end within {LONGEST_BY_STAFF.days} days."
            raise InputError("loan.until", "loan", "it is over already, or lasts too long", mend)
        most = site.settings.access.guest_passes
        if open_loans(work, person) >= most:
            raise ConflictError("loan.too-many", "loans", f"{most} of this person are open already", "End one that is not needed.")
        return enter_loan(work, actor.label, person, draft, why)


@permits(Permission.MANAGE_CREDENTIALS)
def take_back(site: Site, actor: Actor, credential: str, reason: str) -> None:
    """End a loan because what was lent is back: the owner's own card, or what the borrower got. A card opens for its owner again from now on.

    Raises:
        NotFoundError: ``credential.unknown``.
        ConflictError: ``loan.none`` for what is not lent, or is no more: the card of an old loan may be in other hands by now.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        row = credential_row(work.session, credential)
        if is_out(row):
            return_card(work, actor.label, row, why)
        elif (holder := work.session.get_one(DoorPersonRow, row.person)).kind == PersonKind.DELEGATE and _still_lent(work, row):
            end_loan(work, actor.label, holder, why)
        else:
            raise _not_lent(credential_label(row.id))


def open_loans(work: UnitOfWork, person: str) -> int:
    """Return how many people hold something of somebody's for a time that is not over."""
    theirs = DoorPersonRow.host == person, DoorPersonRow.kind == PersonKind.DELEGATE
    still = DoorPersonRow.left.is_(None), DoorPersonRow.valid_until > work.now
    return work.session.scalar(select(func.count()).select_from(DoorPersonRow).where(*theirs, *still)) or 0


def end_loan(work: UnitOfWork, label: str, borrower: DoorPersonRow, reason: str = "") -> None:
    """End in an open transaction what somebody borrowed. A card that they have opens for its owner again; one that they gave back does not: others may have it.

    Raises:
        ConflictError: ``loan.none`` where they have nothing any more.
    """
    cards = _cards_with(work, borrower)
    if borrower.left is not None and not cards:
        raise _not_lent(person_label(borrower.id))
    leave(work, label, borrower, reason)
    for card in cards:
        set_state(work, label, card, CredentialState.ACTIVE, Why.RETURNED, reason)


def return_card(work: UnitOfWork, label: str, card: CredentialRow, reason: str = "") -> None:
    """Let in an open transaction a card that is back open for its owner again, and whoever borrowed it leave; the row of an old loan may be gone.

    Raises:
        ConflictError: ``loan.none`` where nobody has it.
    """
    if not is_out(card):
        raise _not_lent(credential_label(card.id))
    had = select(DoorPersonRow).join(CredentialRow, CredentialRow.person == DoorPersonRow.id).where(CredentialRow.lent_from == card.id)
    for borrower in work.session.scalars(had).all():
        leave(work, label, borrower, reason)
    set_state(work, label, card, CredentialState.ACTIVE, Why.RETURNED, reason)


def is_out(card: CredentialRow) -> bool:
    """Tell whether somebody else has a card now."""
    return card.state == CredentialState.SUSPENDED and card.why == Why.LENT


def newest_loans(session: Session, cards: Iterable[str]) -> Mapping[str, CredentialRow]:
    """Return of each card the last loan of it, by its borrower's row: of a card that is out, whoever has it. The row of an old loan may be gone."""
    # Ids of one millisecond sort by chance; all loans of a card but its last have ended.
    last = CredentialRow.state != CredentialState.ENDED, CredentialRow.id
    return {str(row.lent_from): row for row in session.scalars(select(CredentialRow).where(CredentialRow.lent_from.in_(cards)).order_by(*last))}


def enter_loan(work: UnitOfWork, label: str, person: str, draft: LoanDraft, reason: str = "") -> Loan:
    """Enter a loan in an open transaction; see :func:`lend`."""
    owner = holder_row(work.session, person)
    row = _lendable(work, person, draft)
    limits = _limits(work, row, draft)
    terms = PersonTerms(valid_from=work.now, valid_until=limits.valid_until, host=person, doors=limits.doors)
    name = PersonName(draft.to.name, draft.to.unit or unit_of(work, owner))
    borrower = enter(work, label, PersonDraft(PersonKind.DELEGATE, name, terms)).id
    loan = _hand_over(work, label, row, borrower, limits) if row.kind == CredentialKind.CARD else _pin_for(work, label, borrower, limits)
    work.record(Act(label, "access.credential-lent", credential_label(row.id), PURPOSE, reason, {"person": person, "to": borrower}))
    return loan


def _cards_with(work: UnitOfWork, borrower: DoorPersonRow) -> list[CredentialRow]:
    """Return the cards of others that somebody borrowed and still has, also after the time for which they were lent."""
    lent = work.session.scalars(select(CredentialRow.lent_from).where(CredentialRow.person == borrower.id, CredentialRow.lent_from.is_not(None))).all()
    newest = newest_loans(work.session, [str(name) for name in lent])
    cards = [credential_row(work.session, name) for name, row in newest.items() if row.person == borrower.id]
    return [card for card in cards if is_out(card)]


def _still_lent(work: UnitOfWork, row: CredentialRow) -> bool:
    """Tell whether a borrower has what they got: it has not ended, or it is a card that did not come back."""
    return row.state != CredentialState.ENDED or row.lent_from in {card.id for card in _cards_with(work, work.session.get_one(DoorPersonRow, row.person))}


def _not_lent(label: str) -> ConflictError:
    return ConflictError("loan.none", label, "it is not lent, or is no more", "Look at the list of loans.")


def _lendable(work: UnitOfWork, person: str, draft: LoanDraft) -> CredentialRow:
    row = credential_row(work.session, draft.credential)
    label = credential_label(row.id)
    if row.person != person:
        raise NotFoundError("credential.unknown", "credential", "there is none of that id", "List what the person holds.")
    if row.kind not in {CredentialKind.CARD, CredentialKind.PIN, CredentialKind.PHONE}:
        raise InputError("loan.kind", label, "a face or a guest's pass cannot be lent", "Lend a card, or give a guest pass.")
    if row.lent_from is not None or holder_row(work.session, person).kind == PersonKind.DELEGATE:
        raise ConflictError("loan.again", label, "it is borrowed itself", "Ask its owner.")
    if not row.bears or (row.valid_until is not None and row.valid_until <= work.now):
        raise ConflictError("loan.rests", label, "it opens nothing now", "Lend something that does.")
    if row.uses is not None:
        raise ConflictError("loan.uses", label, "it opens a number of times, which cannot be shared", "Lend something without one, or give a guest pass.")
    if not draft.doors or (row.doors is not None and not set(draft.doors) <= set(row.doors)):
        raise InputError("loan.doors", "loan", "it names no door, or one that the credential does not open", "Name doors that it opens.")
    return row


def _limits(work: UnitOfWork, row: CredentialRow, draft: LoanDraft) -> Limits:
    """Return what a loan is confined to: its borrower never has more than its owner. The pass of a telephone is renewed: its dates are none of the loan's."""
    renewed = row.kind == CredentialKind.PHONE
    starts = work.now if renewed or row.valid_from is None else max(work.now, row.valid_from)
    until = draft.valid_until if renewed or row.valid_until is None else min(draft.valid_until, row.valid_until)
    return Limits(starts, until, tuple(sorted(set(draft.doors))), needs_host=row.needs_host)


def _hand_over(work: UnitOfWork, label: str, row: CredentialRow, borrower: str, limits: Limits) -> Loan:
    lent = new_row(work, borrower, CredentialKind.CARD, limits)
    lent.form, lent.lent_from = row.form, row.id
    texts = opened(work.keys, CREDENTIALS, row.id, Sealed(row.wrapped or b"", row.sealed or b""))
    lent.wrapped, lent.sealed = sealed(work.keys, CREDENTIALS, lent.id, texts)
    # The owner's first: when it rests, whatever was lent from it before ends.
    change = set_state(work, label, row, CredentialState.SUSPENDED, Why.LENT)
    add(work, label, lent)
    return Loan(borrower, view(lent), limits.valid_until or work.now, faces_suspended=change.faces_suspended)


def _pin_for(work: UnitOfWork, label: str, borrower: str, limits: Limits) -> Loan:
    issued = enter_pin(work, label, borrower, PinDraft(limits=limits))
    return Loan(borrower, issued.credential, limits.valid_until or work.now, pin=issued.pin)
