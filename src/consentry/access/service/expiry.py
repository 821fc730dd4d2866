"""What ends by itself: credentials and guests whose time is over, at once; what is kept of them, when nobody can ask about it any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import aliased

from consentry.access.model import CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.people import DoorPersonRow, MembershipRow
from consentry.access.records.residents import GuestRow, ResidentRow
from consentry.access.register import PersonKind, Why
from consentry.access.service.credentials import set_state, suspended_by_staff
from consentry.access.service.people import leave, unname
from consentry.access.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.jobs import Job

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import CursorResult, Delete
    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["JOBS", "end_expired", "forget_over"]

_AT_ONCE = 200


def end_expired(site: Site) -> int:
    """End the credentials whose time is over, let guests leave whose time is, and return how many that were; a job.

    A face rests from the moment on in which the last other credential of its person ends; until the job sees it, the snapshot holds it to that time.
    """
    ended = 0
    while True:
        with writing(site) as work:
            some = _end_some(work)
        if not some:
            return ended
        ended += some


def forget_over(site: Site) -> int:
    """Delete ended credentials and people who left when their events are gone, their names earlier, and return how many rows went; a job."""
    settings = site.settings.access
    with writing(site) as work:
        forgotten = _forget_credentials(work.session, work.now - settings.event_retention)
        forgotten += _forget_people(work.session, work.now - settings.event_retention)
        unnamed = _unname_gone(work.session, work.now - settings.guest_retention)
        if forgotten or unnamed:
            details = {"rows": forgotten, "names": unnamed}
            work.record(Act(ITSELF.label, "access.register-expired", "door-people", PURPOSE, "retention", details))
    return forgotten


JOBS: Final = (
    Job("door-credentials", timedelta(minutes=1), end_expired),
    Job("retention-doors", timedelta(hours=1), forget_over),
)
"""What is to run by itself while the site does."""


def _end_some(work: UnitOfWork) -> int:
    # What staff suspended waits for their word also when its time is over; else its holder could enter another in its place.
    open_still = CredentialRow.state != CredentialState.ENDED, ~suspended_by_staff()
    over = select(CredentialRow).where(CredentialRow.valid_until <= work.now, *open_still)
    credentials = work.session.scalars(over.order_by(CredentialRow.id).limit(_AT_ONCE)).all()
    for row in credentials:
        set_state(work, ITSELF.label, row, CredentialState.ENDED, Why.EXPIRED)
    gone = select(DoorPersonRow).where(DoorPersonRow.valid_until <= work.now, DoorPersonRow.left.is_(None), DoorPersonRow.kind != PersonKind.MEMBER)
    guests = work.session.scalars(gone.order_by(DoorPersonRow.id).limit(_AT_ONCE)).all()
    for guest in guests:
        leave(work, ITSELF.label, guest)
    return len(credentials) + len(guests)


def _forget_credentials(session: Session, before: datetime) -> int:
    """Delete what ended, but nothing on which something rests that did not, or not so long ago, and no barred key of a telephone whose person is here."""
    resting = aliased(CredentialRow)
    still = or_(resting.ended.is_(None), resting.ended > before)
    needed = select(resting.id).where(or_(resting.with_card == CredentialRow.id, resting.lent_from == CredentialRow.id), still)
    shown = select(GuestRow.id).where(GuestRow.credential == CredentialRow.id)
    here = select(DoorPersonRow.id).where(DoorPersonRow.id == CredentialRow.person, DoorPersonRow.left.is_(None))
    barred = CredentialRow.holder.is_not(None) & here.exists()
    return _deleted(session, delete(CredentialRow).where(CredentialRow.ended <= before, ~needed.exists(), ~shown.exists(), ~barred))


def _forget_people(session: Session, before: datetime) -> int:
    guest = aliased(DoorPersonRow)
    held = select(CredentialRow.id).where(CredentialRow.person == DoorPersonRow.id)
    hosted = select(guest.id).where(guest.host == DoorPersonRow.id)
    accounts = select(ResidentRow.id).where(ResidentRow.person == DoorPersonRow.id)
    passes = select(GuestRow.id).where(or_(GuestRow.person == DoorPersonRow.id, GuestRow.host == DoorPersonRow.id))
    free = [~needed.exists() for needed in (held, hosted, accounts, passes)]
    names = list(session.scalars(select(DoorPersonRow.id).where(DoorPersonRow.left <= before, *free).limit(_AT_ONCE)))
    session.execute(delete(MembershipRow).where(MembershipRow.person.in_(names)))
    return _deleted(session, delete(DoorPersonRow).where(DoorPersonRow.id.in_(names)))


def _unname_gone(session: Session, before: datetime) -> int:
    gone = session.scalars(select(DoorPersonRow).where(DoorPersonRow.left <= before, DoorPersonRow.sealed.is_not(None))).all()
    for row in gone:
        unname(row)
    return len(gone)


def _deleted(session: Session, statement: Delete) -> int:
    return cast("CursorResult[Any]", session.execute(statement.execution_options(synchronize_session=False))).rowcount
