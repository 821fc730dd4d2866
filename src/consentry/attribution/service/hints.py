"""What the desk is told when somebody arrives: short leads, codes that do not hold, who was here before, whose client they are. Hints decide nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.attribution.channel import ReplyKind
from consentry.attribution.model import Grade, IdentityKind
from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.reports import ReplyRow, ReportRow
from consentry.attribution.records.visits import VisitRow
from consentry.attribution.rules.cluster import SAME_PERSON
from consentry.attribution.service import rulebooks
from consentry.attribution.service.parties import chunks, links_of
from consentry.attribution.visiting import Answer, Binding, Hint, HintKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import timedelta

    from sqlalchemy.orm import Session

    from consentry.attribution.model import Link
    from consentry.ledger.work import UnitOfWork

__all__ = ["hints_at", "of_binding"]

_OF_BINDING: Final[Mapping[Binding, HintKind]] = {
    Binding.BOUND_UNREVEALED: HintKind.NOT_REVEALED,
    Binding.MISMATCH: HintKind.CODE_MISMATCH,
    Binding.USED: HintKind.CODE_USED,
    Binding.EXPIRED: HintKind.CODE_EXPIRED,
    Binding.OTHER_PROJECT: HintKind.CODE_OTHER_PROJECT,
    Binding.UNKNOWN: HintKind.CODE_UNKNOWN,
}
_MINUTE_S = 60


def of_binding(binding: Binding, *, named: bool) -> tuple[Hint, ...]:
    """Return what there is to say of the code itself; ``named``: the visit names a report."""
    kind = _OF_BINDING.get(binding) or (HintKind.NOT_BOUND if named and binding is Binding.NONE else None)
    return (Hint(kind),) if kind else ()


def hints_at(work: UnitOfWork, visit: VisitRow, report: ReportRow | None, *, failed_document: bool = False) -> tuple[Hint, ...]:
    """Return everything that the desk should know of a visit that was just put down, the most pressing first."""
    links = _links_around(work.session, visit.visitor)
    same = {end for link in links if link.kind in SAME_PERSON for end in (link.a, link.b)} | {visit.visitor}
    found = [
        *of_binding(Binding(visit.binding), named=report is not None),
        *([Hint(HintKind.DOCUMENT_FAILED)] if failed_document else ()),
        *(_of_report(work, visit, report) if report is not None else ()),
        *_of_past(work, visit, report, same),
        *_of_numbers(work.session, links, same),
        *_of_kin(work, links, same),
    ]
    return tuple(found)


def _links_around(session: Session, visitor: str) -> list[Link]:
    """Return the links of everybody who is one person with the visitor."""
    known: set[str] = set()
    fresh, found = {visitor}, dict[str | None, "Link"]()
    while fresh:
        known |= fresh
        links = [link for link in links_of(session, fresh) if link.grade is not Grade.INADMISSIBLE]
        found.update((link.id, link) for link in links)
        fresh = {end for link in links if link.kind in SAME_PERSON for end in (link.a, link.b)} - known
    return list(found.values())


def _of_report(work: UnitOfWork, visit: VisitRow, report: ReportRow) -> Iterator[Hint]:
    if visit.at < report.lead_reached:
        yield Hint(HintKind.LEAD_SHORT, report.agency, report.filed, _minutes(visit.at - report.filed))
    if visit.at > report.valid_until:
        yield Hint(HintKind.REPORT_OVER, report.agency, report.valid_until)
    reply = work.session.get(ReplyRow, report.id)
    if reply is not None and reply.kind == ReplyKind.REFUSE and reply.at <= report.reply_due:
        yield Hint(HintKind.REPORT_REFUSED, report.agency, reply.at)


def _of_past(work: UnitOfWork, visit: VisitRow, report: ReportRow | None, same: set[str]) -> Iterator[Hint]:
    earlier = [row for row in _visits_of(work.session, same) if row.id != visit.id]
    if earlier:
        yield Hint(HintKind.RETURNING, at=max(row.at for row in earlier))
    yield from _protections(work, same, HintKind.PROTECTED, besides=report.agency if report else None)
    if report is not None:
        reach = rulebooks.in_force(work, report.project, report.filed).natural_protection
        before = [row.at for row in earlier if not _is_bound(row) and row.at < report.filed <= row.at + reach]
        if before:
            yield Hint(HintKind.NATURAL_BEFORE, at=min(before))


def _of_numbers(session: Session, links: Iterable[Link], same: set[str]) -> Iterator[Hint]:
    """Tell where one document came with two telephone numbers (换号)."""
    if any(link.kind == IdentityKind.ID for link in links):
        numbers = {row for some in chunks(same) for row in session.scalars(select(PartyRow.phone).where(PartyRow.id.in_(some))) if row}
        if len(numbers) > 1:
            yield Hint(HintKind.OTHER_NUMBER)


def _of_kin(work: UnitOfWork, links: Iterable[Link], same: set[str]) -> Iterator[Hint]:
    kin = {end for link in links if link.kind not in {*SAME_PERSON, IdentityKind.NOT_SAME} for end in (link.a, link.b)} - same
    if kin:
        around = kin | {end for link in links_of(work.session, kin) if link.kind in SAME_PERSON for end in (link.a, link.b)}
        yield from _protections(work, around - same, HintKind.KIN_KNOWN)


def _protections(work: UnitOfWork, people: Iterable[str], kind: HintKind, besides: str | None = None) -> Iterator[Hint]:
    for some in chunks(people):
        rows = work.session.scalars(select(ReportRow).where(ReportRow.client.in_(some), ReportRow.protected_until >= work.now).order_by(ReportRow.id))
        yield from (Hint(kind, row.agency, row.protected_until) for row in rows if row.agency != besides)


def _visits_of(session: Session, people: Iterable[str]) -> Sequence[VisitRow]:
    return [row for some in chunks(people) for row in session.scalars(select(VisitRow).where(VisitRow.visitor.in_(some)))]


def _is_bound(row: VisitRow) -> bool:
    return row.report is not None and (Binding(row.binding).binds or row.answer == Answer.CONFIRMED)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // _MINUTE_S)
