"""The end of what is known of who passed which door: events go when ``[access] event_retention`` is over, with what else of doors is of no use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, or_, select

from consentry.access.records.controllers import ControllerPairingRow, DoorStateRow
from consentry.access.records.events import EventRow
from consentry.access.records.modes import ModeRow
from consentry.access.service import door_alarms, parity, readiness
from consentry.access.service.orders import forget_orders
from consentry.access.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.jobs import Job

if TYPE_CHECKING:
    from consentry.platform.site import Site

__all__ = ["JOBS", "MODES_KEPT", "expire_events", "forget_devices"]

MODES_KEPT = timedelta(days=366)
"""How long a mode that is over is listed; the ledger keeps its entries."""
_AT_ONCE = 5_000


def expire_events(site: Site) -> int:
    """Delete events whose retention is over, by the controller's clock or by ours, and return how many; a job. The ledger learns the number."""
    deleted = 0
    while count := _expire_some(site):
        deleted += count
    return deleted


def forget_devices(site: Site) -> None:
    """Delete codes, orders, modes and states that no longer serve; a job."""
    forget_orders(site)
    doors = [door.id for door in site.settings.doors]
    with writing(site) as work:
        session, now = work.session, work.now
        session.execute(delete(ControllerPairingRow).where(ControllerPairingRow.expires <= now))
        session.execute(delete(DoorStateRow).where(DoorStateRow.door.not_in(doors)))
        over = or_(ModeRow.ended <= now - MODES_KEPT, ModeRow.confirmed.is_(None) & (ModeRow.expires <= now - MODES_KEPT))
        session.execute(delete(ModeRow).where(over))


JOBS: Final = (
    Job("access-alarms", timedelta(seconds=5), door_alarms.watch),
    Job("access-readiness", timedelta(seconds=10), readiness.follow),
    Job("access-parity", timedelta(hours=1), parity.follow),
    Job("retention-door-events", timedelta(hours=1), expire_events),
    Job("retention-door-devices", timedelta(minutes=10), forget_devices),
)
"""What is to run by itself while the site does."""


def _expire_some(site: Site) -> int:
    with writing(site) as work:
        before = work.now - site.settings.access.event_retention
        over = select(EventRow.id).where(or_(EventRow.at < before, EventRow.received < before)).limit(_AT_ONCE)
        names = list(work.session.scalars(over))
        if names:
            work.session.execute(delete(EventRow).where(EventRow.id.in_(names)))
            work.record(Act(ITSELF.label, "access.events-expired", "doors", PURPOSE, "retention", {"events": len(names)}))
        return len(names)
