"""Reading consents: staff without names, and each person their own by the secret of the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.consent.records import ConsentRow, NoticeRow, RequestRow, consent_of, notice_of, one_by_id, request_of
from consentry.consent.requests import RequestKind
from consentry.consent.rules.guardians import as_staff_see
from consentry.consent.rules.notices import shown, terms_document
from consentry.consent.rules.validity import is_valid as holds
from consentry.consent.service import people
from consentry.consent.service.finding import known_cursor, row_by_id, row_by_secret
from consentry.consent.work import proof
from consentry.ledger.rules.canonical import parse
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from consentry.consent.model import Consent, ConsentState, Purpose
    from consentry.ledger.model import JSONValue, SealedBundle
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["consent_by_secret", "consents", "consents_of", "copy_of", "is_suspended", "is_valid", "movements_until", "receipts_of", "standing", "state_of"]


@permits(Permission.VIEW_CONSENTS)
def consents(  # noqa: PLR0913 - a list's filters
    site: Site,
    actor: Actor,  # noqa: ARG001 - the guard reads the actor
    *,
    purpose: Purpose | None = None,
    state: ConsentState | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Consent]:
    """Return consents in the order of their ids, which tell nothing; ``after`` is the last id that the caller has. Nobody is named.

    Of a child's they tell less: see :func:`consentry.consent.rules.guardians.as_staff_see`.

    Raises:
        InputError: ``paging.cursor-unknown``.
    """
    wanted = select(ConsentRow)
    if purpose is not None:
        wanted = wanted.where(ConsentRow.purpose == purpose)
    if state is not None:
        wanted = wanted.where(ConsentRow.state == state)
    if after is not None:
        wanted = wanted.where(ConsentRow.id > known_cursor(after))
    with reading(site) as work:
        return [as_staff_see(consent_of(row)) for row in work.session.scalars(wanted.order_by(ConsentRow.id).limit(limit))]


def is_valid(site: Site, consent: str) -> bool:
    """Return whether somebody may be recognised on this consent now; not on one that is unknown."""
    with reading(site) as work:
        row = one_by_id(work.session, consent)
        return row is not None and holds(consent_of(row), work.now)


def standing(work: UnitOfWork, consents: Iterable[str]) -> list[str]:
    """Return those of some consents that are not over, in the same order, resting ones among them; for use in an open transaction."""
    rows = [(name, one_by_id(work.session, name)) for name in consents]
    return [name for name, row in rows if row is not None and row.ended is None]


def is_suspended(site: Site, consent: str) -> bool:
    """Return whether a consent rests: nobody is recognised on it, and nothing is wrong where somebody tries."""
    with reading(site) as work:
        row = one_by_id(work.session, consent)
        return row is not None and row.suspended is not None


def state_of(site: Site, consent: str) -> ConsentState:
    """Return the recorded state of a consent.

    Raises:
        NotFoundError: ``consent.unknown``.
    """
    with reading(site) as work:
        return consent_of(row_by_id(work, consent)).state


def consent_by_secret(site: Site, secret: str) -> Consent:
    """Return the consent that a secret belongs to, over or not.

    Raises:
        NotFoundError: ``consent.secret``.
    """
    with reading(site) as work:
        return consent_of(row_by_secret(work, secret))


def consents_of(site: Site, secret: str) -> list[Consent]:
    """Return every consent that is kept of the person of a secret, oldest first, over or not.

    Raises:
        NotFoundError: ``consent.secret``.
    """
    with reading(site) as work:
        return [consent_of(row) for row in _rows_of(work, row_by_secret(work, secret).person)]


def movements_until(site: Site, secret: str) -> datetime | None:
    """Return until when a secret tells where its person was: now, or the end of its consent; None where it tells nothing of that.

    It tells nothing while its consent rests, nor ever again once that ended with its receipt lost: whoever found it may be asking. The record itself
    is told, and the desk tells the rest to a person whom it has checked (PIPL 45, 51).

    Raises:
        NotFoundError: ``consent.secret``.
    """
    with reading(site) as work:
        row = row_by_secret(work, secret)
        if row.suspended is not None or (row.ended is not None and _was_lost(work, row)):
            return None
        return row.ended or work.now


def _was_lost(work: UnitOfWork, row: ConsentRow) -> bool:
    """Tell whether the receipt of a consent was reported lost, and not found since."""
    reported = RequestRow.consent == row.id, RequestRow.kind == RequestKind.LOST, RequestRow.filed > (row.restored or row.given)
    return work.session.scalar(select(RequestRow.id).where(*reported).limit(1)) is not None


def receipts_of(site: Site, secret: str) -> tuple[SealedBundle, ...]:
    """Return the receipt of the yes and, where it is over, the receipt of its end.

    Raises:
        NotFoundError: ``consent.secret``.
        ConflictError: ``ledger.erased`` where the ledger's retention is over.
    """
    with reading(site) as work:
        row = row_by_secret(work, secret)
        entries = [row.entry_given] + ([row.entry_ended] if row.entry_ended is not None else [])
    return tuple(proof(site, entry) for entry in entries)


def copy_of(site: Site, secret: str) -> dict[str, JSONValue]:
    """Return everything that this slice holds about the person of a secret, as JSON (R55): for them alone, to keep and to take elsewhere.

    ``person`` (pseudonym), ``left`` (alias, telephone), ``consents`` (each with its record, the text that was shown and its terms), ``requests``.

    Raises:
        NotFoundError: ``consent.secret``.
    """
    with reading(site) as work:
        person = row_by_secret(work, secret).person
        rows = _rows_of(work, person)
        asked = work.session.scalars(select(RequestRow).where(RequestRow.person == person).order_by(RequestRow.id))
        return {
            "site": site.settings.site.id,
            "at": work.now.isoformat(),
            "person": person,
            "left": people.left_by(work, person),
            "consents": [_copied(work, row) for row in rows],
            "requests": [_asked(row) for row in asked],
        }


def _rows_of(work: UnitOfWork, person: str) -> Iterable[ConsentRow]:
    return work.session.scalars(select(ConsentRow).where(ConsentRow.person == person).order_by(ConsentRow.entry_given))


def _copied(work: UnitOfWork, row: ConsentRow) -> JSONValue:
    found = consent_of(row)
    kept = work.session.get(NoticeRow, (row.purpose, row.notice_version))
    notice = notice_of(kept) if kept else None
    return {
        "record": parse(row.record.encode()),
        "valid": holds(found, work.now),
        "last_visit": found.last_visit.isoformat(),
        "enrol_by": found.enrol_by.isoformat() if found.enrol_by else None,
        "suspended": found.suspended.isoformat() if found.suspended else None,
        "ending": found.ending,
        "text_shown": shown(notice.texts[found.language], notice.terms, found.language) if notice else None,
        "terms": terms_document(notice.terms) if notice else None,
    }


def _asked(row: RequestRow) -> JSONValue:
    found = request_of(row)
    answered = found.answered.isoformat() if found.answered else None
    return {"kind": found.kind, "filed": found.filed.isoformat(), "due": found.due.isoformat(), "answered": answered, "decision": found.decision}
