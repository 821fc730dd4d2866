"""Entries of the log by their index, for whoever compares other records with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.ledger.records import EntryRow
from consentry.ledger.rules.canonical import parse
from consentry.ledger.rules.entries import ERASED, read_entry, to_milliseconds
from consentry.ledger.rules.merkle import leaf_hash
from consentry.platform.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.model import Entry

__all__ = ["entries_at", "entries_of", "tombstones_of"]

_AT_ONCE = 500


def entries_at(session: Session, indexes: Iterable[int]) -> dict[int, Entry | None]:
    """Return the entries at ``indexes``, None for one that was erased; what the log does not have is missing. Each is checked against its leaf.

    Raises:
        LedgerError: ``ledger.altered`` where the content of an entry is not what its leaf was made of.
    """
    wanted = sorted(set(indexes))
    found: dict[int, Entry | None] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = EntryRow.number.in_(wanted[start : start + _AT_ONCE])
        for row in session.execute(select(EntryRow.number, EntryRow.leaf, EntryRow.body, EntryRow.salt).where(some)):
            found[row.number] = _checked(row.number, row.leaf, row.body, row.salt)
    return found


def entries_of(session: Session, actions: Iterable[str], since: datetime, until: datetime) -> list[Entry]:
    """Return the entries of some actions from ``since`` to ``until``, both included, in their order; without those that were erased.

    Raises:
        LedgerError: As :func:`entries_at`.
    """
    between = EntryRow.at >= to_milliseconds(since), EntryRow.at <= to_milliseconds(until)
    wanted = select(EntryRow.number, EntryRow.leaf, EntryRow.body, EntryRow.salt).where(EntryRow.action.in_(list(actions)), *between)
    found = (_checked(row.number, row.leaf, row.body, row.salt) for row in session.execute(wanted.order_by(EntryRow.number)))
    return [entry for entry in found if entry is not None]


def tombstones_of(session: Session, indexes: Iterable[int]) -> set[int]:
    """Return the indexes of the entries that say that those at ``indexes`` were erased.

    Raises:
        LedgerError: As :func:`entries_at`.
    """
    wanted = set(indexes)
    if not wanted:
        return set()
    since = select(EntryRow.number, EntryRow.leaf, EntryRow.body, EntryRow.salt).where(EntryRow.action == ERASED, EntryRow.number > min(wanted))
    found = (_checked(row.number, row.leaf, row.body, row.salt) for row in session.execute(since))
    return {entry.index for entry in found if entry is not None and entry.act.details.get("index") in wanted}


def _checked(index: int, leaf: bytes, body: bytes | None, salt: bytes | None) -> Entry | None:
    if body is None or salt is None:
        return None
    if leaf_hash(body, salt) != leaf:
        raise LedgerError("ledger.altered", f"entry {index}", "its content is not what the log was signed over", "Run `consentry ledger audit`.")
    return read_entry(parse(body))
