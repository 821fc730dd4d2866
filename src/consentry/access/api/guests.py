"""``/doors/residents`` and ``/doors/guest-passes``: staff make accounts of residents, and give or end guest passes on a host's word."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Query

from consentry.access.api.resident_shapes import (
    GuestPassOut,
    IssuedGuestOut,
    ResidentIn,
    ResidentLinkOut,
    ResidentOut,
    ResidentReasonIn,
    StaffGuestPassIn,
)
from consentry.access.service import guests, residents
from consentry.platform.actors import Permission
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep

__all__ = ["routers"]

_residents = ApiRouter(prefix="/doors/residents", tag="doors")
_guests = ApiRouter(prefix="/doors/guest-passes", tag="doors")

routers = (_residents, _guests)
"""The routers for staff, to be served under ``/api/v1``."""

HostParam = Annotated[str | None, Query(max_length=36, description="Only passes of this person's guests.")]


@_residents.get("", permission=Permission.VIEW_DOORS)
def list_residents(site: SiteDep, actor: ActorDep) -> list[ResidentOut]:
    """List every account of a resident, oldest first. Nobody is named."""
    return [ResidentOut.model_validate(one) for one in residents.residents(site, actor)]


@_residents.post("", permission=Permission.MANAGE_CREDENTIALS, status_code=HTTPStatus.CREATED)
def invite_resident(site: SiteDep, actor: ActorDep, body: ResidentIn) -> ResidentLinkOut:
    """Make an account for somebody at the doors; the one-time link is answered this once."""
    return ResidentLinkOut.model_validate(residents.invite_resident(site, actor, body.person, body.name))


@_residents.post("/{resident}/link", permission=Permission.MANAGE_CREDENTIALS)
def renew_resident_link(site: SiteDep, actor: ActorDep, resident: str, body: ResidentReasonIn) -> ResidentLinkOut:
    """Make a new one-time link; the one before it holds no longer."""
    return ResidentLinkOut.model_validate(residents.renew_resident_link(site, actor, resident, body.reason))


@_residents.post("/{resident}/disabling", permission=Permission.MANAGE_CREDENTIALS, status_code=HTTPStatus.NO_CONTENT)
def disable_resident(site: SiteDep, actor: ActorDep, resident: str, body: ResidentReasonIn) -> None:
    """Disable an account; what opens doors is ended apart from it."""
    residents.disable_resident(site, actor, resident, body.reason)


@_residents.post("/{resident}/enabling", permission=Permission.MANAGE_CREDENTIALS, status_code=HTTPStatus.NO_CONTENT)
def enable_resident(site: SiteDep, actor: ActorDep, resident: str) -> None:
    """Enable a disabled account again."""
    residents.enable_resident(site, actor, resident)


@_guests.get("", permission=Permission.MANAGE_CREDENTIALS)
def list_guest_passes(site: SiteDep, actor: ActorDep, host: HostParam = None, limit: PageSize = 50, cursor: CursorParam = None) -> Page[GuestPassOut]:
    """List guest passes, newest first. No guest is named."""
    found = guests.guest_passes(site, actor, host, before=key_of(cursor, str), limit=limit + 1)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[GuestPassOut.model_validate(one) for one in found[:limit]], next=more)


@_guests.post("", permission=Permission.MANAGE_CREDENTIALS, status_code=HTTPStatus.CREATED)
def give_guest_pass_for(site: SiteDep, actor: ActorDep, body: StaffGuestPassIn) -> IssuedGuestOut:
    """Let a guest of somebody in on their word."""
    return IssuedGuestOut.of(guests.issue_guest_pass_for(site, actor, body.host, body.draft()))


@_guests.post("/{guest}/revocation", permission=Permission.MANAGE_CREDENTIALS, status_code=HTTPStatus.NO_CONTENT)
def revoke_guest_pass(site: SiteDep, actor: ActorDep, guest: str, body: ResidentReasonIn) -> None:
    """End a guest pass at once."""
    guests.revoke_guest_pass(site, actor, guest, body.reason)
