"""A controller and the real server, from the pairing to the revocation: both speak one language."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from consentry.access.api.controllers import routers
from consentry.access.controller.clock import ClockMemory
from consentry.access.controller.deciding import Decider
from consentry.access.controller.doorways import Doorways
from consentry.access.controller.journal import open_journal
from consentry.access.controller.keeping import kept_state
from consentry.access.controller.link import Link
from consentry.access.controller.loop import DoorLoop
from consentry.access.controller.pairing import begin_pairing, complete_pairing, pairing_request
from consentry.access.controller.policy import open_policy
from consentry.access.controller.reporting import FirstSnapshot, LoopReporter, report_counter
from consentry.access.controller.spent import spent_codes
from consentry.access.model import CredentialState
from consentry.access.proving import CardShown
from consentry.access.service import controllers, credentials, events
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from tests.access.register.house import STAFF, UID, WHY, House, house_on
from tests.api.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.access.controller.identity import Identity
    from consentry.access.controller.serving import Told
    from consentry.platform.database import Database

PREFIX = "/api/v1"
ALWAYS = {"id": "residents", "group": "residents", "doors": ["front", "garage"], "schedule": None, "deny": False}
CARD = CardShown("front", "uid", bytes.fromhex(UID.replace(":", "")))


@dataclass
class Running:
    """A controller whose loop runs in a thread, and whose link is called by hand."""

    link: Link
    loop: DoorLoop
    doorways: Doorways


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    (tmp_path / "site").mkdir()
    found = house_on(sqlite_database, tmp_path / "site")
    found.apply([ALWAYS])
    return found


@pytest.fixture
def server(house: House) -> Iterator[httpx.Client]:
    """Give a client of the real routes."""
    app = FastAPI()
    serve_site(app, house.site, lambda _site, _request: None, RateLimit(1e6, 1_000_000))
    answer_problems(app)
    for router in routers:
        app.include_router(router, prefix=PREFIX)
    inside = Client(app)

    def respond(request: httpx.Request) -> httpx.Response:
        answer = inside.send(request.method, request.url.path, json=json.loads(request.content))
        return httpx.Response(answer.status_code, content=answer.content)

    with httpx.Client(base_url="http://localhost", transport=httpx.MockTransport(respond)) as client:
        yield client


@pytest.fixture
def paired(house: House, server: httpx.Client, tmp_path: Path) -> Identity:
    keys = begin_pairing(tmp_path / "door")
    code = controllers.pair_controller(house.site, STAFF, "main").code
    answer = server.post(f"{PREFIX}/public/controllers/pair", json=pairing_request(keys, code))
    assert answer.status_code == 200, answer.text
    return complete_pairing(tmp_path / "door", keys, answer.json())


@pytest.fixture
def controller(house: House, server: httpx.Client, paired: Identity, tmp_path: Path) -> Iterator[Running]:
    """Give the link and the doors of a controller that fetched its first snapshot."""
    data, clock = tmp_path / "door", house.site.clock
    with ExitStack() as stack:
        journal = stack.enter_context(closing(open_journal(data / "journal.db")))
        first = FirstSnapshot(paired, journal, clock, data)
        Link(server, "main", first).sync()
        assert first.arrived
        memory = ClockMemory(clock, lambda: 0.0, clock.now())
        decider = Decider(paired, open_policy(None, data, paired), journal, memory, spent_codes({}), kept_state(journal))
        doorways = Doorways(decider, {}, frozenset())
        loop = DoorLoop(doorways.look)
        doorways.start()
        thread = threading.Thread(target=loop.run)
        thread.start()
        stack.callback(thread.join)
        stack.callback(loop.stop)
        yield Running(Link(server, "main", LoopReporter(loop, doorways, report_counter(journal))), loop, doorways)


def shows(controller: Running) -> Told:
    """Show the card, as a page does from a thread of its own."""
    return controller.loop.call(lambda: controller.doorways.show(CARD))


def test_a_card_opens_once_the_register_has_it_and_no_more_once_it_is_lost(house: House, controller: Running) -> None:
    link, doorways = controller.link, controller.doorways
    assert not shows(controller).granted
    card = house.card(house.member())
    link.sync()
    assert shows(controller).granted
    credentials.change_state(house.site, STAFF, card.id, CredentialState.LOST, WHY)
    link.sync()
    assert not shows(controller).granted
    link.sync()
    link.sync()
    kinds = [event.kind.value for event in events.live_events(house.site, STAFF, 0) if event.door == "front"]
    assert [kind for kind in kinds if kind != "normal"] == ["denied-unknown-credential", "granted", "denied-authentication-factor-lost"]
    assert doorways.decider.journal.pending(10) == ()


def test_a_controller_that_was_revoked_is_told_nothing_and_goes_on_alone(house: House, controller: Running) -> None:
    link, doorways = controller.link, controller.doorways
    house.card(house.member())
    link.sync()
    controllers.revoke_controller(house.site, STAFF, "main", WHY)
    before = doorways.decider.policy.number
    shows(controller)
    assert not link.sync()
    assert (doorways.decider.policy.number, len(doorways.decider.journal.pending(10)) > 0) == (before, True)
