"""Domain events: how a later slice learns what an earlier one did (transactional outbox).

``publish`` writes the event in the caller's transaction: it exists exactly when what it tells of was committed. ``deliver``, run by a job,
hands each event to its handlers at least once, in the order of publication for each name. A handler that fails is tried again, later each time,
while the events of its name wait; after ``MAX_ATTEMPTS`` the event is *dead*: it waits for a person and holds nobody up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import func, select

from consentry.platform.actors import Actor, Permission, permits
from consentry.platform.errors import NotFoundError
from consentry.platform.records import OutboxRow
from consentry.platform.site import Site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["Backlog", "Delivery", "Event", "EventName", "Handler", "Handlers", "JSONValue", "backlog", "dead_letters", "deliver", "publish", "revive"]

MAX_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
_ERROR_LENGTH = 500

JSONValue: TypeAlias = "bool | int | float | str | Sequence[JSONValue] | Mapping[str, JSONValue] | None"

_logger = logging.getLogger(__name__)


class EventName(StrEnum):
    """Everything that one slice tells others."""

    CAMERA_STARTED = "CameraStarted"
    CAMERA_STOPPED = "CameraStopped"
    CAMERA_GAP = "CameraGap"
    DISK_LOW = "DiskLow"
    CLOCK_JUMPED = "ClockJumped"
    SETTINGS_APPLIED = "SettingsApplied"
    CONSENT_GIVEN = "ConsentGiven"
    CONSENT_WITHDRAWN = "ConsentWithdrawn"
    CONSENT_INVALIDATED = "ConsentInvalidated"
    CONSENT_EXPIRED = "ConsentExpired"
    CONSENT_SUSPENDED = "ConsentSuspended"
    CONSENT_RESTORED = "ConsentRestored"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. ``payload`` is JSON and names things by their identifiers."""

    name: EventName
    payload: Mapping[str, JSONValue]


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event as a handler gets it. The same event may come again; ``id`` is then the same, and ids grow in the order of publication."""

    id: int
    event: Event
    published: datetime
    attempts: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in the outbox; ``oldest`` is when the first waiting event was published, None where none waits."""

    waiting: int
    dead: int
    oldest: datetime | None


Handler: TypeAlias = Callable[[Site, Delivery], None]
Handlers: TypeAlias = Mapping[EventName, Sequence[Handler]]


def publish(session: Session, event: Event, now: datetime) -> None:
    """Publish an event in the caller's transaction."""
    session.add(OutboxRow(name=event.name, payload=dict(event.payload), published=now, due=now))


def deliver(site: Site, handlers: Handlers) -> int:
    """Deliver what is due and return how many events that were; an event without a handler is done with."""
    return sum(_deliver_name(site, name, handlers.get(EventName(name), ())) for name in _waiting_names(site))


def backlog(site: Site) -> Backlog:
    """Return what waits in the outbox."""
    with site.database.reading() as session:
        waiting, oldest = session.execute(select(func.count(), func.min(OutboxRow.published)).where(~OutboxRow.dead)).one()
        dead = session.scalar(select(func.count()).where(OutboxRow.dead)) or 0
    return Backlog(waiting, dead, oldest)


@permits(Permission.VIEW_ALARMS)
def dead_letters(site: Site, actor: Actor) -> list[Delivery]:  # noqa: ARG001 - the guard reads the actor
    """Return the events that were given up, oldest first, each with the last error."""
    with site.database.reading() as session:
        return [_delivery(row) for row in session.scalars(select(OutboxRow).where(OutboxRow.dead).order_by(OutboxRow.id))]


@permits(Permission.HANDLE_ALARMS)
def revive(site: Site, actor: Actor, number: int) -> None:  # noqa: ARG001 - the guard reads the actor
    """Put a dead event back, to be delivered with the next run.

    Raises:
        NotFoundError: ``events.not-found`` where no dead event has that number.
    """
    with site.database.transaction() as session:
        row = session.get(OutboxRow, number)
        if row is None or not row.dead:
            raise NotFoundError("events.not-found", f"event {number}", "no dead event has that number", "Look at the list again.")
        row.dead, row.attempts, row.due = False, 0, site.clock.now()


def _waiting_names(site: Site) -> list[str]:
    with site.database.reading() as session:
        return list(session.scalars(select(OutboxRow.name).where(~OutboxRow.dead).distinct().order_by(OutboxRow.name)))


def _deliver_name(site: Site, name: str, handlers: Sequence[Handler]) -> int:
    delivered = 0
    while (delivery := _next_due(site, name)) and _hand_over(site, delivery, handlers):
        delivered += 1
    return delivered


def _next_due(site: Site, name: str) -> Delivery | None:
    """Return the first waiting event of a name, or None while it waits for its next attempt: those behind it wait with it."""
    with site.database.reading() as session:
        row = session.scalar(select(OutboxRow).where(OutboxRow.name == name, ~OutboxRow.dead).order_by(OutboxRow.id).limit(1))
        return _delivery(row) if row and row.due <= site.clock.now() else None


def _hand_over(site: Site, delivery: Delivery, handlers: Sequence[Handler]) -> bool:
    try:
        for handler in handlers:
            handler(site, delivery)
    except Exception as error:
        _logger.exception("event %d (%s) was not handled", delivery.id, delivery.event.name)
        _postpone(site, delivery, error)
        return False
    with site.database.transaction() as session:
        session.delete(session.get_one(OutboxRow, delivery.id))
    return True


def _postpone(site: Site, delivery: Delivery, error: Exception) -> None:
    with site.database.transaction() as session:
        row = session.get_one(OutboxRow, delivery.id)
        row.attempts += 1
        row.error = f"{type(error).__name__}: {error}"[:_ERROR_LENGTH]
        row.dead = row.attempts >= MAX_ATTEMPTS
        row.due = site.clock.now() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** (row.attempts - 1))


def _delivery(row: OutboxRow) -> Delivery:
    return Delivery(row.id, Event(EventName(row.name), row.payload), row.published, row.attempts, row.error)
