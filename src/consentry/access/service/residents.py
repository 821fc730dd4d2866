"""Accounts of residents: invited by a one-time link, for somebody who is known at the doors already. They hold one permission, and sessions of their own.

A name that nobody has meets the same work, the same answer and the same delays as one that somebody has.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from consentry.access.records.people import DoorPersonRow
from consentry.access.records.residents import ResidentLinkRow, ResidentRow, ResidentSessionRow
from consentry.access.residence import Resident, ResidentInvitation, ResidentLink, ResidentState
from consentry.access.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Actor, ActorKind, Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.ids import new_id
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.outside import Known, Outsiders
from consentry.staff.passwords import hash_password
from consentry.staff.rules import check_name, check_password, name_key, stated
from consentry.staff.tokens import Kind, new_token

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = [
    "LINK_LIFE",
    "PEOPLE",
    "RESIDENTS",
    "accept_resident_link",
    "close_account",
    "disable_resident",
    "enable_resident",
    "end_resident_sessions",
    "invite_resident",
    "issue_link",
    "name_of",
    "new_resident",
    "renew_resident_link",
    "resident_actor",
    "resident_invitation",
    "resident_label",
    "resident_row",
    "residents",
]

PEOPLE = "access-residents"
"""The site's key under which names of accounts and guests are encrypted, and names are hashed."""
LINK_LIFE = timedelta(days=7)


@permits(Permission.VIEW_DOORS)
def residents(site: Site, actor: Actor) -> tuple[Resident, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return every account, oldest first, by pseudonyms: who somebody is, ``people.describe_people`` tells for a reason."""
    with reading(site) as work:
        return tuple(_shown(row) for row in work.session.scalars(select(ResidentRow).order_by(ResidentRow.id)))


@permits(Permission.MANAGE_CREDENTIALS)
def invite_resident(site: Site, actor: Actor, person: str, name: str) -> ResidentLink:
    """Make an account for somebody at the doors, and the link by which they choose a passphrase. ``name``: what they sign in with.

    Raises:
        NotFoundError: ``person.unknown``.
        InputError: ``staff.name``.
        ConflictError: ``resident.name-taken``, ``resident.has-account``, or ``door-person.left``.
    """
    shown_name = check_name(name)
    with writing(site) as work:
        invited = work.session.get(DoorPersonRow, person[:36])
        if invited is None:
            raise NotFoundError("person.unknown", "person", "nobody at the doors has that id", "List the people.")
        if invited.left is not None:
            raise ConflictError("door-person.left", f"person {invited.id}", "they left already", "Enter them anew.")
        row = new_resident(work, person, shown_name)
        work.record(Act(actor.label, "access.resident-invited", resident_label(row.id), PURPOSE, details={"person": person}))
        return issue_link(work, row)


@permits(Permission.MANAGE_CREDENTIALS)
def renew_resident_link(site: Site, actor: Actor, resident: str, reason: str) -> ResidentLink:
    """Make a link for one whose first link was lost or too old, or who lost the passphrase. Until it is followed nothing changes.

    Raises:
        NotFoundError: ``resident.unknown``.
        ConflictError: ``resident.disabled``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        row = resident_row(work.session, resident)
        if row.state == ResidentState.DISABLED:
            raise ConflictError("resident.disabled", "resident", "the account is disabled", "Enable it first.")
        work.record(Act(actor.label, "access.resident-link-renewed", resident_label(resident), PURPOSE, why))
        return issue_link(work, row)


def resident_invitation(site: Site, token: str) -> ResidentInvitation:
    """Return what a link offers to whoever holds it.

    Raises:
        NotFoundError: ``resident.no-link`` for one that was used, is too old, or never was.
    """
    with reading(site) as work:
        link = work.session.get(ResidentLinkRow, RESIDENTS.token_digest(site.keys, Kind.LINK, token))
        if link is None or work.now >= link.expires:
            raise _no_link()
        row = resident_row(work.session, link.resident)
        return ResidentInvitation(name_of(site.keys, row), row.passphrase is not None, link.expires)


def accept_resident_link(site: Site, token: str, passphrase: str) -> str:
    """Use a link up, set the passphrase and return the name to sign in with. Sessions under an earlier passphrase end.

    Raises:
        NotFoundError: ``resident.no-link``.
        InputError: the passphrase is refused (``staff.rules.check_password``); the link still holds.
    """
    check_password(passphrase, resident_invitation(site, token).name)
    hashed = hash_password(passphrase)
    with writing(site) as work:
        row = _use_up(work, token)
        row.passphrase, row.state = hashed, ResidentState.ACTIVE
        end_resident_sessions(work.session, row.id)
        work.record(Act(resident_label(row.id), "access.resident-accepted", resident_label(row.id), PURPOSE))
        return name_of(site.keys, row)


@permits(Permission.MANAGE_CREDENTIALS)
def disable_resident(site: Site, actor: Actor, resident: str, reason: str) -> None:
    """Disable an account: its sessions and its link end at once. What opens doors is ended apart from it; disabling twice is no error.

    Raises:
        NotFoundError: ``resident.unknown``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        row = resident_row(work.session, resident)
        if row.state != ResidentState.DISABLED:
            close_account(work.session, row)
            work.record(Act(actor.label, "access.resident-disabled", resident_label(resident), PURPOSE, why))


@permits(Permission.MANAGE_CREDENTIALS)
def enable_resident(site: Site, actor: Actor, resident: str) -> None:
    """Enable a disabled account again; one that never had a passphrase waits for a new link.

    Raises:
        NotFoundError: ``resident.unknown``.
    """
    with writing(site) as work:
        row = resident_row(work.session, resident)
        if row.state == ResidentState.DISABLED:
            row.state = ResidentState.INVITED if row.passphrase is None else ResidentState.ACTIVE
            work.record(Act(actor.label, "access.resident-enabled", resident_label(resident), PURPOSE))


def resident_actor(resident: str, session: str | None = None) -> Actor:
    """Return a resident as the one who acts."""
    return Actor(ActorKind.RESIDENT, resident, frozenset({Permission.LIVE_HERE}), session)


def resident_label(resident: str) -> str:
    """Return how the ledger names a resident, also where something is done to them."""
    return f"{ActorKind.RESIDENT}:{resident}"


def resident_row(session: Session, resident: str) -> ResidentRow:
    """Return a resident's row.

    Raises:
        NotFoundError: ``resident.unknown``.
    """
    row = session.get(ResidentRow, resident[:36])
    if row is None:
        raise NotFoundError("resident.unknown", "resident", "there is no account of that id", "List the accounts.")
    return row


def name_of(keys: SiteKeys, row: ResidentRow) -> str:
    """Return the name that somebody signs in with."""
    return opened(keys, PEOPLE, row.id, Sealed(row.wrapped, row.sealed))["name"]


def new_resident(work: UnitOfWork, person: str, name: str) -> ResidentRow:
    """Add an account under a checked name.

    Raises:
        ConflictError: ``resident.name-taken`` or ``resident.has-account``.
    """
    if _by_name(work.session, work.keys, name) is not None:
        raise ConflictError("resident.name-taken", "account", "another one has that name", "Add something that tells them apart.")
    if work.session.scalar(select(ResidentRow.id).where(ResidentRow.person == person)) is not None:
        raise ConflictError("resident.has-account", "person", "they have an account already", "Renew its link.")
    resident = new_id(work.now)
    kept, mark = sealed(work.keys, PEOPLE, resident, {"name": name}), _marks(work.keys, name)[0]
    row = ResidentRow(id=resident, person=person, state=ResidentState.INVITED, name_mark=mark, created=work.now)
    row.wrapped, row.sealed = kept
    work.session.add(row)
    work.session.flush()
    return row


def issue_link(work: UnitOfWork, row: ResidentRow) -> ResidentLink:
    """Make a one-time link of an account; the one before it holds no longer."""
    work.session.execute(delete(ResidentLinkRow).where(ResidentLinkRow.resident == row.id))
    token, expires = new_token(), work.now + LINK_LIFE
    work.session.add(ResidentLinkRow(digest=RESIDENTS.token_digest(work.keys, Kind.LINK, token), resident=row.id, expires=expires))
    # After the number sign, which no browser sends and no log holds.
    return ResidentLink(row.id, f"/resident/welcome#{token}", expires)


def close_account(session: Session, row: ResidentRow) -> None:
    """Disable an account: its link holds no longer, and its sessions end."""
    row.state = ResidentState.DISABLED
    session.execute(delete(ResidentLinkRow).where(ResidentLinkRow.resident == row.id))
    end_resident_sessions(session, row.id)


def end_resident_sessions(session: Session, resident: str) -> None:
    """End every session of a resident."""
    session.execute(delete(ResidentSessionRow).where(ResidentSessionRow.resident == resident))


def _shown(row: ResidentRow) -> Resident:
    return Resident(row.id, row.person, ResidentState(row.state), row.created, row.last_sign_in)


def _known(session: Session, keys: SiteKeys, name: str) -> Known | None:
    row = _by_name(session, keys, name)
    return Known(row.id, row.passphrase) if row is not None and row.state == ResidentState.ACTIVE else None


RESIDENTS = Outsiders(ActorKind.RESIDENT, "access", PURPOSE, _known)
"""How residents sign in."""


def _by_name(session: Session, keys: SiteKeys, name: str) -> ResidentRow | None:
    return session.scalar(select(ResidentRow).where(ResidentRow.name_mark.in_(_marks(keys, name))))


def _marks(keys: SiteKeys, name: str) -> list[bytes]:
    """Return the keyed hashes of a name under every key that may have been the newest, the newest first."""
    text = f"name\0{name_key(name)}".encode()
    return [hmac.digest(keys.derive(PEOPLE, epoch=epoch), text, "sha256") for epoch in sorted(keys.epochs, reverse=True)]


def _use_up(work: UnitOfWork, token: str) -> ResidentRow:
    """Delete the link and return its resident; of two who follow it at once, one finds it gone."""
    hashed = RESIDENTS.token_digest(work.keys, Kind.LINK, token)
    used = delete(ResidentLinkRow).where(ResidentLinkRow.digest == hashed, ResidentLinkRow.expires > work.now)
    resident = work.session.scalar(used.returning(ResidentLinkRow.resident))
    if resident is None:
        raise _no_link()
    return resident_row(work.session, resident)


def _no_link() -> NotFoundError:
    return NotFoundError("resident.no-link", "link", "it was used already, is too old, or is none", "Ask the property office for a new one.")
