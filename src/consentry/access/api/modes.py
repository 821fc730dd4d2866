"""``/doors/modes``: lockdown and free access, by two people."""

from __future__ import annotations

from http import HTTPStatus

from consentry.access.api.event_shapes import EndIn, ModeIn, ModeOut
from consentry.access.service import modes
from consentry.platform.actors import Permission
from consentry.platform.http.paging import PageSize
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep

__all__ = ["router"]

router = ApiRouter(prefix="/doors/modes", tag="doors")


@router.get("", permission=Permission.VIEW_DOORS)
def list_door_modes(site: SiteDep, actor: ActorDep, limit: PageSize = 50) -> list[ModeOut]:
    """List modes and proposals, the newest first."""
    return [ModeOut.model_validate(found) for found in modes.modes(site, actor, limit)]


@router.post("", permission=Permission.SET_DOOR_MODE, status_code=HTTPStatus.CREATED)
def propose_door_mode(site: SiteDep, actor: ActorDep, body: ModeIn) -> ModeOut:
    """Propose a mode; nothing changes before another person confirms it."""
    area = modes.doors_of_area(site.settings, body.area) if body.area else ()
    return ModeOut.model_validate(modes.propose_mode(site, actor, body.mode, (*body.doors, *area), body.reason))


@router.post("/{mode}/confirmation", permission=Permission.SET_DOOR_MODE)
def confirm_door_mode(site: SiteDep, actor: ActorDep, mode: str) -> ModeOut:
    """Confirm what another person proposed."""
    return ModeOut.model_validate(modes.confirm_mode(site, actor, mode))


@router.post("/{mode}/end", permission=Permission.SET_DOOR_MODE)
def end_door_mode(site: SiteDep, actor: ActorDep, mode: str, why: EndIn) -> ModeOut:
    """End a mode, or take back a proposal."""
    return ModeOut.model_validate(modes.end_mode(site, actor, mode, why.reason))
