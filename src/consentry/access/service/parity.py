"""How long each way through the doors takes, from what the doors told: nobody who shows no face is to wait longer for it (R62)."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.happenings import WaysReport, WayTime
from consentry.access.model import AccessEvent, ReaderKind
from consentry.access.records.events import EventRow
from consentry.access.rules.parity import parity, settled
from consentry.alarms import service as alarms
from consentry.alarms.model import AlarmKind, Sighting
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.rules.parity import Parity
    from consentry.platform.actors import Actor
    from consentry.platform.settings.doors import DoorSettings
    from consentry.platform.site import Site

__all__ = ["WATCHED", "follow", "parity_report"]

WATCHED = timedelta(days=7)
"""The passages by which a door is judged."""

_Took = defaultdict[ReaderKind, list[float]]


@permits(Permission.VIEW_DOORS)
def parity_report(site: Site, actor: Actor, since: datetime, until: datetime) -> WaysReport:  # noqa: ARG001 - the guard reads the actor
    """Return the median seconds between first read and release by way, of everybody who was let in from ``since`` to before ``until``.

    Raises:
        InputError: ``access.span`` where it is empty.
    """
    if since >= until:
        raise InputError("access.span", "span", "it is empty", "Let it end after it begins.")
    took = _Took(list)
    for at_door in _took(site, since, until).values():
        for way, each in at_door.items():
            took[way] += each
    found = parity(took)
    ways = tuple(WayTime(one.reader, one.passages, one.median_s) for one in found.ways)
    return WaysReport(since, until, ways, found.slowest.reader if found.slowest else None, found.holds)


def follow(site: Site) -> None:
    """Raise an alarm for each door at which whoever shows no face waited longer of late, and clear it once nobody does; a job.

    Where too few used a way, what was found before stands. Where nobody shows a face any more, nobody waits longer than them.
    """
    now = site.clock.now()
    doors, took = {door.id: door for door in site.settings.doors}, _took(site, now - WATCHED, now)
    raised = {alarm.subject for alarm in alarms.live(site) if alarm.kind is AlarmKind.DOOR_PARITY}
    for name in sorted(raised | took.keys()):
        found = settled(took[name])
        if found.holds is False and name in doors:
            alarms.observe(site, Sighting(AlarmKind.DOOR_PARITY, name, present=True, at=now, detail=_detail(doors[name], found)))
        elif name in raised and (found.holds or name not in doors or ReaderKind.FACE not in took[name]):
            alarms.observe(site, Sighting(AlarmKind.DOOR_PARITY, name, present=False, at=now))


def _took(site: Site, since: datetime, until: datetime) -> defaultdict[str, _Took]:
    """Return the seconds of everybody who was let in, by door and way."""
    let_in = EventRow.kind == AccessEvent.GRANTED, EventRow.at >= since, EventRow.at < until
    found: defaultdict[str, _Took] = defaultdict(lambda: _Took(list))
    with reading(site) as work:
        for door, reader, milliseconds in work.session.execute(select(EventRow.door, EventRow.reader, EventRow.took_ms).where(*let_in)):
            if reader is not None and milliseconds is not None:
                found[door or ""][ReaderKind(reader)].append(milliseconds / 1000)
    return found


def _detail(door: DoorSettings, found: Parity) -> str:
    medians = ", ".join(f"{one.reader} {one.median_s:.1f} s" for one in found.ways)
    among = "; the door searches among faces: let it compare one to one until it holds" if door.face_one_to_n else ""
    return f"medians of {WATCHED.days} days: {medians}{among}"
