"""Reports of controllers: whatever comes twice, late, forged or from the wrong one, each event is kept once and nothing else happens."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from consentry.access.controller import sync_text as texts
from consentry.access.happenings import EventFilter
from consentry.access.model import AccessEvent, ContactState, DoorEvent, DoorMode, ReaderKind
from consentry.access.records.events import EventRow
from consentry.access.service import controllers, events, orders
from consentry.access.snapshot_text import read_snapshot
from consentry.alarms import service as alarms
from consentry.alarms.model import Severity
from consentry.platform.errors import ConsentryError, InputError, ProofError
from tests.access.events.lodge import FIRST, GUARD, NOBODY, Controller, standing

if TYPE_CHECKING:
    from tests.access.events.lodge import Lodge


def seqs(lodge: Lodge) -> list[int]:
    """Return what is kept, in the order of arrival."""
    kept = events.events(lodge.site, FIRST, limit=500)
    return [int(str(one.credential).removeprefix("c-p")) for one in reversed(kept)]


def busy(device: Controller, many: int) -> None:
    for _ in range(many):
        device.grant(f"p{len(device.log) + 1}")


def test_events_are_kept_once_however_often_they_come(any_lodge: Lodge) -> None:
    device = any_lodge.controller()
    busy(device, 5)
    first = device.signed()
    assert [device.send(first).acknowledged, device.send(first).acknowledged, device.send().acknowledged] == [5, 5, 5]
    assert seqs(any_lodge) == [1, 2, 3, 4, 5]
    batches = any_lodge.acts("access.events")
    assert [(act.details["events"], act.details["head"]) for act in batches] == [(5, device.log[-1].hash)]


def test_a_gap_is_acknowledged_up_to_it_and_filled_later(lodge: Lodge, main: Controller) -> None:
    busy(main, 6)
    assert main.send(events=(*main.log[:2], *main.log[4:])).acknowledged == 2
    assert main.send(events=tuple(main.log[4:])).acknowledged == 2
    assert main.send(events=tuple(main.log[2:])).acknowledged == 6
    assert seqs(lodge) == [1, 2, 3, 4, 5, 6]


def test_reports_in_any_order_lose_and_double_nothing(lodge: Lodge, main: Controller) -> None:
    busy(main, 9)
    parts = [main.signed(events=tuple(main.log[start : start + 3])) for start in (0, 3, 6)]
    for said in (parts[2], parts[0], parts[1], parts[0], parts[2], parts[1]):
        main.send(said)
    assert seqs(lodge) == list(range(1, 10))


def test_a_late_report_says_nothing_of_now_and_gets_neither_orders_nor_a_snapshot(lodge: Lodge, main: Controller) -> None:
    late = main.signed(doors={"front": standing("card", contact=ContactState.OPEN)})
    answer = main.send()
    assert answer.snapshot is not None
    orders.open_door(lodge.site, GUARD, "front", "courier")
    repeated = main.send(late)
    assert (repeated.snapshot, repeated.orders) == (None, ())
    assert events.door_states(lodge.site, GUARD)[0].contact is ContactState.CLOSED
    assert len(main.send().orders) == 1


def test_the_snapshot_comes_while_an_older_one_is_held_and_is_the_controllers_own(lodge: Lodge) -> None:
    device = Controller(lodge.site)
    key = base64.b64decode(device.pair().snapshot_key)
    text = device.send().snapshot
    assert text is not None
    snapshot = read_snapshot(text, key, site="lodge-1", controller="main")
    assert {door.id for door in snapshot.policy.doors} == {"front", "hall", "out"}
    device.snapshot = snapshot.number
    assert device.send().snapshot is None


@pytest.mark.parametrize("spoil", ["text", "signature", "key", "none"])
def test_what_the_controller_did_not_sign_is_refused_before_it_is_read(lodge: Lodge, main: Controller, spoil: str) -> None:
    said = main.signed()
    spoilt = {
        "text": replace(said, text=said.text.replace("main", "mein")),
        "signature": replace(said, signature=base64.b64encode(bytes(64)).decode()),
        "key": texts.signed(Controller(lodge.site).key, main.report()),
        "none": replace(said, signature="?"),
    }[spoil]
    with pytest.raises(ProofError) as refused:
        main.send(spoilt)
    assert refused.value.code == "controller.signature"
    assert main.send(said).acknowledged == 0


def test_a_controller_speaks_for_itself_alone(lodge: Lodge, main: Controller) -> None:
    garage = lodge.controller("garage")
    with pytest.raises(ProofError):
        garage.send(texts.signed(garage.key, main.report()))
    garage.send(doors={"front": standing("card", contact=ContactState.OPEN)})
    states = {state.door: state.contact for state in events.door_states(lodge.site, GUARD)}
    assert states["front"] is ContactState.UNKNOWN


@given(st.text(max_size=40) | st.sampled_from(['{"a":1.5}', "[]", "null", "{}", '{"at":-1}', "\ud800"]))
def test_no_text_but_a_report_is_read_and_none_ends_in_a_traceback(text: str) -> None:
    with pytest.raises(InputError, match="report"):
        texts.read_sync(text)


def test_a_changed_event_stops_the_chain_there_and_staff_are_told(lodge: Lodge, main: Controller) -> None:
    busy(main, 4)
    forged = replace(main.log[2], event=replace(main.log[2].event, person="somebody-else"))
    answer = main.send(events=(*main.log[:2], forged, main.log[3]))
    assert (answer.acknowledged, answer.snapshot is not None) == (2, True)
    assert ("door-log-broken", "main") in lodge.alarms()
    assert seqs(lodge) == [1, 2]


def kept(lodge: Lodge) -> list[EventRow]:
    """Return every row of an event, oldest first."""
    with lodge.site.database.reading() as session:
        return list(session.scalars(select(EventRow).order_by(EventRow.id)))


@pytest.mark.parametrize("door", ["gate", "cellar"])
def test_what_a_controller_says_of_a_door_that_is_not_its_own_is_kept_apart_and_staff_are_told(lodge: Lodge, main: Controller, door: str) -> None:
    main.grant("li", door, reports=(AccessEvent.DURESS,))
    main.happen(DoorEvent.FORCED_OPEN, door)
    assert main.send().acknowledged == 2
    assert [(row.door, row.claimed_door) for row in kept(lodge)] == [(None, door)] * 2
    assert lodge.alarms() == {("door-log-broken", "main")}
    (raised,) = alarms.live(lodge.site)
    assert door in raised.detail
    assert events.events(lodge.site, GUARD, EventFilter(doors=(door,))) == []


def test_a_device_whose_disk_was_put_back_is_told_of_and_nothing_of_it_is_taken(any_lodge: Lodge) -> None:
    device = any_lodge.controller()
    busy(device, 5)
    device.send()
    del device.log[2:]
    for _ in range(5):
        device.grant("p77")
    answer = device.send()
    assert answer.acknowledged == 2
    assert seqs(any_lodge) == [1, 2, 3, 4, 5]
    assert any_lodge.alarms() == {("door-log-broken", "main")}
    (raised,) = alarms.live(any_lodge.site)
    assert (raised.severity, "pair the device anew" in raised.detail) == (Severity.CRITICAL, True)
    assert device.send(events=tuple(device.log[5:])).acknowledged == 5
    assert seqs(any_lodge) == [1, 2, 3, 4, 5]


def test_an_event_that_comes_again_with_its_old_hash_and_another_content_is_told_of(lodge: Lodge, main: Controller) -> None:
    busy(main, 2)
    main.send()
    forged = replace(main.log[0], event=replace(main.log[0].event, person="somebody-else"))
    assert main.send(events=(forged,)).acknowledged == 0
    assert lodge.alarms() == {("door-log-broken", "main")}


def test_an_old_counter_in_a_newer_report_is_a_device_that_was_put_back(lodge: Lodge, main: Controller) -> None:
    main.counter = 250_000
    main.send()
    main.counter = 100_000
    lodge.pass_by(seconds=2)
    busy(main, 1)
    answer = main.send()
    assert (answer.acknowledged, answer.snapshot, answer.orders, seqs(lodge)) == (0, None, (), [])
    assert lodge.alarms() == {("door-log-broken", "main")}


def test_a_report_that_was_only_late_is_no_alarm(lodge: Lodge, main: Controller) -> None:
    busy(main, 1)
    late = main.signed()
    lodge.pass_by(seconds=2)
    newer = main.signed(events=())
    main.send(newer)
    lodge.pass_by(seconds=2)
    assert [main.send(late).acknowledged, main.send(newer).acknowledged] == [1, 1]
    assert lodge.alarms() == set()


def test_no_time_at_a_reader_is_kept_as_longer_than_an_hour(any_lodge: Lodge) -> None:
    device = any_lodge.controller()
    device.grant("p1", took_ms=2**31)
    device.grant("p2", took_ms=900)
    assert device.send().acknowledged == 2
    assert [row.took_ms for row in kept(any_lodge)] == [3_600_000, 900]


def test_what_the_controller_no_longer_has_is_entered_as_lost(lodge: Lodge, main: Controller) -> None:
    busy(main, 2)
    main.send()
    busy(main, 5)
    main.oldest = 6
    assert main.send().acknowledged == 7
    assert seqs(lodge) == [1, 2, 6, 7]
    assert [act.details for act in lodge.acts("access.events-lost")] == [{"events": 3, "until": 5}]
    assert ("door-events-lost", "main") in lodge.alarms()


def test_no_more_than_five_hundred_events_come_at_once_and_the_rest_the_next_time(lodge: Lodge, main: Controller) -> None:
    busy(main, 501)
    with pytest.raises(InputError):
        main.send()
    assert main.send(events=tuple(main.log[:500])).acknowledged == 500
    assert main.send(events=tuple(main.log[500:])).acknowledged == 501
    assert len(seqs(lodge)) == 500  # a page


def test_doors_stand_as_their_controller_said_last(lodge: Lodge, main: Controller) -> None:
    told = texts.DoorReport(ContactState.OPEN, DoorMode.LOCKDOWN, {ReaderKind.CARD: True, ReaderKind.PIN: False})
    main.send(doors={"front": told})
    front = events.door_states(lodge.site, GUARD)[0]
    assert (front.contact, front.mode, front.readers) == (told.contact, told.mode, told.readers)


def test_a_clock_that_is_off_is_shown_and_told(lodge: Lodge, main: Controller) -> None:
    main.ahead = timedelta(minutes=-2)
    main.send()
    state = next(state for state in controllers.controllers(lodge.site, GUARD) if state.controller == "main")
    assert state.skew_s == 120
    assert ("door-clock", "main") in lodge.alarms()


def test_events_are_filtered_paged_and_watched(lodge: Lodge, main: Controller) -> None:
    main.grant("li", "front")
    main.happen(AccessEvent.DENIED_PASSBACK, "hall", person="li", reader=ReaderKind.CARD)
    lodge.pass_by(minutes=10)
    main.grant("wang", "hall")
    main.happen(DoorEvent.STARTED, None)
    main.send()

    def found(**wanted: object) -> list[str]:
        return [f"{one.kind.value}@{one.door}" for one in events.events(lodge.site, GUARD, EventFilter(**wanted))]  # type: ignore[arg-type]

    assert found() == ["started@None", "granted@hall", "denied-passback@hall", "granted@front"]
    assert found(doors=("hall",)) == ["granted@hall", "denied-passback@hall"]
    assert found(kinds=(AccessEvent.GRANTED, DoorEvent.STARTED)) == ["started@None", "granted@hall", "granted@front"]
    assert found(person="li") == ["denied-passback@hall", "granted@front"]
    assert found(since=lodge.clock.now()) == ["started@None", "granted@hall"]
    assert found(until=lodge.clock.now()) == ["denied-passback@hall", "granted@front"]
    newest = events.newest_event(lodge.site, GUARD)
    assert [one.kind for one in events.live_events(lodge.site, GUARD, newest - 2)] == [AccessEvent.GRANTED, DoorEvent.STARTED]
    first_page = events.events(lodge.site, GUARD, limit=2)
    assert [one.kind for one in events.events(lodge.site, GUARD, before=first_page[-1].id)] == [AccessEvent.DENIED_PASSBACK, AccessEvent.GRANTED]


def test_only_who_may_see_doors_sees_events(lodge: Lodge) -> None:
    for read in (lambda: events.events(lodge.site, NOBODY), lambda: events.door_states(lodge.site, NOBODY), lambda: events.live_events(lodge.site, NOBODY, 0)):
        with pytest.raises(ConsentryError, match="view-doors"):
            read()
