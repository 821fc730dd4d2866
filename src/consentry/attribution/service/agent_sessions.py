"""Signing agents in and out, and whom a session stands for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from consentry.attribution.channel import AgentSession, SignedInAgent
from consentry.attribution.records.agencies import AgentLinkRow, AgentRow, AgentSessionRow
from consentry.attribution.service.agencies import agency_row
from consentry.attribution.service.agents import agent_actor, agent_by_name, agent_label, agent_row, may_act, may_read, name_of
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits, system
from consentry.platform.errors import DeniedError, SignInError
from consentry.platform.ids import new_id
from consentry.platform.jobs import Job
from consentry.staff import attempts
from consentry.staff import work as staff_work
from consentry.staff.passwords import hash_password, is_outdated, verify_password
from consentry.staff.rules import ACCOUNT_LIMIT, ADDRESS_LIMIT, PAIR_LIMIT, address_group, name_key
from consentry.staff.tokens import Kind, digest, new_token

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = [
    "IDLE_LIFE",
    "JOBS",
    "SESSION_LIFE",
    "agent_of_token",
    "current_agent",
    "forget_expired",
    "own_agent",
    "sign_in_agent",
    "sign_out_agent",
    "signed_in_agent",
]

IDLE_LIFE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=7)
_SEEN_TO = timedelta(minutes=1)
"""How exactly a session's last use is kept, so that not every request writes."""


def sign_in_agent(site: Site, name: str, passphrase: str, address: str) -> SignedInAgent:
    """Check a passphrase that came from a network ``address``, and begin a session.

    Raises:
        SignInError: ``sign-in.refused``, whatever was wrong.
        TooManyError: ``sign-in.wait``.
    """
    counters = _counters(site.keys, name, address)
    with writing(site) as work:
        at_limit = attempts.charge(_staff_work(work), counters)
        row = agent_by_name(work, name)
        agent, hashed = (row.id, row.passphrase) if row else (None, None)
    # Outside the transaction: hashing takes a tenth of a second, and nobody else could write meanwhile.
    right = verify_password(hashed, passphrase)
    if not right or agent is None or hashed is None:
        _note_limit(site, agent, address, reached=at_limit)
        raise _refusal()
    renewed = hash_password(passphrase) if is_outdated(hashed) else hashed
    with writing(site) as work:
        current = agent_row(work.session, agent)
        if current.passphrase != hashed or not may_read(current):
            raise _refusal()
        current.passphrase = renewed
        attempts.refund(_staff_work(work), counters, 1)
        return _start(work, current, address)


def agent_of_token(site: Site, token: str) -> Actor | None:
    """Return the agent who acts with a session token, or None where it holds no longer: expired, ended, or the account disabled."""
    with reading(site) as work:
        row = work.session.scalar(_named(site.keys, token))
        alive = row is not None and _is_alive(row, work.now) and may_read(agent_row(work.session, row.agent))
        if row is None or not alive:
            return None
        found, unseen = agent_actor(row.agent, row.id), work.now - row.last_seen >= _SEEN_TO
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


def _counters(keys: SiteKeys, name: str, address: str) -> attempts.Counters:
    """Return what a try counts against: names of agents apart from names of staff, addresses together."""
    who, where = f"agent\0{name_key(name)}", address_group(address)
    pair = attempts.Counter(digest(keys, Kind.PAIR, f"{who}\0{where}"), PAIR_LIMIT)
    account = attempts.Counter(digest(keys, Kind.NAME, who), ACCOUNT_LIMIT)
    return attempts.Counters((pair, account), (attempts.Counter(digest(keys, Kind.ADDRESS, where), ADDRESS_LIMIT),))


def _note_limit(site: Site, agent: str | None, address: str, *, reached: bool) -> None:
    """Write into the ledger that guessing was slowed down; single failures are not written, or strangers could fill it."""
    if not reached:
        return
    with writing(site) as work:
        details = {"address": _staff_work(work).address_mark(address)}
        work.record(Act(system("sign-in").label, "attribution.agent-sign-in-delayed", agent_label(agent or "unknown"), PURPOSE, details=details))


def _note_use(site: Site, session: str) -> None:
    with writing(site) as work:
        row = work.session.get(AgentSessionRow, session)
        if row is not None:
            row.last_seen = max(row.last_seen, work.now)


def _is_alive(row: AgentSessionRow, now: datetime) -> bool:
    return now < row.expires and now - row.last_seen < IDLE_LIFE


def _named(keys: SiteKeys, token: str) -> Select[AgentSessionRow]:
    return select(AgentSessionRow).where(AgentSessionRow.digest == _session_digest(keys, token))


def _session_digest(keys: SiteKeys, token: str) -> bytes:
    return digest(keys, Kind.SESSION, f"agent\0{token}")


def _staff_work(work: UnitOfWork) -> staff_work.UnitOfWork:
    return staff_work.UnitOfWork(work.site, work.session, work.now)


def _refusal() -> SignInError:
    return SignInError("sign-in.refused", "sign-in", "name or passphrase is wrong", "Check them and try again.")
