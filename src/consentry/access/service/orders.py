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
from consentry.access.rules.uses import Promise, may_promise, settled
from consentry.access.service.controllers import is_away
from consentry.access.service.uses import used
from consentry.access.work import PURPOSE, credential_label
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.ids import new_id
from consentry.staff.rules import check_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.settings.doors import DoorSettings
    from consentry.platform.site import Site

__all__ = [
    "HOST_ANSWERS_WITHIN",
    "ORDER_LASTS",
    "agree_for_host",
    "carried_out",
    "forget_orders",
    "host_questions",
    "open_door",
    "open_orders",
    "require_door",
    "settle_orders",
]

ORDER_LASTS = timedelta(seconds=15)
"""How long a controller may carry out an order; it reports every two seconds."""
HOST_ANSWERS_WITHIN = timedelta(seconds=60)
"""How long a guest's question waits for the host."""


@permits(Permission.OPEN_DOORS)
def open_door(site: Site, actor: Actor, door: str, reason: str) -> Order:
    """Have a door unlocked once for somebody who stands before it. In lockdown, or where its controller decides otherwise, it stays shut.

    Raises:
        NotFoundError: ``door.unknown``.
        ConflictError: ``controller.away`` where the controller would not hear of it in time.
        InputError: ``input.text`` without a reason.
    """
    why, found = check_text(reason, "reason", shortest=2, longest=300), require_door(site, door)
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
        waiting = dict[tuple[str, str], HostQuestion]()
        for row in work.session.scalars(asked):
            if row.door is None or row.credential is None:
                continue
            waiting.pop((row.credential, row.door), None)
            if row.kind == AccessEvent.VERIFICATION_REQUIRED:
                waiting[row.credential, row.door] = HostQuestion(row.credential, row.door, row.at, row.received + HOST_ANSWERS_WITHIN)
        return tuple(reversed(waiting.values()))


def open_orders(work: UnitOfWork, controller: str) -> tuple[Order, ...]:
    """Return what a controller is to do: the same until it tells that it did, or it is too late."""
    found = select(OrderRow).where(OrderRow.controller == controller, OrderRow.expires > work.now).order_by(OrderRow.id)
    return tuple(_shown(row) for row in work.session.scalars(found))


def carried_out(work: UnitOfWork, controller: str, orders: Collection[str]) -> None:
    """Take away orders that a controller carried out; those of another one stay."""
    if orders:
        work.session.execute(delete(OrderRow).where(OrderRow.id.in_(orders), OrderRow.controller == controller))


def settle_orders(work: UnitOfWork, controller: str, *, told_all: bool) -> None:
    """Take away what a controller will not carry out any more, once its report was taken; see :func:`consentry.access.rules.uses.settled`."""
    rows = work.session.scalars(select(OrderRow).where(OrderRow.controller == controller))
    over = settled(map(_promise, rows), controller, work.now, told_all=told_all)
    work.session.execute(delete(OrderRow).where(OrderRow.id.in_(over)))


def forget_orders(site: Site) -> None:
    """Delete orders that are over; a job. A yes that may have used up a pass stays until its controller told, or the pass ended."""
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
        problem, mend = "it may be used up: a door that you let them through has not told yet", "Try again in a minute, or let your guest in yourself."
        raise ConflictError("guest.promised", "guest pass", problem, mend)


def _promise(row: OrderRow) -> Promise:
    return Promise(row.id, row.controller, row.expires)


def _order(work: UnitOfWork, door: DoorSettings, what: OrderKind, by: str, credential: str | None = None) -> Order:
    _require_listening(work, door.controller)
    row = OrderRow(id=new_id(work.now), controller=door.controller, door=door.id, what=what, credential=credential, by=by, expires=_until(work.now))
    work.session.add(row)
    return _shown(row)


def _require_listening(work: UnitOfWork, controller: str) -> None:
    row = paired_controller(work.session, controller)
    if row is None or row.seen is None or is_away(row, work.now):
        raise ConflictError("controller.away", f"controller {controller}", "it does not report now", "Open the door with its key, or by hand from inside.")


def _until(now: datetime) -> datetime:
    return now + ORDER_LASTS


def _shown(row: OrderRow) -> Order:
    return Order(row.id, row.door, OrderKind(row.what), row.by, row.expires, row.credential)
