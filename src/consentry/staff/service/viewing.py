"""Looking at personal data: the reason that is asked for and kept (R74), and the review of who may do what (R77)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from consentry.platform.actors import ActorKind, Permission, permits
from consentry.staff.accounts import existing, factors_of, permissions, shown
from consentry.staff.model import FactorKind, Reason, ReviewRow
from consentry.staff.records import AccountRow, ApiKeyRow
from consentry.staff.rules import check_reason, findings
from consentry.staff.work import writing

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.work import UnitOfWork

__all__ = ["access_review", "note_viewing", "record_viewing"]


def note_viewing(site: Site, actor: Actor, what: str, reason: str, ticket: str) -> None:
    """Write into the ledger that ``actor`` looks at ``what``, such as ``camera:door``, and why. Call it before showing anything.

    Which permission looking needs depends on what it is; whoever shows it checks that.

    Raises:
        InputError: ``input.text`` without a reason and a ticket.
    """
    why = check_reason(Reason(reason, ticket))
    with writing(site) as work:
        record_viewing(work, actor, what, why)


def record_viewing(work: UnitOfWork, actor: Actor, what: str, reason: Reason) -> None:
    """Write who looks, from which unit, at what, why, in the transaction that also reads it."""
    unit = existing(work.session, actor.id).unit if actor.kind is ActorKind.STAFF else ""
    work.record(actor, "staff.viewed", what, reason=reason.text, ticket=reason.ticket, unit=unit)


@permits(Permission.VIEW_STAFF)
def access_review(site: Site, actor: Actor) -> tuple[ReviewRow, ...]:
    """Return every account with what it may do and what a reviewer should look at; that a review was made is written into the ledger."""
    with writing(site) as work:
        rows = tuple(_reviewed(work, row) for row in work.session.scalars(select(AccountRow).order_by(AccountRow.id)))
        work.record(actor, "staff.access-reviewed", "staff:all", accounts=len(rows), findings=sum(len(row.findings) for row in rows))
        return rows


def _reviewed(work: UnitOfWork, row: AccountRow) -> ReviewRow:
    account = shown(work.session, row)
    factors = tuple(FactorKind(factor.kind) for factor in factors_of(work.session, row.id))
    live = select(func.count()).where(ApiKeyRow.account == row.id, ApiKeyRow.revoked.is_(None), ApiKeyRow.expires > work.now)
    found = findings(account.role, account.state, account.factors, account.last_sign_in, work.now)
    return ReviewRow(account, permissions(work.session, row), factors, work.session.scalar(live) or 0, found)
