"""Erasing what names a person because they asked for it. What a living claim rests on is only restricted: nobody ends a claim before the contract."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import select

from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.reports import ReportRow
from consentry.attribution.records.visits import VisitRow
from consentry.attribution.service import parties, rulebooks
from consentry.attribution.service.visitor_rights import visit_asked_about
from consentry.attribution.work import ITSELF, PURPOSE
from consentry.consent import service as consents
from consentry.consent.requests import RequestKind
from consentry.ledger.model import Act
from consentry.ledger.work import UnitOfWork, reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError
from consentry.platform.jobs import Job
from consentry.staff.model import Reason
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["JOBS", "Erasure", "end_restrictions", "erase_party"]

_ACT = "attribution.person-erased"
_ASKS_FOR_IT = frozenset({RequestKind.DELETE, RequestKind.CLOSE, RequestKind.ESTATE})


class Erasure(NamedTuple):
    """What came of a request: how many appearances were erased, and until when their keyed hashes are kept restricted, None where they are gone."""

    appearances: int
    restricted_until: datetime | None


@permits(Permission.ERASE_ENTRY)
def erase_party(site: Site, actor: Actor, party: str, request: str, reason: str) -> Erasure:
    """Delete what names a person in every appearance that numbers join to this one, because they asked for it.

    Alias and mask go at once. While somebody's claim to the person lives, the keyed hashes stay until it ends and serve that claim alone (PIPL 47).

    Args:
        site: The site.
        actor: Who carries it out; they read the request, which the ledger says.
        party: One of the appearances.
        request: Id of the open request, as staff list it.
        reason: Why it is right to; it names no person.

    Raises:
        NotFoundError: ``party.unknown`` or ``request.unknown``.
        ConflictError: ``request.answered``.
        InputError: ``request.kind`` where it asks for something else, ``request.other-visit`` where it is about another person's visit, ``input.text``.
    """
    why = stated(reason, longest=300)
    with reading(site) as work:
        parties.existing(work.session, party)
    asked_about = _demand_request(site, actor, request, why)
    with writing(site) as work:
        mine = sorted(parties.appearances(work.session, party))
        _demand_theirs(work, asked_about, mine)
        until = _claimed_until(work, mine)
        done = sum([_take_away(work, one, until) for one in mine])
        details: dict[str, JSONValue] = {"appearances": done, "request": request, "restricted_until": until.isoformat() if until else None}
        work.record(Act(actor.label, _ACT, f"party:{party}", PURPOSE, why, details))
    return Erasure(done, until)


def end_restrictions(site: Site) -> int:
    """Erase whoever was kept restricted for a claim that has ended since, and return how many appearances; a job."""
    with writing(site) as work:
        over = select(PartyRow).where(PartyRow.restricted_until < work.now, PartyRow.erased.is_(None)).order_by(PartyRow.id)
        return sum([_end(work, row) for row in list(work.session.scalars(over))])


JOBS: Final = (Job("retention-restricted-people", timedelta(hours=1), end_restrictions),)
"""What is to run by itself while the site does."""


def _demand_request(site: Site, actor: Actor, request: str, why: str) -> str | None:
    """Pass where somebody asks for it and nobody has answered; return the visit that they ask about, where they say one."""
    asked = consents.request_details(site, actor, request, Reason(why, request))
    if asked.request.answered is not None:
        raise ConflictError("request.answered", f"request {request}", "it is answered already", "Erase before answering, or ask for a new request.")
    if asked.request.kind not in _ASKS_FOR_IT:
        raise InputError("request.kind", f"request {request}", "it does not ask to delete anything", "Name the request that asks for it.")
    return visit_asked_about(asked.words)


def _demand_theirs(work: UnitOfWork, visit: str | None, people: Iterable[str]) -> None:
    if visit is None:
        return
    row = work.session.get(VisitRow, visit)
    if row is None or row.visitor not in people:
        raise InputError("request.other-visit", "request", "it is about the visit of somebody else", "Look at which visit the request names.")


def _claimed_until(work: UnitOfWork, people: Iterable[str]) -> datetime | None:
    """Return when the last living claim of an agency to a person, or to somebody linked to them, ends; None where there is none."""
    ends = []
    for some in parties.chunks(parties.reachable(work.session, people)):
        rows = work.session.scalars(select(ReportRow).where(ReportRow.client.in_(some), ReportRow.erased.is_(None)))
        ends += [_end_of_claim(work, row) for row in rows]
    return max((end for end in ends if end >= work.now), default=None)


def _end_of_claim(work: UnitOfWork, row: ReportRow) -> datetime:
    """Return until when a report protects or may come to protect: the visitor may still confirm a visit that names it."""
    if row.protected_until is not None:
        return row.protected_until
    if row.arrived is None:
        return row.valid_until
    return max(row.valid_until, row.arrived + rulebooks.in_force(work, row.project, row.filed).visit_protection)


def _take_away(work: UnitOfWork, party: str, until: datetime | None) -> bool:
    return parties.erase(work, party) if until is None else parties.restrict(work, party, until)


def _end(work: UnitOfWork, row: PartyRow) -> bool:
    """Erase a restricted appearance, unless a claim protects it longer than was known."""
    until = _claimed_until(work, parties.appearances(work.session, row.id))
    if until is not None:
        row.restricted_until = until
        return False
    work.record(Act(ITSELF.label, _ACT, f"party:{row.id}", PURPOSE, "restriction ended", {"appearances": 1}))
    return parties.erase(work, row.id)
