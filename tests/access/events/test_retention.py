"""Who passed which door is forgotten in time, whatever a controller's clock said; devices' codes and orders go too."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from consentry.access.model import DoorMode
from consentry.access.records.controllers import ControllerPairingRow, OrderRow
from consentry.access.service import controllers, event_retention, events, modes, orders
from consentry.ledger.work import reading
from tests.access.events.lodge import FIRST, GUARD

if TYPE_CHECKING:
    from tests.access.events.lodge import Lodge


def test_events_go_when_their_time_is_over_by_either_clock_and_the_ledger_has_the_number(any_lodge: Lodge) -> None:
    main = any_lodge.controller()
    main.grant("old", at=datetime(1999, 1, 1, tzinfo=UTC))
    main.grant("future", at=datetime(2999, 1, 1, tzinfo=UTC))
    main.grant("now")
    main.send()
    assert event_retention.expire_events(any_lodge.site) == 1
    any_lodge.pass_by(days=89)
    main.grant("later")
    main.send()
    assert event_retention.expire_events(any_lodge.site) == 0
    any_lodge.pass_by(days=2)
    assert event_retention.expire_events(any_lodge.site) == 2
    assert [one.person for one in events.events(any_lodge.site, GUARD)] == ["later"]
    assert [act.details for act in any_lodge.acts("access.events-expired")] == [{"events": 1}, {"events": 2}]


def test_an_event_that_was_forgotten_does_not_come_back(lodge: Lodge) -> None:
    main = lodge.controller()
    main.grant("li")
    late = main.signed()
    main.send(late)
    lodge.pass_by(days=91)
    event_retention.expire_events(lodge.site)
    assert main.send(late).acknowledged == 1
    assert events.events(lodge.site, GUARD) == []


def test_codes_orders_and_modes_that_are_over_go(lodge: Lodge) -> None:
    main = lodge.controller()
    main.send()
    orders.open_door(lodge.site, GUARD, "front", "courier")
    controllers.pair_controller(lodge.site, FIRST, "garage")
    modes.propose_mode(lodge.site, FIRST, DoorMode.FREE, ["front"], "moving day")
    event_retention.forget_devices(lodge.site)
    assert _left(lodge) == (1, 1, 1)
    lodge.pass_by(minutes=11)
    event_retention.forget_devices(lodge.site)
    assert _left(lodge) == (0, 0, 1)
    lodge.pass_by(days=366)
    event_retention.forget_devices(lodge.site)
    assert _left(lodge) == (0, 0, 0)


def _left(lodge: Lodge) -> tuple[int, int, int]:
    with reading(lodge.site) as work:
        return work.session.query(OrderRow).count(), work.session.query(ControllerPairingRow).count(), len(modes.modes(lodge.site, GUARD))
