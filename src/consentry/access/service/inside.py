"""Who is inside, for evacuation: from what the doors told, with what it cannot know said beside it. Whoever looks gives a reason, which is entered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.access.happenings import AreaRoll, Roll, Unknown, UnknownKind
from consentry.access.model import ContactState
from consentry.access.presence import presence
from consentry.access.records.controllers import DoorStateRow, paired_controllers
from consentry.access.records.events import EventRow
from consentry.access.records.people import DoorPersonRow
from consentry.access.service.controllers import doors_by_controller, is_away
from consentry.access.service.events import pass_event
from consentry.access.service.people import name_of
from consentry.access.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from consentry.access.happenings import PassEvent, Present
    from consentry.access.presence import Presence
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["LOOKS_BACK", "inside", "printed"]

LOOKS_BACK = timedelta(hours=24)
"""How far back the roll looks. Who went in before, and was not seen to leave, is counted beside it: most of them left by a door that asks nobody."""
_AT_ONCE = 500
_TITLES: Final = {
    UnknownKind.OPENED_WITHOUT_NAME: "无名开门 opened without a name",
    UnknownKind.CONTROLLER_AWAY: "控制器失联 controller away",
    UnknownKind.CONTACT_UNKNOWN: "门磁未知 contact unknown",
    UnknownKind.EARLIER: "更早进入 went in earlier",
}


@permits(Permission.VIEW_INSIDE)
def inside(site: Site, actor: Actor, reason: str) -> Roll:
    """Return who is in which area now, by name, with the last door and when. Who looked and why is written into the ledger.

    Raises:
        InputError: ``input.text`` without a reason.
    """
    why = stated(reason, longest=300)
    with writing(site) as work:
        since = work.now - LOOKS_BACK
        into = {door.id: door.leads_into for door in site.settings.doors}
        found = presence(_told(work, since), into)
        unknowns = tuple(_unknowns(work, found, since, into))
        areas = tuple(AreaRoll(area, _named(work, people)) for area, people in found.areas.items())
        work.record(Act(actor.label, "access.inside-viewed", "doors", PURPOSE, why, {"people": sum(len(area.people) for area in areas)}))
        return Roll(work.now, since, areas, unknowns)


def printed(roll: Roll) -> str:
    """Return a roll as text that fits on paper, one person a line with a box to tick; times in UTC."""
    lines = [f"在场名单 Who is inside  {_instant(roll.at)} UTC", f"自 since {_instant(roll.since)} UTC", ""]
    for area in roll.areas:
        lines += [f"{area.area}: {len(area.people)}"]
        lines += [f"[ ] {present.name or present.person}  {present.door}  {_instant(present.at)}" for present in area.people]
        lines += [""]
    lines += ["可能遗漏 What this list cannot know:"]
    lines += [f"- {_TITLES[unknown.kind]}: {unknown.subject}  x{unknown.many}" for unknown in roll.unknowns] or ["-"]
    return "\n".join(lines) + "\n"


def _told(work: UnitOfWork, since: datetime) -> list[PassEvent]:
    rows = work.session.scalars(select(EventRow).where(EventRow.at >= since).order_by(EventRow.at, EventRow.controller, EventRow.seq))
    return [pass_event(row) for row in rows]


def _named(work: UnitOfWork, people: Sequence[Present]) -> tuple[Present, ...]:
    names = dict[str, str]()
    wanted = [present.person for present in people]
    for start in range(0, len(wanted), _AT_ONCE):
        for row in work.session.scalars(select(DoorPersonRow).where(DoorPersonRow.id.in_(wanted[start : start + _AT_ONCE]))):
            said = name_of(work, row)
            if said is not None:
                names[row.id] = f"{said.name} ({said.unit})" if said.unit else said.name
    shown = [replace(present, name=names.get(present.person)) for present in people]
    return tuple(sorted(shown, key=lambda present: (present.name is None, present.name or "", present.person)))


def _unknowns(work: UnitOfWork, found: Presence, since: datetime, into: dict[str, str]) -> Iterator[Unknown]:
    for door, many in sorted(found.nameless.items()):
        yield Unknown(UnknownKind.OPENED_WITHOUT_NAME, door, many, since)
    paired = paired_controllers(work.session)
    for controller in sorted(doors_by_controller(work.site.settings)):
        row = paired.get(controller)
        if row is None or is_away(row, work.now):
            yield Unknown(UnknownKind.CONTROLLER_AWAY, controller, 1, row.seen or row.paired if row else since)
    for state in work.session.scalars(select(DoorStateRow).where(DoorStateRow.contact == ContactState.UNKNOWN).order_by(DoorStateRow.door)):
        yield Unknown(UnknownKind.CONTACT_UNKNOWN, state.door, 1, state.told)
    yield from _earlier(work, since, into)


def _earlier(work: UnitOfWork, since: datetime, into: dict[str, str]) -> Iterator[Unknown]:
    """Yield how many people went into an area before ``since`` and passed no door since."""
    seen = select(EventRow.person).where(EventRow.at >= since, EventRow.person.is_not(None))
    older = select(EventRow).where(EventRow.at < since, EventRow.person.is_not(None), EventRow.person.not_in(seen))
    rows = work.session.scalars(older.order_by(EventRow.at, EventRow.controller, EventRow.seq))
    areas = presence([pass_event(row) for row in rows], into).areas
    for area, people in areas.items():
        yield Unknown(UnknownKind.EARLIER, area, len(people), since)


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")
