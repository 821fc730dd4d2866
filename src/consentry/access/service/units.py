"""Units as a keypad can type them: their digits alone. Two that are typed alike could not be told apart at a door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.marks import inner_unit, typed_unit
from consentry.access.model import CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.people import DoorPersonRow
from consentry.access.service.keyed import Kind, keyed
from consentry.platform.errors import ConflictError, InputError

if TYPE_CHECKING:
    from consentry.ledger.work import UnitOfWork

__all__ = ["check_new_unit", "check_unit"]


def check_new_unit(work: UnitOfWork, unit: str, person: str) -> None:
    """Refuse as :func:`check_unit` a unit that nobody has yet. One without a digit passes, such as ``lobby``: no PIN is entered after it.

    What somebody has is asked again at their PIN alone: a setting of later must not keep them from being renamed, lending, or having a flatmate.

    Raises:
        InputError: as ``check_unit``.
        ConflictError: as ``check_unit``.
    """
    known = DoorPersonRow.unit.in_(keyed(work.keys, Kind.UNIT, inner_unit(unit)).known_as)
    if typed_unit(unit) and work.session.scalar(select(DoorPersonRow.id).where(known).limit(1)) is None:
        check_unit(work, unit, person)


def check_unit(work: UnitOfWork, unit: str, person: str) -> None:
    """Refuse a unit of somebody after which they could enter no PIN, or which is typed like the unit of somebody else who has one.

    Raises:
        InputError: ``access.unit-digits`` where it has not as many digits as ``[access] unit_digits`` says; ``access.unit`` where it cannot be a unit.
        ConflictError: ``access.unit-alike`` where a PIN is entered after another unit of the same digits, such as 11-201 beside 1-1201.
    """
    typed, digits = typed_unit(unit), work.site.settings.access.unit_digits
    if digits is not None and len(typed) != digits:
        problem = f"{len(typed)} digits of it can be typed at a keypad, and [access] unit_digits is {digits}"
        raise InputError("access.unit-digits", "unit", problem, f"Write it with {digits} digits, such as with leading zeros, or change the setting.")
    if typed and _is_taken(work, typed, unit, person):
        problem = "at a keypad it is typed like another unit"
        raise ConflictError("access.unit-alike", "unit", problem, "Write it with a leading zero, such as 11-0201, so that its digits are its own.")


def _is_taken(work: UnitOfWork, typed: str, unit: str, person: str) -> bool:
    """Tell whether somebody else, of a unit that is written otherwise, enters their PIN after what is typed."""
    number, own = keyed(work.keys, Kind.NUMBER, inner_unit(typed)), keyed(work.keys, Kind.UNIT, inner_unit(unit))
    held = CredentialRow.number.in_(number.known_as), CredentialRow.with_card.is_(None), CredentialRow.state != CredentialState.ENDED
    others = DoorPersonRow.id != person, DoorPersonRow.unit.not_in(own.known_as)
    found = select(CredentialRow.id).join(DoorPersonRow, DoorPersonRow.id == CredentialRow.person).where(*held, *others)
    return work.session.scalar(found.limit(1)) is not None
