"""One-time links: into a new account, and back into one whose password or second factor was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from consentry.platform.actors import Actor, ActorKind, Permission, permits, system
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff import sessions
from consentry.staff.accounts import existing, refuse_taken_name
from consentry.staff.factors import forget_factors
from consentry.staff.model import AccountState, Invitation, IssuedLink, LinkPurpose, Role, SignedIn
from consentry.staff.passwords import hash_password
from consentry.staff.records import AccountRow, ApiKeyRow, LinkRow
from consentry.staff.rules import LINK_LIFE, check_name, check_password, check_text, name_key, stated
from consentry.staff.security_keys import relying_party
from consentry.staff.tokens import Kind, digest, new_token
from consentry.staff.work import account_label, reading, writing

if TYPE_CHECKING:
    from consentry.platform.site import Site
    from consentry.staff.work import UnitOfWork

__all__ = ["accept_link", "first_administrator_link", "invitation", "invite", "recover", "site_address"]

_FIRST_NAME = "administrator"


def first_administrator_link(site: Site) -> str | None:
    """Return the path of a link to the account of the first administrator, or None once there is one.

    Each call makes a new link and forgets the one before; it holds ``LINK_LIFE`` and works once.
    """
    actor = system("first-start")
    with writing(site) as work:
        administrators = work.session.scalars(select(AccountRow).where(AccountRow.role == Role.ADMINISTRATOR).order_by(AccountRow.id)).all()
        if any(row.state != AccountState.INVITED for row in administrators):
            return None
        row = administrators[0] if administrators else _new_account(work, _FIRST_NAME, Role.ADMINISTRATOR, "")
        work.record(actor, "staff.invited", account_label(row.id), role=row.role)
        return _issue(work, row, LinkPurpose.INVITE).path


def site_address(site: Site) -> str:
    """Return the address by which browsers should come, such as ``https://shop.lan:8443``: the one that security keys are bound to."""
    return relying_party(site.settings).origins[0]


@permits(Permission.MANAGE_STAFF)
def invite(site: Site, actor: Actor, name: str, role: Role, unit: str = "") -> IssuedLink:
    """Make an account and the link by which its holder chooses a password. ``unit``: an organisation other than the site's own.

    Raises:
        InputError: ``staff.name`` or ``input.text``.
        ConflictError: ``staff.name-taken``.
    """
    shown_name, shown_unit = check_name(name), check_text(unit, "unit", shortest=0)
    with writing(site) as work:
        refuse_taken_name(work.session, shown_name)
        row = _new_account(work, shown_name, role, shown_unit)
        work.record(actor, "staff.invited", account_label(row.id), role=role, unit=shown_unit)
        return _issue(work, row, LinkPurpose.INVITE)


@permits(Permission.MANAGE_STAFF)
def recover(site: Site, actor: Actor, account: str, reason: str) -> IssuedLink:
    """Make a link to a new password for whoever lost it or the second factor; for one who never accepted, a new invitation.

    Until the link is followed nothing changes. Then the old password, second factors and sessions are gone.

    Raises:
        NotFoundError: ``staff.unknown``.
        ConflictError: ``staff.disabled``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        row = existing(work.session, account)
        if row.state == AccountState.DISABLED:
            raise ConflictError("staff.disabled", "account", "it is disabled", "Enable it first.")
        purpose = LinkPurpose.INVITE if row.state == AccountState.INVITED else LinkPurpose.RECOVER
        work.record(actor, "staff.recovery-offered", account_label(account), reason=why)
        return _issue(work, row, purpose)


def invitation(site: Site, token: str) -> Invitation:
    """Return what a link offers.

    Raises:
        NotFoundError: ``staff.no-link`` for one that was used, is too old, or never was.
    """
    with reading(site) as work:
        link = work.session.get(LinkRow, digest(site.keys, Kind.LINK, token))
        if link is None or work.now >= link.expires:
            raise _no_link()
        account = existing(work.session, link.account)
        return Invitation(LinkPurpose(link.purpose), account.name, Role(account.role), link.expires)


def accept_link(site: Site, token: str, name: str, password: str, address: str) -> SignedIn:
    """Use a link up: set the password and sign in from ``address``. Whoever was invited may choose another ``name``.

    Raises:
        NotFoundError: ``staff.no-link``.
        InputError: name or password are refused; the link still holds.
        ConflictError: ``staff.name-taken``, or ``staff.name-fixed`` where a recovery came with another name.
    """
    offered = invitation(site, token)
    if offered.purpose is LinkPurpose.RECOVER and name_key(name) != name_key(offered.name):
        raise ConflictError("staff.name-fixed", "name", "recovering an account does not rename it", "Leave the name as it is.")
    shown_name = check_name(name)
    check_password(password, shown_name)
    hashed = hash_password(password)
    with writing(site) as work:
        account = _use_up(work, token)
        refuse_taken_name(work.session, shown_name, besides=account.id)
        account.name, account.name_key = shown_name, name_key(shown_name)
        account.password, account.state = hashed, AccountState.ACTIVE
        forget_factors(work, account.id)
        sessions.end_all(work, account.id)
        # Whoever took the account over may have made keys; they must not outlive the recovery.
        work.session.execute(update(ApiKeyRow).where(ApiKeyRow.account == account.id, ApiKeyRow.revoked.is_(None)).values(revoked=work.now))
        action = "staff.recovered" if offered.purpose is LinkPurpose.RECOVER else "staff.accepted"
        work.record(Actor(ActorKind.STAFF, account.id), action, account_label(account.id))
        return sessions.start(work, account, address)


def _use_up(work: UnitOfWork, token: str) -> AccountRow:
    """Delete the link and return its account; of two who follow it at once, one finds it gone."""
    used = delete(LinkRow).where(LinkRow.digest == digest(work.keys, Kind.LINK, token), LinkRow.expires > work.now)
    account = work.session.scalar(used.returning(LinkRow.account))
    if account is None:
        raise _no_link()
    return existing(work.session, account)


def _new_account(work: UnitOfWork, name: str, role: Role, unit: str) -> AccountRow:
    row = AccountRow(id=new_id(work.now), name=name, name_key=name_key(name), role=role, state=AccountState.INVITED, unit=unit, created=work.now)
    work.session.add(row)
    work.session.flush()
    return row


def _issue(work: UnitOfWork, account: AccountRow, purpose: LinkPurpose) -> IssuedLink:
    work.session.execute(delete(LinkRow).where(LinkRow.account == account.id))
    token = new_token()
    expires = work.now + LINK_LIFE
    work.session.add(LinkRow(digest=digest(work.keys, Kind.LINK, token), account=account.id, purpose=purpose, expires=expires))
    return IssuedLink(account.id, purpose, f"/console/welcome?token={token}", expires)


def _no_link() -> NotFoundError:
    return NotFoundError("staff.no-link", "link", "it was used already, is too old, or is none", "Ask an administrator for a new one.")
