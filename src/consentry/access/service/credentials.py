"""Credentials: how they stand, and what follows for others: the PIN of a card, a card that is lent, and the face that must never be alone."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.people import DoorPersonRow
from consentry.access.records.residents import ResidentRow
from consentry.access.register import CardForm, CredentialView, Limits, StateChange, Why
from consentry.access.service.residents import end_resident_sessions
from consentry.access.work import PURPOSE, changed, credential_label
from consentry.consent import service as consents
from consentry.consent.model import Via
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = [
    "IDENTIFIER",
    "add",
    "change_state",
    "check_doors",
    "check_span",
    "credential",
    "credential_row",
    "credentials",
    "end_all",
    "end_unit_pins",
    "face_alone",
    "face_consents",
    "holder_digest",
    "holder_row",
    "is_barred",
    "live_of",
    "new_row",
    "other_bearing",
    "set_state",
    "suspended_by_staff",
    "view",
]

IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""How people and credentials are named."""

_GONE = frozenset({CredentialState.LOST, CredentialState.STOLEN})
_WITHDRAWS: Final = {Why.STAFF: Via.STAFF, Why.LEFT: None}
"""Why the link of a face ends so that its consent does too, and how the consent then says that it was withdrawn."""


@permits(Permission.MANAGE_CREDENTIALS)
def credentials(site: Site, actor: Actor, person: str) -> list[CredentialView]:  # noqa: ARG001 - the guard reads the actor
    """Return everything that somebody holds or held, oldest first.

    Raises:
        NotFoundError: ``door-person.unknown``.
    """
    with reading(site) as work:
        if not IDENTIFIER.fullmatch(person) or work.session.get(DoorPersonRow, person) is None:
            raise NotFoundError("door-person.unknown", "person", "there is none of that id", "List the people.")
        return [view(row) for row in work.session.scalars(select(CredentialRow).where(CredentialRow.person == person).order_by(CredentialRow.id))]


@permits(Permission.MANAGE_CREDENTIALS)
def credential(site: Site, actor: Actor, name: str) -> CredentialView:  # noqa: ARG001 - the guard reads the actor
    """Return one credential.

    Raises:
        NotFoundError: ``credential.unknown``.
    """
    with reading(site) as work:
        return view(credential_row(work.session, name))


@permits(Permission.MANAGE_CREDENTIALS)
def change_state(site: Site, actor: Actor, name: str, state: CredentialState, reason: str) -> StateChange:
    """Suspend a credential, report it lost or stolen, end it for ever, or let it open doors again.

    A face whose person holds nothing else afterwards rests from the same moment on; it opens again when there is something else. With a face that ends
    its consent is withdrawn. Whoever finds a lost telephone finds a session on it: its person is signed out everywhere.

    Raises:
        NotFoundError: ``credential.unknown``.
        InputError: ``input.text`` without a reason.
        ConflictError: ``credential.ended``; for a face ``credential.face-alone`` or ``consent.not-valid``; ``credential.card-rests`` for a card's PIN.
    """
    why = stated(reason)
    with writing(site) as work:
        row = credential_row(work.session, name)
        if row.kind == CredentialKind.PHONE and state in _GONE:
            _sign_out(work.session, row.person)
        return set_state(work, actor.label, row, state, Why.STAFF, why)


def set_state(work: UnitOfWork, label: str, row: CredentialRow, state: CredentialState, why: Why, reason: str = "") -> StateChange:  # noqa: PLR0913, PLR0917 - an act in an open transaction
    """Let a credential stand otherwise, in an open transaction; see :func:`change_state`. Where it stands so already, nothing happens.

    Only what staff suspend while it rests for another reason stands otherwise then: it opens no more by itself when that reason is gone.
    """
    if row.state == state and (row.why == why or (state, why) != (CredentialState.SUSPENDED, Why.STAFF)):
        return StateChange(view(row))
    if row.state == CredentialState.ENDED:
        raise ConflictError("credential.ended", credential_label(row.id), "it has ended for ever", "Enter a new one.")
    faces = _activate(work, label, row) if state is CredentialState.ACTIVE else _deactivate(work, label, row, state, why)
    work.record(Act(label, "access.credential-changed", credential_label(row.id), PURPOSE, reason, _details(row)))
    changed(work)
    if state is CredentialState.ENDED and row.consent is not None and why in _WITHDRAWS:
        consents.withdraw_within(work, label, row.consent, _WITHDRAWS[why], reason)
    return StateChange(view(row), *faces)


def add(work: UnitOfWork, label: str, row: CredentialRow, *, replaces: str | None = None) -> tuple[str, ...]:
    """Enter a new credential in an open transaction, and return the faces that open again because their person holds something else now."""
    work.session.add(row)
    work.session.flush()
    details = {**_details(row), "replaces": replaces}
    work.record(Act(label, "access.credential-added", credential_label(row.id), PURPOSE, details=details))
    changed(work)
    return _resume_faces(work, label, row.person) if row.bears else ()


def new_row(work: UnitOfWork, person: str, kind: CredentialKind, limits: Limits) -> CredentialRow:
    """Return a new active credential for somebody who is here; nothing is entered yet.

    Raises:
        NotFoundError: ``door-person.unknown``.
        ConflictError: ``door-person.left``.
        InputError: ``credential.validity``, ``credential.uses``, ``door.unknown``, or ``credential.doors`` beyond those of its person.
    """
    holder = holder_row(work.session, person)
    check_span(limits.valid_from, limits.valid_until, "credential.validity")
    check_doors(work.site, limits.doors)
    if limits.uses is not None and limits.uses < 1:
        raise InputError("credential.uses", "credential", "it would never open anything", "Let it open at least once.")
    if holder.doors is not None and limits.doors is not None and not set(limits.doors) <= set(holder.doors):
        raise InputError("credential.doors", "credential", "it names doors that its person may not pass", "Name fewer doors.")
    return CredentialRow(
        id=new_id(work.now),
        person=person,
        kind=kind,
        state=CredentialState.ACTIVE,
        valid_from=limits.valid_from,
        valid_until=limits.valid_until,
        doors=None if limits.doors is None else sorted(set(limits.doors)),
        uses=limits.uses,
        needs_host=limits.needs_host,
        bears=kind is not CredentialKind.FACE,
        has_duress=False,
        added=work.now,
    )


def end_all(work: UnitOfWork, label: str, person: str, reason: str = "") -> None:
    """End everything that somebody holds because they left, and every consent to their face that still stands."""
    for row in sorted(live_of(work.session, person), key=lambda row: row.bears):
        set_state(work, label, row, CredentialState.ENDED, Why.LEFT, reason)
    for consent in face_consents(work.session, person):
        consents.withdraw_within(work, label, consent, _WITHDRAWS[Why.LEFT], reason)


def face_consents(session: Session, person: str) -> list[str]:
    """Return the consents that faces of somebody rest on or rested on, oldest first, without those that let somebody else in now."""
    elsewhere = aliased(CredentialRow)
    others = select(elsewhere.id).where(elsewhere.consent == CredentialRow.consent, elsewhere.person != person, elsewhere.state != CredentialState.ENDED)
    theirs = CredentialRow.person == person, CredentialRow.kind == CredentialKind.FACE, ~others.exists()
    rows = session.scalars(select(CredentialRow).where(*theirs).order_by(CredentialRow.id))
    return list(dict.fromkeys(str(row.consent) for row in rows))


def end_unit_pins(work: UnitOfWork, label: str, person: str) -> None:
    """End the PINs that somebody enters after a unit."""
    for row in live_of(work.session, person):
        if row.kind == CredentialKind.PIN and row.with_card is None:
            set_state(work, label, row, CredentialState.ENDED, Why.REPLACED)


def live_of(session: Session, person: str) -> list[CredentialRow]:
    """Return the credentials of somebody that have not ended, oldest first."""
    wanted = select(CredentialRow).where(CredentialRow.person == person, CredentialRow.state != CredentialState.ENDED)
    return list(session.scalars(wanted.order_by(CredentialRow.id)))


def other_bearing(session: Session, person: str, *, besides: str | None = None) -> CredentialRow | None:
    """Return something active that somebody holds, that is no face and that opens without anybody's help: the one that lasts longest."""
    wanted = select(CredentialRow).where(CredentialRow.person == person, CredentialRow.bears, ~CredentialRow.needs_host, CredentialRow.id != (besides or ""))
    # An end that is none sorts first where it is NULL on SQLite and last on PostgreSQL, hence the first key.
    longest = wanted.order_by(CredentialRow.valid_until.is_not(None), CredentialRow.valid_until.desc(), CredentialRow.id)
    return session.scalar(longest.limit(1))


def credential_row(session: Session, name: str) -> CredentialRow:
    """Return a credential's row.

    Raises:
        NotFoundError: ``credential.unknown``.
    """
    row = session.get(CredentialRow, name) if IDENTIFIER.fullmatch(name) else None
    if row is None:
        raise NotFoundError("credential.unknown", "credential", "there is none of that id", "List what the person holds.")
    return row


def holder_row(session: Session, person: str) -> DoorPersonRow:
    """Return the row of somebody who may hold something.

    Raises:
        NotFoundError: ``door-person.unknown``.
        ConflictError: ``door-person.left``.
    """
    holder = session.get(DoorPersonRow, person) if IDENTIFIER.fullmatch(person) else None
    if holder is None:
        raise NotFoundError("door-person.unknown", "person", "there is none of that id", "List the people.")
    if holder.left is not None:
        raise ConflictError("door-person.left", f"person {person}", "they left already", "Enter them anew.")
    return holder


def is_barred(row: CredentialRow) -> bool:
    """Tell whether only staff may let a credential, or another in its place, open doors: it is lost or stolen, or staff suspended it."""
    return row.state in _GONE or (row.state == CredentialState.SUSPENDED and row.why == Why.STAFF)


def suspended_by_staff() -> ColumnElement[bool]:
    """Return the condition that staff suspended a credential."""
    return and_(CredentialRow.state == CredentialState.SUSPENDED, CredentialRow.why.is_not_distinct_from(Why.STAFF))


def holder_digest(holder: bytes) -> bytes:
    """Return what is kept of a telephone's key, 32 bytes, when a credential that is barred ends: enough to know the key again."""
    return sha256(holder).digest()


def check_span(start: datetime | None, until: datetime | None, code: str) -> None:
    """Refuse a time that ends before it begins.

    Raises:
        InputError: ``code``.
    """
    if start is not None and until is not None and until <= start:
        raise InputError(code, "validity", "it ends before it begins", "Let it end later.")


def check_doors(site: Site, doors: Iterable[str] | None) -> None:
    """Refuse doors that the settings do not name.

    Raises:
        InputError: ``door.unknown``.
    """
    unknown = sorted({door for door in doors or () if site.settings.door(door) is None})
    if unknown:
        raise InputError("door.unknown", f"door {unknown[0][:40]}", "the settings name none of that id", "List the doors.")


def view(row: CredentialRow) -> CredentialView:
    """Return a row as it is shown."""
    doors = None if row.doors is None else tuple(row.doors)
    return CredentialView(
        id=row.id,
        person=row.person,
        kind=CredentialKind(row.kind),
        state=CredentialState(row.state),
        why=Why(row.why) if row.why else None,
        form=CardForm(row.form) if row.form else None,
        limits=Limits(row.valid_from, row.valid_until, doors, row.uses, row.needs_host),
        has_duress=row.has_duress,
        with_card=row.with_card,
        lent_from=row.lent_from,
        consent=row.consent,
        pass_id=row.pass_id,
        added=row.added,
        ended=row.ended,
    )


def _activate(work: UnitOfWork, label: str, row: CredentialRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if row.kind == CredentialKind.FACE:
        _activate_face(work, row)
        return (), ()
    if row.with_card is not None and not credential_row(work.session, row.with_card).bears:
        raise ConflictError("credential.card-rests", credential_label(row.id), "the card that it goes with opens nothing now", "Mend the card first.")
    _end_loans(work, label, row, Why.RETURNED)
    row.state, row.why, row.bears = CredentialState.ACTIVE, None, True
    work.session.flush()
    for pin in _pins_of(work.session, row):
        if pin.why == Why.CARD_ENDED:
            set_state(work, label, pin, CredentialState.ACTIVE, Why.STAFF)
    return (), _resume_faces(work, label, row.person)


def _activate_face(work: UnitOfWork, row: CredentialRow) -> None:
    beside = other_bearing(work.session, row.person)
    if beside is None:
        raise face_alone()
    if not consents.is_valid(work.site, str(row.consent)):
        raise ConflictError("consent.not-valid", f"consent {row.consent}", "it is over, or rests", "Ask the person; nothing runs without a valid one.")
    row.state, row.why, row.beside, row.beside_bears = CredentialState.ACTIVE, None, beside.id, True
    work.session.flush()


def face_alone() -> ConflictError:
    """Return the refusal of a face that would be somebody's only way in (FRT measures art. 10)."""
    problem = "its person holds nothing else that opens a door"
    return ConflictError("credential.face-alone", "face", problem, "Give them a card, a PIN or a pass on the telephone first.")


def _deactivate(work: UnitOfWork, label: str, row: CredentialRow, state: CredentialState, why: Why) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take what a row opens away from it, first from whatever rests on it."""
    suspended: list[str] = []
    for pin in _pins_of(work.session, row):
        after = CredentialState.ENDED if state is CredentialState.ENDED else CredentialState.SUSPENDED
        suspended += set_state(work, label, pin, after, Why.CARD_ENDED).faces_suspended
    _end_loans(work, label, row, why)
    suspended += _leave_faces(work, label, row)
    owner = row.lent_from if state in _GONE else None
    _put_down(work, row, CredentialState.ENDED if owner else state, why)
    if owner:
        # Whoever borrowed the card lost it: it is the owner's card that must be told by its readers.
        suspended += set_state(work, label, credential_row(work.session, owner), state, why).faces_suspended
    return tuple(suspended), ()


def _put_down(work: UnitOfWork, row: CredentialRow, state: CredentialState, why: Why) -> None:
    kept = holder_digest(row.holder) if row.holder is not None and is_barred(row) else None
    row.state, row.why, row.bears, row.beside, row.beside_bears = state, why, False, None, None
    if state is CredentialState.ENDED:
        row.ended = work.now
        row.wrapped, row.sealed, row.mark, row.number, row.holder = None, None, None, None, kept
    work.session.flush()


def _leave_faces(work: UnitOfWork, label: str, row: CredentialRow) -> list[str]:
    """Let the faces that stand beside a row stand beside another one, or rest; return those that rest."""
    faces = list(work.session.scalars(select(CredentialRow).where(CredentialRow.beside == row.id)))
    other = other_bearing(work.session, row.person, besides=row.id) if faces else None
    for face in faces:
        if other is not None:
            face.beside = other.id
        else:
            _put_down(work, face, CredentialState.SUSPENDED, Why.LAST_OTHER)
            work.record(Act(label, "access.face-link-suspended", credential_label(face.id), PURPOSE, details=_details(face)))
    work.session.flush()
    return [] if other else [face.id for face in faces]


def _resume_faces(work: UnitOfWork, label: str, person: str) -> tuple[str, ...]:
    """Let the faces of somebody open again that rested only because there was nothing else, where there is now."""
    if other_bearing(work.session, person) is None:
        return ()
    resting = select(CredentialRow).where(CredentialRow.person == person, CredentialRow.state == CredentialState.SUSPENDED, CredentialRow.why == Why.LAST_OTHER)
    resumed = []
    for face in work.session.scalars(resting).all():
        if consents.is_valid(work.site, str(face.consent)):
            _activate_face(work, face)
            work.record(Act(label, "access.face-link-resumed", credential_label(face.id), PURPOSE, details=_details(face)))
            resumed.append(face.id)
    return tuple(resumed)


def _sign_out(session: Session, person: str) -> None:
    for resident in session.scalars(select(ResidentRow.id).where(ResidentRow.person == person)).all():
        end_resident_sessions(session, resident)


def _end_loans(work: UnitOfWork, label: str, row: CredentialRow, why: Why) -> None:
    for lent in _unended(work.session, CredentialRow.lent_from == row.id):
        set_state(work, label, lent, CredentialState.ENDED, why)


def _pins_of(session: Session, card: CredentialRow) -> Sequence[CredentialRow]:
    return _unended(session, CredentialRow.with_card == card.id)


def _unended(session: Session, which: ColumnElement[bool]) -> Sequence[CredentialRow]:
    return session.scalars(select(CredentialRow).where(which, CredentialRow.state != CredentialState.ENDED)).all()


def _details(row: CredentialRow) -> dict[str, str | None]:
    return {"person": row.person, "kind": row.kind, "state": row.state, "why": row.why}
