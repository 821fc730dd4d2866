"""Agencies: adding them, renaming nothing, and disabling one, which ends what its agents can do at once."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from consentry.attribution.channel import Agency
from consentry.attribution.records.agencies import AgencyRow, AgentLinkRow, AgentRow, AgentSessionRow
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff.rules import check_text, stated

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["IDENTIFIER", "add_agency", "agencies", "agency_label", "agency_names", "agency_row", "disable_agency", "enable_agency"]

IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""How agencies, contracts, agents and reports are named."""

_LONGEST_NAME = 80


@permits(Permission.VIEW_ATTRIBUTION)
def agencies(site: Site, actor: Actor) -> tuple[Agency, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return every agency, oldest first."""
    with reading(site) as work:
        return tuple(_shown(row) for row in work.session.scalars(select(AgencyRow).order_by(AgencyRow.id)))


@permits(Permission.MANAGE_AGENCIES)
def add_agency(site: Site, actor: Actor, name: str) -> Agency:
    """Add an agency; it can report nothing before it has a contract.

    Raises:
        InputError: ``input.text``.
        ConflictError: ``agency.name-taken``.
    """
    shown_name = check_text(name, "agency", longest=_LONGEST_NAME)
    with writing(site) as work:
        key = _name_key(shown_name)
        if work.session.scalar(select(AgencyRow.id).where(AgencyRow.name_key == key)):
            raise ConflictError("agency.name-taken", "agency", "another one has that name", "Choose a name that tells them apart.")
        row = AgencyRow(id=new_id(work.now), name=shown_name, name_key=key, added=work.now, disabled=None)
        work.session.add(row)
        work.record(Act(actor.label, "attribution.agency-added", agency_label(row.id), PURPOSE))
        return _shown(row)


@permits(Permission.MANAGE_AGENCIES)
def disable_agency(site: Site, actor: Actor, agency: str, reason: str) -> None:
    """Let nobody of an agency act any more: sessions end and open links are void at once. What it reported before stays; disabling twice is no error.

    Raises:
        NotFoundError: ``agency.unknown``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        row = agency_row(work.session, agency)
        if row.disabled is not None:
            return
        row.disabled = work.now
        _end_access(work, agency)
        work.record(Act(actor.label, "attribution.agency-disabled", agency_label(agency), PURPOSE, why))


@permits(Permission.MANAGE_AGENCIES)
def enable_agency(site: Site, actor: Actor, agency: str) -> None:
    """Let the agents of a disabled agency report and bring visitors again.

    Raises:
        NotFoundError: ``agency.unknown``.
    """
    with writing(site) as work:
        row = agency_row(work.session, agency)
        if row.disabled is not None:
            row.disabled = None
            work.record(Act(actor.label, "attribution.agency-enabled", agency_label(agency), PURPOSE))


def agency_names(session: Session) -> dict[str, str]:
    """Return the name of every agency by its id."""
    return {found.id: found.name for found in session.execute(select(AgencyRow.id, AgencyRow.name))}


def agency_row(session: Session, agency: str) -> AgencyRow:
    """Return an agency's row.

    Raises:
        NotFoundError: ``agency.unknown``.
    """
    row = session.get(AgencyRow, agency) if IDENTIFIER.fullmatch(agency) else None
    if row is None:
        raise NotFoundError("agency.unknown", "agency", "there is none of that id", "List the agencies.")
    return row


def agency_label(agency: str) -> str:
    """Return how the ledger names an agency."""
    return f"agency:{agency}"


def _end_access(work: UnitOfWork, agency: str) -> None:
    members = select(AgentRow.id).where(AgentRow.agency == agency)
    for table in (AgentSessionRow, AgentLinkRow):
        work.session.execute(delete(table).where(table.agent.in_(members)).execution_options(synchronize_session=False))


def _name_key(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())[:_LONGEST_NAME]


def _shown(row: AgencyRow) -> Agency:
    return Agency(row.id, row.name, row.added, row.disabled)
