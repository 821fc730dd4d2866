"""``/alarms``: what is or was wrong with the site, and looking after it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from consentry.alarms import service
from consentry.alarms.model import AlarmKind, AlarmState, Channel, DeliveryState, Severity, Step
from consentry.platform.actors import Permission
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep

__all__ = ["router"]

router = ApiRouter(prefix="/alarms", tag="alarms")


class AlarmOut(BaseModel):
    """An alarm."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: AlarmKind
    subject: str = Field(description="What it is about: a camera, a job, a folder.")
    severity: Severity
    state: AlarmState
    raised: datetime
    last_seen: datetime
    times: int = Field(description="How often it was seen.")
    detail: str
    acknowledged_by: str | None
    acknowledged: datetime | None
    note: str
    escalated: datetime | None
    closed: datetime | None


class DeliveryOut(BaseModel):
    """What was told of an alarm by one channel."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    step: Step
    channel: Channel
    state: DeliveryState
    attempts: int
    made: datetime
    due: datetime
    sent: datetime | None
    problem: str


class NoteIn(BaseModel):
    """What one wants to say about an alarm."""

    note: str = Field(default="", max_length=500)


@router.get("", permission=Permission.VIEW_ALARMS)
def list_alarms(  # noqa: PLR0913, PLR0917 - query parameters
    site: SiteDep,
    actor: ActorDep,
    state: Annotated[list[AlarmState] | None, Query(description="Only these states.")] = None,
    kind: AlarmKind | None = None,
    limit: PageSize = 50,
    cursor: CursorParam = None,
) -> Page[AlarmOut]:
    """List alarms, newest first."""
    found = service.list_alarms(site, actor, states=state, kinds={kind} if kind else None, after=key_of(cursor, str), limit=limit + 1)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[AlarmOut.model_validate(one) for one in found[:limit]], next=more)


@router.get("/{alarm}", permission=Permission.VIEW_ALARMS)
def read_alarm(site: SiteDep, actor: ActorDep, alarm: str) -> AlarmOut:
    """Return one alarm."""
    return AlarmOut.model_validate(service.alarm(site, actor, alarm))


@router.get("/{alarm}/deliveries", permission=Permission.VIEW_ALARMS)
def list_alarm_deliveries(site: SiteDep, actor: ActorDep, alarm: str) -> list[DeliveryOut]:
    """List what was told of an alarm, by which way and with what success."""
    return [DeliveryOut.model_validate(one) for one in service.deliveries(site, actor, alarm)]


@router.post("/{alarm}/acknowledge", permission=Permission.HANDLE_ALARMS)
def acknowledge_alarm(site: SiteDep, actor: ActorDep, alarm: str, body: NoteIn) -> AlarmOut:
    """Say that one looks after an alarm."""
    return AlarmOut.model_validate(service.acknowledge(site, actor, alarm, body.note))


@router.post("/{alarm}/escalate", permission=Permission.HANDLE_ALARMS)
def escalate_alarm(site: SiteDep, actor: ActorDep, alarm: str) -> AlarmOut:
    """Bring an alarm up to everyone again."""
    return AlarmOut.model_validate(service.escalate(site, actor, alarm))


@router.post("/{alarm}/close", permission=Permission.HANDLE_ALARMS)
def close_alarm(site: SiteDep, actor: ActorDep, alarm: str) -> AlarmOut:
    """Close an alarm; what is still wrong raises a new one."""
    return AlarmOut.model_validate(service.close(site, actor, alarm))
