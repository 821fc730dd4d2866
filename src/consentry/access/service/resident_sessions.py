"""Signing residents in and out, and whom a session stands for. Who left, or whose time is over, is signed in no longer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from consentry.access.records.people import DoorPersonRow
from consentry.access.records.residents import ResidentLinkRow, ResidentRow, ResidentSessionRow
from consentry.access.residence import ResidentState, SignedInResident
from consentry.access.service.residents import RESIDENTS, close_account, resident_actor, resident_label, resident_row
from consentry.access.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import DeniedError
from consentry.platform.ids import new_id
from consentry.platform.jobs import Job
from consentry.staff import attempts
from consentry.staff import work as staff_work
from consentry.staff.outside import IDLE_LIFE, SEEN_TO, SESSION_LIFE, is_held, refusal
from consentry.staff.tokens import Kind, new_token

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["JOBS", "current_resident", "end_other_sessions", "forget_expired", "resident_of_token", "sign_in_resident", "sign_out_resident"]


def sign_in_resident(site: Site, name: str, passphrase: str, address: str) -> SignedInResident:
    """Check a passphrase that came from a network ``address``, and begin a session.

    Raises:
        SignInError: ``sign-in.refused``, whatever was wrong.
        TooManyError: ``sign-in.wait``.
    """
    proved = RESIDENTS.prove(site, name, passphrase, address)
    with writing(site) as work:
        row = resident_row(work.session, proved.account)
        if row.passphrase != proved.hashed or not _may(work.session, row, work.now):
            raise refusal()
        row.passphrase = proved.renewed
        attempts.refund(_staff_work(work), proved.counters, 1)
        return _start(work, row, address)


def resident_of_token(site: Site, token: str) -> Actor | None:
    """Return the resident who acts with a session token, or None where it holds no longer: expired, ended, or the account disabled."""
    with reading(site) as work:
        hashed = RESIDENTS.token_digest(work.keys, Kind.SESSION, token)
        row = work.session.scalar(select(ResidentSessionRow).where(ResidentSessionRow.digest == hashed))
        if row is None or not is_held(row, work.now) or not _may(work.session, resident_row(work.session, row.resident), work.now):
            return None
        found, unseen = resident_actor(row.resident, row.id), work.now - row.last_seen >= SEEN_TO
    if unseen:
        _note_use(site, found.session)
    return found


@permits(Permission.LIVE_HERE)
def sign_out_resident(site: Site, actor: Actor) -> None:
    """End the session in which the resident acts; ending it twice is no error."""
    with writing(site) as work:
        ended = work.session.scalar(delete(ResidentSessionRow).where(ResidentSessionRow.id == actor.session).returning(ResidentSessionRow.id))
        if ended:
            work.record(Act(actor.label, "access.resident-signed-out", f"session:{ended}", PURPOSE))


def current_resident(work: UnitOfWork, actor: Actor) -> ResidentRow:
    """Return the row of the resident who acts, in the transaction in which they do.

    Raises:
        DeniedError: ``access.denied`` for an actor who is no resident, or may act no longer.
    """
    row = work.session.get(ResidentRow, actor.id)
    if actor.label != resident_label(actor.id) or row is None or not _may(work.session, row, work.now):
        raise DeniedError("access.denied", actor.label, "this is for residents with an account", "Sign in as a resident.")
    return row


def end_other_sessions(work: UnitOfWork, actor: Actor) -> None:
    """End every session of the resident who acts but the one in which they do."""
    others = delete(ResidentSessionRow).where(ResidentSessionRow.resident == actor.id, ResidentSessionRow.id != actor.session)
    for ended in work.session.scalars(others.returning(ResidentSessionRow.id)).all():
        work.record(Act(actor.label, "access.resident-signed-out", f"session:{ended}", PURPOSE))


def forget_expired(site: Site) -> None:
    """Delete sessions and links that no longer hold, and the accounts of people who left; a job."""
    with writing(site) as work:
        gone = select(ResidentRow.id).join(DoorPersonRow, DoorPersonRow.id == ResidentRow.person).where(DoorPersonRow.left.is_not(None))
        for resident in work.session.scalars(gone).all():
            close_account(work.session, resident_row(work.session, resident))
            work.session.execute(delete(ResidentRow).where(ResidentRow.id == resident))
        for table in (ResidentSessionRow, ResidentLinkRow):
            work.session.execute(delete(table).where(table.expires <= work.now))
        work.session.execute(delete(ResidentSessionRow).where(ResidentSessionRow.last_seen <= work.now - IDLE_LIFE))


JOBS: Final = (Job("retention-resident-sessions", timedelta(minutes=10), forget_expired),)
"""What is to run by itself while the site does."""


def _may(session: Session, row: ResidentRow, now: datetime) -> bool:
    """Return whether somebody may sign in and act: the account is active, they have not left, and their time is not over."""
    person = session.get_one(DoorPersonRow, row.person)
    over = person.left is not None or (person.valid_until is not None and now >= person.valid_until)
    return row.state == ResidentState.ACTIVE and not over and not person.suspended


def _start(work: UnitOfWork, row: ResidentRow, address: str) -> SignedInResident:
    token, expires = new_token(), work.now + SESSION_LIFE
    hashed = RESIDENTS.token_digest(work.keys, Kind.SESSION, token)
    session = ResidentSessionRow(id=new_id(work.now), digest=hashed, resident=row.id, created=work.now, last_seen=work.now, expires=expires)
    work.session.add(session)
    row.last_sign_in = work.now
    details = {"address": _staff_work(work).address_mark(address)}
    work.record(Act(resident_label(row.id), "access.resident-signed-in", f"session:{session.id}", PURPOSE, details=details))
    return SignedInResident(token, row.id, expires)


def _note_use(site: Site, session: str | None) -> None:
    with writing(site) as work:
        row = work.session.get(ResidentSessionRow, session)
        if row is not None:
            row.last_seen = max(row.last_seen, work.now)


def _staff_work(work: UnitOfWork) -> staff_work.UnitOfWork:
    return staff_work.UnitOfWork(work.site, work.session, work.now)
