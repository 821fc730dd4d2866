"""Tickets in the records: what was begun and must be finished within minutes by whoever holds the ticket's text."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import delete

from consentry.platform.errors import SignInError
from consentry.staff.records import TicketRow
from consentry.staff.rules import TICKET_LIFE
from consentry.staff.tokens import Kind, digest, new_token

if TYPE_CHECKING:
    from consentry.staff.work import UnitOfWork

__all__ = ["TicketPurpose", "issue", "pending"]


class TicketPurpose(StrEnum):
    """What was begun."""

    SIGN_IN = "sign-in"
    ONE_TIME_CODES = "enrol-one-time-codes"
    SECURITY_KEY = "enrol-security-key"


def issue(work: UnitOfWork, account: str, purpose: TicketPurpose, *, challenge: bytes | None = None, secret: bytes | None = None) -> str:
    """Return the text of a new ticket; those of the account whose time is over go."""
    work.session.execute(delete(TicketRow).where(TicketRow.account == account, TicketRow.expires <= work.now))
    text = new_token()
    row = TicketRow(digest=digest(work.keys, Kind.TICKET, text), account=account, purpose=purpose, expires=work.now + TICKET_LIFE)
    row.challenge, row.secret = challenge, secret
    work.session.add(row)
    return text


def pending(work: UnitOfWork, text: str, purpose: TicketPurpose) -> TicketRow:
    """Return the ticket of that text.

    Raises:
        SignInError: ``sign-in.expired`` where there is none, it is for something else, or its time is over.
    """
    row = work.session.get(TicketRow, digest(work.keys, Kind.TICKET, text))
    if row is None or row.purpose != purpose or work.now >= row.expires:
        raise SignInError("sign-in.expired", "sign-in", "it took too long, or it was finished already", "Begin again.")
    return row
