"""Inserts that know what to do with a row that exists; SQLite and PostgreSQL say it in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, inspect
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from consentry.platform.database import Base

__all__ = ["add", "insert_new", "put", "raise_to"]


def insert_new(session: Session, table: type[Base], row: Mapping[str, Any]) -> bool:
    """Insert a row unless its key exists, and return whether it was inserted."""
    statement = _insert(session, table).values(**row).on_conflict_do_nothing()
    return bool(session.scalars(statement.returning(_keys(table)[0])).all())


def add(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Insert rows; where one exists, add to its ``columns``."""
    if rows:
        statement = _insert(session, table)
        changes = {name: getattr(table, name) + statement.excluded[name] for name in columns}
        session.execute(statement.on_conflict_do_update(index_elements=_keys(table), set_=changes), [dict(row) for row in rows])


def raise_to(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], columns: Sequence[str], highest: str) -> None:
    """Insert rows; where one exists, add to its ``columns`` and keep the greater ``highest``."""
    if rows:
        statement = _insert(session, table)
        changes = {name: getattr(table, name) + statement.excluded[name] for name in columns}
        mine, new = getattr(table, highest), statement.excluded[highest]
        changes[highest] = case((new > mine, new), else_=mine)
        session.execute(statement.on_conflict_do_update(index_elements=_keys(table), set_=changes), [dict(row) for row in rows])


def put(session: Session, table: type[Base], row: Mapping[str, Any]) -> None:
    """Insert a row, in the place of the one that exists."""
    statement = _insert(session, table)
    keys = _keys(table)
    changes = {name: statement.excluded[name] for name in row if name not in {key.name for key in keys}}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), [dict(row)])


def _insert(session: Session, table: type[Base]) -> Any:  # noqa: ANN401 - the two dialects' statements have no common type with these methods
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)


def _keys(table: type[Base]) -> list[Any]:
    return list(inspect(table).primary_key)
