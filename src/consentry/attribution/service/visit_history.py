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
from consentry.attribution.visiting import Answer, Binding, EditField, Voiced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy.orm import InstrumentedAttribute, Session

__all__ = ["visit_events"]

Row = TypeVar("Row", EditRow, StatementRow, VisitRow)
VisitEvent = model.Visit | model.Edit | model.Link | model.Statement | model.Outage


def visit_events(session: Session, project: str, parties: Collection[str] | None) -> list[VisitEvent]:
    """Return the visits, edits, links, statements and outages of a project as they are known now.

    What became known of an event after it was received (a visitor's answer, that a statement is credible, that there was an outage) has an instant of
    its own in the records; whoever judges a signing leaves out what is later.

    Args:
        session: An open session.
        project: Of the settings.
        parties: Only what concerns these people, and every outage; None for everybody.
    """
    visits = _rows(session, select(VisitRow).where(VisitRow.project == project), VisitRow.visitor, parties)
    named = None if parties is None else [row.id for row in visits]
    edits = _rows(session, _edits(project), EditRow.visit, named)
    said = _rows(session, _statements(project), StatementRow.person, parties)
    return [
        *(_visit(row) for row in visits),
        *(model.Edit(row.visit, row.field, json.loads(row.after), row.at, row.id) for row in edits),
        *_links(session, project, parties),
        *(model.Statement(row.person, StatementKind.EARLIER_VISIT, row.at, bool(row.credible), row.id) for row in said),
        *outage_events(session),
    ]


def _rows(session: Session, wanted: Select[Row], column: InstrumentedAttribute[str], names: Collection[str] | None) -> Sequence[Row]:
    if names is None:
        return list(session.scalars(wanted))
    return [row for some in chunks(names) for row in session.scalars(wanted.where(column.in_(some)))]


def _edits(project: str) -> Select[EditRow]:
    """How many came is nothing that the judge reads."""
    return select(EditRow).join(VisitRow, VisitRow.id == EditRow.visit).where(VisitRow.project == project, EditRow.field != EditField.PARTY_SIZE)


def _statements(project: str) -> Select[StatementRow]:
    return select(StatementRow).where(StatementRow.project == project, StatementRow.kind == Voiced.EARLIER_VISIT)


def _links(session: Session, project: str, parties: Collection[str] | None) -> Iterable[model.Link]:
    if parties is not None:
        return links_of(session, parties)
    return [link_of(row) for row in session.scalars(select(LinkRow).where(LinkRow.project == project))]


def _visit(row: VisitRow) -> model.Visit:
    confirmed, binding = row.answer == Answer.CONFIRMED, Binding(row.binding)
    grade = Grade.TWO_SIDED if binding is Binding.BOUND and confirmed else Grade.LOGGED
    return model.Visit(row.id, row.visitor, row.at, row.report, binding.binds or confirmed, row.claimed_at, grade)
