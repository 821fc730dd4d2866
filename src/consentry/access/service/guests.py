"""Guest passes: a resident, or staff for one, lets somebody in through a door for a time. The guest needs no account: a link shows them the code.

At the doors a guest is a person of their own with a host, and what they hold ends with the pass. Their name is kept here alone, encrypted, and goes some
days after the pass (``[access] guest_retention``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select

from consentry.access.records.residents import GuestRow
from consentry.access.register import GuestPassDraft, PersonDraft, PersonKind, PersonName, PersonTerms
from consentry.access.residence import GuestCode, GuestDraft, GuestPass, GuestState, IssuedGuest
from consentry.access.service import people
from consentry.access.service.issuing import enter_guest_pass
from consentry.access.service.own_doors import doors_of, named
from consentry.access.service.resident_sessions import current_resident
from consentry.access.service.residents import PEOPLE
from consentry.access.service.uses import forget_uses, used
from consentry.access.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.platform.jobs import Job
from consentry.platform.keys.sealing import Sealed, opened, sealed
from consentry.staff.rules import check_text, stated
from consentry.staff.tokens import Kind, digest, new_token

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = [
    "JOBS",
    "MOST_USES",
    "forget_guests",
    "guest_code",
    "guest_label",
    "guest_passes",
    "issue_guest_pass",
    "issue_guest_pass_for",
    "name_of_guest",
    "own_guest_passes",
    "revoke_guest_pass",
    "revoke_own_guest_pass",
]

MOST_USES = 100
FURTHEST = timedelta(days=90)
"""How far ahead a guest pass may begin."""
_LONGEST_NAME = 40
_AT_THE_DOORS = PersonName("guest")
"""What the register calls every guest: who they are stands here alone, and is forgotten from here."""


@permits(Permission.LIVE_HERE)
def own_guest_passes(site: Site, actor: Actor) -> tuple[GuestPass, ...]:
    """Return the guest passes that the resident gave and that are not forgotten yet, the newest first."""
    with reading(site) as work:
        host = current_resident(work, actor).person
        rows = work.session.scalars(select(GuestRow).where(GuestRow.host == host).order_by(GuestRow.id.desc()))
        return tuple(_shown(work, row) for row in rows)


@permits(Permission.MANAGE_CREDENTIALS)
def guest_passes(site: Site, actor: Actor, host: str | None = None, *, before: str | None = None, limit: int = 50) -> tuple[GuestPass, ...]:
    """Return guest passes for staff, the newest first: of one host, or all. ``before`` is the last id that the caller has. No guest is named."""
    del actor
    wanted = select(GuestRow).order_by(GuestRow.id.desc()).limit(limit)
    wanted = wanted if host is None else wanted.where(GuestRow.host == host)
    with reading(site) as work:
        rows = work.session.scalars(wanted if before is None else wanted.where(GuestRow.id < before))
        return tuple(_shown(work, row, with_name=False) for row in rows)


@permits(Permission.LIVE_HERE)
def issue_guest_pass(site: Site, actor: Actor, draft: GuestDraft) -> IssuedGuest:
    """Let a guest of the resident in. The path is shown this once.

    Raises:
        DeniedError: ``access.denied`` for an actor who is no resident.
        InputError: ``guest.times``, ``guest.uses``, ``guest.doors`` for a door that is not the host's, ``pass.doors``, ``input.text``.
        ConflictError: ``guest.too-many``.
    """
    with writing(site) as work:
        return _issue(work, actor, current_resident(work, actor).person, draft)


@permits(Permission.MANAGE_CREDENTIALS)
def issue_guest_pass_for(site: Site, actor: Actor, host: str, draft: GuestDraft) -> IssuedGuest:
    """Let a guest of somebody in on their word, such as by telephone.

    Raises:
        NotFoundError: ``door-person.unknown``.
        InputError: as :func:`issue_guest_pass`; ``door-person.host`` where the host is no member.
        ConflictError: ``guest.too-many``, ``door-person.left``.
    """
    with writing(site) as work:
        return _issue(work, actor, people.person_row(work.session, host).id, draft)


@permits(Permission.LIVE_HERE)
def revoke_own_guest_pass(site: Site, actor: Actor, guest: str) -> None:
    """End a guest pass of the resident at once; ending it twice is no error.

    Raises:
        NotFoundError: ``guest.unknown`` where the resident gave none of that id.
    """
    with writing(site) as work:
        row = _guest_row(work.session, guest)
        if row.host != current_resident(work, actor).person:
            raise _unknown()
        _revoke(work, actor, row)


@permits(Permission.MANAGE_CREDENTIALS)
def revoke_guest_pass(site: Site, actor: Actor, guest: str, reason: str) -> None:
    """End anybody's guest pass at once.

    Raises:
        NotFoundError: ``guest.unknown``.
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason)
    with writing(site) as work:
        _revoke(work, actor, _guest_row(work.session, guest), why)


def guest_code(site: Site, secret: str) -> GuestCode:
    """Return what a guest sees who holds the secret of a link; the name stays with the host.

    Raises:
        NotFoundError: ``guest.no-link`` for one that is forgotten, or never was.
    """
    with reading(site) as work:
        row = work.session.scalar(select(GuestRow).where(GuestRow.digest == _digest(work.keys, secret.strip())))
        if row is None:
            raise NotFoundError("guest.no-link", "link", "it is over, or is none", "Ask your host for a new one.")
        found = _shown(work, row, with_name=False)
        usable = found.state in {GuestState.OPEN, GuestState.WAITING}
        return GuestCode(found, _texts(work.keys, row)["code"] if usable else None)


def name_of_guest(keys: SiteKeys, row: GuestRow) -> str | None:
    """Return what the host called the guest; only for the host."""
    return _texts(keys, row).get("name")


def guest_label(guest: str) -> str:
    """Return how the ledger names a guest pass."""
    return f"guest-pass:{guest}"


def forget_guests(site: Site) -> int:
    """Delete the passes that are over for ``guest_retention``, with the names of their guests, and return how many; a job."""
    with writing(site) as work:
        old = work.now - site.settings.access.guest_retention
        gone = work.session.scalars(delete(GuestRow).where(func.coalesce(GuestRow.revoked, GuestRow.until) <= old).returning(GuestRow.id)).all()
        forget_uses(work)
        return len(gone)


JOBS: Final = (Job("retention-guest-passes", timedelta(hours=1), forget_guests),)
"""What is to run by itself while the site does."""


def _issue(work: UnitOfWork, actor: Actor, host: str, draft: GuestDraft) -> IssuedGuest:
    draft = replace(draft, starts=max(draft.starts, work.now))
    _check_draft(work, host, draft)
    name = check_text(draft.name, "guest's name", longest=_LONGEST_NAME) if draft.name and draft.name.strip() else None
    terms = PersonTerms(valid_from=draft.starts, valid_until=draft.until, host=host, doors=draft.doors)
    person = people.enter(work, actor.label, PersonDraft(PersonKind.GUEST, _AT_THE_DOORS, terms)).id
    asked = GuestPassDraft(draft.doors, draft.starts, draft.until, draft.uses, draft.needs_host)
    issued = enter_guest_pass(work, actor.label, person, asked)
    token = new_token()
    row = _row(work, host, draft)
    row.person, row.credential, row.digest = person, issued.credential.id, _digest(work.keys, token)
    texts = {"code": issued.text, **({"name": name} if name else {})}
    row.wrapped, row.sealed = sealed(work.keys, PEOPLE, row.id, texts)
    work.session.add(row)
    work.session.flush()
    details = {"host": host, "doors": sorted(draft.doors), "credential": row.credential}
    work.record(Act(actor.label, "access.guest-pass-issued", guest_label(row.id), PURPOSE, details=details))
    return IssuedGuest(_shown(work, row), f"/guest#{token}")


def _row(work: UnitOfWork, host: str, draft: GuestDraft) -> GuestRow:
    return GuestRow(
        id=new_id(work.now),
        host=host,
        doors=list(draft.doors),
        starts=draft.starts,
        until=draft.until,
        uses=draft.uses,
        needs_host=draft.needs_host,
        issued=work.now,
    )


def _check_draft(work: UnitOfWork, host: str, draft: GuestDraft) -> None:
    terms = work.site.settings.access
    if not (draft.starts < draft.until <= draft.starts + terms.longest_guest_pass and draft.starts <= work.now + FURTHEST):
        days = terms.longest_guest_pass / timedelta(days=1)
        raise InputError("guest.times", "guest pass", "it ends before it begins, or lasts too long", f"Let it last at most {days:g} days.")
    if draft.uses is not None and not 1 <= draft.uses <= MOST_USES:
        raise InputError("guest.uses", "guest pass", f"{draft.uses} is no possible number of times", f"Choose 1 to {MOST_USES}.")
    if not draft.doors or set(draft.doors) - {door.id for door in doors_of(work, host)}:
        raise InputError("guest.doors", "guest pass", "it names no door, or one that is not the host's", "Choose among the host's doors.")
    if _open_passes(work, host) >= terms.guest_passes:
        raise ConflictError("guest.too-many", "guest passes", f"{terms.guest_passes} are open already", "Revoke one that is not needed.")


def _open_passes(work: UnitOfWork, host: str) -> int:
    rows = work.session.scalars(select(GuestRow).where(GuestRow.host == host, GuestRow.revoked.is_(None), GuestRow.until > work.now))
    return sum(_state(row, used(work.session, row.credential), work.now) in {GuestState.OPEN, GuestState.WAITING} for row in rows)


def _revoke(work: UnitOfWork, actor: Actor, row: GuestRow, reason: str = "") -> None:
    if row.revoked is not None:
        return
    row.revoked = work.now
    work.record(Act(actor.label, "access.guest-pass-revoked", guest_label(row.id), PURPOSE, reason))
    people.leave(work, actor.label, people.person_row(work.session, row.person), reason)


def _guest_row(session: Session, guest: str) -> GuestRow:
    row = session.get(GuestRow, guest[:36])
    if row is None:
        raise _unknown()
    return row


def _shown(work: UnitOfWork, row: GuestRow, *, with_name: bool = True) -> GuestPass:
    times = used(work.session, row.credential)
    return GuestPass(
        id=row.id,
        host=row.host,
        name=name_of_guest(work.keys, row) if with_name else None,
        doors=tuple(named(work.site, door) for door in row.doors),
        starts=row.starts,
        until=row.until,
        uses=row.uses,
        used=times,
        needs_host=row.needs_host,
        state=_state(row, times, work.now),
        issued=row.issued,
    )


def _state(row: GuestRow, times: int, now: datetime) -> GuestState:
    if row.revoked is not None:
        return GuestState.REVOKED
    if now >= row.until:
        return GuestState.OVER
    if row.uses is not None and times >= row.uses:
        return GuestState.USED
    return GuestState.WAITING if now < row.starts else GuestState.OPEN


def _texts(keys: SiteKeys, row: GuestRow) -> dict[str, str]:
    return opened(keys, PEOPLE, row.id, Sealed(row.wrapped, row.sealed))


def _digest(keys: SiteKeys, secret: str) -> bytes:
    return digest(keys, Kind.LINK, f"guest\0{secret}")


def _unknown() -> NotFoundError:
    return NotFoundError("guest.unknown", "guest pass", "there is none of that id", "Look at the list of guest passes.")
