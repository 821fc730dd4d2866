"""Doors opened from afar and guests whose host says yes: told to the controller once, for seconds, and entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from consentry.access.happenings import OrderKind
from consentry.access.model import AccessEvent, DoorEvent, ReaderKind
from consentry.access.records.events import EventRow
from consentry.access.service import orders
from consentry.platform.errors import ConflictError, DeniedError, InputError, NotFoundError
from tests.access.events.lodge import GUARD, NOBODY

if TYPE_CHECKING:
    from tests.access.events.lodge import Controller, Lodge

HOST = "resident:host-1"


def test_an_order_is_told_until_it_is_carried_out_and_never_after_fifteen_seconds(any_lodge: Lodge) -> None:
    main = any_lodge.controller()
    main.send()
    order = orders.open_door(any_lodge.site, GUARD, "front", "courier at the door")
    assert [one.id for one in main.send().orders] == [order.id]
    assert [one.id for one in main.send().orders] == [order.id]
    main.happen(AccessEvent.GRANTED, "front", reader=ReaderKind.CONCIERGE, order=order.id)
    assert main.send().orders == ()
    orders.open_door(any_lodge.site, GUARD, "front", "courier again")
    any_lodge.pass_by(seconds=15)
    assert main.send().orders == ()
    act = any_lodge.acts("access.door-opened")[0]
    assert (act.actor, act.object, act.reason) == (GUARD.label, "door:front", "courier at the door")


def test_an_order_goes_to_the_controller_of_its_door_alone(lodge: Lodge, main: Controller) -> None:
    garage = lodge.controller("garage")
    garage.send()
    orders.open_door(lodge.site, GUARD, "gate", "delivery")
    assert main.send().orders == ()
    assert [one.door for one in garage.send().orders] == ["gate"]


def test_no_controller_takes_away_what_another_is_to_do(lodge: Lodge, main: Controller) -> None:
    garage = lodge.controller("garage")
    garage.send()
    order = orders.open_door(lodge.site, GUARD, "gate", "delivery")
    main.happen(DoorEvent.UNLOCKED, "front", order=order.id)
    main.send()
    assert [one.id for one in garage.send().orders] == [order.id]


def test_the_event_keeps_which_order_unlocked_the_door(lodge: Lodge, main: Controller) -> None:
    main.send()
    order = orders.open_door(lodge.site, GUARD, "front", "courier")
    main.happen(DoorEvent.UNLOCKED, "front", order=order.id)
    main.send()
    with lodge.site.database.reading() as session:
        assert session.scalars(select(EventRow.order)).all() == [order.id]
    assert lodge.acts("access.door-opened")[0].details == {"order": order.id}


def test_no_host_opens_a_door_because_another_doors_controller_asks(lodge: Lodge, main: Controller) -> None:
    lodge.controller("garage").send()
    main.happen(AccessEvent.VERIFICATION_REQUIRED, "gate", reader=ReaderKind.QR, person="guest", credential="c-guest")
    main.send()
    assert orders.host_questions(lodge.site, ["c-guest"]) == ()
    with pytest.raises(NotFoundError):
        orders.agree_for_host(lodge.site, HOST, "gate", "c-guest")


def test_a_door_is_opened_by_who_may_with_a_reason_and_while_its_controller_hears(lodge: Lodge, main: Controller) -> None:
    with pytest.raises(ConflictError, match="does not report"):
        orders.open_door(lodge.site, GUARD, "front", "courier")
    main.send()
    with pytest.raises(DeniedError):
        orders.open_door(lodge.site, NOBODY, "front", "courier")
    with pytest.raises(InputError):
        orders.open_door(lodge.site, GUARD, "front", " ")
    with pytest.raises(NotFoundError):
        orders.open_door(lodge.site, GUARD, "cellar", "courier")
    lodge.pass_by(seconds=31)
    with pytest.raises(ConflictError, match="does not report"):
        orders.open_door(lodge.site, GUARD, "front", "courier")
    assert lodge.acts("access.door-opened") == []


def test_a_new_device_is_not_told_what_the_old_one_was_to_do(lodge: Lodge, main: Controller) -> None:
    main.send()
    orders.open_door(lodge.site, GUARD, "front", "courier")
    assert lodge.controller().send().orders == ()


def test_a_host_says_yes_to_a_guest_who_waits_and_to_nobody_else(lodge: Lodge, main: Controller) -> None:
    main.happen(AccessEvent.VERIFICATION_REQUIRED, "front", reader=ReaderKind.QR, person="guest", credential="c-guest")
    main.happen(AccessEvent.VERIFICATION_REQUIRED, "front", reader=ReaderKind.QR, person="other", credential="c-other")
    main.send()
    assert [(one.credential, one.door) for one in orders.host_questions(lodge.site, ["c-guest"])] == [("c-guest", "front")]
    with pytest.raises(NotFoundError):
        orders.agree_for_host(lodge.site, HOST, "hall", "c-guest")
    order = orders.agree_for_host(lodge.site, HOST, "front", "c-guest")
    assert (order.what, order.credential) == (OrderKind.HOST_AGREED, "c-guest")
    assert [act.actor for act in lodge.acts("access.host-agreed")] == [HOST]
    main.grant("guest", reader=ReaderKind.QR, order=order.id)
    assert main.send().orders == ()
    assert orders.host_questions(lodge.site, ["c-guest"]) == ()


def test_a_question_waits_a_minute(lodge: Lodge, main: Controller) -> None:
    main.happen(AccessEvent.VERIFICATION_REQUIRED, "front", person="guest", credential="c-guest")
    main.happen(DoorEvent.NORMAL, "front")
    main.send()
    lodge.pass_by(seconds=59)
    assert len(orders.host_questions(lodge.site, ["c-guest"])) == 1
    lodge.pass_by(seconds=2)
    assert orders.host_questions(lodge.site, ["c-guest"]) == ()
