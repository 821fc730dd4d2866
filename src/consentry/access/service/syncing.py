"""What controllers report every two seconds: events are kept once each, doors are shown as they stand, and what is new at the server goes back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.access.chain import rewound, taken
from consentry.access.controller.sync_text import MOST_EVENTS, instant, is_signed, milliseconds, read_sync
from consentry.access.happenings import SyncAnswer
from consentry.access.model import AccessEvent
from consentry.access.records.controllers import ControllerRow, DoorStateRow, paired_controller
from consentry.access.records.events import EventRow
from consentry.access.service.controllers import controller_label, doors_by_controller
from consentry.access.service.door_alarms import is_alarming, tell_controller, tell_events
from consentry.access.service.orders import note_orders, open_orders, settle_orders
from consentry.access.service.snapshots import newer_snapshot
from consentry.access.service.uses import count_uses
from consentry.access.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.errors import ProofError

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.chain import Taken
    from consentry.access.controller.sync_text import Chained, SignedSync, Sync
    from consentry.access.happenings import Order
    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["sync"]

_MICROSECOND = timedelta(microseconds=1)
_LONGEST_MS = 3_600_000
"""Whoever takes longer than an hour at a reader went away meanwhile; a controller may say any number."""


def sync(site: Site, controller: str, said: SignedSync) -> SyncAnswer:
    """Take a controller's report and return what it must know.

    A report that comes again or late (its counter is not above the last) still brings its events, each of which is kept once; but it says nothing of how
    the doors stand now, and its answer holds neither orders nor a snapshot, so that whoever repeats a stranger's report gains nothing. One that was made
    later than the last and does not count on comes from a device whose disk was put back: nothing of it is taken, and staff are told.

    Raises:
        ProofError: ``controller.signature``, also where no device is that controller, or it is revoked.
        InputError: ``controller.sync`` where the report cannot be read.
    """
    device = _signer(site, controller, said)
    report = read_sync(said.text)
    if report.controller != controller:
        raise _no_signature()
    with writing(site) as work:
        row = work.session.scalar(select(ControllerRow).where(ControllerRow.id == device, ControllerRow.revoked.is_(None)).with_for_update())
        if row is None:
            raise _no_signature()
        is_newest = report.counter > row.counter
        added = _taken(work, row, report)
        _keep(work, row, added)
        if is_newest:
            settle_orders(work, row.id, told_all=_told_all(report, added))
        orders = _state(work, row, report) if is_newest else ()
        now = work.now
    tell_events(site)
    tell_controller(site, controller, report, added)
    return SyncAnswer(added.answered, _newer_snapshot(site, controller, report) if is_newest else None, orders, now)


def _signer(site: Site, controller: str, said: SignedSync) -> str:
    """Return the device that signed; until then every controller looks the same to a stranger."""
    with reading(site) as work:
        row = paired_controller(work.session, controller[:64])
        if row is None or not is_signed(said, row.signing_key):
            raise _no_signature()
        return row.id


def _no_signature() -> ProofError:
    return ProofError("controller.signature", "report", "no key of this controller signed it", "Pair the device again.")


def _taken(work: UnitOfWork, row: ControllerRow, report: Sync) -> Taken:
    if row.seen is not None and report.counter <= row.counter and report.at > instant(milliseconds(row.seen) - row.skew_ms):
        return rewound(row.acknowledged, row.head, report)
    again = [one.event.seq for one in report.events if one.event.seq <= row.acknowledged]
    kept = select(EventRow.seq, EventRow.hash).where(EventRow.device == row.id, EventRow.seq.in_(again))
    held = {one.seq: one.hash for one in work.session.execute(kept)} if again else {}
    return taken(row.acknowledged, row.head, report, held)


def _told_all(report: Sync, added: Taken) -> bool:
    """Tell whether a report holds everything that the controller had written down, and all of it is here now."""
    last = report.events[-1].event.seq if report.events else 0
    return len(report.events) < MOST_EVENTS and not added.fault and added.acknowledged >= last


def _keep(work: UnitOfWork, row: ControllerRow, added: Taken) -> None:
    row.acknowledged, row.head = added.acknowledged, added.head
    if added.lost:
        lost: dict[str, JSONValue] = {"events": added.lost, "until": added.events[0].event.seq - 1 if added.events else added.acknowledged}
        work.record(Act(ITSELF.label, "access.events-lost", controller_label(row.controller), PURPOSE, details=lost))
    if not added.events:
        return
    # Each a microsecond after the one before: whoever reads them by the server's time reads them in their order.
    own = frozenset(doors_by_controller(work.site.settings).get(row.controller, ()))
    rows = [_row(row, one, work.now + number * _MICROSECOND, own) for number, one in enumerate(added.events)]
    work.session.add_all(rows)
    note_orders(work, row.id, rows)
    count_uses(work, row.id, [(told.credential, told.door) for told in rows if told.kind == AccessEvent.GRANTED and told.credential and told.door])
    details: dict[str, JSONValue] = {"events": len(rows), "first": rows[0].seq, "last": rows[-1].seq, "head": added.head}
    work.record(Act(ITSELF.label, "access.events", controller_label(row.controller), PURPOSE, details=details))


def _row(row: ControllerRow, one: Chained, received: datetime, own: frozenset[str]) -> EventRow:
    event = one.event
    is_foreign = event.door is not None and event.door not in own
    return EventRow(
        device=row.id,
        seq=event.seq,
        controller=row.controller,
        at=event.at,
        received=received,
        kind=event.kind.value,
        door=None if is_foreign else event.door,
        claimed_door=event.door if is_foreign else None,
        reader=event.reader.value if event.reader else None,
        person=event.person,
        credential=event.credential,
        reports=[report.value for report in event.reports],
        took_ms=None if event.took_ms is None else min(event.took_ms, _LONGEST_MS),
        order=event.order,
        hash=one.hash,
        alarm=is_foreign or is_alarming(event),
    )


def _state(work: UnitOfWork, row: ControllerRow, report: Sync) -> tuple[Order, ...]:
    """Keep how controller and doors stand, and return what it is to do."""
    row.counter, row.snapshot, row.seen = report.counter, report.snapshot, work.now
    row.skew_ms = milliseconds(work.now) - milliseconds(report.at)
    own = doors_by_controller(work.site.settings).get(row.controller, ())
    for door, told in report.doors.items():
        if door in own:
            readers = {reader.value: "ok" if works else "fault" for reader, works in told.readers.items()}
            state = DoorStateRow(door=door, controller=row.controller, contact=told.contact, mode=told.mode, readers=readers, told=work.now)
            work.session.merge(state)
    return open_orders(work, row.id)


def _newer_snapshot(site: Site, controller: str, report: Sync) -> str | None:
    newest = newer_snapshot(site, controller, report.snapshot)
    return newest.text if newest else None
