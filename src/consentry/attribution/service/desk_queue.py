"""A desk's queue becomes visits: each entry once, in whatever order and however often it is sent. What cannot be accepted waits for a person, never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime  # noqa: TC003 - a field of a NamedTuple
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from consentry.attribution.desk_text import DeskText, Turn, claimed_at, clock_problem, is_signed, read_desk_text
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import DeskEntryRow, DeskRow, VisitRow
from consentry.attribution.service.arrivals import visit_row
from consentry.attribution.service.desks import no_signature
from consentry.attribution.service.hints import hints_at, of_binding
from consentry.attribution.service.receiving import Source, receive
from consentry.attribution.visiting import Binding, DeskEntry, EntryOutcome, Reconciled, Recorded
from consentry.attribution.work import ITSELF, PEOPLE, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import UnitOfWork, reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, ConsentryError, InputError, NotFoundError, RecordsError
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from consentry.attribution.visiting import SignedEntry
    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["LONGEST_TEXT", "MOST_AT_ONCE", "reconcile", "settle_entry", "waiting_entries"]

MOST_AT_ONCE = 250
"""Entries of one request; a longer queue is sent in several."""
LONGEST_TEXT = 4096
_UNREAD = 0
"""The counter of an entry of which none could be read; a desk counts from 1."""
_FORGED = "desk.signature"


class _Sent(NamedTuple):
    """An entry that the desk did sign."""

    text: str
    sha256: bytes
    read: DeskText | None
    problem: ConsentryError | None

    @property
    def counter(self) -> int:
        return self.read.counter if self.read else _UNREAD


class _Desk(NamedTuple):
    """The desk that sends, when by its own clock, and whom the ledger names."""

    site: Site
    id: str
    project: str
    sent: datetime
    label: str


def reconcile(site: Site, desk: str, entries: Sequence[SignedEntry], *, sent: datetime, attendant: Actor | None = None) -> Reconciled:
    """Record what a desk sends, at once or from its queue, and return what came of each entry, in the order given.

    The same entry sent again gives the same answer. Each is a transaction of its own: what is answered is recorded, whatever happens to the rest.

    Args:
        site: The site.
        desk: Which desk it is.
        entries: At most ``MOST_AT_ONCE``.
        sent: When, by the desk's clock; what it signed more than a minute before was queued. It is not signed: where it does not agree with our own
            clock, or the clock ran backwards, an entry waits for a person (``desk.clock``).
        attendant: The member of staff who is signed in at the device, if one is; the log names them.

    Raises:
        ProofError: ``desk.signature`` where no desk has that id, or it signed none of the entries.
        InputError: ``desk.too-many``.
        DeniedError: ``access.denied`` where the attendant may not receive visitors.
    """
    if attendant is not None:
        attendant.require(Permission.RECEIVE_VISITORS)
    if len(entries) > MOST_AT_ONCE:
        raise InputError("desk.too-many", "queue", f"it holds more than {MOST_AT_ONCE} entries", "Send it in parts.")
    row, now = _desk_row(site, desk), site.clock.now()
    known = [_sent(entry, row.public_key) for entry in entries]
    if not any(known):
        raise no_signature()
    _note_use(site, row.id, sent)
    sender = _Desk(site, row.id, row.project, sent, attendant.label if attendant else ITSELF.label)
    # In the desk's own order: of two entries that show one code, the earlier one used it.
    order = sorted((place for place, found in enumerate(known) if found), key=lambda place: _turn(known[place]))
    done = {place: _settle(sender, found) for place in order if (found := known[place])}
    forged = EntryOutcome(None, None, _FORGED, "this desk did not sign it")
    return Reconciled(tuple(done.get(place, forged) for place in range(len(known))), now, round((now - sent).total_seconds()))


@permits(Permission.VIEW_ATTRIBUTION)
def waiting_entries(site: Site, actor: Actor, *, settled: bool = False, limit: int = 200) -> list[DeskEntry]:  # noqa: ARG001 - the guard reads the actor
    """Return the entries that could not be accepted, oldest first: those that wait, or those that somebody settled."""
    wanted = select(DeskEntryRow).where(DeskEntryRow.code.is_not(None), DeskEntryRow.settled.is_not(None) if settled else DeskEntryRow.settled.is_(None))
    with reading(site) as work:
        return [_waiting(work, row) for row in work.session.scalars(wanted.order_by(DeskEntryRow.received, DeskEntryRow.counter).limit(limit))]


@permits(Permission.MANAGE_AGENCIES)
def settle_entry(  # noqa: PLR0913 - which entry, what became of it, and why
    site: Site, actor: Actor, desk: str, sha256_hex: str, *, visit: str | None, reason: str
) -> DeskEntry:
    """Put down what became of an entry that could not be accepted: it was entered by hand as ``visit``, or, with None, it is nothing to enter.

    Raises:
        NotFoundError: ``desk.entry-unknown`` or ``visit.unknown``.
        ConflictError: ``desk.entry-settled``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason, longest=300)
    with writing(site) as work:
        row = _refused_row(work, desk, sha256_hex)
        if row.settled is not None:
            raise ConflictError("desk.entry-settled", "entry", "somebody settled it", "Look at the list again.")
        row.visit = visit_row(work.session, visit).id if visit is not None else None
        row.settled, row.settled_by = work.now, actor.label
        details: dict[str, JSONValue] = {"desk": row.desk, "counter": row.counter, "signed_sha256": row.sha256.hex(), "visit": row.visit}
        work.record(Act(actor.label, "attribution.desk-entry-settled", f"desk:{row.desk}", PURPOSE, why, details))
        return _waiting(work, row)


def _desk_row(site: Site, desk: str) -> DeskRow:
    with reading(site) as work:
        row = work.session.get(DeskRow, desk[:36])
        if row is None:
            raise no_signature()
        return row


def _note_use(site: Site, desk: str, sent: datetime) -> None:
    with writing(site) as work:
        row = work.session.get_one(DeskRow, desk)
        row.seen, row.skew_s = work.now, _seconds(work.now - sent)


def _sent(entry: SignedEntry, public_key: bytes) -> _Sent | None:
    """Return an entry that the desk did sign, read as far as it can be, or None."""
    if not is_signed(entry, public_key):
        return None
    digest = sha256(entry.text.encode("utf-8", "surrogatepass")).digest()
    try:
        return _Sent(entry.text, digest, read_desk_text(entry.text), None)
    except InputError as error:
        return _Sent(entry.text, digest, None, error)


def _turn(found: _Sent | None) -> tuple[float, int]:
    return (found.read.at.timestamp(), found.read.counter) if found and found.read else (float("inf"), _UNREAD)


def _settle(sender: _Desk, found: _Sent) -> EntryOutcome:
    """Record one entry, or return what came of it before."""
    with writing(sender.site) as work:
        known = work.session.get(DeskEntryRow, (sender.id, found.counter, found.sha256))
        if known is not None:
            return _answer(work, known)
        try:
            return _accept(work, sender, found)
        except RecordsError:
            raise
        except ConsentryError as error:
            return _refuse(work, sender, found, error)


def _accept(work: UnitOfWork, sender: _Desk, found: _Sent) -> EntryOutcome:
    read = _demand_usable(work, sender, found)
    project = work.site.settings.project(sender.project)
    if project is None:
        raise NotFoundError("project.unknown", f"project {sender.project}", "the settings name none of that id", "Look at the list of projects.")
    claimed = claimed_at(read.at, sender.sent, work.now)
    source = Source(project, sender.label, claimed, sender.id, read.counter, found.sha256.hex())
    with work.session.begin_nested():
        recorded = receive(work, source, read.arrival)
    row = DeskEntryRow(desk=sender.id, counter=read.counter, sha256=found.sha256, received=work.now, signed=read.at, visit=recorded.visit)
    work.session.add(row)
    return EntryOutcome(read.counter, recorded.visit, None, recorded=recorded)


def _demand_usable(work: UnitOfWork, sender: _Desk, found: _Sent) -> DeskText:
    """Return what an entry says, unless it may not make a visit."""
    if found.read is None:
        raise found.problem or no_signature()
    desk = work.session.get_one(DeskRow, sender.id)
    if desk.revoked is not None:
        raise ConflictError("desk.revoked", "desk", "it was revoked", "Staff enter the visitor by hand; pair the device again.")
    if found.read.desk != sender.id or found.read.project != sender.project:
        raise InputError("desk.other-desk", "entry", "it was signed for another desk or project", "Pair the device again.")
    twin = select(DeskEntryRow.sha256).where(DeskEntryRow.desk == sender.id, DeskEntryRow.counter == found.read.counter)
    if work.session.scalar(twin.limit(1)) is not None:
        raise ConflictError("desk.counter-used", "entry", "another entry has its number", "Staff look at both; pair the device again.")
    problem = clock_problem(found.read.at, sender.sent, work.now, _turn_of(work, desk, found.read.counter))
    if problem is not None:
        raise ConflictError("desk.clock", "entry", problem, "Set the clock of the device; staff find out when the visitor came.")
    return found.read


def _turn_of(work: UnitOfWork, desk: DeskRow, counter: int) -> Turn:
    """Return between which instants an entry belongs: a desk's counter grows with its clock."""
    accepted = (DeskEntryRow.desk == desk.id, DeskEntryRow.code.is_(None))
    before = work.session.scalar(select(func.max(DeskEntryRow.signed)).where(*accepted, DeskEntryRow.counter < counter))
    after = work.session.scalar(select(func.min(DeskEntryRow.signed)).where(*accepted, DeskEntryRow.counter > counter))
    return Turn(max(desk.paired, before or desk.paired), after)


def _refuse(work: UnitOfWork, sender: _Desk, found: _Sent, error: ConsentryError) -> EntryOutcome:
    """Keep an entry that makes no visit, encrypted, until somebody settles it."""
    row = DeskEntryRow(desk=sender.id, counter=found.counter, sha256=found.sha256, received=work.now, code=error.code)
    row.signed = found.read.at if found.read else None
    row.wrapped, row.sealed = sealed(work.keys, PEOPLE, found.sha256.hex(), {"text": found.text, "problem": error.problem})
    work.session.add(row)
    details: dict[str, JSONValue] = {"counter": row.counter, "signed_sha256": found.sha256.hex(), "code": error.code}
    work.record(Act(sender.label, "attribution.desk-entry-refused", f"desk:{sender.id}", PURPOSE, details=details))
    return EntryOutcome(found.counter or None, None, error.code, error.problem)


def _answer(work: UnitOfWork, known: DeskEntryRow) -> EntryOutcome:
    if known.code is not None:
        return EntryOutcome(known.counter or None, None, known.code, _opened(work, known).get("problem"))
    row = work.session.get(VisitRow, known.visit) if known.visit else None
    return EntryOutcome(known.counter, known.visit, None, recorded=_again(work, row) if row else None)


def _again(work: UnitOfWork, row: VisitRow) -> Recorded:
    report = work.session.get(ReportRow, row.report) if row.report else None
    binding = Binding(row.binding)
    hints = of_binding(binding, named=report is not None) if row.claimed_at else hints_at(work, row, report)
    return Recorded(row.id, row.at, row.claimed_at, binding, row.report, report.agency if report else None, hints, row.entry)


def _refused_row(work: UnitOfWork, desk: str, sha256_hex: str) -> DeskEntryRow:
    try:
        digest = bytes.fromhex(sha256_hex)
    except ValueError:
        digest = b""
    wanted = select(DeskEntryRow).where(DeskEntryRow.desk == desk[:36], DeskEntryRow.sha256 == digest, DeskEntryRow.code.is_not(None))
    row = work.session.scalar(wanted)
    if row is None:
        raise NotFoundError("desk.entry-unknown", "entry", "there is none that waits with that hash", "Look at the list again.")
    return row


def _opened(work: UnitOfWork, row: DeskEntryRow) -> dict[str, str]:
    if row.wrapped is None or row.sealed is None:
        return {}
    return opened(work.keys, PEOPLE, row.sha256.hex(), Sealed(row.wrapped, row.sealed))


def _waiting(work: UnitOfWork, row: DeskEntryRow) -> DeskEntry:
    head = DeskEntry(row.desk, row.counter, row.sha256.hex(), row.received, row.code or "", None, settled=row.settled)
    try:
        read = read_desk_text(_opened(work, row).get("text", ""))
    except InputError:
        return head
    said = read.arrival
    return replace(head, at=read.at, alias=said.alias, report=said.report, party_size=said.party_size)


def _seconds(span: timedelta) -> int:
    """Return whole seconds, within what a database takes for a number."""
    return max(-(2**31) + 1, min(2**31 - 1, round(span.total_seconds())))
