"""What the judge reads of arrivals: visits, edits, links, statements, outages, as they were first received; three thousand visits in a few queries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Select, select

from consentry.attribution import model
from consentry.attribution.model import Grade, StatementKind
from consentry.attribution.records.people import LinkRow
from consentry.attribution.records.visits import EditRow, StatementRow, VisitRow
from consentry.attribution.service.outages import outage_events
from consentry.attribution.service.parties import chunks, link_of, links_of
from consentry.attribution.visiting import Answer, Binding, Voiced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import InstrumentedAttribute, Session

__all__ = ["confirmed_later", "visit_events"]

Row = TypeVar("Row", EditRow, StatementRow, VisitRow)
VisitEvent = model.Visit | model.Edit | model.Link | model.Statement | model.Outage


def visit_events(session: Session, project: str, parties: Collection[str] | None, *, until: datetime | None = None) -> list[VisitEvent]:
    """Return the visits, edits, links, statements and outages of a project.

    Args:
        session: An open session.
        project: Of the settings.
        parties: Only what concerns these people; None for everybody.
        until: Only what was received up to then: a later answer of a visitor binds nothing, a later decision finds nothing credible.
    """
    visits = _rows(session, select(VisitRow).where(VisitRow.project == project), VisitRow.visitor, parties)
    named = None if parties is None else [row.id for row in visits]
    edits = _rows(session, select(EditRow).join(VisitRow, VisitRow.id == EditRow.visit).where(VisitRow.project == project), EditRow.visit, named)
    said = _rows(session, _statements(project), StatementRow.person, parties)
    events: list[VisitEvent] = [
        *(_visit(row, until) for row in visits),
        *(model.Edit(row.visit, row.field, json.loads(row.after), row.at, row.id) for row in edits),
        *_links(session, project, parties),
        *(_statement(row, until) for row in said),
    ]
    received = [event for event in events if until is None or _at(event) <= until]
    return [*received, *outage_events(session, until)]


def confirmed_later(session: Session, project: str) -> dict[str, datetime]:
    """Return when each visit became bound that no code had bound: by its visitor's answer."""
    query = select(VisitRow).where(VisitRow.project == project, VisitRow.answer == Answer.CONFIRMED)
    return {row.id: row.answered for row in session.scalars(query) if row.answered is not None and not Binding(row.binding).binds}


def _rows(session: Session, wanted: Select[Row], column: InstrumentedAttribute[str], names: Collection[str] | None) -> Sequence[Row]:
    if names is None:
        return list(session.scalars(wanted))
    return [row for some in chunks(names) for row in session.scalars(wanted.where(column.in_(some)))]


def _statements(project: str) -> Select[StatementRow]:
    return select(StatementRow).where(StatementRow.project == project, StatementRow.kind == Voiced.EARLIER_VISIT)


def _links(session: Session, project: str, parties: Collection[str] | None) -> Iterable[model.Link]:
    if parties is not None:
        return links_of(session, parties)
    return [link_of(row) for row in session.scalars(select(LinkRow).where(LinkRow.project == project))]


def _visit(row: VisitRow, until: datetime | None) -> model.Visit:
    confirmed = row.answer == Answer.CONFIRMED and row.answered is not None and (until is None or row.answered <= until)
    by_code = Binding(row.binding).binds
    grade = Grade.TWO_SIDED if by_code and confirmed else Grade.LOGGED
    return model.Visit(row.id, row.visitor, row.at, row.report, by_code or confirmed, row.claimed_at, grade)


def _statement(row: StatementRow, until: datetime | None) -> model.Statement:
    in_time = row.decided is not None and (until is None or row.decided <= until)
    return model.Statement(row.person, StatementKind.EARLIER_VISIT, row.at, bool(row.credible) and in_time, row.id)


def _at(event: VisitEvent) -> datetime:
    at = event.start if isinstance(event, model.Outage) else event.at
    if at is None:
        msg = f"a link without its instant: {event}"
        raise TypeError(msg)
    return at
