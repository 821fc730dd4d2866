"""Real controllers under everything that goes wrong at a door: no wrong grant, no lost event, the safe side in doubt.

``make faults KILLS=200`` for the long storm of kills.
"""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consentry.access.controller.journal import open_journal
from consentry.access.controller.sync_text import milliseconds
from consentry.access.passes import step_at
from tests.access.controller.playground import CARD, EXIT, FIRE, Gate, Nursery, Server, code, guest, serving, signed_snapshot, snapshot
from tests.access.proofs.house import NOW, house

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = int(os.environ.get("KILLS", "12"))
SEED = int(os.environ.get("SEED", "7"))
DAY = timedelta(days=1)
WEEK = 7 * DAY

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    found = Nursery()
    yield found
    found.close()


@pytest.fixture
def gate(nursery: Nursery, tmp_path: Path) -> Iterator[Gate]:
    found = Gate(nursery, tmp_path / "gate").found(snapshot(expires=NOW + WEEK))
    yield found
    if found.pid is not None:
        found.end(signal.SIGKILL)


def revoked(number: int) -> str:
    """Return a snapshot in which the resident's card opens nothing any more."""
    return signed_snapshot(snapshot(number, expires=NOW + WEEK, revoked=("card",)))


@pytest.mark.timeout(600 + 3 * KILLS)
def test_however_often_it_is_killed_nobody_gets_in_unwritten_and_the_server_has_every_event_once(gate: Gate) -> None:
    chance = random.Random(SEED)  # noqa: S311 - it chooses moments
    lines = (CARD, guest(house()), code(house().phone_shown(step=step_at(NOW))))
    with serving(Server(lambda: chance.choice(["good", "mute", "deaf", "forgetful"]), gate.now)) as server:
        for _ in range(KILLS):
            written, told = len(gate.kinds()) if gate.journal.exists() else 0, gate.releases()
            gate.start(server.address)
            shown = chance.choices(lines, k=chance.randint(1, 8))
            aim = len(gate.kinds()) + chance.randint(0, len(shown))
            gate.do(*shown)
            gate.wait(lambda: len(gate.kinds()) >= aim or "denied-lockout" in gate.kinds()[written:], "it decides")  # noqa: B023 - asked at once
            time.sleep(chance.uniform(0.0, 0.02))
            gate.end(signal.SIGKILL)
            assert gate.releases() - told <= gate.kinds()[written:].count("granted"), "what the strike was told was written down before"
        server.mood = lambda: "good"
        gate.start(server.address)
        gate.wait(lambda: len(server.kept) == len(gate.kinds()), "the server has every event")
        gate.end()
    open_journal(gate.journal).close()
    assert gate.releases() > 0
    assert len(gate.kinds("credential = 'guest' AND kind = 'granted'")) <= 3, "a pass for three times opens three times"
    assert len(gate.kinds("credential = 'phone' AND kind = 'granted'")) <= 1, "a code opens once"
    assert [(one.event.seq, one.hash) for one in server.kept] == gate.rows("seq, hash")
    assert server.counters == sorted(set(server.counters)), "no report has the number of one before"


def test_a_day_without_its_server_changes_nothing_at_the_door_and_loses_no_event(gate: Gate) -> None:
    with serving(Server(lambda: mood, gate.now)) as server:
        mood = "deaf"
        gate.start(server.address)
        for _ in range(4):
            gate.shows(CARD, "granted")
            gate.move_clock(DAY / 4, really=True)
        gate.shows(guest(house()), "denied-credential-expired")
        assert (server.kept, gate.kinds("kind = 'clock-jump'")) == ([], [])
        mood = "good"
        gate.wait(lambda: len(server.kept) == len(gate.kinds()), "the server has every event")
    assert [(one.event.seq, one.hash) for one in server.kept] == gate.rows("seq, hash")


def test_a_clock_that_is_set_back_brings_nothing_back_even_after_a_restart(gate: Gate) -> None:
    gate.start()
    gate.shows(guest(house()), "granted")
    gate.move_clock(DAY * 1.5, really=True)
    gate.shows(guest(house()), "denied-credential-expired")
    gate.move_clock(-DAY * 1.5, really=False)
    gate.shows(guest(house()), "denied-credential-expired")
    gate.end()
    gate.start()
    gate.shows(guest(house()), "denied-credential-expired")
    assert (len(gate.kinds("kind = 'clock-jump'")), gate.releases()) == (2, 1)


def test_a_clock_that_is_set_forward_shuts_the_door_until_the_server_agrees_on_the_time(gate: Gate) -> None:
    with serving(Server(lambda: mood, gate.now)) as server:
        mood = "deaf"
        gate.start(server.address)
        gate.shows(CARD, "granted")
        gate.move_clock(WEEK * 2, really=False)
        gate.shows(CARD, "denied-other")
        gate.wait(lambda: {"clock-jump", "policy-expired"} <= set(gate.kinds()), "it is told of")
        gate.move_clock(-WEEK * 2, really=False)
        gate.shows(CARD, "denied-other")
        assert gate.releases() == 1
        mood = "good"
        gate.wait(lambda: len(gate.kinds("kind = 'clock-jump'")) == 3, "the clock is believed again")
        gate.shows(CARD, "granted")


def test_a_clock_that_is_set_forward_is_not_followed_while_the_server_says_otherwise(gate: Gate) -> None:
    right = gate.now() - datetime.now(UTC)
    with serving(Server(clock=lambda: datetime.now(UTC) + right)) as server:
        gate.start(server.address)
        gate.shows(CARD, "granted")
        gate.move_clock(WEEK * 2, really=False)
        gate.wait(lambda: "clock-jump" in gate.kinds(), "it is told of")
        hears_more(gate, server)
        gate.shows(CARD, "granted")
        gate.end()
        gate.start(server.address)
        hears_more(gate, server)
        gate.shows(CARD, "granted")
    assert server.doubts, "the server is told that the clock is wrong"


def test_a_revocation_holds_at_the_next_contact_and_over_a_restart_and_no_older_or_foreign_snapshot_undoes_it(gate: Gate) -> None:
    with serving(Server(clock=gate.now)) as server:
        gate.start(server.address)
        gate.shows(CARD, "granted")
        server.snapshot, server.snapshot_number = revoked(9), 9
        gate.wait(lambda: server.held == 9, "the new snapshot is in force")
        gate.shows(CARD, "denied-credential-manual-disable")
        for number, text in [(8, signed_snapshot(snapshot(8, expires=NOW + WEEK))), (10, forged(10)), (11, foreign(11)), (12, "CS1.x\n{}")]:
            server.snapshot, server.snapshot_number = text, 99
            hears_more(gate, server)
            assert server.held == 9, number
        gate.end()
        gate.start()
        gate.shows(CARD, "denied-credential-manual-disable")
    assert gate.releases() == 1


def hears_more(gate: Gate, server: Server) -> None:
    """Wait until the controller has heard of its server twice more."""
    reports = server.reports
    gate.wait(lambda: server.reports > reports + 2, "it hears of its server")


def forged(number: int) -> str:
    return signed_snapshot(snapshot(number, expires=NOW + WEEK), Ed25519PrivateKey.generate())


def foreign(number: int) -> str:
    return signed_snapshot(snapshot(number, expires=NOW + WEEK, controller="side"))


def test_an_order_that_comes_again_and_again_opens_once_and_one_that_ended_never(gate: Gate) -> None:
    with serving(Server(clock=gate.now)) as server:
        gate.start(server.address)
        now = milliseconds(gate.now())
        order = {"id": "o1", "door": "gate", "what": "release", "by": "guard", "expires": now + 15_000}
        server.orders = [order, {**order, "id": "o2", "expires": now - 1}, {**order, "id": "o3", "door": "elsewhere"}]
        gate.wait(lambda: server.reports > 3, "it heard of it more than once")
        gate.end()
        gate.start(server.address)
        hears_more(gate, server)
    assert (gate.rows('"order"', "kind = 'unlocked'"), gate.releases()) == ([("o1",)], 1)


def test_a_full_disk_lets_nobody_in_and_everybody_out_and_tells_what_was_lost(gate: Gate) -> None:
    gate.start()
    gate.shows(CARD, "granted")
    gate.do("limit 4096", CARD, CARD)
    gate.wait(lambda: "door.journal" in (gate.data / "log").read_text(), "the disk is full")
    assert gate.releases() == 1, "nobody is let in"
    gate.do(f"input {EXIT} 1", f"input {EXIT} 0")
    gate.wait(lambda: gate.releases() == 2, "who leaves is let out")
    gate.do(f"input {FIRE} 0")
    gate.wait(lambda: gate.releases() >= 3, "in a fire the door stays open")
    gate.do("limit none", f"input {FIRE} 1")
    gate.shows(CARD, "granted")
    kinds = gate.kinds()
    assert "events-lost" in kinds[kinds.index("granted") : -1]
    gate.end()
    open_journal(gate.journal).close()
