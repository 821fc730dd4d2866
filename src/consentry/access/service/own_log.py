"""What a resident may read of the doors: what was done with their own credentials, and with those of their guests and delegates. Nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.model import AccessEvent
from consentry.access.records.people import DoorPersonRow
from consentry.access.records.residents import GuestRow
from consentry.access.register import PersonKind
from consentry.access.residence import LoggedPass, LoggedWho
from consentry.access.service import people
from consentry.access.service.events import events_of
from consentry.access.service.guests import name_of_guest
from consentry.access.service.own_doors import named
from consentry.access.service.resident_sessions import current_resident
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["own_log"]


@permits(Permission.LIVE_HERE)
def own_log(site: Site, actor: Actor, *, before: int | None = None, limit: int = 50) -> tuple[LoggedPass, ...]:
    """Return who passed, or tried to, by the resident's credentials; the newest first. ``before``: the id of the last one that the caller has.

    Duress is not told here: whoever forced the PIN from a resident may be reading with them.
    """
    with reading(site) as work:
        known = _known(work, current_resident(work, actor).person)
    found = events_of(site, list(known), before=before, limit=limit)
    return tuple(
        LoggedPass(one.id, one.at, named(site, one.door or ""), one.kind, *known[one.person], one.reader)
        for one in found
        if isinstance(one.kind, AccessEvent) and one.person is not None
    )


def _known(work: UnitOfWork, person: str) -> Mapping[str, tuple[LoggedWho, str | None]]:
    """Return whose events a resident may see, and what they call them; a guest whose name is forgotten was theirs all the same."""
    named = {row.person: name_of_guest(work.keys, row) for row in work.session.scalars(select(GuestRow).where(GuestRow.host == person))}
    guests = work.session.scalars(select(DoorPersonRow.id).where(DoorPersonRow.host == person, DoorPersonRow.kind == PersonKind.GUEST))
    helpers = work.session.scalars(select(DoorPersonRow).where(DoorPersonRow.host == person, DoorPersonRow.kind == PersonKind.DELEGATE))
    said = {row.id: people.name_of(work, row) for row in helpers}
    return {
        **{guest: (LoggedWho.GUEST, named.get(guest)) for guest in guests},
        **{helper: (LoggedWho.DELEGATE, found.name if found else None) for helper, found in said.items()},
        person: (LoggedWho.OWN, None),
    }
