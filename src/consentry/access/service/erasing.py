"""Erasing at once who somebody was who left and asks for it, with a certificate for them. What is left is a pseudonym, and the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, or_, select

from consentry.access.records.people import DoorPersonRow
from consentry.access.records.residents import GuestRow, ResidentRow
from consentry.access.register import Erasure, ErasureScope
from consentry.access.service.people import person_row, unname
from consentry.access.service.residents import close_account
from consentry.access.work import ITSELF, PURPOSE, person_label
from consentry.ledger.model import Act
from consentry.ledger.service import receipt
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["erase_person", "erasure_scope"]


@permits(Permission.MANAGE_CREDENTIALS)
def erasure_scope(site: Site, actor: Actor, name: str) -> ErasureScope:  # noqa: ARG001 - the guard reads the actor
    """Return what erasing somebody would delete, and what stays until when; nothing is deleted.

    Raises:
        NotFoundError: ``door-person.unknown``.
    """
    with reading(site) as work:
        row = person_row(work.session, name)
        return _scope(work, row, _with_guests(work.session, row))


@permits(Permission.MANAGE_CREDENTIALS)
def erase_person(site: Site, actor: Actor, name: str, reason: str) -> Erasure | None:
    """Delete who somebody was who left, because they ask for it: name, unit and account, and those of whoever was here through them.

    What is left is a pseudonym, so that events can be explained until they are deleted. Where nothing is left to delete, such as when they ask
    again, it is no error, and is certified no second time: None.

    Raises:
        InputError: ``input.text`` without a reason.
        NotFoundError: ``door-person.unknown``.
        ConflictError: ``door-person.present`` for somebody who is here still.
    """
    why = stated(reason)
    with writing(site) as work:
        done = _erase(work, actor.label, person_row(work.session, name), why)
        now = work.now
    return done and Erasure(name, now, done.entry, done.scope, receipt(site, ITSELF, done.entry))


class _Done(NamedTuple):
    entry: int
    scope: ErasureScope


def _erase(work: UnitOfWork, label: str, row: DoorPersonRow, why: str) -> _Done | None:
    if row.left is None:
        raise ConflictError("door-person.present", person_label(row.id), "they are here still", "Let them leave first.")
    everybody = _with_guests(work.session, row)
    scope = _scope(work, row, everybody)
    if scope.empty:
        return None
    for one in everybody:
        _forget(work.session, one)
    details = {"people": scope.people, "accounts": scope.accounts, "guest_passes": scope.guest_passes}
    return _Done(work.record(Act(label, "access.person-erased", person_label(row.id), PURPOSE, why, dict(details))), scope)


def _with_guests(session: Session, row: DoorPersonRow) -> Sequence[DoorPersonRow]:
    """Return somebody, and whoever was here through them: they carry the unit, and left with them."""
    return (row, *session.scalars(select(DoorPersonRow).where(DoorPersonRow.host == row.id)).all())


def _scope(work: UnitOfWork, row: DoorPersonRow, everybody: Sequence[DoorPersonRow]) -> ErasureScope:
    names = [one.id for one in everybody]
    accounts = select(func.count()).select_from(ResidentRow).where(ResidentRow.person.in_(names))
    passes = select(func.count()).select_from(GuestRow).where(or_(GuestRow.host.in_(names), GuestRow.person.in_(names)))
    return ErasureScope(
        people=sum(one.sealed is not None for one in everybody),
        accounts=work.session.scalar(accounts) or 0,
        guest_passes=work.session.scalar(passes) or 0,
        left=row.left,
        erased=row.sealed is None,
        events_until=None if row.left is None else row.left + work.site.settings.access.event_retention,
    )


def _forget(session: Session, row: DoorPersonRow) -> None:
    unname(row)
    for account in session.scalars(select(ResidentRow).where(ResidentRow.person == row.id)).all():
        close_account(session, account)
        session.delete(account)
    session.execute(delete(GuestRow).where(or_(GuestRow.host == row.id, GuestRow.person == row.id)))
