"""Agents: people of agencies, invited by a one-time link. They are no staff: what they hold is one permission, and sessions of their own.

A name that nobody has meets the same work, the same answer and the same delays as one that somebody has.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from consentry.attribution.channel import Agent, AgentInvitation, AgentLink, AgentState
from consentry.attribution.numbers import Hashed, secret_hash
from consentry.attribution.records.agencies import AgencyRow, AgentLinkRow, AgentRow, AgentSessionRow
from consentry.attribution.service.agencies import IDENTIFIER, agency_row
from consentry.attribution.work import PEOPLE, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Actor, ActorKind, Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.ids import new_id
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.outside import Known, Outsiders
from consentry.staff.passwords import hash_password
from consentry.staff.rules import check_name, check_password, name_key, stated
from consentry.staff.tokens import Kind, new_token

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = [
    "AGENTS",
    "LINK_LIFE",
    "accept_agent_link",
    "agent_actor",
    "agent_invitation",
    "agent_label",
    "agent_row",
    "agents",
    "disable_agent",
    "enable_agent",
    "end_agent_sessions",
    "invite_agent",
    "may_act",
    "may_read",
    "name_of",
    "renew_agent_link",
]

LINK_LIFE = timedelta(days=7)


@permits(Permission.VIEW_ATTRIBUTION)
def agents(site: Site, actor: Actor, agency: str | None = None) -> tuple[Agent, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return every agent, oldest first.

    Raises:
        NotFoundError: ``agency.unknown``.
    """
    wanted = select(AgentRow).order_by(AgentRow.id)
    with reading(site) as work:
        found = wanted if agency is None else wanted.where(AgentRow.agency == agency_row(work.session, agency).id)
        return tuple(_shown(site.keys, row) for row in work.session.scalars(found))


@permits(Permission.MANAGE_AGENCIES)
def invite_agent(site: Site, actor: Actor, agency: str, name: str) -> AgentLink:
    """Make an account and the link by which its holder chooses a passphrase. ``name``: what they sign in with, and what clients are shown.

    Raises:
        NotFoundError: ``agency.unknown``.
        InputError: ``staff.name``.
        ConflictError: ``agent.name-taken`` or ``agency.disabled``.
    """
    shown_name = check_name(name)
    with writing(site) as work:
        _refuse_disabled(agency_row(work.session, agency))
        if _by_name(work.session, work.keys, shown_name) is not None:
            raise ConflictError("agent.name-taken", "agent", "another one has that name", "Add something that tells them apart.")
        row = _new(work, agency, shown_name)
        work.record(Act(actor.label, "attribution.agent-invited", agent_label(row.id), PURPOSE, details={"agency": agency}))
        return _issue(work, row)


@permits(Permission.MANAGE_AGENCIES)
def renew_agent_link(site: Site, actor: Actor, agent: str, reason: str) -> AgentLink:
    """Make a link for one whose first link was lost or too old, or who lost the passphrase. Until it is followed nothing changes.

    Raises:
        NotFoundError: ``agent.unknown``.
        ConflictError: ``agent.disabled`` or ``agency.disabled``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        row = agent_row(work.session, agent)
        _refuse_disabled(agency_row(work.session, row.agency))
        if row.state == AgentState.DISABLED:
            raise ConflictError("agent.disabled", "agent", "the account is disabled", "Enable it first.")
        work.record(Act(actor.label, "attribution.agent-link-renewed", agent_label(agent), PURPOSE, why))
        return _issue(work, row)


def agent_invitation(site: Site, token: str) -> AgentInvitation:
    """Return what a link offers to whoever holds it.

    Raises:
        NotFoundError: ``agent.no-link`` for one that was used, is too old, or never was.
    """
    with reading(site) as work:
        link = work.session.get(AgentLinkRow, _link_digest(site.keys, token))
        if link is None or work.now >= link.expires:
            raise _no_link()
        row = agent_row(work.session, link.agent)
        agency = agency_row(work.session, row.agency)
        return AgentInvitation(agency.name, name_of(site.keys, row), row.passphrase is not None, link.expires)


def accept_agent_link(site: Site, token: str, passphrase: str) -> str:
    """Use a link up, set the passphrase and return the name to sign in with. Sessions under an earlier passphrase end.

    Raises:
        NotFoundError: ``agent.no-link``.
        InputError: the passphrase is refused (``staff.rules.check_password``); the link still holds.
    """
    check_password(passphrase, agent_invitation(site, token).name)
    hashed = hash_password(passphrase)
    with writing(site) as work:
        row = _use_up(work, token)
        row.passphrase, row.state = hashed, AgentState.ACTIVE
        end_agent_sessions(work, row.id)
        work.record(Act(agent_actor(row.id).label, "attribution.agent-accepted", agent_label(row.id), PURPOSE))
        return name_of(site.keys, row)


@permits(Permission.MANAGE_AGENCIES)
def disable_agent(site: Site, actor: Actor, agent: str, reason: str) -> None:
    """Disable an account: its sessions end at once, its link holds no longer. What it reported stays; disabling twice is no error.

    Raises:
        NotFoundError: ``agent.unknown``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        row = agent_row(work.session, agent)
        if row.state == AgentState.DISABLED:
            return
        row.state = AgentState.DISABLED
        work.session.execute(delete(AgentLinkRow).where(AgentLinkRow.agent == agent))
        end_agent_sessions(work, agent)
        work.record(Act(actor.label, "attribution.agent-disabled", agent_label(agent), PURPOSE, why))


@permits(Permission.MANAGE_AGENCIES)
def enable_agent(site: Site, actor: Actor, agent: str) -> None:
    """Enable a disabled account again; one that never had a passphrase waits for a new link.

    Raises:
        NotFoundError: ``agent.unknown``.
    """
    with writing(site) as work:
        row = agent_row(work.session, agent)
        if row.state == AgentState.DISABLED:
            row.state = AgentState.INVITED if row.passphrase is None else AgentState.ACTIVE
            work.record(Act(actor.label, "attribution.agent-enabled", agent_label(agent), PURPOSE))


def agent_actor(agent: str, session: str | None = None) -> Actor:
    """Return an agent as the one who acts."""
    return Actor(ActorKind.AGENT, agent, frozenset({Permission.REPORT_VISITORS}), session)


def agent_row(session: Session, agent: str) -> AgentRow:
    """Return an agent's row.

    Raises:
        NotFoundError: ``agent.unknown``.
    """
    row = session.get(AgentRow, agent) if IDENTIFIER.fullmatch(agent) else None
    if row is None:
        raise NotFoundError("agent.unknown", "agent", "there is none of that id", "List the agents.")
    return row


def may_read(row: AgentRow) -> bool:
    """Return whether an agent may sign in and read: the account is active, also where the agency is disabled, whose verdicts are not over."""
    return row.state == AgentState.ACTIVE


def may_act(session: Session, row: AgentRow) -> bool:
    """Return whether an agent may report and bring visitors now: the account is active, and the agency is not disabled."""
    return may_read(row) and session.get_one(AgencyRow, row.agency).disabled is None


def name_of(keys: SiteKeys, row: AgentRow) -> str:
    """Return an agent's name."""
    return opened(keys, PEOPLE, row.id, Sealed(row.wrapped, row.sealed))["name"]


def end_agent_sessions(work: UnitOfWork, agent: str) -> None:
    """End every session of an agent."""
    work.session.execute(delete(AgentSessionRow).where(AgentSessionRow.agent == agent))


def agent_label(agent: str) -> str:
    """Return how the ledger names an agent, also where something is done to them."""
    return f"{ActorKind.AGENT}:{agent}"


def _known(session: Session, keys: SiteKeys, name: str) -> Known | None:
    row = _by_name(session, keys, name)
    return Known(row.id, row.passphrase) if row is not None and may_read(row) else None


AGENTS = Outsiders(ActorKind.AGENT, "attribution", PURPOSE, _known)
"""How agents sign in."""


def _by_name(session: Session, keys: SiteKeys, name: str) -> AgentRow | None:
    known = secret_hash(keys, Hashed.AGENT_NAME, name_key(name)).known_as
    return session.scalar(select(AgentRow).where(AgentRow.name_mark.in_(known)))


def _new(work: UnitOfWork, agency: str, name: str) -> AgentRow:
    agent = new_id(work.now)
    wrapped, content = sealed(work.keys, PEOPLE, agent, {"name": name})
    mark = secret_hash(work.keys, Hashed.AGENT_NAME, name_key(name)).newest
    row = AgentRow(id=agent, agency=agency, state=AgentState.INVITED, name_mark=mark, wrapped=wrapped, sealed=content, created=work.now)
    work.session.add(row)
    work.session.flush()
    return row


def _issue(work: UnitOfWork, row: AgentRow) -> AgentLink:
    work.session.execute(delete(AgentLinkRow).where(AgentLinkRow.agent == row.id))
    token, expires = new_token(), work.now + LINK_LIFE
    work.session.add(AgentLinkRow(digest=_link_digest(work.keys, token), agent=row.id, expires=expires))
    # After the number sign, which no browser sends and no log holds.
    return AgentLink(row.id, f"/agent/welcome#{token}", expires)


def _use_up(work: UnitOfWork, token: str) -> AgentRow:
    """Delete the link and return its agent; of two who follow it at once, one finds it gone."""
    used = delete(AgentLinkRow).where(AgentLinkRow.digest == _link_digest(work.keys, token), AgentLinkRow.expires > work.now)
    agent = work.session.scalar(used.returning(AgentLinkRow.agent))
    if agent is None:
        raise _no_link()
    return agent_row(work.session, agent)


def _link_digest(keys: SiteKeys, token: str) -> bytes:
    return AGENTS.token_digest(keys, Kind.LINK, token)


def _refuse_disabled(agency: AgencyRow) -> None:
    if agency.disabled is not None:
        raise ConflictError("agency.disabled", "agency", "nobody of it may act", "Enable the agency first.")


def _shown(keys: SiteKeys, row: AgentRow) -> Agent:
    return Agent(row.id, row.agency, name_of(keys, row), AgentState(row.state), row.created, row.last_sign_in)


def _no_link() -> NotFoundError:
    return NotFoundError("agent.no-link", "link", "it was used already, is too old, or is none", "Ask the sales office for a new one.")
