"""Arrivals as staff work with them: recording one, who is awaited, looking at visits, noting that a value should have been another."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, or_, select

from consentry.attribution.channel import ReplyKind
from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.reports import ReplyRow, ReportRow
from consentry.attribution.records.visits import EditRow, VisitRow
from consentry.attribution.service.agencies import IDENTIFIER, agency_names
from consentry.attribution.service.parties import chunks
from consentry.attribution.service.receiving import LARGEST_PARTY, Source, receive
from consentry.attribution.service.rulebooks import require_project
from consentry.attribution.service.visit_history import visit_events
from consentry.attribution.visiting import Answer, Binding, EditField, Expected, Recorded, VisitEdit, VisitView
from consentry.attribution.work import PEOPLE, PURPOSE, proof
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError, NotFoundError
from consentry.platform.http.times import Instant
from consentry.platform.ids import new_id
from consentry.platform.keys.sealing import Sealed, opened
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from consentry.attribution.visiting import Arrival
    from consentry.ledger.model import SealedBundle
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = [
    "edit_visit",
    "edits_of",
    "expected_today",
    "record_arrival",
    "visit",
    "visit_events",
    "visit_receipt",
    "visit_row",
    "visits",
    "with_receipt",
]

_MOST_EXPECTED = 500
_MINUTE = timedelta(minutes=1)
_BINDING = [binding for binding in Binding if binding.binds]
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


@permits(Permission.RECEIVE_VISITORS)
def record_arrival(site: Site, actor: Actor, project: str, arrival: Arrival) -> Recorded:
    """Record somebody who stands at the desk now, and return what the desk should know, with the signed receipt of both sides.

    A code that does not hold is told (``binding`` and ``hints``), and the visit is recorded all the same.

    Raises:
        NotFoundError: ``project.unknown``, ``report.unknown`` or ``identity.unknown``.
        InputError: As :func:`consentry.attribution.service.receiving.receive`.
    """
    source = Source(require_project(site, project), actor.label)
    with writing(site) as work:
        recorded = receive(work, source, arrival)
    return with_receipt(site, recorded)


def with_receipt(site: Site, recorded: Recorded) -> Recorded:
    """Return a recorded arrival with the signed receipt of its entry; outside of a transaction."""
    return replace(recorded, receipt=proof(site, recorded.entry))


@permits(Permission.RECEIVE_VISITORS)
def expected_today(site: Site, actor: Actor, project: str) -> tuple[Expected, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return the reports whose clients may arrive now, those planned soonest first, with minutes of lead that are missing and clashes.

    Raises:
        NotFoundError: ``project.unknown``.
    """
    require_project(site, project)
    with reading(site) as work:
        rows = _awaited(work, project)
        people = _people(work.session, (row.client for row in rows))
        names = agency_names(work.session)
        clashes = _clashes(rows, people)
        return tuple(_expected(work, row, people[row.client], names, clashes[row.id]) for row in rows if row.client in people)


@permits(Permission.VIEW_ATTRIBUTION)
def visits(site: Site, actor: Actor, project: str, *, after: str | None = None, limit: int = 50) -> list[VisitView]:  # noqa: ARG001 - the guard reads the actor
    """Return visits of a project, newest first; ``after`` is the id of the last one that the caller has."""
    wanted = select(VisitRow).where(VisitRow.project == project).order_by(VisitRow.id.desc()).limit(limit)
    with reading(site) as work:
        rows = list(work.session.scalars(wanted if after is None else wanted.where(VisitRow.id < after[:36])))
        edits = _edit_counts(work.session, [row.id for row in rows])
        agencies = _agencies_of(work.session, [row.report for row in rows if row.report])
        return [_view(row, edits.get(row.id, 0), agencies) for row in rows]


@permits(Permission.VIEW_ATTRIBUTION)
def visit(site: Site, actor: Actor, name: str) -> VisitView:  # noqa: ARG001 - the guard reads the actor
    """Return one visit.

    Raises:
        NotFoundError: ``visit.unknown``.
    """
    with reading(site) as work:
        row = visit_row(work.session, name)
        agencies = _agencies_of(work.session, [row.report] if row.report else [])
        return _view(row, _edit_counts(work.session, [row.id]).get(row.id, 0), agencies)


@permits(Permission.VIEW_ATTRIBUTION)
def edits_of(site: Site, actor: Actor, visit: str) -> list[VisitEdit]:  # noqa: ARG001 - the guard reads the actor
    """Return what somebody wanted to be another value of a visit, oldest first."""
    with reading(site) as work:
        rows = work.session.scalars(select(EditRow).where(EditRow.visit == visit[:36]).order_by(EditRow.entry))
        return [VisitEdit(row.visit, EditField(row.field), json.loads(row.before), json.loads(row.after), row.reason, row.by, row.at) for row in rows]


@permits(Permission.RECEIVE_VISITORS)
def visit_receipt(site: Site, actor: Actor, visit: str) -> SealedBundle:  # noqa: ARG001 - the guard reads the actor
    """Return the signed receipt of a visit, and of the visitor's answer where there is one.

    Raises:
        NotFoundError: ``visit.unknown``.
    """
    with reading(site) as work:
        row = visit_row(work.session, visit)
    return proof(site, row.entry)


@permits(Permission.RECEIVE_VISITORS)
def edit_visit(  # noqa: PLR0913 - what, which, to what, and why
    site: Site, actor: Actor, visit: str, field: EditField, to: str | int | None, *, reason: str
) -> VisitEdit:
    """Note that a value of a visit should have been another. The first one stands for every verdict, and verdicts about it are flagged.

    Args:
        site: The site.
        actor: Who says so.
        visit: Id of the visit.
        field: Which value.
        to: An instant as RFC 3339 writes it, the id of a report of the project or None, or a number of people.
        reason: Why.

    Raises:
        NotFoundError: ``visit.unknown``.
        InputError: ``visit.edit`` for a value that cannot be, ``input.text`` without a reason.
    """
    why = stated(reason, longest=300)
    with writing(site) as work:
        row = visit_row(work.session, visit)
        before = _value(row, field)
        after = _checked(work.session, row, field, to)
        name = new_id(work.now)
        details = {"project": row.project, "field": field.value, "edit": name, "before": before, "after": after}
        entry = work.record(Act(actor.label, "attribution.visit-edited", f"visit:{row.id}", PURPOSE, why, details))
        kept = EditRow(id=name, visit=row.id, field=field, before=json.dumps(before), after=json.dumps(after), reason=why)
        kept.by, kept.at, kept.entry = actor.label, work.now, entry
        work.session.add(kept)
        return VisitEdit(row.id, field, before, after, why, actor.label, work.now)


def visit_row(session: Session, visit: str) -> VisitRow:
    """Return the row of a visit.

    Raises:
        NotFoundError: ``visit.unknown``.
    """
    row = session.get(VisitRow, visit) if IDENTIFIER.fullmatch(visit) else None
    if row is None:
        raise NotFoundError("visit.unknown", "visit", "there is none of that id", "Look at the list again.")
    return row


def _awaited(work: UnitOfWork, project: str) -> list[ReportRow]:
    refused = select(ReplyRow.report).where(ReplyRow.report == ReportRow.id, ReplyRow.kind == ReplyKind.REFUSE, ReplyRow.at <= ReportRow.reply_due)
    came = select(VisitRow.id).where(VisitRow.report == ReportRow.id, or_(VisitRow.binding.in_(_BINDING), VisitRow.answer == Answer.CONFIRMED))
    live = (ReportRow.erased.is_(None), ReportRow.valid_until >= work.now, ~came.exists(), ~refused.exists())
    soonest = (func.coalesce(ReportRow.planned, ReportRow.valid_until), ReportRow.id)
    return list(work.session.scalars(select(ReportRow).where(ReportRow.project == project, *live).order_by(*soonest).limit(_MOST_EXPECTED)))


def _people(session: Session, clients: Iterable[str]) -> dict[str, PartyRow]:
    return {row.id: row for some in chunks(clients) for row in session.scalars(select(PartyRow).where(PartyRow.id.in_(some), PartyRow.erased.is_(None)))}


def _clashes(rows: Sequence[ReportRow], people: Mapping[str, PartyRow]) -> Mapping[str, tuple[str, ...]]:
    """Return, for each report, the agencies of other awaited ones that show the same number."""
    by_mask: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.client in people and (mask := people[row.client].mask):
            by_mask[mask].add(row.agency)
    shown = {row.id: people[row.client].mask if row.client in people else None for row in rows}
    return {row.id: tuple(sorted(by_mask.get(shown[row.id] or "", set()) - {row.agency})) for row in rows}


def _expected(work: UnitOfWork, row: ReportRow, person: PartyRow, names: Mapping[str, str], clashes: tuple[str, ...]) -> Expected:
    named = person.wrapped is not None and person.sealed is not None
    alias = opened(work.keys, PEOPLE, person.id, Sealed(person.wrapped or b"", person.sealed or b""))["alias"] if named else ""
    left = max(0, ceil((row.lead_reached - work.now) / _MINUTE))
    return Expected(
        row.id,
        row.agency,
        names.get(row.agency, ""),
        alias,
        person.mask or "",
        filed=row.filed,
        planned=row.planned,
        valid_until=row.valid_until,
        lead_left=left,
        clashes=clashes,
    )


def _edit_counts(session: Session, visits: Iterable[str]) -> dict[str, int]:
    counted = (select(EditRow.visit, func.count()).where(EditRow.visit.in_(some)).group_by(EditRow.visit) for some in chunks(visits))
    return {visit: many for query in counted for visit, many in session.execute(query)}


def _agencies_of(session: Session, reports: Iterable[str]) -> dict[str, str]:
    named = (select(ReportRow.id, ReportRow.agency).where(ReportRow.id.in_(some)) for some in chunks(reports))
    return {report: agency for query in named for report, agency in session.execute(query)}


def _view(row: VisitRow, edits: int, agencies: Mapping[str, str]) -> VisitView:
    return VisitView(
        row.id,
        row.project,
        row.visitor,
        row.report,
        row.at,
        row.claimed_at,
        Binding(row.binding),
        Answer(row.answer) if row.answer else None,
        row.party_size,
        row.desk,
        row.received_by,
        edits,
        agencies.get(row.report or ""),
    )


def _value(row: VisitRow, field: EditField) -> str | int | None:
    match field:
        case EditField.AT:
            return row.at.isoformat()
        case EditField.REPORT:
            return row.report
        case EditField.PARTY_SIZE:
            return row.party_size


def _checked(session: Session, row: VisitRow, field: EditField, to: str | int | None) -> str | int | None:
    """Return the value as it is kept."""
    match field:
        case EditField.AT if isinstance(to, str):
            try:
                return _INSTANT.validate_python(to).isoformat()
            except ValidationError:
                raise _no_value(field) from None
        case EditField.REPORT if to is None:
            return None
        case EditField.REPORT if isinstance(to, str):
            report = session.get(ReportRow, to[:36])
            if report is not None and report.id == to and report.project == row.project:
                return to
        case EditField.PARTY_SIZE if isinstance(to, int) and not isinstance(to, bool) and 1 <= to <= LARGEST_PARTY:
            return to
        case _:
            pass
    raise _no_value(field)


def _no_value(field: EditField) -> InputError:
    return InputError("visit.edit", f"visit, {field}", "the value cannot be one of this field", "Write an instant, a report of the project, or 1 to 99 people.")
