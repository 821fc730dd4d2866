"""Pseudonyms, and the little that people leave of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from consentry.consent.marks import Kind, mark, marks, normal_phone
from consentry.consent.records import IDENTIFIER, PersonRow
from consentry.consent.work import PEOPLE
from consentry.platform.errors import ConflictError, InputError
from consentry.platform.keys.sealing import Sealed, opened, sealed

if TYPE_CHECKING:
    from consentry.ledger.work import UnitOfWork

__all__ = ["forget", "keep", "left_by", "with_phone"]


def keep(work: UnitOfWork, person: str | None, alias: str | None, phone: str | None, guardian: str | None = None) -> str:
    """Return the pseudonym, a new one where there is none yet; what the person leaves now replaces what they left before.

    ``guardian``: the name of whoever decided for a child.

    Raises:
        ConflictError: ``consent.person-unknown``.
        InputError: ``consent.phone``.
    """
    row = _known(work, person) if person else PersonRow(id=str(uuid4()))
    number = _number(phone)
    left = {name: text for name, text in (("alias", alias and alias.strip()), ("phone", number), ("guardian", guardian and guardian.strip())) if text}
    if left:
        row.wrapped, row.sealed = sealed(work.keys, PEOPLE, row.id, left)
        row.phone = mark(work.keys, Kind.PHONE, number) if number else None
    work.session.add(row)
    work.session.flush()
    return row.id


def left_by(work: UnitOfWork, person: str) -> dict[str, str]:
    """Return what a person left: ``alias``, ``phone``, ``guardian`` (a name), or nothing."""
    row = work.session.get(PersonRow, person)
    if row is None or row.wrapped is None or row.sealed is None:
        return {}
    return opened(work.keys, PEOPLE, person, Sealed(row.wrapped, row.sealed))


def forget(work: UnitOfWork, person: str) -> None:
    """Erase what a person left; the pseudonym stays with the evidence."""
    row = work.session.get(PersonRow, person)
    if row is not None:
        row.wrapped, row.sealed, row.phone = None, None, None


def with_phone(work: UnitOfWork, phone: str) -> list[str]:
    """Return the pseudonyms of those who left this telephone number."""
    number = normal_phone(phone)
    if number is None:
        return []
    return list(work.session.scalars(select(PersonRow.id).where(PersonRow.phone.in_(marks(work.keys, Kind.PHONE, number)))))


def _known(work: UnitOfWork, person: str) -> PersonRow:
    row = work.session.get(PersonRow, person) if IDENTIFIER.fullmatch(person) else None
    if row is None:
        raise ConflictError("consent.person-unknown", "consent", "nobody has that pseudonym any more", "Give the consent without one.")
    return row


def _number(phone: str | None) -> str | None:
    if phone is None:
        return None
    number = normal_phone(phone)
    if number is None:
        raise InputError("consent.phone", "telephone number", "it is not written as one", "Write digits, or leave it out.")
    return number
