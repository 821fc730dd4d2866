"""Appending to the log inside the caller's transaction: what is done and the entry that says so are committed together or not at all."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from consentry.ledger.model import Act, Entry
from consentry.ledger.records import HeadRow, write_rows
from consentry.ledger.rules.bundles import SALT_BYTES
from consentry.ledger.rules.entries import OPENED, check_act, entry_body, milliseconds, to_milliseconds
from consentry.ledger.rules.merkle import Frontier, leaf_hash
from consentry.platform.actors import system

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.model import JSONValue

__all__ = ["LEDGER", "PURPOSE", "Head", "append", "lock_head", "log_act", "read_head", "set_genesis"]

LEDGER = system("ledger").label
PURPOSE = "evidence"


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends: its right edge, and the index of the entry that opened the log of the present origin."""

    frontier: Frontier
    genesis: int

    @property
    def size(self) -> int:
        """Return the number of entries."""
        return self.frontier.size


def log_act(action: str, subject: str, details: Mapping[str, JSONValue], reason: str = "") -> Act:
    """Return an act of the log itself."""
    return Act(LEDGER, action, subject, PURPOSE, reason, details)


def read_head(session: Session) -> Head | None:
    """Return where the log ends, or None before its first entry."""
    row = session.execute(select(HeadRow.size, HeadRow.frontier, HeadRow.genesis)).one_or_none()
    return None if row is None else Head(Frontier.from_bytes(row.size, row.frontier), row.genesis)


def lock_head(session: Session) -> Head:
    """Return where the log ends, and let nobody else append until this transaction ends. A log without entries is opened.

    Appenders must follow one another: each leaf's place decides which subtrees it completes.
    """
    row = session.execute(select(HeadRow.size, HeadRow.frontier, HeadRow.genesis).with_for_update()).one_or_none()
    if row:
        return Head(Frontier.from_bytes(row.size, row.frontier), row.genesis)
    head = Head(Frontier(), 0)
    session.execute(insert(HeadRow).values(one=1, size=0, frontier=b"", genesis=0))
    return head


def append(session: Session, acts: Sequence[Act], now: datetime) -> range:
    """Append acts and return their indexes, in order.

    Raises:
        InputError: where an act may not enter the log (``rules.entries``); nothing is appended then.
    """
    for act in acts:
        check_act(act)
    head = lock_head(session)
    opening = [] if head.size else [log_act(OPENED, "log", {})]
    first = head.size + len(opening)
    _write(session, head.frontier, [*opening, *acts], milliseconds(now))
    return range(first, first + len(acts))


def set_genesis(session: Session, index: int) -> None:
    """Let the log of a new origin begin with entry ``index``."""
    session.execute(update(HeadRow).values(genesis=index))


def _write(session: Session, frontier: Frontier, acts: Sequence[Act], now: datetime) -> None:
    if not acts:
        return
    entries: list[dict[str, object]] = []
    nodes: list[dict[str, object]] = []
    at = to_milliseconds(now)
    for act in acts:
        index = frontier.size
        body, salt = entry_body(Entry(index, now, act)), secrets.token_bytes(SALT_BYTES)
        leaf = leaf_hash(body, salt)
        entries.append({"number": index, "leaf": leaf, "body": body, "salt": salt, "action": act.action, "at": at})
        nodes += [{"number": node.span.number, "hash": node.hash} for node in frontier.append(leaf)]
    write_rows(session, entries, nodes)
    session.execute(update(HeadRow).values(size=frontier.size, frontier=frontier.to_bytes()))
