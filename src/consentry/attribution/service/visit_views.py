"""Looking at one visit as a whole: what joins its visitor to others and who said so, what the visitor stated; and at what names people, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from consentry.attribution.channel import Description
from consentry.attribution.model import Grade
from consentry.attribution.records.people import LinkRow, PartyRow
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import StatementRow, VisitRow
from consentry.attribution.service import parties
from consentry.attribution.service.arrivals import visit_row
from consentry.attribution.service.hints import hints_at
from consentry.attribution.visiting import PartyKind, Voiced
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import UnitOfWork, reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError, NotFoundError
from consentry.staff.rules import check_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from consentry.attribution.visiting import Hint
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import Reason

__all__ = ["MOST_NAMED", "Appearance", "Said", "Tie", "VisitRecord", "describe_people", "visit_record"]

MOST_NAMED = 20
"""People who are looked at for one reason: those of one visit or of one contract."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """Somebody by pseudonym, and as what they appeared."""

    party: str
    kind: PartyKind


@dataclass(frozen=True, slots=True)
class Tie:
    """What joins ``one``, who is the visitor or the same person elsewhere, to ``other``: kind and grade, who put it down (``by``), and on which paper."""

    id: str
    one: Appearance
    other: Appearance
    kind: str
    grade: Grade
    at: datetime
    by: str
    proof: str | None
    entry: int


@dataclass(frozen=True, slots=True)
class Said:
    """That the visitor stated something, and what a person found of it; without their words."""

    id: str
    kind: Voiced
    at: datetime
    credible: bool | None
    decided: datetime | None
    decided_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """What there is to a visit besides its row. ``answered``: when the visitor said who brought them; ``hints``: as they are today."""

    entry: int
    answered: datetime | None
    ties: tuple[Tie, ...]
    statements: tuple[Said, ...]
    hints: tuple[Hint, ...]


@permits(Permission.VIEW_ATTRIBUTION)
def visit_record(site: Site, actor: Actor, name: str) -> VisitRecord:  # noqa: ARG001 - the guard reads the actor
    """Return what there is to a visit, each list oldest first; nobody is named.

    Raises:
        NotFoundError: ``visit.unknown``.
    """
    with reading(site) as work:
        row = visit_row(work.session, name)
        report = work.session.get(ReportRow, row.report) if row.report else None
        return VisitRecord(row.entry, row.answered, _ties(work, row.visitor), _statements(work, row), hints_at(work, row, report))


@permits(Permission.VIEW_ATTRIBUTION)
def describe_people(site: Site, actor: Actor, names: Sequence[str], reason: Reason) -> Mapping[str, Description]:
    """Return how some people (pseudonyms) want to be called, and their masked numbers. Who looked, at whom and why is written into the ledger.

    Raises:
        InputError: ``input.text`` without a reason and a ticket, ``party.too-many`` for more than ``MOST_NAMED``.
        NotFoundError: ``party.unknown``.
    """
    why, wanted = check_reason(reason), sorted(set(names))
    if len(wanted) > MOST_NAMED:
        raise InputError("party.too-many", "people", f"more than {MOST_NAMED} at once", "Look at fewer at a time.")
    with writing(site) as work:
        said = {name: _described(work, name) for name in wanted}
        work.record(Act(actor.label, "attribution.people-viewed", "parties", PURPOSE, why.text, {"ticket": why.ticket, "parties": [*wanted]}))
        return said


def _described(work: UnitOfWork, name: str) -> Description:
    row = work.session.get(PartyRow, name[:36])
    if row is None or row.id != name:
        raise NotFoundError("party.unknown", "party", "there is none of that id", "Look at the list again.")
    return Description(parties.alias_of(work, name), row.mask)


def _ties(work: UnitOfWork, visitor: str) -> tuple[Tie, ...]:
    """Return the links of everybody who is one person with the visitor by numbers: equal ones are joined through whoever had them first."""
    same = parties.appearances(work.session, visitor)
    rows: dict[str, LinkRow] = {}
    for some in parties.chunks(same):
        found = work.session.scalars(select(LinkRow).where(or_(LinkRow.a.in_(some), LinkRow.b.in_(some))))
        rows.update((row.id, row) for row in found)
    kinds = _kinds(work, {end for row in rows.values() for end in (row.a, row.b)})
    return tuple(_tie(row, kinds, visitor, same) for row in sorted(rows.values(), key=lambda row: row.entry))


def _kinds(work: UnitOfWork, names: set[str]) -> dict[str, PartyKind]:
    found: dict[str, PartyKind] = {}
    for some in parties.chunks(names):
        found.update({row.id: PartyKind(row.kind) for row in work.session.execute(select(PartyRow.id, PartyRow.kind).where(PartyRow.id.in_(some)))})
    return found


def _tie(row: LinkRow, kinds: Mapping[str, PartyKind], visitor: str, same: set[str]) -> Tie:
    swapped = row.b == visitor or (row.a != visitor and row.a not in same)
    one, other = (row.b, row.a) if swapped else (row.a, row.b)
    ends = Appearance(one, kinds[one]), Appearance(other, kinds[other])
    return Tie(row.id, *ends, row.kind, Grade(row.grade), row.at, row.by, row.proof, row.entry)


def _statements(work: UnitOfWork, row: VisitRow) -> tuple[Said, ...]:
    found = work.session.scalars(select(StatementRow).where(StatementRow.visit == row.id).order_by(StatementRow.id))
    return tuple(Said(one.id, Voiced(one.kind), one.at, one.credible, one.decided, one.decided_by, one.reason) for one in found)
