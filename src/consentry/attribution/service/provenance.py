"""Where each event of a case stands in the ledger, and whether the database still says what was entered there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import object_session

from consentry.attribution.model import AgencyContract, Edit, Link, Outage, Refusal, Report, Signing, Statement, Visit
from consentry.attribution.records.agencies import ContractRow
from consentry.attribution.records.deals import BuyerRow, DealRow
from consentry.attribution.records.people import LinkRow, PartyRow
from consentry.attribution.records.reports import ReplyRow, ReportRow
from consentry.attribution.records.visits import EditRow, OutageRow, StatementRow, VisitRow
from consentry.attribution.rules.extract import floor
from consentry.attribution.rules.notation import show_instant
from consentry.attribution.service import rulebooks
from consentry.attribution.service.parties import chunks
from consentry.ledger.lookup import entries_at
from consentry.ledger.lookup import entries_of as entries_of_log
from consentry.platform.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from consentry.attribution.model import Case
    from consentry.ledger.model import Entry, JSONValue
    from consentry.ledger.work import UnitOfWork

__all__ = ["check_entries", "check_received", "entries_of"]

_DAY = timedelta(days=1)
_AT_ONCE = 500
_NOWHERE = -1
"""The index of no entry: of a finding that the log knows nothing of."""
_DECIDED = "attribution.statement-decided"
_LONG = timedelta(days=3650)
"""Longer than anything is kept here: until when a statement can have been decided."""
_LINKED = "attribution.linked"
_BEGINNING = ("attribution.arrived", "attribution.report-filed")
"""What always names the project of a visit or report; entries about it that older releases made do not."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_REPLY = "reply-"
"""How the events of reports name the reply to one."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An event's entry: its index, when the row says that it was received, and what of its details the row must agree with."""

    index: int
    received: datetime
    details: Mapping[str, JSONValue]


def entries_of(session: Session, case: Case) -> dict[str, list[int]]:
    """Return the entries of every event of a case by the event's id, oldest first: the first received it, a later one is an answer to it in time.

    That a statement is credible may be found until the verdict is signed. With a link that a contract brought stands the contract's entry.
    """
    found: dict[str, list[int]] = defaultdict(list)
    credible = {event.id for event in case.events if isinstance(event, Statement) and event.credible}
    for name, placed in _placed(session, case):
        if name not in found or name in credible or floor(placed.received) <= case.signing.at:
            found[name].append(placed.index)
    for link, entry in _bringing(session, case):
        found[link].append(entry)
    return dict(found)


def _bringing(session: Session, case: Case) -> Iterator[tuple[str, int]]:
    """Yield with each link that counts from the signing of a contract the entry of that contract."""
    links = {event.id: event for event in case.events if isinstance(event, Link) and event.id is not None}
    for row in _rows(session, Link, links):
        counted = links[row.id].at
        if counted is None or counted == floor(row.at):
            continue
        bought = select(DealRow.entry).join(BuyerRow, BuyerRow.deal == DealRow.id).where(BuyerRow.party.in_([row.a, row.b]), DealRow.recorded == row.at)
        yield from ((row.id, entry) for entry in session.scalars(bought.distinct()))


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


def check_received(work: UnitOfWork, project: str, signed: datetime) -> None:
    """Pass where everything that the ledger received before a signing, as far back as it may count, is in the database as it was entered.

    So is found what :func:`check_entries` cannot see: an event that was taken out of the case, by deleting it or by giving it to somebody else.
    What a project's retention has deleted is no gap.

    Raises:
        LedgerError: As :func:`check_entries`.
    """
    settings = rulebooks.require_project(work.site, project)
    versions = rulebooks.standing(work, project).versions
    longest = max(version.report_valid + version.visit_protection + version.natural_protection for version in versions)
    kept_since = work.now - min(settings.visit_retention, settings.deal_retention) + _DAY
    entries = {entry.index: entry for entry in entries_of_log(work.session, _RECEIVED, max(signed - longest, kept_since), signed)}
    mine = {index: entry for index, entry in entries.items() if entry.act.details.get("project", project) == project}
    placed = {one.index: (name, one) for kind, table in _RECEIVED.values() for name, one in _at_entries(work.session, kind, table, mine)}
    for index, entry in mine.items():
        if index not in placed and (_is_forgotten(work.session, entry) or _is_elsewhere(work.session, entry, project)):
            continue
        if index not in placed:
            problem = f"entry {index} of the log received it, and the database has it no more"
            raise LedgerError("evidence.unproven", entry.act.object, problem, "Somebody changed the database; restore a backup.")
        _check(*placed[index], mine)


def _is_forgotten(session: Session, entry: Entry) -> bool:
    """Whether an entry is that of a link which retention deletes early: nothing names either of its ends any more."""
    if entry.act.action != _LINKED:
        return False
    ends = [entry.act.object.removeprefix("party:"), str(entry.act.details.get("with"))]
    return session.scalar(select(PartyRow.id).where(PartyRow.id.in_(ends), PartyRow.erased.is_(None)).limit(1)) is None


def _is_elsewhere(session: Session, entry: Entry, project: str) -> bool:
    """Whether an entry that names no project is about a visit or report that was received for another one, whose retention may have ended."""
    if "project" in entry.act.details:
        return False
    received = entries_of_log(session, _BEGINNING, _EVER, entry.at + _DAY)
    return any(one.act.object == entry.act.object and one.act.details.get("project", project) != project for one in received)


def _at_entries(session: Session, kind: type, table: Any, entries: Iterable[int]) -> Iterator[tuple[str, Placed]]:  # noqa: ANN401 - one of several tables
    """Yield what rows of a table say that were entered at ``entries``, whichever events these are."""
    wanted = list(entries)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        for column in (table.entry, *((table.entry_answered,) if table is VisitRow else ())):
            yield from _PLACING[kind](session.scalars(select(table).where(column.in_(some))))


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
        yield from _PLACING[kind](_rows(session, kind, wanted))


def _reports(rows: Iterable[ReportRow]) -> Iterator[tuple[str, Placed]]:
    for row in rows:
        yield row.id, Placed(row.entry, row.filed, {"agency": row.agency, "client": row.client, "project": row.project})


def _refusals(rows: Iterable[ReplyRow]) -> Iterator[tuple[str, Placed]]:
    for row in rows:
        yield f"{_REPLY}{row.report}", Placed(row.entry, row.at, {"kind": row.kind})


def _visits(rows: Iterable[VisitRow]) -> Iterator[tuple[str, Placed]]:
    for row in rows:
        claimed = row.claimed_at.isoformat() if row.claimed_at else None
        said: dict[str, JSONValue] = {"visitor": row.visitor, "report": row.report, "binding": row.binding, "claimed_at": claimed}
        yield row.id, Placed(row.entry, row.at, said)
        if row.entry_answered is not None and row.answered is not None:
            yield row.id, Placed(row.entry_answered, row.answered, {"answer": row.answer})


def _edits(rows: Iterable[EditRow]) -> Iterator[tuple[str, Placed]]:
    for row in rows:
        yield row.id, Placed(row.entry, row.at, {"field": row.field})


def _links(rows: Iterable[LinkRow]) -> Iterator[tuple[str, Placed]]:
    for row in rows:
        yield row.id, Placed(row.entry, row.at, {"with": row.b, "kind": row.kind, "grade": row.grade})


def _statements(rows: Iterable[StatementRow]) -> Iterator[tuple[str, Placed]]:
    for row in rows:
        yield row.id, Placed(row.entry, row.at, {"kind": row.kind, "person": row.person})
        decided = _decision(row)
        if decided is not None or row.decided is not None or row.credible is not None:
            yield row.id, Placed(_NOWHERE if decided is None else decided, row.decided or row.at, {"credible": row.credible})


def _decision(row: StatementRow) -> int | None:
    """Return the entry by which a named person decided on a statement, or None before."""
    session = object_session(row)
    found = entries_of_log(session, (_DECIDED,), row.at, row.at + _LONG) if session else ()
    return next((entry.index for entry in found if entry.act.object == f"statement:{row.id}"), None)


def _outages(rows: Iterable[OutageRow]) -> Iterator[tuple[str, Placed]]:
    for row in rows:
        yield row.id, Placed(row.entry, row.logged, {"from": row.start.isoformat(), "until": row.until.isoformat()})


def _contracts(rows: Iterable[ContractRow]) -> Iterator[tuple[str, Placed]]:
    for row in rows:
        terms = {"start": row.start.isoformat(), "until": row.until.isoformat()}
        yield row.id, Placed(row.entry, row.recorded, {"agency": row.agency, "project": row.project, **terms})


def _signings(rows: Iterable[DealRow]) -> Iterator[tuple[str, Placed]]:
    for row in rows:
        session = object_session(row)
        found = session.scalars(select(BuyerRow.party).where(BuyerRow.deal == row.id).order_by(BuyerRow.place)) if session else ()
        yield row.id, Placed(row.entry, row.recorded, {"project": row.project, "signed": show_instant(floor(row.signed)), "buyers": [*found]})


def _rows(session: Session, kind: type, names: Iterable[str]) -> Iterator[Any]:
    """Yield the rows of events of one kind."""
    if kind is Refusal:
        for some in chunks(name.removeprefix(_REPLY) for name in names):
            yield from session.scalars(select(ReplyRow).where(ReplyRow.report.in_(some)))
        return
    table = _TABLES[kind]
    for some in chunks(names):
        yield from session.scalars(select(table).where(table.id.in_(some)))


_TABLES: Mapping[type, Any] = {
    Report: ReportRow,
    Visit: VisitRow,
    Edit: EditRow,
    Link: LinkRow,
    Statement: StatementRow,
    Outage: OutageRow,
    AgencyContract: ContractRow,
    Signing: DealRow,
}
_PLACING: Mapping[type, Callable[[Iterable[Any]], Iterator[tuple[str, Placed]]]] = {
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
_RECEIVED: Mapping[str, tuple[type, Any]] = {
    "attribution.report-filed": (Report, ReportRow),
    "attribution.report-replied": (Refusal, ReplyRow),
    "attribution.arrived": (Visit, VisitRow),
    "attribution.visitor-answered": (Visit, VisitRow),
    "attribution.visit-edited": (Edit, EditRow),
    _LINKED: (Link, LinkRow),
}
"""Which rows hold what the log received of a day at the office."""
