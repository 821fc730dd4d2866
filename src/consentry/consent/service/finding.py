"""Finding a consent by what somebody holds of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.consent.marks import Kind, marks, normal_secret
from consentry.consent.records import IDENTIFIER, by_secret, one_by_id
from consentry.platform.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from consentry.consent.records import ConsentRow
    from consentry.ledger.work import UnitOfWork

__all__ = ["known_cursor", "row_by_id", "row_by_secret"]


def known_cursor(after: str) -> str:
    """Return the id after which a list goes on.

    Raises:
        InputError: ``paging.cursor-unknown``.
    """
    if not IDENTIFIER.fullmatch(after):
        raise InputError("paging.cursor-unknown", "cursor", "it does not come from this list", "Send the `next` of a page unchanged.")
    return after


def row_by_id(work: UnitOfWork, consent: str) -> ConsentRow:
    """Return a consent by its id.

    Raises:
        NotFoundError: ``consent.unknown``.
    """
    row = one_by_id(work.session, consent)
    if row is None:
        raise NotFoundError("consent.unknown", "consent", "there is none of that id", "Look at the list again; it may be past its retention.")
    return row


def row_by_secret(work: UnitOfWork, secret: str) -> ConsentRow:
    """Return the consent of a secret, over or not.

    Raises:
        NotFoundError: ``consent.secret``.
    """
    plain = normal_secret(secret)
    row = by_secret(work.session, marks(work.keys, Kind.WITHDRAW, plain)) if plain else None
    if row is None:
        raise NotFoundError("consent.secret", "secret", "no consent has it", "Type it as it stands on the receipt, or report the receipt as lost.")
    return row
