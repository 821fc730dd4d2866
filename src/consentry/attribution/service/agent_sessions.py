"""Signing agents in and out, and whom a session stands for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from consentry.attribution.channel import AgentSession, SignedInAgent
from consentry.attribution.records.agencies import AgentLinkRow, AgentRow, AgentSessionRow
from consentry.attribution.service.agencies import agency_row
from consentry.attribution.service.agents import AGENTS, agent_actor, agent_label, agent_row, may_act, may_read, name_of
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import DeniedError
from consentry.platform.ids import new_id
from consentry.platform.jobs import Job
from consentry.staff import attempts
from consentry.staff import work as staff_work
from consentry.staff.outside import IDLE_LIFE, SEEN_TO, SESSION_LIFE, is_held, refusal
from consentry.staff.tokens import Kind, new_token

if TYPE_CHECKING:
    from sqlalchemy import Select

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = [
    "JOBS",
    "agent_of_token",
    "current_agent",
    "forget_expired",
    "own_agent",
    "sign_in_agent",
    "sign_out_agent",
    "signed_in_agent",
]


def sign_in_agent(site: Site, name: str, passphrase: str, address: str) -> SignedInAgent:
    """Check a passphrase that came from a network ``address``, and begin a session.

    Raises:
        SignInError: ``sign-in.refused``, whatever was wrong.
        TooManyError: ``sign-in.wait``.
    """
    proved = AGENTS.prove(site, name, passphrase, address)
    with writing(site) as work:
        current = agent_row(work.session, proved.account)
        if current.passphrase != proved.hashed or not may_read(current):
            raise refusal()
        current.passphrase = proved.renewed
        attempts.refund(_staff_work(work), proved.counters, 1)
        return _start(work, current, address)


def agent_of_token(site: Site, token: str) -> Actor | None:
    """Return the agent who acts with a session token, or None where it holds no longer: expired, ended, or the account disabled."""
    with reading(site) as work:
        row = work.session.scalar(_named(site.keys, token))
        alive = row is not None and is_held(row, work.now) and may_read(agent_row(work.session, row.agent))
        if row is None or not alive:
            return None
        found, unseen = agent_actor(row.agent, row.id), work.now - row.last_seen >= SEEN_TO
    if unseen:
        _note_use(site, row.id)
    return found


@permits(Permission.REPORT_VISITORS)
def own_agent(site: Site, actor: Actor) -> AgentSession:
    """Return who is signed in, and for which agency.

    Raises:
        DeniedError: ``access.denied`` for an actor who is no agent.
    """
    with reading(site) as work:
        row = signed_in_agent(work, actor)
        return AgentSession(row.id, name_of(site.keys, row), row.agency, agency_row(work.session, row.agency).name)


@permits(Permission.REPORT_VISITORS)
def sign_out_agent(site: Site, actor: Actor) -> None:
    """End the session in which the agent acts; ending it twice is no error."""
    with writing(site) as work:
        ended = work.session.scalar(delete(AgentSessionRow).where(AgentSessionRow.id == actor.session).returning(AgentSessionRow.id))
        if ended:
            work.record(Act(actor.label, "attribution.agent-signed-out", f"session:{ended}", PURPOSE))


def signed_in_agent(work: UnitOfWork, actor: Actor) -> AgentRow:
    """Return the row of the agent who reads, or appeals: their agency may be disabled, but what was decided still concerns it.

    Raises:
        DeniedError: ``access.denied`` for an actor who is no agent, or whose account is disabled.
    """
    row = work.session.get(AgentRow, actor.id)
    if actor.label != agent_label(actor.id) or row is None or not may_read(row):
        raise DeniedError("access.denied", actor.label, "this is for agents with an account", "Sign in as an agent.")
    return row


def current_agent(work: UnitOfWork, actor: Actor) -> AgentRow:
    """Return the row of the agent who reports or brings a visitor, in the transaction in which they do.

    Raises:
        DeniedError: ``access.denied`` for an actor who is no agent, or may act no longer.
    """
    row = signed_in_agent(work, actor)
    if not may_act(work.session, row):
        raise DeniedError("access.denied", actor.label, "this is for agents whose agency may act", "Sign in as an agent.")
    return row


def forget_expired(site: Site) -> None:
    """Delete sessions and links that no longer hold; a job."""
    with writing(site) as work:
        for table in (AgentSessionRow, AgentLinkRow):
            work.session.execute(delete(table).where(table.expires <= work.now))
        work.session.execute(delete(AgentSessionRow).where(AgentSessionRow.last_seen <= work.now - IDLE_LIFE))


JOBS: Final = (Job("retention-agent-sessions", timedelta(minutes=10), forget_expired),)
"""What is to run by itself while the site does."""


def _start(work: UnitOfWork, row: AgentRow, address: str) -> SignedInAgent:
    token, expires = new_token(), work.now + SESSION_LIFE
    session = AgentSessionRow(
        id=new_id(work.now), digest=_session_digest(work.keys, token), agent=row.id, created=work.now, last_seen=work.now, expires=expires
    )
    work.session.add(session)
    row.last_sign_in = work.now
    details = {"address": _staff_work(work).address_mark(address)}
    work.record(Act(agent_label(row.id), "attribution.agent-signed-in", f"session:{session.id}", PURPOSE, details=details))
    return SignedInAgent(token, row.id, expires)


def _note_use(site: Site, session: str) -> None:
    with writing(site) as work:
        row = work.session.get(AgentSessionRow, session)
        if row is not None:
            row.last_seen = max(row.last_seen, work.now)


def _named(keys: SiteKeys, token: str) -> Select[AgentSessionRow]:
    return select(AgentSessionRow).where(AgentSessionRow.digest == _session_digest(keys, token))


def _session_digest(keys: SiteKeys, token: str) -> bytes:
    return AGENTS.token_digest(keys, Kind.SESSION, token)


def _staff_work(work: UnitOfWork) -> staff_work.UnitOfWork:
    return staff_work.UnitOfWork(work.site, work.session, work.now)
