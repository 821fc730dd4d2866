"""Signed counts: for each finished day (UTC) one entry that says how many entries of each kind it brought, so that a missing one shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from consentry.ledger.log import append, log_act
from consentry.ledger.records import EntryRow
from consentry.ledger.rules.canonical import parse
from consentry.ledger.rules.entries import COUNTED, ERASED, read_entry, to_milliseconds

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["count_finished_days", "counts_between"]

_DAY_MS = 86_400_000


def count_finished_days(session: Session, now: datetime) -> range:
    """Append the counts of every day before the one of ``now`` that has entries nobody counted; return their indexes.

    The entries of a day are those from the end of the last count up to the last one dated on that day or before. Indexes decide, not dates,
    so that every entry is counted once, also where the clock was set back.
    """
    today = to_milliseconds(now) // _DAY_MS
    start = _counted_to(session)
    acts = []
    while (day := _first_day(session, start)) is not None and day < today:
        end = _end_of(session, start, day)
        counts = counts_between(session, start, end)
        date = datetime.fromtimestamp(day * _DAY_MS / 1000, UTC).date().isoformat()
        acts.append(log_act(COUNTED, f"day:{date}", {"from": start, "to": end, "counts": counts}))
        start = end
    return append(session, acts, now)


def counts_between(session: Session, start: int, end: int) -> dict[str, int]:
    """Return the number of entries of each action from index ``start`` to before ``end``; an erased one counts as what its tombstone names."""
    inside = EntryRow.number >= start, EntryRow.number < end
    query = select(EntryRow.action, func.count()).where(*inside, EntryRow.action.is_not(None)).group_by(EntryRow.action)
    counts = {str(action): int(number) for action, number in session.execute(query)}
    for body in session.execute(select(EntryRow.body).where(EntryRow.action == ERASED)).scalars():
        details = read_entry(parse(body or b"")).act.details
        index, action = details["index"], str(details["action"])
        if isinstance(index, int) and start <= index < end:
            counts[action] = counts.get(action, 0) + 1
    return counts


def _counted_to(session: Session) -> int:
    newest = select(EntryRow.body).where(EntryRow.action == COUNTED).order_by(EntryRow.number.desc()).limit(1)
    body = session.execute(newest).scalar_one_or_none()
    end = read_entry(parse(body)).act.details["to"] if body else 0
    return end if isinstance(end, int) else 0


def _first_day(session: Session, start: int) -> int | None:
    earliest = session.execute(select(func.min(EntryRow.at)).where(EntryRow.number >= start)).scalar_one()
    return None if earliest is None else int(earliest) // _DAY_MS


def _end_of(session: Session, start: int, day: int) -> int:
    before = EntryRow.at < (day + 1) * _DAY_MS
    last: int = session.execute(select(func.max(EntryRow.number)).where(EntryRow.number >= start, before)).scalar_one()
    return last + 1
