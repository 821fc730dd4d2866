"""Where each event of a case stands in the ledger, and whether the database still says what was entered there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from consentry.attribution.model import AgencyContract, Edit, Link, Outage, Refusal, Report, Signing, Statement, Visit
from consentry.attribution.records.agencies import ContractRow
from consentry.attribution.records.deals import DealRow
from consentry.attribution.records.people import LinkRow
from consentry.attribution.records.reports import ReplyRow, ReportRow
from consentry.attribution.records.visits import EditRow, OutageRow, StatementRow, VisitRow
from consentry.attribution.rules.extract import floor
from consentry.attribution.rules.notation import show_instant
from consentry.attribution.service.parties import chunks
from consentry.ledger.lookup import entries_at
from consentry.platform.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.attribution.model import Case
    from consentry.ledger.model import Entry, JSONValue

__all__ = ["check_entries", "entries_of"]

_REPLY = "reply-"
"""How the events of reports name the reply to one."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An event's entry: its index, when the row says that it was received, and what of its details the row must agree with."""

    index: int
    received: datetime
    details: Mapping[str, JSONValue]


def entries_of(session: Session, case: Case) -> dict[str, list[int]]:
    """Return the entries of every event of a case by the event's id, oldest first: the first received it, a later one is an answer to it."""
    found: dict[str, list[int]] = defaultdict(list)
    for name, placed in _placed(session, case):
        found[name].append(placed.index)
    return dict(found)


def check_entries(session: Session, case: Case) -> None:
    """Pass where every event of a case is in the database as it was entered in the ledger; entries that were erased since cannot be compared.

    Raises:
        LedgerError: ``evidence.altered`` or ``evidence.unproven``, naming the event; ``ledger.altered``.
    """
    placed = list(_placed(session, case))
    known = {name for name, _ in placed}
    for event in (*case.events, case.signing):
        if event.id is None or event.id not in known:
            raise LedgerError("evidence.unproven", f"event {event.id}", "the log has no entry of it", "Run `consentry ledger audit`.")
    entries = entries_at(session, [one.index for _, one in placed])
    for name, one in placed:
        _check(name, one, entries)


def _check(name: str, placed: Placed, entries: Mapping[int, Entry | None]) -> None:
    if placed.index not in entries:
        raise LedgerError("evidence.unproven", f"event {name}", f"the log has no entry {placed.index}", "Run `consentry ledger audit`.")
    entry = entries[placed.index]
    if entry is None:
        return
    wrong = [key for key, value in placed.details.items() if entry.act.details.get(key, value) != value]
    if floor(placed.received) != entry.at:
        wrong.append("time")
    if wrong:
        problem = f"the database and entry {placed.index} of the log do not say the same of its {', '.join(wrong)}"
        raise LedgerError("evidence.altered", f"event {name}", problem, "Somebody changed the database. The log says what was received.")


def _placed(session: Session, case: Case) -> Iterator[tuple[str, Placed]]:
    names: dict[type, list[str]] = defaultdict(list)
    for event in (*case.events, case.signing):
        if event.id is not None:
            names[type(event)].append(event.id)
    for kind, wanted in names.items():
        yield from _READERS[kind](session, wanted)


def _reports(session: Session, names: Iterable[str]) -> Iterator[tuple[str, Placed]]:
    for row in _rows(session, ReportRow, names):
        yield row.id, Placed(row.entry, row.filed, {"agency": row.agency, "client": row.client, "project": row.project})


def _refusals(session: Session, names: Iterable[str]) -> Iterator[tuple[str, Placed]]:
    for some in chunks(name.removeprefix(_REPLY) for name in names):
        for row in session.scalars(select(ReplyRow).where(ReplyRow.report.in_(some))):
            yield f"{_REPLY}{row.report}", Placed(row.entry, row.at, {})


def _visits(session: Session, names: Iterable[str]) -> Iterator[tuple[str, Placed]]:
    for row in _rows(session, VisitRow, names):
        claimed = row.claimed_at.isoformat() if row.claimed_at else None
        said: dict[str, JSONValue] = {"visitor": row.visitor, "report": row.report, "binding": row.binding, "claimed_at": claimed}
        yield row.id, Placed(row.entry, row.at, said)
        if row.entry_answered is not None and row.answered is not None:
            yield row.id, Placed(row.entry_answered, row.answered, {"answer": row.answer})


def _edits(session: Session, names: Iterable[str]) -> Iterator[tuple[str, Placed]]:
    for row in _rows(session, EditRow, names):
        yield row.id, Placed(row.entry, row.at, {"field": row.field})


def _links(session: Session, names: Iterable[str]) -> Iterator[tuple[str, Placed]]:
    for row in _rows(session, LinkRow, names):
        yield row.id, Placed(row.entry, row.at, {"with": row.b, "kind": row.kind, "grade": row.grade})


def _statements(session: Session, names: Iterable[str]) -> Iterator[tuple[str, Placed]]:
    for row in _rows(session, StatementRow, names):
        yield row.id, Placed(row.entry, row.at, {"kind": row.kind})


def _outages(session: Session, names: Iterable[str]) -> Iterator[tuple[str, Placed]]:
    for row in _rows(session, OutageRow, names):
        yield row.id, Placed(row.entry, row.logged, {})


def _contracts(session: Session, names: Iterable[str]) -> Iterator[tuple[str, Placed]]:
    for row in _rows(session, ContractRow, names):
        terms = {"start": row.start.isoformat(), "until": row.until.isoformat()}
        yield row.id, Placed(row.entry, row.recorded, {"agency": row.agency, "project": row.project, **terms})


def _signings(session: Session, names: Iterable[str]) -> Iterator[tuple[str, Placed]]:
    for row in _rows(session, DealRow, names):
        yield row.id, Placed(row.entry, row.recorded, {"project": row.project, "signed": show_instant(floor(row.signed))})


def _rows(session: Session, table: Any, names: Iterable[str]) -> Iterator[Any]:  # noqa: ANN401 - rows of several tables
    for some in chunks(names):
        yield from session.scalars(select(table).where(table.id.in_(some)))


_READERS = {
    Report: _reports,
    Refusal: _refusals,
    Visit: _visits,
    Edit: _edits,
    Link: _links,
    Statement: _statements,
    Outage: _outages,
    AgencyContract: _contracts,
    Signing: _signings,
}
