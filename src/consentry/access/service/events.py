"""What happened at doors, for staff to read: pages of it, what is new, and how each door stands. People by pseudonym; the register tells names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.controller.sync_text import event_kind
from consentry.access.happenings import DoorState, EventFilter, PassEvent
from consentry.access.model import AccessEvent, ContactState, DoorMode, ReaderKind
from consentry.access.records.controllers import DoorStateRow
from consentry.access.records.events import EventRow
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Select

    from consentry.platform.actors import Actor
    from consentry.platform.settings.doors import DoorSettings
    from consentry.platform.site import Site

__all__ = ["door_states", "events", "events_by", "events_of", "live_events", "newest_event", "pass_event"]

_EVERYTHING = EventFilter()


@permits(Permission.VIEW_DOORS)
def events(site: Site, actor: Actor, wanted: EventFilter = _EVERYTHING, *, before: int | None = None, limit: int = 50) -> list[PassEvent]:
    """Return events, the newest to arrive first; ``before``: the id of the last one that the caller has. Duress is shown to whoever sees alarms."""
    found = _filtered(wanted, actor).order_by(EventRow.id.desc()).limit(limit)
    if before is not None:
        found = found.where(EventRow.id < before)
    with reading(site) as work:
        return [_shown(row, actor) for row in work.session.scalars(found)]


@permits(Permission.VIEW_DOORS)
def live_events(site: Site, actor: Actor, after: int, wanted: EventFilter = _EVERYTHING, limit: int = 200) -> list[PassEvent]:
    """Return what arrived after the event ``after``, in the order of arrival."""
    with reading(site) as work:
        found = _filtered(wanted, actor).where(EventRow.id > after).order_by(EventRow.id).limit(limit)
        return [_shown(row, actor) for row in work.session.scalars(found)]


@permits(Permission.VIEW_DOORS)
def newest_event(site: Site, actor: Actor) -> int:  # noqa: ARG001 - the guard reads the actor
    """Return the id of the event that arrived last, 0 before the first: where watching begins."""
    with reading(site) as work:
        return work.session.scalar(select(EventRow.id).order_by(EventRow.id.desc()).limit(1)) or 0


@permits(Permission.VIEW_DOORS)
def door_states(site: Site, actor: Actor) -> tuple[DoorState, ...]:  # noqa: ARG001 - as above
    """Return how each door of the settings stands, as its controller told it last."""
    with reading(site) as work:
        known = {row.door: row for row in work.session.scalars(select(DoorStateRow))}
    return tuple(_door(door, known.get(door.id)) for door in site.settings.doors)


def events_of(site: Site, people: Collection[str], *, before: int | None = None, limit: int = 50) -> list[PassEvent]:
    """Return what some people did at doors, the newest to arrive first, without what is reported in silence; for a resident's own log."""
    return _in_silence(site, EventRow.person.in_(people), before, limit)


def events_by(site: Site, credentials: Collection[str], *, before: int | None = None, limit: int = 50) -> list[PassEvent]:
    """Return what was done with some credentials, in the same order and with the same silence."""
    return _in_silence(site, EventRow.credential.in_(credentials), before, limit)


def _in_silence(site: Site, condition: ColumnElement[bool], before: int | None, limit: int) -> list[PassEvent]:
    found = select(EventRow).where(condition).order_by(EventRow.id.desc()).limit(limit)
    if before is not None:
        found = found.where(EventRow.id < before)
    with reading(site) as work:
        return [_shown(row, None) for row in work.session.scalars(found)]


def _filtered(wanted: EventFilter, actor: Actor) -> Select[EventRow]:
    found = select(EventRow)
    if wanted.doors:
        found = found.where(EventRow.door.in_(wanted.doors))
    if wanted.kinds:
        found = found.where(EventRow.kind.in_(_kinds(wanted, actor)))
    if wanted.person is not None:
        found = found.where(EventRow.person == wanted.person)
    if wanted.since is not None:
        found = found.where(EventRow.at >= wanted.since)
    return found if wanted.until is None else found.where(EventRow.at < wanted.until)


def _kinds(wanted: EventFilter, actor: Actor) -> set[str]:
    """Return the kinds to look for: whoever sees no alarms finds a door opened under duress among those that were granted, and not otherwise."""
    kinds = {kind.value for kind in wanted.kinds}
    if Permission.VIEW_ALARMS in actor.permissions:
        return kinds
    kinds.discard(AccessEvent.DURESS)
    return kinds | {AccessEvent.DURESS} if AccessEvent.GRANTED in kinds else kinds


def pass_event(row: EventRow) -> PassEvent:
    """Return an event as it is kept."""
    reader = ReaderKind(row.reader) if row.reader else None
    reports = tuple(AccessEvent(report) for report in row.reports)
    kind = event_kind(row.kind)
    return PassEvent(row.id, row.controller, row.at, kind, row.door, reader, row.person, row.credential, reports, row.took_ms, row.received)


def _shown(row: EventRow, actor: Actor | None) -> PassEvent:
    """Return an event as somebody may see it: under duress a door opened as always, for all but those who look after alarms."""
    event = pass_event(row)
    if actor is not None and Permission.VIEW_ALARMS in actor.permissions:
        return event
    kind = AccessEvent.GRANTED if event.kind is AccessEvent.DURESS else event.kind
    return replace(event, kind=kind, reports=tuple(report for report in event.reports if report is not AccessEvent.DURESS))


def _door(door: DoorSettings, row: DoorStateRow | None) -> DoorState:
    name = door.name.zh if door.name else door.id
    if row is None:
        return DoorState(door.id, name, door.controller, ContactState.UNKNOWN, DoorMode.NORMAL, {}, None)
    readers = {ReaderKind(reader): how == "ok" for reader, how in row.readers.items()}
    return DoorState(door.id, name, row.controller, ContactState(row.contact), DoorMode(row.mode), readers, row.told)
