"""What a controller is told to do once and at once: staff open a door for somebody, or a host says yes to a guest who stands there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from consentry.access.happenings import HostQuestion, Order, OrderKind
from consentry.access.model import AccessEvent, CredentialState
from consentry.access.records.controllers import OrderRow, paired_controller
from consentry.access.records.credentials import CredentialRow
from consentry.access.records.events import EventRow
from consentry.access.rules.uses import Promise, may_promise, settled, waiting
from consentry.access.service.controllers import is_away
from consentry.access.service.policies import policy_in_force
from consentry.access.service.uses import used
from consentry.access.work import PURPOSE, credential_label
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff.rules import stated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from consentry.access.records.controllers import ControllerRow
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.settings.doors import DoorSettings
    from consentry.platform.site import Site

__all__ = [
    "HOST_ANSWERS_WITHIN",
    "ORDER_LASTS",
    "agree_for_host",
    "forget_orders",
    "host_questions",
    "note_orders",
    "open_door",
    "open_orders",
    "require_door",
    "settle_orders",
]

ORDER_LASTS = timedelta(seconds=15)
"""How long a controller may carry out an order; it reports every two seconds."""
HOST_ANSWERS_WITHIN = timedelta(seconds=60)
"""How long a guest's question waits for the host."""
_SECOND_WITHIN = timedelta(seconds=60)
"""The longest that the console lets the first of two people wait: a device may hold other rules than those in force."""
_UNNOTICED = timedelta(seconds=60)
"""By as much a device's clock may be set back unnoticed while somebody waits."""


@permits(Permission.OPEN_DOORS)
def open_door(site: Site, actor: Actor, door: str, reason: str) -> Order:
    """Have a door unlocked once for somebody who stands before it. In lockdown, or where its controller decides otherwise, it stays shut.

    Raises:
        NotFoundError: ``door.unknown``.
        ConflictError: ``controller.away`` where the controller would not hear of it in time.
        InputError: ``input.text`` without a reason.
    """
    why, found = stated(reason, longest=300), require_door(site, door)
    with writing(site) as work:
        order = _order(work, found, OrderKind.RELEASE, actor.label)
        work.record(Act(actor.label, "access.door-opened", f"door:{door}", PURPOSE, why, {"order": order.id}))
    return order


def agree_for_host(site: Site, by: str, door: str, credential: str) -> Order:
    """Say yes to a guest who waits at a door. Whether ``by`` (a ledger's label) is that guest's host is for the caller to check beforehand.

    Raises:
        NotFoundError: ``door.unknown``, ``door.no-question`` where this guest does not wait at that door.
        ConflictError: ``controller.away``; ``guest.promised`` where other yeses may have used the pass up, and a door has not told yet.
    """
    found = require_door(site, door)
    if not any(question.door == door for question in host_questions(site, [credential])):
        raise NotFoundError("door.no-question", "guest", "nobody waits at that door with it", "Ask the guest to show the pass again.")
    with writing(site) as work:
        _require_use_left(work, credential)
        order = _order(work, found, OrderKind.HOST_AGREED, by, credential)
        work.record(Act(by, "access.host-agreed", credential_label(credential), PURPOSE, details={"door": door, "order": order.id}))
    return order


def host_questions(site: Site, credentials: Collection[str]) -> tuple[HostQuestion, ...]:
    """Return which of these guests' credentials wait at a door for the host's word, the newest first."""
    with reading(site) as work:
        since = work.now - HOST_ANSWERS_WITHIN
        asked = select(EventRow).where(EventRow.credential.in_(credentials), EventRow.received > since).order_by(EventRow.id)
        asking = dict[tuple[str, str], HostQuestion]()
        for row in work.session.scalars(asked):
            if row.door is None or row.credential is None:
                continue
            asking.pop((row.credential, row.door), None)
            # With an order the host has agreed, and a second person is waited for.
            if row.kind == AccessEvent.VERIFICATION_REQUIRED and row.order is None:
                asking[row.credential, row.door] = HostQuestion(row.credential, row.door, row.at, row.received + HOST_ANSWERS_WITHIN)
        return tuple(reversed(asking.values()))


def open_orders(work: UnitOfWork, device: str) -> tuple[Order, ...]:
    """Return what a device is to do: the same until it tells what it did, or it is too late."""
    found = select(OrderRow).where(OrderRow.device == device, OrderRow.expires > work.now).order_by(OrderRow.id)
    return tuple(_shown(row) for row in work.session.scalars(found))


def note_orders(work: UnitOfWork, device: str, told: Iterable[EventRow]) -> None:
    """Take away the orders that a device tells, in order, it carried out; one by which a guest waits for a second person stays open until nobody came.

    Those of another device stay.
    """
    for row in told:
        if row.order:
            _note_order(work, device, row)
        elif row.kind == AccessEvent.DENIED_NO_ACCOMPANIMENT:
            _end_waits(work, device, row)
    work.session.flush()


def settle_orders(work: UnitOfWork, device: str, *, told_all: bool) -> None:
    """Take away what a device will not carry out any more, once its report was taken; see :func:`consentry.access.rules.uses.settled`."""
    rows = work.session.scalars(select(OrderRow).where(OrderRow.device == device))
    over = settled(map(_promise, rows), device, work.now, told_all=told_all)
    work.session.execute(delete(OrderRow).where(OrderRow.id.in_(over)))


def forget_orders(site: Site) -> None:
    """Delete orders that are over; a job. A yes that may have used up a pass stays until its device told, or the pass ended."""
    with writing(site) as work:
        counted = select(CredentialRow.id).where(CredentialRow.uses.is_not(None), CredentialRow.state != CredentialState.ENDED)
        awaited = OrderRow.credential.is_not(None) & OrderRow.credential.in_(counted)
        work.session.execute(delete(OrderRow).where(OrderRow.expires <= work.now, ~awaited))


def require_door(site: Site, door: str) -> DoorSettings:
    """Return a door of the settings.

    Raises:
        NotFoundError: ``door.unknown``.
    """
    found = site.settings.door(door)
    if found is None:
        raise NotFoundError("door.unknown", "door", "the settings name none of that id", "Look at the list of doors.")
    return found


def _require_use_left(work: UnitOfWork, credential: str) -> None:
    """Refuse a yes where the pass may be used up already."""
    # Held until the yes is entered: of two at once the second must see the first.
    row = work.session.scalar(select(CredentialRow).where(CredentialRow.id == credential).with_for_update())
    if row is None:
        return
    promises = [_promise(one) for one in work.session.scalars(select(OrderRow).where(OrderRow.credential == credential))]
    controllers = {door.controller for door in work.site.settings.doors if row.doors is None or door.id in row.doors}
    if not may_promise(row.uses, used(work.session, credential), promises, controllers):
        problem, mend = "it may be used up: a door that you let them through has not told yet", "Try again in a few minutes, or let your guest in yourself."
        raise ConflictError("guest.promised", "guest pass", problem, mend)


def _note_order(work: UnitOfWork, device: str, told: EventRow) -> None:
    order = work.session.get(OrderRow, told.order)
    if order is None or order.device != device:
        return
    if told.kind == AccessEvent.VERIFICATION_REQUIRED:
        _let_wait(work, order)
    else:
        work.session.delete(order)


def _end_waits(work: UnitOfWork, device: str, told: EventRow) -> None:
    """Take away the yes by which a guest waited for a second person who did not come: nobody is let in by it any more."""
    work.session.flush()
    waited = OrderRow.device == device, OrderRow.door == told.door, OrderRow.credential == told.credential, OrderRow.open_until > OrderRow.expires
    work.session.execute(delete(OrderRow).where(*waited))


def _let_wait(work: UnitOfWork, order: OrderRow) -> None:
    """Tell an order no more by which a guest waits, and keep it open for as long as the second person may come."""
    within = max((timedelta(seconds=door.two_people_s) for door in policy_in_force(work).doors if door.id == order.door), default=_SECOND_WITHIN)
    order.open_until = waiting(_promise(order), work.now, max(within, _SECOND_WITHIN) + _UNNOTICED).open_until
    order.expires = min(order.expires, work.now)


def _promise(row: OrderRow) -> Promise:
    return Promise(row.id, row.device, row.open_until)


def _order(work: UnitOfWork, door: DoorSettings, what: OrderKind, by: str, credential: str | None = None) -> Order:
    device, until = _require_listening(work, door.controller).id, work.now + ORDER_LASTS
    row = OrderRow(id=new_id(work.now), device=device, door=door.id, what=what, credential=credential, by=by, expires=until, open_until=until)
    work.session.add(row)
    return _shown(row)


def _require_listening(work: UnitOfWork, controller: str) -> ControllerRow:
    row = paired_controller(work.session, controller)
    if row is None or row.seen is None or is_away(row, work.now):
        raise ConflictError("controller.away", f"controller {controller}", "it does not report now", "Open the door with its key, or by hand from inside.")
    return row


def _shown(row: OrderRow) -> Order:
    return Order(row.id, row.door, OrderKind(row.what), row.by, row.expires, row.credential)
