"""What is done with alarms: they are raised, joined and cleared by what watchers see; people acknowledge, escalate and close them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from consentry.alarms import records, rules
from consentry.alarms.model import AlarmState, Channel, Delivery, DeliveryState
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import Permission, permits, system
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.alarms.model import Alarm, AlarmKind, Sighting
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = [
    "acknowledge",
    "alarm",
    "close",
    "deliveries",
    "escalate",
    "escalate_overdue",
    "forget_old",
    "list_alarms",
    "live",
    "observe",
    "open_count",
]

PURPOSE = "operation"
LONGEST_NOTE = 500

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PART = system("alarms").label


def observe(site: Site, sighting: Sighting) -> Alarm | None:
    """Take what a watcher saw, and return the alarm of that kind and subject as it is now; None where nothing is wrong and nothing was.

    The step that an alarm takes, its entry in the ledger, and what is told of it are written together or not at all.
    """
    with site.database.reading() as session:
        before = records.live_alarm(session, sighting.kind, sighting.subject)
    if before is None and not sighting.present:
        return None
    with site.database.transaction() as session:
        now = site.clock.now()
        before = records.live_alarm(session, sighting.kind, sighting.subject)
        after = rules.seen(before, sighting, new_id(now))
        if after is not None and after != before:
            _put(site, session, before, after, _PART)
        return after


def live(site: Site) -> list[Alarm]:
    """Return every alarm that is not closed, oldest first; for watchers."""
    with site.database.reading() as session:
        return records.live_alarms(session)


@permits(Permission.VIEW_ALARMS)
def list_alarms(  # noqa: PLR0913 - a list's filters
    site: Site,
    actor: Actor,  # noqa: ARG001 - the guard reads the actor
    *,
    states: Collection[AlarmState] | None = None,
    kinds: Collection[AlarmKind] | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Alarm]:
    """Return alarms, newest first; ``after`` is the id of the last one that the caller has.

    Raises:
        InputError: ``paging.cursor-unknown``.
    """
    if after is not None and not _ID.fullmatch(after):
        raise InputError("paging.cursor-unknown", "cursor", "it does not come from this list", "Send the `next` of a page unchanged.")
    with site.database.reading() as session:
        return records.list_alarms(session, states, kinds, after, limit)


@permits(Permission.VIEW_ALARMS)
def open_count(site: Site, actor: Actor) -> int:  # noqa: ARG001 - as above
    """Return how many alarms wait for somebody."""
    with site.database.reading() as session:
        return records.count_open(session)


@permits(Permission.VIEW_ALARMS)
def alarm(site: Site, actor: Actor, name: str) -> Alarm:  # noqa: ARG001 - as above
    """Return one alarm.

    Raises:
        NotFoundError: ``alarm.unknown``.
    """
    with site.database.reading() as session:
        return _found(session, name)


@permits(Permission.VIEW_ALARMS)
def deliveries(site: Site, actor: Actor, name: str) -> list[Delivery]:  # noqa: ARG001 - as above
    """Return what was told of an alarm, to whom and with what success.

    Raises:
        NotFoundError: ``alarm.unknown``.
    """
    with site.database.reading() as session:
        _found(session, name)
        return records.deliveries_of(session, name)


@permits(Permission.HANDLE_ALARMS)
def acknowledge(site: Site, actor: Actor, name: str, note: str) -> Alarm:
    """Say that one looks after an alarm. One that tells of something that is over is closed by that.

    Raises:
        NotFoundError: ``alarm.unknown``.
        InputError: ``alarm.note``.
        ConflictError: ``alarm.state``: it is acknowledged or closed already.
    """
    _check_note(name, note)
    waiting = {AlarmState.OPEN, AlarmState.ESCALATED}
    return _change(site, actor, name, waiting, lambda found, now: rules.acknowledged(found, actor.label, note.strip(), now))


@permits(Permission.HANDLE_ALARMS)
def escalate(site: Site, actor: Actor, name: str) -> Alarm:
    """Bring an alarm up to everyone again.

    Raises:
        NotFoundError: ``alarm.unknown``.
        ConflictError: ``alarm.state``: it is escalated or closed already.
    """
    return _change(site, actor, name, {AlarmState.OPEN, AlarmState.ACKNOWLEDGED}, rules.escalated)


@permits(Permission.HANDLE_ALARMS)
def close(site: Site, actor: Actor, name: str) -> Alarm:
    """Close an alarm; what is still wrong raises a new one.

    Raises:
        NotFoundError: ``alarm.unknown``.
        ConflictError: ``alarm.state``: it is closed already.
    """
    return _change(site, actor, name, set(AlarmState) - {AlarmState.CLOSED}, rules.closed)


def escalate_overdue(site: Site) -> None:
    """Escalate every alarm that nobody has acknowledged for too long; a job."""
    now, after = site.clock.now(), site.settings.alarms.escalate_after
    if not any(rules.is_overdue(found, after, now) for found in live(site)):
        return
    with site.database.transaction() as session:
        for found in records.live_alarms(session):
            if rules.is_overdue(found, after, now):
                _put(site, session, found, rules.escalated(found, now), _PART)


def forget_old(site: Site) -> int:
    """Delete alarms whose retention is over, and return how many; a job. The ledger keeps its entries."""
    with site.database.transaction() as session:
        return records.forget_closed(session, site.clock.now() - site.settings.retention.alarms)


def _change(site: Site, actor: Actor, name: str, allowed: Collection[AlarmState], change: Callable[[Alarm, datetime], Alarm]) -> Alarm:
    with site.database.transaction() as session:
        before = _found(session, name)
        if before.state not in allowed:
            raise ConflictError("alarm.state", f"alarm {name}", f"it is {before.state} already", "Look at it again; somebody else may have handled it.")
        after = change(before, site.clock.now())
        _put(site, session, before, after, actor.label)
        return after


def _put(site: Site, session: Session, before: Alarm | None, after: Alarm, label: str) -> None:
    records.save_alarm(session, after)
    if before is not None and before.state is after.state:
        return
    now = site.clock.now()
    action = "raised" if before is None else after.state.value
    details = {"kind": after.kind.value, "subject": after.subject, "severity": after.severity.value, "times": after.times}
    record(session, Act(label, f"alarm.{action}", f"alarm:{after.id}", PURPOSE, details=details), now)
    for step in rules.steps_between(before, after):
        for channel in sorted(rules.channels_for(after, _configured(site))):
            records.add_delivery(session, Delivery(new_id(now), after.id, step, channel, DeliveryState.PENDING, made=now, due=now))


def _configured(site: Site) -> frozenset[Channel]:
    said = site.settings.alarms
    found = {Channel.EMAIL: said.email, Channel.WEBHOOK: said.webhook}
    return frozenset(channel for channel, where in found.items() if where is not None)


def _found(session: Session, name: str) -> Alarm:
    found = records.alarm_of(session, name) if _ID.fullmatch(name) else None
    if found is None:
        raise NotFoundError("alarm.unknown", f"alarm {name}", "there is no such alarm", "Look at the list; it may be past its retention.")
    return found


def _check_note(name: str, note: str) -> None:
    if len(note) > LONGEST_NOTE or not note.isprintable():
        problem = f"the note is longer than {LONGEST_NOTE} characters, or more than one line"
        raise InputError("alarm.note", f"alarm {name}", problem, "Shorten it to one line.")
