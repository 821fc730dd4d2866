"""Who a session token stands for, and ending sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from consentry.platform.actors import Permission, permits
from consentry.platform.errors import NotFoundError
from consentry.staff import attempts, sessions
from consentry.staff.accounts import existing
from consentry.staff.records import LinkRow, SessionRow, TicketRow
from consentry.staff.rules import IDLE_LIFE
from consentry.staff.work import account_label, reading, writing

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import StaffSession

__all__ = ["actor_of", "end_own_session", "end_sessions", "forget_expired", "own_sessions", "sign_out"]

_SEEN_TO = timedelta(minutes=1)
"""How exactly a session's last use is kept, so that not every request writes."""


def actor_of(site: Site, token: str) -> Actor | None:
    """Return who acts with a session token, or None where it holds no longer: expired, ended, or its account disabled.

    A page asks this again for each of its events, so that what an account may do ends at once.
    """
    with reading(site) as work:
        row = sessions.find_live(work, token)
        actor = sessions.actor_in(work, row) if row else None
        unseen = row is not None and work.now - row.last_seen >= _SEEN_TO
    if actor is not None and unseen:
        _note_use(site, actor)
    return actor


@permits(Permission.MANAGE_OWN_ACCOUNT)
def sign_out(site: Site, actor: Actor) -> None:
    """End the session in which the actor acts; ending it twice is no error."""
    with writing(site) as work:
        ended = work.session.scalar(delete(SessionRow).where(SessionRow.id == actor.session).returning(SessionRow.id))
        if ended:
            work.record(actor, "staff.signed-out", f"session:{ended}")


@permits(Permission.MANAGE_OWN_ACCOUNT)
def own_sessions(site: Site, actor: Actor) -> tuple[StaffSession, ...]:
    """Return where the actor is signed in, newest first."""
    with reading(site) as work:
        return tuple(sessions.shown_session(row) for row in sessions.sessions_of(work, actor.id))


@permits(Permission.MANAGE_OWN_ACCOUNT)
def end_own_session(site: Site, actor: Actor, session: str) -> None:
    """End one of the actor's own sessions.

    Raises:
        NotFoundError: ``staff.no-session``.
    """
    with writing(site) as work:
        row = work.session.get(SessionRow, session) if session.isprintable() else None
        if row is None or row.account != actor.id:
            raise NotFoundError("staff.no-session", "session", "there is none of that id", "List your sessions.")
        work.session.delete(row)
        work.record(actor, "staff.session-ended", f"session:{session}")


@permits(Permission.MANAGE_STAFF)
def end_sessions(site: Site, actor: Actor, account: str) -> int:
    """End every session of an account, and return how many there were.

    Raises:
        NotFoundError: ``staff.unknown``.
    """
    with writing(site) as work:
        ended = sessions.end_all(work, existing(work.session, account).id)
        work.record(actor, "staff.sessions-ended", account_label(account), ended=ended)
        return ended


def forget_expired(site: Site) -> None:
    """Delete sessions, tickets, links and counts that no longer hold; a job of the web process."""
    with writing(site) as work:
        for table in (SessionRow, TicketRow, LinkRow):
            work.session.execute(delete(table).where(table.expires <= work.now))
        work.session.execute(delete(SessionRow).where(SessionRow.last_seen <= work.now - IDLE_LIFE))
        attempts.forget_old(work)


def _note_use(site: Site, actor: Actor) -> None:
    with writing(site) as work:
        row = work.session.get(SessionRow, actor.session)
        if row is not None:
            row.last_seen = max(row.last_seen, work.now)
