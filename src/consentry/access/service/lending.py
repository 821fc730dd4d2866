"""Giving something of one's own to somebody else for a time, for a few doors alone. A face and a telephone stay with whom they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.register import Limits, Loan, PersonDraft, PersonKind, PersonName, PersonTerms, PinDraft, Why
from consentry.access.service.credentials import add, credential_row, holder_row, new_row, set_state, view
from consentry.access.service.people import enter, unit_of
from consentry.access.service.pins import enter_pin
from consentry.access.work import CREDENTIALS, PURPOSE, credential_label
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.keys.sealing import Sealed, opened, sealed

if TYPE_CHECKING:
    from consentry.access.records.credentials import CredentialRow
    from consentry.access.register import LoanDraft
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["enter_loan", "lend"]


@permits(Permission.MANAGE_CREDENTIALS)
def lend(site: Site, actor: Actor, person: str, draft: LoanDraft) -> Loan:
    """Give something that ``person`` holds to somebody else until a time, for the doors of the draft.

    A card changes hands: it opens nothing for its owner until they have it back (:func:`credentials.change_state` to active). In the place of a PIN or a
    telephone the borrower gets a PIN of their own, which is shown this once. What they pass is what the owner passes, within those doors.

    Raises:
        NotFoundError: ``door-person.unknown``, ``credential.unknown``, also for what somebody else holds.
        InputError: ``loan.kind`` for a face or a guest's pass, ``loan.doors`` without doors or beyond those of the credential, ``door.unknown``,
            ``credential.validity``, ``input.text``.
        ConflictError: ``loan.rests`` for what opens nothing now, ``loan.again`` for what is borrowed itself, ``pin.no-number``, ``door-person.left``.
    """
    with writing(site) as work:
        return enter_loan(work, actor.label, person, draft)


def enter_loan(work: UnitOfWork, label: str, person: str, draft: LoanDraft) -> Loan:
    """Enter a loan in an open transaction; see :func:`lend`."""
    owner = holder_row(work.session, person)
    row = _lendable(work, person, draft)
    terms = PersonTerms(valid_from=work.now, valid_until=draft.valid_until, host=person, doors=tuple(sorted(set(draft.doors))))
    name = PersonName(draft.to.name, draft.to.unit or unit_of(work, owner))
    borrower = enter(work, label, PersonDraft(PersonKind.DELEGATE, name, terms)).id
    limits = Limits(work.now, draft.valid_until, terms.doors)
    loan = _hand_over(work, label, row, borrower, limits) if row.kind == CredentialKind.CARD else _pin_for(work, label, borrower, limits)
    work.record(Act(label, "access.credential-lent", credential_label(row.id), PURPOSE, details={"person": person, "to": borrower}))
    return loan


def _lendable(work: UnitOfWork, person: str, draft: LoanDraft) -> CredentialRow:
    row = credential_row(work.session, draft.credential)
    label = credential_label(row.id)
    if row.person != person:
        raise NotFoundError("credential.unknown", "credential", "there is none of that id", "List what the person holds.")
    if row.kind not in {CredentialKind.CARD, CredentialKind.PIN, CredentialKind.PHONE}:
        raise InputError("loan.kind", label, "a face or a guest's pass cannot be lent", "Lend a card, or give a guest pass.")
    if row.lent_from is not None or holder_row(work.session, person).kind == PersonKind.DELEGATE:
        raise ConflictError("loan.again", label, "it is borrowed itself", "Ask its owner.")
    if not row.bears:
        raise ConflictError("loan.rests", label, "it opens nothing now", "Lend something that does.")
    if not draft.doors or (row.doors is not None and not set(draft.doors) <= set(row.doors)):
        raise InputError("loan.doors", "loan", "it names no door, or one that the credential does not open", "Name doors that it opens.")
    return row


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
