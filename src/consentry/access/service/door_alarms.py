"""Alarms of doors: what controllers tell becomes an alarm once, and a controller that is not heard of is one too. Nothing of it goes back to a door."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.access.controller.sync_text import MOST_EVENTS
from consentry.access.model import AccessEvent, DoorEvent
from consentry.access.records.controllers import DoorStateRow, paired_controllers
from consentry.access.records.events import EventRow
from consentry.access.service.controllers import doors_by_controller, is_away
from consentry.alarms import service as alarms
from consentry.alarms.model import AlarmKind, Sighting
from consentry.ledger.work import reading, writing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.access.chain import Taken
    from consentry.access.controller.sync_text import Happening, Sync
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["CLOCK_TOLERANCE", "is_alarming", "show_findings", "tell_controller", "tell_events", "watch"]

CLOCK_TOLERANCE = timedelta(seconds=15)
"""How far a controller's clock may be from ours: codes on telephones hold for steps of thirty seconds."""
_RAISED: Final[Mapping[str, AlarmKind]] = {
    DoorEvent.FORCED_OPEN: AlarmKind.DOOR_FORCED,
    DoorEvent.OPEN_TOO_LONG: AlarmKind.DOOR_HELD_OPEN,
    DoorEvent.TAMPER: AlarmKind.DOOR_TAMPER,
    DoorEvent.DOOR_FAULT: AlarmKind.DOOR_FAULT,
    DoorEvent.LOG_NEARLY_FULL: AlarmKind.DOOR_LOG_FULL,
    DoorEvent.EVENTS_LOST: AlarmKind.DOOR_EVENTS_LOST,
    DoorEvent.POLICY_EXPIRED: AlarmKind.DOOR_POLICY_EXPIRED,
    AccessEvent.DURESS: AlarmKind.DURESS,
}
_CLEARED: Final[Mapping[str, AlarmKind]] = {DoorEvent.CLOSED: AlarmKind.DOOR_HELD_OPEN}
_AT_ONCE = 500


def is_alarming(event: Happening) -> bool:
    """Tell whether staff are told of an event, or that with it something is well again."""
    return event.kind in _RAISED or event.kind in _CLEARED or AccessEvent.DURESS in event.reports


def tell_events(site: Site) -> None:
    """Raise or clear the alarms of events of which staff are still to be told; after each report, and as a job for what a crash left over."""
    with reading(site) as work:
        rows = work.session.scalars(select(EventRow).where(EventRow.alarm).order_by(EventRow.id).limit(_AT_ONCE)).all()
    for row in rows:
        for kind, present in _kinds(row):
            alarms.observe(site, Sighting(kind, row.door or row.controller, present, row.received, _detail(row) if present else ""))
    if rows:
        with writing(site) as work:
            for row in work.session.scalars(select(EventRow).where(EventRow.id.in_([row.id for row in rows]))):
                row.alarm = False


def tell_controller(site: Site, controller: str, report: Sync, added: Taken) -> None:
    """Raise or clear the alarms about a controller that just reported: it is there, its clock, its log."""
    now = site.clock.now()
    skew = abs(now - report.at)
    found = {
        AlarmKind.CONTROLLER_AWAY: (False, ""),
        AlarmKind.DOOR_CLOCK: (report.clock_jumped or skew > CLOCK_TOLERANCE, f"{round(skew.total_seconds())} s from ours"),
        AlarmKind.DOOR_LOG_BROKEN: (bool(added.fault), added.fault),
    }
    if added.lost:
        found[AlarmKind.DOOR_EVENTS_LOST] = (True, f"{added.lost} events")
    if not added.fault and _is_drained(report, added):
        found[AlarmKind.DOOR_LOG_FULL] = found[AlarmKind.DOOR_POLICY_EXPIRED] = (False, "")
    for kind, (present, detail) in found.items():
        alarms.observe(site, Sighting(kind, controller, present, now, detail if present else ""))


def watch(site: Site) -> None:
    """Raise or clear the alarms about controllers that are away, and ways that do not work; a job."""
    tell_events(site)
    with reading(site) as work:
        away, faulty, now = _away(work), _faulty(work), work.now
    show_findings(site, {AlarmKind.CONTROLLER_AWAY: away, AlarmKind.READER_FAULT: faulty}, now)


def show_findings(site: Site, found: Mapping[AlarmKind, set[str]], now: datetime) -> None:
    """Raise an alarm for each subject of a kind, and clear those of that kind whose subject is not there any more."""
    live = {(alarm.kind, alarm.subject) for alarm in alarms.live(site) if alarm.kind in found}
    for kind, subject in sorted(live | {(kind, subject) for kind, subjects in found.items() for subject in subjects}):
        alarms.observe(site, Sighting(kind, subject, subject in found[kind], now))


def _detail(row: EventRow) -> str:
    return f"event {row.id}" if row.claimed_door is None else f"event {row.id} is of door {row.claimed_door}, which is not its own"


def _kinds(row: EventRow) -> list[tuple[AlarmKind, bool]]:
    if row.claimed_door is not None:
        return [(AlarmKind.DOOR_LOG_BROKEN, True)]
    found = [(_RAISED[row.kind], True)] if row.kind in _RAISED else []
    found += [(_CLEARED[row.kind], False)] if row.kind in _CLEARED else []
    return [*found, (AlarmKind.DURESS, True)] if AccessEvent.DURESS.value in row.reports and row.kind != AccessEvent.DURESS else found


def _is_drained(report: Sync, added: Taken) -> bool:
    """Tell whether the controller has nothing more to send, and nothing that it just sent says otherwise."""
    told = {one.event.kind for one in added.events}
    reaches_end = not report.events or report.events[-1].event.seq <= added.acknowledged
    return reaches_end and len(report.events) < MOST_EVENTS and not told & {DoorEvent.LOG_NEARLY_FULL, DoorEvent.POLICY_EXPIRED}


def _away(work: UnitOfWork) -> set[str]:
    doors = doors_by_controller(work.site.settings)
    return {name for name, row in paired_controllers(work.session).items() if name in doors and is_away(row, work.now)}


def _faulty(work: UnitOfWork) -> set[str]:
    known = {door.id: {reader.value for reader in door.readers} for door in work.site.settings.doors}
    states = work.session.scalars(select(DoorStateRow)).all()
    return {f"{row.door}:{name}" for row in states for name, how in row.readers.items() if how != "ok" and name in known.get(row.door, ())}
