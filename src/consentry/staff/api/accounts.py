"""``/staff``: the accounts of others."""

from __future__ import annotations

from http import HTTPStatus

from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.staff import service
from consentry.staff.api.shapes import AccountOut, DetailsOut, InvitationIn, IssuedLinkOut, ReasonIn, ReviewOut, RoleIn, WhyIn
from consentry.staff.model import Reason

__all__ = ["router"]

router = ApiRouter(prefix="/staff", tag="staff")


@router.get("", permission=Permission.VIEW_STAFF)
def list_staff(site: SiteDep, actor: ActorDep) -> list[AccountOut]:
    """List every account."""
    return [AccountOut.model_validate(one) for one in service.accounts(site, actor)]


@router.post("", permission=Permission.MANAGE_STAFF, status_code=HTTPStatus.CREATED)
def invite_staff(site: SiteDep, actor: ActorDep, body: InvitationIn) -> IssuedLinkOut:
    """Make an account and the one-time link by which its holder chooses a password."""
    return IssuedLinkOut.model_validate(service.invite(site, actor, body.name, body.role, body.unit))


@router.post("/review", permission=Permission.VIEW_STAFF)
def review_access(site: SiteDep, actor: ActorDep) -> list[ReviewOut]:
    """Review who may do what; that it was done is written into the ledger."""
    return [ReviewOut.model_validate(one) for one in service.access_review(site, actor)]


@router.post("/{account}/viewing", permission=Permission.VIEW_STAFF)
def view_staff_account(site: SiteDep, actor: ActorDep, account: str, body: ReasonIn) -> DetailsOut:
    """Look at what is kept about one member of staff; who looked and why is written into the ledger."""
    return DetailsOut.model_validate(service.account_details(site, actor, account, Reason(body.reason, body.ticket)))


@router.post("/{account}/recovery", permission=Permission.MANAGE_STAFF)
def recover_staff_account(site: SiteDep, actor: ActorDep, account: str, body: WhyIn) -> IssuedLinkOut:
    """Make a one-time link to a new password, or a new invitation."""
    return IssuedLinkOut.model_validate(service.recover(site, actor, account, body.reason))


@router.put("/{account}/role", permission=Permission.MANAGE_STAFF, status_code=HTTPStatus.NO_CONTENT)
def change_staff_role(site: SiteDep, actor: ActorDep, account: str, body: RoleIn) -> None:
    """Give an account another role; its sessions end."""
    service.change_role(site, actor, account, body.role)


@router.post("/{account}/disabling", permission=Permission.MANAGE_STAFF, status_code=HTTPStatus.NO_CONTENT)
def disable_staff_account(site: SiteDep, actor: ActorDep, account: str, body: WhyIn) -> None:
    """Disable an account; its sessions end at once."""
    service.disable(site, actor, account, body.reason)


@router.post("/{account}/enabling", permission=Permission.MANAGE_STAFF, status_code=HTTPStatus.NO_CONTENT)
def enable_staff_account(site: SiteDep, actor: ActorDep, account: str) -> None:
    """Enable a disabled account again."""
    service.enable(site, actor, account)


@router.delete("/{account}/sessions", permission=Permission.MANAGE_STAFF, status_code=HTTPStatus.NO_CONTENT)
def end_staff_sessions(site: SiteDep, actor: ActorDep, account: str) -> None:
    """End every session of an account."""
    service.end_sessions(site, actor, account)


@router.post("/{account}/second-factor-reset", permission=Permission.MANAGE_STAFF, status_code=HTTPStatus.NO_CONTENT)
def reset_staff_second_factors(site: SiteDep, actor: ActorDep, account: str, body: WhyIn) -> None:
    """Remove every second factor of an account whose holder lost them; its sessions end."""
    service.reset_second_factors(site, actor, account, body.reason)
