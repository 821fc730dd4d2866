"""Sign-in sessions in the records. A token's text exists in the browser alone; its keyed hash stands here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from consentry.platform.actors import Actor, ActorKind
from consentry.platform.errors import SignInError
from consentry.platform.ids import new_id
from consentry.staff.accounts import existing, factors_of, permissions
from consentry.staff.model import Role, SignedIn, StaffSession
from consentry.staff.records import SessionRow, TicketRow
from consentry.staff.rules import CONFIRMATION_LIFE, SECOND_FACTOR_ROLES, is_alive
from consentry.staff.tokens import Kind, digest, new_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.staff.records import AccountRow
    from consentry.staff.work import UnitOfWork

__all__ = ["actor_in", "current", "end_all", "find_live", "rotate", "sessions_of", "shown_session", "start"]


def start(work: UnitOfWork, account: AccountRow, address: str) -> SignedIn:
    """Begin a session, for a browser at ``address``, under a token that nobody had before."""
    token = new_token()
    row = SessionRow(
        id=new_id(work.now),
        digest=digest(work.keys, Kind.SESSION, token),
        account=account.id,
        created=work.now,
        last_seen=work.now,
        expires=work.now + work.site.settings.retention.sessions,
        confirmed_until=work.now + CONFIRMATION_LIFE,
    )
    work.session.add(row)
    account.last_sign_in = work.now
    work.record(Actor(ActorKind.STAFF, account.id), "staff.signed-in", f"session:{row.id}", address=work.address_mark(address))
    return _signed_in(work, row, account, token)


def rotate(work: UnitOfWork, row: SessionRow) -> SignedIn:
    """Go on under a new token, as after every change of what the session may do: the old token is dead, the end stays."""
    token = new_token()
    row.digest = digest(work.keys, Kind.SESSION, token)
    row.confirmed_until = work.now + CONFIRMATION_LIFE
    row.last_seen = work.now
    return _signed_in(work, row, existing(work.session, row.account), token)


def find_live(work: UnitOfWork, token: str) -> SessionRow | None:
    """Return the session of a token while it holds, or None."""
    row = work.session.scalar(select(SessionRow).where(SessionRow.digest == digest(work.keys, Kind.SESSION, token)))
    return row if row is not None and is_alive(work.now, row.last_seen, row.expires) else None


def current(work: UnitOfWork, actor: Actor) -> SessionRow:
    """Return the session in which ``actor`` acts.

    Raises:
        SignInError: ``access.not-signed-in`` for an actor without a session, or one that ended.
    """
    row = work.session.get(SessionRow, actor.session) if actor.session else None
    if row is None:
        raise SignInError("access.not-signed-in", actor.label, "this needs a person who is signed in", "Sign in to the console.")
    return row


def actor_in(work: UnitOfWork, row: SessionRow) -> Actor | None:
    """Return who acts in a session, with what the account may do now; None where it may do nothing any more."""
    held = permissions(work.session, existing(work.session, row.account))
    return Actor(ActorKind.STAFF, row.account, held, row.id, row.confirmed_until) if held else None


def sessions_of(work: UnitOfWork, account: str) -> Sequence[SessionRow]:
    """Return the sessions of an account that still hold, newest first."""
    found = work.session.scalars(select(SessionRow).where(SessionRow.account == account).order_by(SessionRow.id.desc()))
    return [row for row in found if is_alive(work.now, row.last_seen, row.expires)]


def end_all(work: UnitOfWork, account: str, *, besides: str = "") -> int:
    """End every session of an account but the one whose id is ``besides``, and whatever it had begun; return how many ended."""
    work.session.execute(delete(TicketRow).where(TicketRow.account == account))
    ended = delete(SessionRow).where(SessionRow.account == account, SessionRow.id != besides).returning(SessionRow.id)
    return len(work.session.scalars(ended).all())


def shown_session(row: SessionRow) -> StaffSession:
    """Return a session as others see it."""
    return StaffSession(row.id, row.account, row.created, row.last_seen, row.expires)


def _signed_in(work: UnitOfWork, row: SessionRow, account: AccountRow, token: str) -> SignedIn:
    must_enrol = Role(account.role) in SECOND_FACTOR_ROLES and not factors_of(work.session, account.id)
    return SignedIn(token, row.id, account.id, row.expires, must_enrol)
