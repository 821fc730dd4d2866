"""A real controller with the page of its doors: the small house, at the time that it is, with a simulator beside its gate."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from consentry.access.marks import inner_card, inner_pin, number_salt, salt_bytes
from consentry.access.model import Credential, CredentialKind, Door, DoorMode, Person, Policy, ReaderKind, Rule
from consentry.access.passes import GuestPass, PhonePass, issue_guest_pass, issue_phone_pass, phone_code, step_at
from tests.access.controller.playground import Gate, Server, serving, snapshot
from tests.access.proofs.house import READERS, SITE, SITE_KEY, holder_point, house
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.access.model import Snapshot

__all__ = ["CARD", "CARD_PIN", "CARD_WITH_PIN", "OTHER_CARD", "Entrance", "opened_entrance"]

CARD, OTHER_CARD, CARD_WITH_PIN, CARD_PIN = "04b1b2c3d4e5f6", "04:C1:B2:C3:D4:E5:F6", "04d1b2c3", "804417"
STARTER = "import sys; from consentry.cli.main import main; sys.exit(main(sys.argv[1:]))"
DAY = timedelta(days=1)
WITH_STAFF = (*READERS, ReaderKind.CONCIERGE)
DOORS = (
    Door("gate", WITH_STAFF),
    Door("vault", WITH_STAFF, two_people_s=60),
    Door("shut", WITH_STAFF),
    Door("open", WITH_STAFF),
    Door("burning", WITH_STAFF),
)
DEVICES = """
[[line]]
driver = "simulator"
id = "sim"
[[door]]
id = "gate"
strike = {line = "sim"}
reader = [{id = "gate-reader", line = "sim", serves = ["card", "qr"]}]
[[door]]
id = "burning"
strike = {line = "sim", number = 1}
fire = {line = "sim", number = 1}
"""


@dataclass(frozen=True, slots=True)
class Entrance:
    """A controller that runs, its data, and the server that it reports to, whose ``mood`` may change."""

    gate: Gate
    origin: str
    server: Server

    def phone(self, door: str = "gate") -> str:
        """Return what the resident's telephone shows now."""
        found, now = house(), datetime.now(UTC)
        issued = PhonePass(SITE, "phone-1", holder_point(found.holder), now - DAY, now + DAY)
        return phone_code(issue_phone_pass(found.issuer, issued), "phone-1", found.holder, door, step_at(now))

    def guest(self, *, host: bool = False) -> str:
        """Return a guest's pass; with ``host``, one that waits for the host each time."""
        now = datetime.now(UTC)
        asked = GuestPass(SITE, "asked-1", ("gate",), now - DAY, now + DAY, None, needs_host=True)
        return issue_guest_pass(house().issuer, asked if host else GuestPass(SITE, "guest-1", ("gate",), now - DAY, now + DAY, 3))


@contextmanager
def opened_entrance(folder: Path) -> Iterator[Entrance]:
    """Run ``consentry door`` until the block ends."""
    gate = Gate(None, folder / "gate").found(_snapshot(datetime.now(UTC)))
    (gate.data / "door.toml").write_text(DEVICES, encoding="utf-8")
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    tablets = [part for door in DOORS for part in ("--tablet", door.id)]
    with serving(Server()) as server, (folder / "log").open("w") as log:
        given = ["--data", gate.data, "--policy", gate.data / "policy", "--hardware", gate.data / "door.toml", "--port", port, "--server", server.address]
        process = subprocess.Popen([sys.executable, "-c", STARTER, "door", *map(str, given), *tablets], stderr=log)
        try:
            _wait_for(origin)
            yield Entrance(gate, origin, server)
        finally:
            process.terminate()
            process.wait(60)
    assert "traceback" not in (folder / "log").read_text(encoding="utf-8")


def _wait_for(origin: str) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            if httpx.get(f"{origin}/state").json()["online"]:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < until
        time.sleep(0.05)


def _snapshot(now: datetime) -> Snapshot:
    names = tuple(door.id for door in DOORS)
    policy = Policy(1, "Asia/Shanghai", DOORS, rules=(Rule("all", "residents", names), Rule("guests", "guests", names)))
    people = (Person("resident", ("residents",)), Person("other", ("residents",)), Person("guest", ("guests",), host="resident"))
    credentials = (*house().compiled.snapshot.credentials, *_more())
    modes = {"shut": DoorMode.LOCKDOWN, "open": DoorMode.FREE}
    return replace(snapshot(7), issued=now, expires=now + DAY, policy=policy, people=people, credentials=credentials, modes=modes)


def _more() -> tuple[Credential, ...]:
    """Return cards as a reader types them, one with a PIN, and a guest's pass that waits for the host."""
    secrets, kind = house().secrets, CredentialKind
    cards = {name: inner_card("uid", bytes.fromhex(name.replace(":", ""))) for name in (CARD, OTHER_CARD, CARD_WITH_PIN)}
    salt = number_salt(SITE_KEY, cards[CARD_WITH_PIN])
    pin = secrets.mark(inner_pin(CARD_PIN, salt_bytes(salt)))
    return (
        Credential("typed", "resident", kind.CARD, secrets.mark(cards[CARD])),
        Credential("other-typed", "other", kind.CARD, secrets.mark(cards[OTHER_CARD])),
        Credential("pinned", "resident", kind.CARD, secrets.mark(cards[CARD_WITH_PIN])),
        Credential("its-pin", "resident", kind.PIN, pin, number=secrets.mark(cards[CARD_WITH_PIN]), salt=salt),
        Credential("asked", "guest", kind.GUEST, "asked-1", doors=("gate",), needs_host=True),
    )
