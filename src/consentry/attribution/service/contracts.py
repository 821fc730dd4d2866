"""Contracts of agencies: for which project, from when until when. A change appends; what was, stays as it was, because verdicts rest on it."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from consentry.attribution import model
from consentry.attribution.channel import Contract, ContractTerms
from consentry.attribution.records.agencies import ContractRow
from consentry.attribution.rules.reports import begins_at, overlap
from consentry.attribution.service.agencies import IDENTIFIER, agency_row
from consentry.attribution.service.rulebooks import require_project
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["LONGEST_CONTRACT", "add_contract", "change_contract", "contract_events", "contract_in_force", "contracts"]


LONGEST_CONTRACT = timedelta(days=3660)


@permits(Permission.VIEW_ATTRIBUTION)
def contracts(site: Site, actor: Actor, agency: str | None = None) -> tuple[Contract, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return every contract, also those that another one replaced, in the order in which they were recorded."""
    wanted = select(ContractRow).order_by(ContractRow.id)
    with reading(site) as work:
        found = wanted if agency is None else wanted.where(ContractRow.agency == agency_row(work.session, agency).id)
        return tuple(_shown(row) for row in work.session.scalars(found))


@permits(Permission.MANAGE_AGENCIES)
def add_contract(site: Site, actor: Actor, terms: ContractTerms) -> Contract:
    """Record a contract. It begins today at the earliest: what was reported before had none, and no later word changes that.

    Raises:
        NotFoundError: ``agency.unknown`` or ``project.unknown``.
        InputError: ``contract.past`` or ``contract.order``.
        ConflictError: ``contract.overlaps`` another of the same agency and project.
    """
    require_project(site, terms.project)
    with writing(site) as work:
        agency_row(work.session, terms.agency)
        if terms.start < begins_at(work.now, ZoneInfo(site.settings.site.zone)):
            raise InputError("contract.past", "contract", "it would begin in the past", "Let it begin today or later.")
        _check_terms(work, terms)
        return _append(work, actor, _new(work, terms), "")


@permits(Permission.MANAGE_AGENCIES)
def change_contract(site: Site, actor: Actor, contract: str, until: datetime, reason: str) -> Contract:
    """Let a contract end at another time, now at the earliest. The contract as it was stays on record, and another takes its place.

    Raises:
        NotFoundError: ``contract.unknown``.
        InputError: ``contract.past``, ``contract.order``, or ``input.text`` without a reason.
        ConflictError: ``contract.replaced``, ``contract.over`` or ``contract.overlaps``.
    """
    why = stated(reason)
    with writing(site) as work:
        row = _row(work.session, contract)
        if row.replaced_by is not None:
            raise ConflictError("contract.replaced", "contract", "another one took its place", "Change the newest one.")
        if row.until < work.now:
            raise ConflictError("contract.over", "contract", "it has ended", "Record a new contract; the time between stays without one.")
        terms = ContractTerms(row.agency, row.project, row.start, until)
        _check_terms(work, terms, besides=row.id)
        successor = _new(work, terms)
        successor.replaces, row.replaced_by = row.id, successor.id
        return _append(work, actor, successor, why)


def contract_in_force(session: Session, agency: str, project: str, at: datetime) -> Contract | None:
    """Return the contract under which an agency may report for a project at ``at``, both ends included."""
    return next((_shown(row) for row in _standing(session, project, agency) if row.start <= at <= row.until), None)


def contract_events(session: Session, project: str) -> list[model.AgencyContract]:
    """Return the contracts of a project as the judge takes them.

    An end is never moved into the past, so that the newest word on a contract is right for every instant before it too.
    """
    return [model.AgencyContract(row.agency, row.start, row.until, row.id) for row in _standing(session, project)]


def _standing(session: Session, project: str, agency: str | None = None) -> list[ContractRow]:
    """Return the contracts that no other one replaced."""
    wanted = select(ContractRow).where(ContractRow.project == project, ContractRow.replaced_by.is_(None)).order_by(ContractRow.id)
    return list(session.scalars(wanted if agency is None else wanted.where(ContractRow.agency == agency)))


def _check_terms(work: UnitOfWork, terms: ContractTerms, besides: str = "") -> None:
    """Refuse an end in the past or before the begin, and two contracts at once; ``besides``: the one that is replaced."""
    if terms.until < work.now:
        raise InputError("contract.past", "contract", "it would have ended in the past", "Let it end now at the earliest; reports until now had a contract.")
    if not terms.start < terms.until <= work.now + LONGEST_CONTRACT:
        mend = f"Give an end after its begin, within {LONGEST_CONTRACT.days} days."
        raise InputError("contract.order", "contract", "it would end before it begins, or too far away", mend)
    others = [(row.start, row.until) for row in _standing(work.session, terms.project, terms.agency) if row.id != besides]
    if overlap(terms.start, terms.until, others):
        raise ConflictError("contract.overlaps", "contract", "another one of this agency covers some of that time", "Change that one, or choose other days.")


def _new(work: UnitOfWork, terms: ContractTerms) -> ContractRow:
    start, until = terms.start.astimezone(UTC), terms.until.astimezone(UTC)
    return ContractRow(id=new_id(work.now), agency=terms.agency, project=terms.project, start=start, until=until, recorded=work.now)


def _append(work: UnitOfWork, actor: Actor, row: ContractRow, reason: str) -> Contract:
    action = "attribution.contract-added" if row.replaces is None else "attribution.contract-changed"
    details = {"agency": row.agency, "project": row.project, "start": row.start.isoformat(), "until": row.until.isoformat(), "replaces": row.replaces}
    row.entry = work.record(Act(actor.label, action, f"contract:{row.id}", PURPOSE, reason, details))
    work.session.add(row)
    work.session.flush()
    return _shown(row)


def _row(session: Session, contract: str) -> ContractRow:
    row = session.get(ContractRow, contract) if IDENTIFIER.fullmatch(contract) else None
    if row is None:
        raise NotFoundError("contract.unknown", "contract", "there is none of that id", "List the contracts.")
    return row


def _shown(row: ContractRow) -> Contract:
    return Contract(row.id, row.agency, row.project, row.start, row.until, row.recorded, row.entry, row.replaces, row.replaced_by)
