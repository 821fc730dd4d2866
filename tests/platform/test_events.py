from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from consentry.platform.actors import system
from consentry.platform.clock import FixedClock
from consentry.platform.errors import NotFoundError
from consentry.platform.events import MAX_ATTEMPTS, Backlog, Delivery, Event, EventName, backlog, dead_letters, deliver, publish, revive
from consentry.platform.site import Site

if TYPE_CHECKING:
    from consentry.platform.database import Database
    from consentry.platform.keys import SiteKeys
    from consentry.platform.settings.store import SettingsStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACTOR = system("test")


@dataclass
class Listener:
    """Remembers what it got, and fails while it is told to."""

    failing: bool = False
    got: list[Delivery] = field(default_factory=list)

    def __call__(self, site: Site, delivery: Delivery) -> None:
        assert site.clock.now() >= delivery.published
        self.got.append(delivery)
        if self.failing:
            msg = "the mail server is away"
            raise ConnectionError(msg)

    @property
    def numbers(self) -> list[object]:
        return [delivery.event.payload["n"] for delivery in self.got]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def site(database: Database, clock: FixedClock) -> Site:
    """Return a site whose settings and keys nobody asks for."""
    return Site(cast("SettingsStore", None), database, cast("SiteKeys", None), clock)


def tell(site: Site, *numbers: int, name: EventName = EventName.CAMERA_GAP) -> None:
    """Publish one event a number, each in a transaction of its own."""
    for number in numbers:
        with site.database.transaction() as session:
            publish(session, Event(name, {"n": number}), site.clock.now())


def test_events_are_delivered_once_in_the_order_of_publication(site: Site) -> None:
    listener = Listener()
    tell(site, 1, 2, 3)
    assert deliver(site, {EventName.CAMERA_GAP: [listener]}) == 3
    assert deliver(site, {EventName.CAMERA_GAP: [listener]}) == 0
    assert listener.numbers == [1, 2, 3]
    assert backlog(site) == Backlog(0, 0, None)


def test_an_event_of_a_transaction_that_failed_never_happened(site: Site) -> None:
    def fail() -> None:
        with site.database.transaction() as session:
            publish(session, Event(EventName.CAMERA_GAP, {"n": 1}), NOON)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert backlog(site).waiting == 0


def test_every_handler_of_a_name_gets_the_event_and_no_other_does(site: Site) -> None:
    first, second, other = Listener(), Listener(), Listener()
    tell(site, 1)
    deliver(site, {EventName.CAMERA_GAP: [first, second], EventName.DISK_LOW: [other]})
    assert (first.numbers, second.numbers, other.numbers) == ([1], [1], [])


def test_a_failing_handler_gets_the_event_again_later_and_those_behind_it_wait(site: Site, clock: FixedClock) -> None:
    listener = Listener(failing=True)
    tell(site, 1, 2)
    assert deliver(site, {EventName.CAMERA_GAP: [listener]}) == 0
    assert deliver(site, {EventName.CAMERA_GAP: [listener]}) == 0
    assert listener.numbers == [1]
    listener.failing = False
    clock.advance(timedelta(seconds=1))
    assert deliver(site, {EventName.CAMERA_GAP: [listener]}) == 2
    assert listener.numbers == [1, 1, 2]
    assert len({delivery.id for delivery in listener.got}) == 2


def test_another_name_does_not_wait_for_the_one_that_fails(site: Site) -> None:
    failing, fine = Listener(failing=True), Listener()
    tell(site, 1)
    tell(site, 2, name=EventName.DISK_LOW)
    assert deliver(site, {EventName.CAMERA_GAP: [failing], EventName.DISK_LOW: [fine]}) == 1
    assert fine.numbers == [2]


def test_each_wait_is_twice_the_one_before_up_to_five_minutes(site: Site, clock: FixedClock) -> None:
    tell(site, 1)
    listener, waits = Listener(failing=True), []
    while len(listener.got) < MAX_ATTEMPTS:
        before, waited = len(listener.got), 0
        while len(listener.got) == before:
            deliver(site, {EventName.CAMERA_GAP: [listener]})
            clock.advance(timedelta(seconds=1))
            waited += 1
        waits.append(waited)
    assert waits == [1, 1, 2, 4, 8, 16, 32, 64]


def test_an_event_that_keeps_failing_is_dead_and_shown_and_holds_nobody_up(site: Site, clock: FixedClock) -> None:
    tell(site, 1)
    listener = Listener(failing=True)
    for _ in range(MAX_ATTEMPTS):
        deliver(site, {EventName.CAMERA_GAP: [listener]})
        clock.advance(timedelta(minutes=5))
    [dead] = dead_letters(site, ACTOR)
    assert (dead.event, dead.attempts, dead.error) == (Event(EventName.CAMERA_GAP, {"n": 1}), MAX_ATTEMPTS, "ConnectionError: the mail server is away")
    listener.failing = False
    tell(site, 2)
    assert deliver(site, {EventName.CAMERA_GAP: [listener]}) == 1
    assert listener.numbers[-1] == 2
    revive(site, ACTOR, dead.id)
    assert deliver(site, {EventName.CAMERA_GAP: [listener]}) == 1
    assert listener.numbers[-1] == 1
    assert dead_letters(site, ACTOR) == []


def test_only_a_dead_event_can_be_revived(site: Site) -> None:
    tell(site, 1)
    for number in (1, 99):
        with pytest.raises(NotFoundError):
            revive(site, ACTOR, number)


def test_a_number_is_never_used_again(site: Site) -> None:
    listener = Listener()
    for number in range(3):
        tell(site, number)
        deliver(site, {EventName.CAMERA_GAP: [listener]})
    ids = [delivery.id for delivery in listener.got]
    assert len(set(ids)) == 3
    assert ids == sorted(ids)


def test_an_event_that_nobody_listens_to_is_done_with(site: Site) -> None:
    tell(site, 1, 2)
    assert backlog(site) == Backlog(2, 0, NOON)
    deliver(site, {})
    assert backlog(site).waiting == 0
