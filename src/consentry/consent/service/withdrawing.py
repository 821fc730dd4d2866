"""Withdrawing: by the secret of the receipt, at once, with no login and no reason; without it, after a check."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from consentry.consent.marks import normal_phone
from consentry.consent.model import Consent, ConsentState, Ending, Via, Withdrawal
from consentry.consent.records import IDENTIFIER, ConsentRow, LostReportRow, consent_of, live_of_person, one_by_id
from consentry.consent.requests import RequestKind
from consentry.consent.rules.guardians import as_staff_see
from consentry.consent.service import people
from consentry.consent.service.asking import PURPOSE, close_lost, file, is_lost_open
from consentry.consent.service.endings import Author, end, restore, suspend
from consentry.consent.service.finding import row_by_id, row_by_secret
from consentry.consent.work import ITSELF, proof
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError
from consentry.platform.ids import new_id
from consentry.staff.rules import check_reason, stated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import Reason

__all__ = ["confirm_lost", "consents_by_phone", "mark_withdrawn", "report_lost", "restore_lost", "withdraw", "withdraw_by_holder", "withdraw_within"]

NUMBERS_AN_HOUR = 100
"""Telephone numbers that suspend a consent in an hour, so that trying numbers stops next to nobody; what is reported beyond goes to the desk alone."""
TRUSTED_AFTER_RESTORE = timedelta(days=30)
"""Whoever restored a consent holds its receipt: for so long, reports that it is lost go to the desk and suspend nothing."""


def withdraw(site: Site, secret: str, via: Via) -> Withdrawal:
    """End the consent of this secret at once. Repeating it, or withdrawing one that is over, changes nothing and gives the receipt of its end.

    Raises:
        NotFoundError: ``consent.secret`` where no consent has it.
    """
    with writing(site) as work:
        row = row_by_secret(work, secret)
        entry = _ended(work, row, Author(ITSELF.label, via))
        consent = consent_of(row)
    return _withdrawal(site, consent, entry)


def withdraw_by_holder(site: Site, label: str, consent: str) -> Withdrawal:
    """End a consent at once for its person, who is signed in and whom the ledger calls ``label``. That it is theirs is for the caller to find out.

    Repeating it changes nothing, as with :func:`withdraw`.

    Raises:
        NotFoundError: ``consent.unknown``.
    """
    with writing(site) as work:
        row = row_by_id(work, consent)
        entry = _ended(work, row, Author(label, Via.ACCOUNT))
        found = consent_of(row)
    return _withdrawal(site, found, entry)


def withdraw_within(work: UnitOfWork, label: str, consent: str, via: Via | None, reason: str = "") -> None:
    """End a consent in an open transaction, with what it was given for; one that is over or unknown is passed over. ``label``: whose act it is.

    ``via``: how the person withdrew it, None where they did not, such as when they left. The template goes as after any withdrawal, by the event.
    """
    row = one_by_id(work.session, consent)
    if row is not None:
        _ended(work, row, Author(label, via, reason))


def report_lost(site: Site, hint: str) -> None:
    """Take note that a receipt is lost; nobody learns whether the hint fits anybody, also not from how fast the log grows: one entry for each report.

    ``hint``: the consent's id, which the verification code of the receipt shows, or the telephone number that the person left. Where it fits one
    person beyond doubt, the desk is asked to check, and their consent rests from now on. The receipt restores it (:func:`restore_lost`). Nobody
    guesses an id; of telephone numbers only :data:`NUMBERS_AN_HOUR` suspend, and the desk is asked about any.
    """
    with writing(site) as work:
        suspends = _is_id(hint) or _counted(work, hint)
        found = _fitting(work, hint)
        asked = [file(work, RequestKind.LOST, row, {})[1].id for row in found if not is_lost_open(work, row.id)]
        rested = [row.id for row in found if suspends and _may_rest(work, row) and suspend(work, row)]
        details: dict[str, JSONValue] = {"consents": [row.id for row in found], "suspended": [*rested], "requests": [*asked]}
        work.record(Act(ITSELF.label, "consent.loss-reported", "consents", PURPOSE, details=details))


def restore_lost(site: Site, secret: str) -> ConsentState:
    """Let a consent hold again that was reported lost: whoever has the secret has the receipt. Return its state.

    Raises:
        NotFoundError: ``consent.secret``.
    """
    with writing(site) as work:
        row = row_by_secret(work, secret)
        restore(work, row, ITSELF.label)
        close_lost(work, row.id, ITSELF.label)
        return ConsentState(row.state)


@permits(Permission.HANDLE_REQUESTS)
def confirm_lost(site: Site, actor: Actor, consent: str, reason: str) -> Withdrawal:
    """Withdraw for a person without receipt, whom the actor has checked at the desk or by telephone.

    Raises:
        NotFoundError: ``consent.unknown``.
        InputError: ``input.text`` without a reason: how the person was checked, and no name.
    """
    why = stated(reason)
    with writing(site) as work:
        row = row_by_id(work, consent)
        entry = _ended(work, row, Author(actor.label, Via.DESK, why))
        close_lost(work, row.id, actor.label)
        found = consent_of(row)
    return _withdrawal(site, found, entry)


@permits(Permission.HANDLE_REQUESTS)
def consents_by_phone(site: Site, actor: Actor, phone: str, reason: Reason) -> list[Consent]:
    """Return the live consents of whoever left this telephone number; for a person at the desk. The look is in the ledger before its result.

    Raises:
        InputError: ``input.text`` without words or a ticket.
    """
    why = check_reason(reason)
    with writing(site) as work:
        found = [as_staff_see(consent_of(row)) for person in people.with_phone(work, phone) for row in live_of_person(work.session, person)]
        work.record(Act(actor.label, "consent.looked-up", "consents", PURPOSE, why.text, {"ticket": why.ticket, "found": len(found)}))
        return found


def mark_withdrawn(site: Site, consents: Iterable[str], basis: str) -> int:
    """End consents that were withdrawn before a backup was restored; return how many still stood. Unknown ones are passed over."""
    with writing(site) as work:
        rows = [row for name in dict.fromkeys(consents) if (row := one_by_id(work.session, name)) is not None and row.ended is None]
        for row in rows:
            end(work, row, Ending.WITHDRAWN, Author(ITSELF.label, Via.RESTORE, basis))
        return len(rows)


def _ended(work: UnitOfWork, row: ConsentRow, author: Author) -> int:
    """Return the entry of a consent's end, which is now where it is not over yet."""
    return end(work, row, Ending.WITHDRAWN, author) if row.entry_ended is None else row.entry_ended


def _withdrawal(site: Site, consent: Consent, entry: int) -> Withdrawal:
    if consent.ended is None or consent.ending is None:
        raise ConflictError("consent.not-over", f"consent {consent.id}", "it is not over", "Repeat it.")
    return Withdrawal(consent.id, consent.person, consent.purpose, consent.state, consent.ending, consent.ended, proof(site, entry))


def _is_id(hint: str) -> bool:
    return IDENTIFIER.fullmatch(_as_id(hint)) is not None


def _as_id(hint: str) -> str:
    return hint.strip().lower().removeprefix("consent:")


def _counted(work: UnitOfWork, hint: str) -> bool:
    """Count a report by telephone number, and return whether it is one of the first of the hour."""
    if normal_phone(hint) is None:
        return False
    hour = LostReportRow.at > work.now - timedelta(hours=1)
    before = work.session.scalar(select(func.count()).select_from(LostReportRow).where(hour)) or 0
    work.session.add(LostReportRow(id=new_id(work.now), at=work.now))
    return before < NUMBERS_AN_HOUR


def _may_rest(work: UnitOfWork, row: ConsentRow) -> bool:
    return row.restored is None or work.now - row.restored >= TRUSTED_AFTER_RESTORE


def _fitting(work: UnitOfWork, hint: str) -> list[ConsentRow]:
    """Return the live consents that a hint means beyond doubt: the named one, or those of the only person with that number."""
    if _is_id(hint):
        row = one_by_id(work.session, _as_id(hint))
        return [row] if row is not None and row.ended is None else []
    found = people.with_phone(work, hint)
    return live_of_person(work.session, found[0]) if len(found) == 1 else []
