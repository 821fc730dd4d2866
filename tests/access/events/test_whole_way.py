"""The whole way without a process: a device is paired over the interface, decides by the snapshot that it gets, and what it tells is what staff see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import httpx
from fastapi import FastAPI

from consentry.access.api.controllers import routers
from consentry.access.controller.clock import ClockMemory
from consentry.access.controller.deciding import Decider
from consentry.access.controller.doorways import Doorways
from consentry.access.controller.journal import open_journal
from consentry.access.controller.keeping import kept_state
from consentry.access.controller.link import Link
from consentry.access.controller.pairing import begin_pairing, complete_pairing, pairing_request
from consentry.access.controller.policy import open_policy
from consentry.access.controller.reporting import FirstSnapshot, LoopReporter, report_counter
from consentry.access.controller.spent import SPENT, spent_codes
from consentry.access.model import AccessEvent, CredentialState, DoorEvent
from consentry.access.proving import CardShown
from consentry.access.service import controllers, credentials, events, inside, orders
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from tests.access.events.lodge import FIRST, GUARD
from tests.access.register.house import STAFF, UID, WHY, House, house_on
from tests.api.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from consentry.access.controller.identity import Identity
    from consentry.access.controller.loop import DoorLoop
    from consentry.platform.database import Database

EVERYBODY = [{"id": "residents-in", "group": "residents", "doors": ["garage"], "schedule": None, "deny": False}]
CARD = bytes.fromhex(UID.replace(":", ""))


class AtOnce:
    """Stands for the thread that decides: does what it is handed at once."""

    def call(self, work: Callable[[], object]) -> object:
        return work()


@dataclass
class Device:
    """A controller in this process, whose network is the application itself."""

    doorways: Doorways
    link: Link

    def shows(self, door: str) -> AccessEvent:
        """Show the card at a door and return what was decided."""
        return self.doorways.decider.show(CardShown(door, "uid", CARD)).reason


def network(house: House) -> httpx.Client:
    """Return a client whose requests reach the site's routes."""
    app = FastAPI()
    serve_site(app, house.site, lambda _site, _request: None, RateLimit(1e6, 1_000_000))
    answer_problems(app)
    for router in routers:
        app.include_router(router, prefix="/api/v1")
    asked = Client(app)

    def answer(request: httpx.Request) -> httpx.Response:
        found = asked.send(request.method, request.url.path, content=request.content, headers={"content-type": "application/json"})
        return httpx.Response(found.status_code, content=found.content)

    return httpx.Client(transport=httpx.MockTransport(answer), base_url="http://localhost")


def pair(house: House, client: httpx.Client, folder: Path) -> Identity:
    keys = begin_pairing(folder)
    code = controllers.pair_controller(house.site, FIRST, "main").code
    answer = client.post("/api/v1/public/controllers/pair", json=pairing_request(keys, code))
    return complete_pairing(folder, keys, answer.json())


def device(house: House, folder: Path) -> Device:
    """Return a device that was paired and has its first snapshot."""
    client, clock = network(house), house.site.clock
    identity, journal = pair(house, client, folder), open_journal(folder / "journal.db")
    first = FirstSnapshot(identity, journal, clock, folder)
    Link(client, "main", first).sync()
    assert first.arrived
    memory = ClockMemory(clock, lambda: 0.0, clock.now())
    decider = Decider(identity, open_policy(None, folder, identity), journal, memory, spent_codes(journal.kept_under(SPENT)), kept_state(journal))
    doorways = Doorways(decider, {}, frozenset(), elapsed=lambda: 0.0)
    doorways.start()
    return Device(doorways, Link(client, "main", LoopReporter(cast("DoorLoop", AtOnce()), doorways, report_counter(journal))))


def test_a_card_opens_until_it_is_lost_and_staff_see_who_came_and_who_was_refused(sqlite_database: Database, tmp_path: Path) -> None:
    house = house_on(sqlite_database, tmp_path)
    house.apply(EVERYBODY)
    person = house.member("王安", None)
    card = house.card(person)
    door = device(house, tmp_path / "device")
    assert door.shows("garage") is AccessEvent.GRANTED
    door.link.sync()
    roll = inside.inside(house.site, FIRST, "fire drill")
    assert [(area.area, one.name) for area in roll.areas for one in area.people] == [("garage", "王安")]
    credentials.change_state(house.site, STAFF, card.id, CredentialState.LOST, WHY)
    door.link.sync()
    assert door.shows("garage") is AccessEvent.DENIED_AUTHENTICATION_FACTOR_LOST
    orders.open_door(house.site, GUARD, "garage", "left the card at home")
    door.link.sync()
    door.link.sync()
    told = [one for one in events.events(house.site, FIRST) if one.door == "garage"]
    assert [one.kind for one in reversed(told)] == [AccessEvent.GRANTED, AccessEvent.DENIED_AUTHENTICATION_FACTOR_LOST, DoorEvent.UNLOCKED]
    assert [one.person for one in told if one.kind is AccessEvent.GRANTED] == [person.id]
    assert door.doorways.decider.journal.acknowledged == door.doorways.decider.journal.last
