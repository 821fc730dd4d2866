"""``/doors/people`` and ``/doors/groups``: who may pass doors. Nobody is named but to whoever gives a reason."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Response

from consentry.access.api.register_shapes import (
    DoorGroupIn,
    DoorGroupOut,
    DoorPersonIn,
    DoorPersonNameIn,
    DoorPersonNameOut,
    DoorPersonOut,
    DoorPersonTermsIn,
    DoorReasonIn,
    DoorViewingIn,
    ErasureOut,
    ErasureScopeOut,
    UnitIn,
)
from consentry.access.register import Group
from consentry.access.service import erasing, groups, people
from consentry.platform.actors import Permission
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.staff.model import Reason

__all__ = ["routers"]

_people = ApiRouter(prefix="/doors/people", tag="doors")
_groups = ApiRouter(prefix="/doors/groups", tag="doors")

routers = (_people, _groups)
"""The routers of people, to be served under ``/api/v1``."""

GroupParam = Annotated[str | None, Query(max_length=40, description="In this group alone.")]


@_people.get("", permission=Permission.MANAGE_CREDENTIALS)
def list_door_people(site: SiteDep, actor: ActorDep, group: GroupParam = None, limit: PageSize = 50, cursor: CursorParam = None) -> Page[DoorPersonOut]:
    """List people by pseudonym, newest first."""
    found = people.people(site, actor, group=group, before=key_of(cursor, str), limit=limit + 1)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[DoorPersonOut.of(one) for one in found[:limit]], next=more)


@_people.post("", permission=Permission.MANAGE_CREDENTIALS, status_code=HTTPStatus.CREATED)
def add_door_person(site: SiteDep, actor: ActorDep, body: DoorPersonIn) -> DoorPersonOut:
    """Enter somebody; they pass no door before they hold a credential."""
    return DoorPersonOut.of(people.add_person(site, actor, body.draft()))


@_people.post("/of-unit", permission=Permission.MANAGE_CREDENTIALS)
def list_people_of_unit(site: SiteDep, actor: ActorDep, body: UnitIn) -> list[DoorPersonOut]:
    """List the people of one unit by pseudonym. The unit stands in the body, so that no log of addresses keeps it."""
    return [DoorPersonOut.of(one) for one in people.people(site, actor, unit=body.unit, limit=people.MOST_DESCRIBED)]


@_people.post("/viewing", permission=Permission.MANAGE_CREDENTIALS)
def view_door_people(site: SiteDep, actor: ActorDep, body: DoorViewingIn, response: Response) -> list[DoorPersonNameOut]:
    """Look at names and units; the ledger keeps who looked, at whom, and why."""
    response.headers["Cache-Control"] = "no-store"
    found = people.describe_people(site, actor, body.people, Reason(body.text, body.ticket))
    return [DoorPersonNameOut(person=name, name=said.name, unit=said.unit) for name, said in found.items()]


@_people.get("/{person}", permission=Permission.MANAGE_CREDENTIALS)
def read_door_person(site: SiteDep, actor: ActorDep, person: str) -> DoorPersonOut:
    """Return one person by pseudonym."""
    return DoorPersonOut.of(people.person(site, actor, person))


@_people.put("/{person}/terms", permission=Permission.MANAGE_CREDENTIALS)
def change_door_person(site: SiteDep, actor: ActorDep, person: str, body: DoorPersonTermsIn) -> DoorPersonOut:
    """Put other terms in the place of somebody's."""
    return DoorPersonOut.of(people.change_person(site, actor, person, body.terms(), body.reason))


@_people.put("/{person}/name", permission=Permission.MANAGE_CREDENTIALS, status_code=HTTPStatus.NO_CONTENT)
def rename_door_person(site: SiteDep, actor: ActorDep, person: str, body: DoorPersonNameIn) -> None:
    """Write somebody's name or unit anew; a PIN that went with another unit ends."""
    people.rename_person(site, actor, person, body.said(), body.reason)


@_people.post("/{person}/suspension", permission=Permission.MANAGE_CREDENTIALS)
def suspend_door_person(site: SiteDep, actor: ActorDep, person: str, body: DoorReasonIn) -> DoorPersonOut:
    """Let nothing of somebody's open any door."""
    return DoorPersonOut.of(people.set_suspended(site, actor, person, body.reason, suspended=True))


@_people.post("/{person}/resumption", permission=Permission.MANAGE_CREDENTIALS)
def resume_door_person(site: SiteDep, actor: ActorDep, person: str, body: DoorReasonIn) -> DoorPersonOut:
    """Let what somebody holds open doors again."""
    return DoorPersonOut.of(people.set_suspended(site, actor, person, body.reason, suspended=False))


@_people.post("/{person}/ending", permission=Permission.MANAGE_CREDENTIALS, status_code=HTTPStatus.NO_CONTENT)
def end_door_person(site: SiteDep, actor: ActorDep, person: str, body: DoorReasonIn) -> None:
    """End everything that somebody holds, and what others hold through them."""
    people.end_person(site, actor, person, body.reason)


@_people.get("/{person}/erasure", permission=Permission.MANAGE_CREDENTIALS)
def read_erasure_scope(site: SiteDep, actor: ActorDep, person: str) -> ErasureScopeOut:
    """Return what erasing somebody would delete, and until when their events stay."""
    return ErasureScopeOut.model_validate(erasing.erasure_scope(site, actor, person))


@_people.post("/{person}/erasure", permission=Permission.MANAGE_CREDENTIALS)
def erase_door_person(site: SiteDep, actor: ActorDep, person: str, body: DoorReasonIn) -> ErasureOut | None:
    """Delete at once who somebody was who left: name, unit and account; null where nothing of it was left."""
    done = erasing.erase_person(site, actor, person, body.reason)
    return None if done is None else ErasureOut.of(done)


@_groups.get("", permission=Permission.VIEW_DOORS)
def list_door_groups(site: SiteDep, actor: ActorDep) -> list[DoorGroupOut]:
    """List every group."""
    return [DoorGroupOut.model_validate(one) for one in groups.groups(site, actor)]


@_groups.put("/{group}", permission=Permission.MANAGE_DOORS)
def put_door_group(site: SiteDep, actor: ActorDep, group: str, body: DoorGroupIn) -> DoorGroupOut:
    """Add a group, or call it otherwise."""
    return DoorGroupOut.model_validate(groups.put_group(site, actor, Group(group, body.zh, body.en)))


@_groups.delete("/{group}", permission=Permission.MANAGE_DOORS, status_code=HTTPStatus.NO_CONTENT)
def remove_door_group(site: SiteDep, actor: ActorDep, group: str) -> None:
    """Remove a group that has nobody and that no rule names."""
    groups.remove_group(site, actor, group)
