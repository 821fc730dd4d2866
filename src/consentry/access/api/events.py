"""``/doors``: how doors stand, what happened at them, who is inside, opening one for somebody, how long each way takes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import PlainTextResponse

from consentry.access.api.event_shapes import DoorOut, EndIn, EventOut, OrderOut, ReadinessOut, ReasonIn, RollOut, WaysReportOut
from consentry.access.happenings import EventFilter
from consentry.access.model import AccessEvent, DoorEvent
from consentry.access.service import events, inside, orders, parity, readiness
from consentry.platform.actors import Permission
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.platform.http.times import Instant

__all__ = ["router"]

router = ApiRouter(prefix="/doors", tag="doors")

_Doors = Annotated[list[str], Query(max_length=50, description="Only events of these doors.")]
_Kinds = Annotated[list[AccessEvent | DoorEvent], Query(max_length=50, description="Only events of these kinds.")]
_Person = Annotated[str | None, Query(max_length=36, description="Only events of this person, by pseudonym.")]
_UNWRITTEN = "no-store"


@router.get("", permission=Permission.VIEW_DOORS)
def list_doors(site: SiteDep, actor: ActorDep) -> list[DoorOut]:
    """List the doors of the settings, as their controllers told them last."""
    return [DoorOut.model_validate(found) for found in events.door_states(site, actor)]


@router.get("/readiness", permission=Permission.VIEW_DOORS)
def list_door_readiness(site: SiteDep, actor: ActorDep) -> list[ReadinessOut]:
    """List which ways through each door work now."""
    return [ReadinessOut.model_validate(found) for found in readiness.readiness(site, actor)]


@router.get("/events", permission=Permission.VIEW_DOORS)
def list_door_events(  # noqa: PLR0913 - a list's filters
    site: SiteDep,
    actor: ActorDep,
    *,
    door: _Doors = [],  # noqa: B006 - FastAPI copies it
    kind: _Kinds = [],  # noqa: B006 - as above
    person: _Person = None,
    since: Instant | None = None,
    until: Instant | None = None,
    limit: PageSize = 50,
    cursor: CursorParam = None,
) -> Page[EventOut]:
    """List events, the newest to arrive first."""
    wanted = EventFilter(tuple(door), tuple(kind), person, since, until)
    found = events.events(site, actor, wanted, before=key_of(cursor, int), limit=limit + 1)
    shown = [EventOut.model_validate(one) for one in found[:limit]]
    return Page(items=shown, next=cursor_of(shown[-1].id) if len(found) > limit else None)


@router.get("/events/live", permission=Permission.VIEW_DOORS)
def list_new_door_events(site: SiteDep, actor: ActorDep, after: Annotated[int, Query(ge=0)], limit: PageSize = 200) -> list[EventOut]:
    """List what arrived after an event, in the order of arrival."""
    return [EventOut.model_validate(one) for one in events.live_events(site, actor, after, limit=limit)]


@router.post("/inside", permission=Permission.VIEW_INSIDE)
def read_inside(site: SiteDep, actor: ActorDep, why: EndIn, response: Response) -> RollOut:
    """Return who is inside, for evacuation. Who asked and why is written into the ledger."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return RollOut.model_validate(inside.inside(site, actor, why.reason))


@router.post("/inside/list", permission=Permission.VIEW_INSIDE, response_class=PlainTextResponse)
def print_inside(site: SiteDep, actor: ActorDep, why: EndIn) -> PlainTextResponse:
    """Return who is inside as a list to print. Who asked and why is written into the ledger."""
    return PlainTextResponse(inside.printed(inside.inside(site, actor, why.reason)), headers={"Cache-Control": _UNWRITTEN})


@router.get("/parity", permission=Permission.VIEW_DOORS)
def read_parity(site: SiteDep, actor: ActorDep, since: Instant, until: Instant) -> WaysReportOut:
    """Return how long each way through the doors took in a span."""
    return WaysReportOut.model_validate(parity.parity_report(site, actor, since, until))


@router.post("/{door}/release", permission=Permission.OPEN_DOORS)
def open_door(site: SiteDep, actor: ActorDep, door: str, why: ReasonIn) -> OrderOut:
    """Have a door unlocked once for somebody who stands before it; its controller hears of it within seconds."""
    return OrderOut.model_validate(orders.open_door(site, actor, door, why.reason))
