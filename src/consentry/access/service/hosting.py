"""The host's word: a guest stands at a door with a pass that waits for it, and the resident who gave the pass says yes, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.records.residents import GuestRow
from consentry.access.residence import HostRequest
from consentry.access.service.guests import name_of_guest
from consentry.access.service.orders import agree_for_host, host_questions
from consentry.access.service.own_doors import named
from consentry.access.service.resident_sessions import current_resident
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["host_requests", "let_guest_in"]


@permits(Permission.LIVE_HERE)
def host_requests(site: Site, actor: Actor) -> tuple[HostRequest, ...]:
    """Return which of the resident's guests wait at a door now, the newest first."""
    with reading(site) as work:
        waits = GuestRow.host == current_resident(work, actor).person, GuestRow.needs_host, GuestRow.revoked.is_(None), GuestRow.until > work.now
        rows = {row.credential: (row.id, name_of_guest(work.keys, row)) for row in work.session.scalars(select(GuestRow).where(*waits))}
    return tuple(
        HostRequest(*rows[question.credential], named(site, question.door), question.at, question.expires) for question in host_questions(site, list(rows))
    )


@permits(Permission.LIVE_HERE)
def let_guest_in(site: Site, actor: Actor, guest: str, door: str) -> None:
    """Say yes to a guest of the resident who waits at a door. The controller decides about them as about anybody, within seconds.

    Raises:
        NotFoundError: ``guest.unknown`` where the resident gave no such pass, ``door.no-question`` where nobody waits there with it.
        ConflictError: ``controller.away``.
    """
    with reading(site) as work:
        row = work.session.get(GuestRow, guest[:36])
        if row is None or row.host != current_resident(work, actor).person:
            raise NotFoundError("guest.unknown", "guest pass", "there is none of that id", "Look at the list of guest passes.")
        credential = row.credential
    agree_for_host(site, actor.label, door, credential)
