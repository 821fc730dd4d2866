"""Accounts of others: listing, looking closely with a reason, disabling, changing roles, taking a lost second factor away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError
from consentry.staff import sessions
from consentry.staff.accounts import existing, factors_of, refuse_last_administrator, shown, shown_factor
from consentry.staff.factors import forget_factors
from consentry.staff.model import Account, AccountDetails, AccountState, Role
from consentry.staff.records import AccountRow, LinkRow
from consentry.staff.rules import check_reason, stated
from consentry.staff.service.viewing import record_viewing
from consentry.staff.work import account_label, reading, writing

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import Reason

__all__ = ["account_details", "accounts", "change_role", "disable", "enable", "own_account", "reset_second_factors"]


@permits(Permission.MANAGE_OWN_ACCOUNT)
def own_account(site: Site, actor: Actor) -> Account:
    """Return the actor's own account.

    Raises:
        NotFoundError: ``staff.unknown`` for an actor who is no member of staff.
    """
    with reading(site) as work:
        return shown(work.session, existing(work.session, actor.id))


@permits(Permission.VIEW_STAFF)
def accounts(site: Site, actor: Actor) -> tuple[Account, ...]:  # noqa: ARG001 - the actor is checked before
    """Return every account, oldest first."""
    with reading(site) as work:
        return tuple(shown(work.session, row) for row in work.session.scalars(select(AccountRow).order_by(AccountRow.id)))


@permits(Permission.VIEW_STAFF)
def account_details(site: Site, actor: Actor, account: str, reason: Reason) -> AccountDetails:
    """Return what is kept about one member of staff. That it was looked at, by whom and why, is written into the ledger.

    Raises:
        NotFoundError: ``staff.unknown``.
        InputError: ``input.text`` without a reason and a ticket.
    """
    why = check_reason(reason)
    with writing(site) as work:
        row = existing(work.session, account)
        record_viewing(work, actor, account_label(account), why)
        factors = tuple(shown_factor(factor) for factor in factors_of(work.session, account))
        return AccountDetails(shown(work.session, row), factors, tuple(map(sessions.shown_session, sessions.sessions_of(work, account))))


@permits(Permission.MANAGE_STAFF)
def disable(site: Site, actor: Actor, account: str, reason: str) -> None:
    """Disable an account: its sessions end at once, its links and API keys hold no longer.

    Raises:
        NotFoundError: ``staff.unknown``.
        ConflictError: ``staff.yourself`` or ``staff.last-administrator``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        row = existing(work.session, account)
        if row.id == actor.id:
            raise ConflictError("staff.yourself", "account", "it is your own", "Ask another administrator.")
        refuse_last_administrator(work.session, row)
        row.state = AccountState.DISABLED
        work.session.execute(delete(LinkRow).where(LinkRow.account == account))
        sessions.end_all(work, account)
        work.record(actor, "staff.disabled", account_label(account), reason=why)


@permits(Permission.MANAGE_STAFF)
def enable(site: Site, actor: Actor, account: str) -> None:
    """Enable a disabled account again, with the password and second factors that it had.

    Raises:
        NotFoundError: ``staff.unknown``.
        ConflictError: ``staff.not-disabled``.
    """
    with writing(site) as work:
        row = existing(work.session, account)
        if row.state != AccountState.DISABLED:
            raise ConflictError("staff.not-disabled", "account", f"it is {row.state}", "Only a disabled account can be enabled.")
        row.state = AccountState.ACTIVE if row.password else AccountState.INVITED
        work.record(actor, "staff.enabled", account_label(account))


@permits(Permission.MANAGE_STAFF)
def change_role(site: Site, actor: Actor, account: str, role: Role) -> None:
    """Give an account another role. Its sessions end, so that nobody works on with what the old role could do.

    Raises:
        NotFoundError: ``staff.unknown``.
        ConflictError: ``staff.last-administrator``.
    """
    with writing(site) as work:
        row = existing(work.session, account)
        if role is not Role.ADMINISTRATOR:
            refuse_last_administrator(work.session, row)
        before, row.role = row.role, role
        sessions.end_all(work, account)
        work.record(actor, "staff.role-changed", account_label(account), before=before, after=role)


@permits(Permission.MANAGE_STAFF)
def reset_second_factors(site: Site, actor: Actor, account: str, reason: str) -> None:
    """Remove every second factor of an account whose holder lost them; its sessions end.

    Raises:
        NotFoundError: ``staff.unknown``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        forget_factors(work, existing(work.session, account).id)
        sessions.end_all(work, account)
        work.record(actor, "staff.second-factors-reset", account_label(account), reason=why)
