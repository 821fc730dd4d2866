"""Accounts in the records: finding them, and what they may do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from consentry.platform.errors import ConflictError, NotFoundError
from consentry.staff.model import Account, AccountState, FactorKind, Role, SecondFactor
from consentry.staff.records import AccountRow, FactorRow
from consentry.staff.rules import name_key, permissions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from consentry.platform.actors import Permission

__all__ = ["active_by_name", "existing", "factors_of", "permissions", "refuse_last_administrator", "refuse_taken_name", "shown", "shown_factor"]


def existing(session: Session, account: str) -> AccountRow:
    """Return an account.

    Raises:
        NotFoundError: ``staff.unknown``.
    """
    row = session.get(AccountRow, account) if account.isprintable() else None
    if row is None:
        raise NotFoundError("staff.unknown", "account", "there is none of that id", "List the accounts.")
    return row


def active_by_name(session: Session, name: str) -> AccountRow | None:
    """Return the active account that signs in as ``name``, or None."""
    return session.scalar(select(AccountRow).where(AccountRow.name_key == name_key(name), AccountRow.state == AccountState.ACTIVE))


def factors_of(session: Session, account: str) -> Sequence[FactorRow]:
    """Return the second factors of an account, oldest first."""
    return session.scalars(select(FactorRow).where(FactorRow.account == account).order_by(FactorRow.id)).all()


def permissions(session: Session, row: AccountRow) -> frozenset[Permission]:
    """Return what the account may do now."""
    return permissions_of(Role(row.role), AccountState(row.state), len(factors_of(session, row.id)))


def shown(session: Session, row: AccountRow) -> Account:
    """Return an account as others see it."""
    factors = len(factors_of(session, row.id))
    return Account(row.id, row.name, Role(row.role), AccountState(row.state), row.unit, factors, row.created, row.last_sign_in)


def shown_factor(row: FactorRow) -> SecondFactor:
    """Return a second factor without its secret."""
    return SecondFactor(row.id, FactorKind(row.kind), row.label, row.created, row.last_used)


def refuse_last_administrator(session: Session, row: AccountRow) -> None:
    """Refuse to take the last active administrator away.

    Raises:
        ConflictError: ``staff.last-administrator``.
    """
    if (row.role, row.state) != (Role.ADMINISTRATOR, AccountState.ACTIVE):
        return
    active = select(func.count()).where(AccountRow.role == Role.ADMINISTRATOR, AccountRow.state == AccountState.ACTIVE)
    if session.scalar(active) == 1:
        raise ConflictError("staff.last-administrator", "account", "nobody else could administer the site", "Invite another administrator first.")


def refuse_taken_name(session: Session, name: str, besides: str | None = None) -> None:
    """Refuse a name that another account than ``besides`` has.

    Raises:
        ConflictError: ``staff.name-taken``.
    """
    owner = session.scalar(select(AccountRow.id).where(AccountRow.name_key == name_key(name)))
    if owner not in {None, besides}:
        raise ConflictError("staff.name-taken", "name", "another account has it", "Choose another one.")
