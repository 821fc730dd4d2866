"""What people ask for: filing, listing, reading, answering. The number that a person gets is the key to the answer; no account is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.consent.marks import Kind, mark, marks, new_secret, normal_secret
from consentry.consent.model import Ending, Via
from consentry.consent.records import IDENTIFIER, RequestRow, live_of_person, request_of
from consentry.consent.requests import Answer, Decision, RequestDetails, RequestKind, RequestReceipt, RequestState
from consentry.consent.rules.asking import LONGEST_WORDS, REMEDY, check_answer, due_at
from consentry.consent.service import people
from consentry.consent.service.endings import Author, end, restrict
from consentry.consent.service.finding import known_cursor, row_by_secret
from consentry.consent.work import ITSELF, PEOPLE, proof
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.rules import check_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Select

    from consentry.consent.records import ConsentRow
    from consentry.consent.requests import Request
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import Reason

__all__ = [
    "PURPOSE",
    "answer_request",
    "close_lost",
    "file",
    "file_request",
    "is_lost_open",
    "overdue_requests",
    "request_details",
    "request_state",
    "requests",
]

PURPOSE = "rights"

_ENDING: Final = frozenset({RequestKind.DELETE, RequestKind.CLOSE})
_CLEARED_UP: Final = Answer(Decision.GRANTED, "The consent was restored by its receipt, or withdrawn.")


def file_request(site: Site, kind: RequestKind, *, secret: str | None = None, contact: str = "", words: str = "") -> RequestReceipt:
    """File a request, and return its number at once.

    With the secret of a receipt it is known who asks, and no further check is due. Without it anybody may ask, also whether anything is held at
    all (R59); ``contact`` says how to reach them where the number is not enough. How often somebody may ask is limited for each address by the routes
    and nowhere for all together: whoever could fill such a limit would close this right to everybody else (PIPL 50).

    Raises:
        InputError: ``request.kind`` (a lost receipt is reported, not filed) or ``request.words``.
        NotFoundError: ``consent.secret``.
    """
    if kind is RequestKind.LOST:
        raise InputError("request.kind", "request", "a lost receipt is reported, not asked for", "Report it as lost.")
    if max(len(contact), len(words)) > LONGEST_WORDS:
        raise InputError("request.words", "request", f"it has more than {LONGEST_WORDS} characters", "Shorten it.")
    with writing(site) as work:
        about = row_by_secret(work, secret) if secret is not None else None
        number, row = file(work, kind, about, {"contact": contact, "words": words})
        details: dict[str, JSONValue] = {"kind": kind, "consent": row.consent, "due": row.due.isoformat()}
        entry = work.record(Act(ITSELF.label, "consent.requested", f"request:{row.id}", PURPOSE, details=details))
    return RequestReceipt(number, kind, row.filed, row.due, proof(site, entry))


@permits(Permission.VIEW_CONSENTS)
def requests(site: Site, actor: Actor, *, waiting: bool = True, after: str | None = None, limit: int = 50) -> list[Request]:  # noqa: ARG001 - the guard reads the actor
    """Return requests, oldest first, those that are answered only where ``waiting`` is false; ``after`` is the last id that the caller has. Nobody is named."""
    wanted = select(RequestRow)
    if waiting:
        wanted = wanted.where(RequestRow.answered.is_(None))
    if after is not None:
        wanted = wanted.where(RequestRow.id > known_cursor(after))
    with reading(site) as work:
        return [request_of(row) for row in work.session.scalars(wanted.order_by(RequestRow.id).limit(limit))]


@permits(Permission.HANDLE_REQUESTS)
def request_details(site: Site, actor: Actor, request: str, reason: Reason) -> RequestDetails:
    """Return a request with what the person wrote; that it was read is in the ledger first (R74).

    Raises:
        NotFoundError: ``request.unknown``.
        InputError: ``input.text`` without words or a ticket.
    """
    why = check_reason(reason)
    with writing(site) as work:
        row = _existing(work, request)
        work.record(Act(actor.label, "consent.request-read", f"request:{row.id}", PURPOSE, why.text, {"ticket": why.ticket}))
        said = opened(work.keys, PEOPLE, row.id, Sealed(row.wrapped, row.sealed))
        return RequestDetails(request_of(row), said.get("contact", ""), said.get("words", ""))


@permits(Permission.HANDLE_REQUESTS)
def answer_request(site: Site, actor: Actor, request: str, answer: Answer) -> Request:
    """Answer a request. One to delete or to restrict that is granted to a known person is carried out with it.

    Raises:
        NotFoundError: ``request.unknown``.
        InputError: ``request.answer`` or ``request.ground``.
        ConflictError: ``request.answered``.
    """
    check_answer(answer)
    with writing(site) as work:
        row = _existing(work, request)
        if row.answered is not None:
            raise ConflictError("request.answered", f"request {row.id}", "it is answered already", "Look at the list again.")
        _answer(work, row, actor.label, answer)
        if answer.decision is Decision.GRANTED and row.person is not None:
            _carry_out(work, row, row.person, actor.label)
        return request_of(row)


def request_state(site: Site, number: str) -> RequestState:
    """Return how a request stands, for whoever holds its number.

    Raises:
        NotFoundError: ``request.unknown``.
    """
    plain = normal_secret(number)
    with reading(site) as work:
        hashes = marks(work.keys, Kind.REQUEST, plain) if plain else []
        row = work.session.scalar(select(RequestRow).where(RequestRow.number.in_(hashes)))
        if row is None:
            raise _unknown()
        return _state(work, row)


def overdue_requests(site: Site) -> list[Request]:
    """Return the requests that should have been answered by now; for whoever watches the site."""
    with reading(site) as work:
        late = select(RequestRow).where(RequestRow.answered.is_(None), RequestRow.due < work.now).order_by(RequestRow.due)
        return [request_of(row) for row in work.session.scalars(late)]


def file(work: UnitOfWork, kind: RequestKind, about: ConsentRow | None, said: Mapping[str, str]) -> tuple[str, RequestRow]:
    """Put a request down, and return its number and its row; the caller enters it into the ledger."""
    number, name = new_secret(), new_id(work.now)
    person, consent = (about.person, about.id) if about else (None, None)
    wrapped, content = sealed(work.keys, PEOPLE, name, said)
    hashed = mark(work.keys, Kind.REQUEST, normal_secret(number) or "")
    row = RequestRow(id=name, number=hashed, kind=kind, filed=work.now, due=due_at(kind, work.now), person=person, consent=consent)
    row.wrapped, row.sealed = wrapped, content
    work.session.add(row)
    return number, row


def is_lost_open(work: UnitOfWork, consent: str) -> bool:
    """Return whether the desk is asked already about the lost receipt of a consent."""
    return work.session.scalar(_open_losses(consent).limit(1)) is not None


def close_lost(work: UnitOfWork, consent: str, label: str) -> None:
    """Answer what is open about a lost receipt: the consent is restored or withdrawn."""
    for row in work.session.scalars(_open_losses(consent)):
        _answer(work, row, label, _CLEARED_UP)


def _open_losses(consent: str) -> Select[RequestRow]:
    return select(RequestRow).where(RequestRow.consent == consent, RequestRow.kind == RequestKind.LOST, RequestRow.answered.is_(None))


def _answer(work: UnitOfWork, row: RequestRow, label: str, answer: Answer) -> None:
    row.answered, row.answered_by, row.decision, row.ground = work.now, label, answer.decision, answer.ground
    row.answer_wrapped, row.answer_sealed = sealed(work.keys, PEOPLE, row.id, {"text": answer.text.strip()})
    details = {"kind": row.kind, "decision": answer.decision, "ground": answer.ground}
    work.record(Act(label, "consent.request-answered", f"request:{row.id}", PURPOSE, details=details))


def _carry_out(work: UnitOfWork, row: RequestRow, person: str, label: str) -> None:
    live = live_of_person(work.session, person)
    if row.kind in _ENDING:
        for consent in live:
            end(work, consent, Ending.WITHDRAWN, Author(label, Via.STAFF))
        people.forget(work, person)
    elif row.kind == RequestKind.RESTRICT:
        for consent in live:
            restrict(work, consent, label)


def _state(work: UnitOfWork, row: RequestRow) -> RequestState:
    known = request_of(row)
    text = ""
    if row.answer_wrapped is not None and row.answer_sealed is not None:
        text = opened(work.keys, PEOPLE, row.id, Sealed(row.answer_wrapped, row.answer_sealed))["text"]
    remedy = REMEDY if known.ground else {}
    return RequestState(known.kind, known.filed, known.due, known.answered, known.decision, known.ground, text, remedy)


def _existing(work: UnitOfWork, request: str) -> RequestRow:
    row = work.session.get(RequestRow, request) if IDENTIFIER.fullmatch(request) else None
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFoundError:
    return NotFoundError("request.unknown", "request", "there is none of that number", "Type it as it stands on the receipt.")
