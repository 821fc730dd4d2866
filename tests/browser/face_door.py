"""A door that takes faces, as it really runs: web process, vault, the station's worker and the door's controller, each a process of its own.

Only what tests may differ from an installed site: all run as one user, the vault takes a calibration that is signed for tests, and the worker has no
passive check, which must take a rendered head for no person; the order of a turn and a blink is asked for instead.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx

from consentry.access.hardware.relay_text import read_order
from consentry.access.hardware.simulated_relay import RelayByWeb, SimulatedRelay
from consentry.access.register import CardDraft, Group
from consentry.access.service import cards, controllers, events, faces, groups
from consentry.cli import main as frame
from consentry.consent.model import Method, Purpose
from consentry.platform.opening import open_site
from consentry.recognition import service as recognition
from consentry.staff.model import Role
from tests.access.controller.playground import Gate
from tests.access.register.house import House
from tests.browser.demo_site import Person, employ, found
from tests.browser.running_site import served
from tests.browser.stations import calibrated, orders, working
from tests.consent.shop import OFFICER, TERMS, open_purpose
from tests.ports import free_port
from tests.recognition.vault.running import REAL, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consentry.access.happenings import PassEvent

__all__ = ["CARD", "DOOR", "STATION", "FaceDoor", "opened_face_door"]

DOOR, STATION, FAMILY, CARD = "lobby", "lobby-eye", "mobilefacenet", "04A224B15C8000"
APART = (0.3, 0.4, 0.5, 0.6, 0.65, 0.7)
"""Two pictures of one of the rendered heads score above 0.9, of two below 0.2."""
PATIENCE_S = 120.0
STARTER = "import sys; from consentry.cli.main import main; sys.exit(main(sys.argv[1:]))"
EVERYBODY = {"id": "residents", "group": "residents", "doors": [DOOR], "schedule": None, "deny": False}
SETTINGS = f"""
[recognition]
embedder = "{FAMILY}"

[[purpose]]
id = "door_access"
method = "1:1"
retention = "90 days"
validity = "365 days"
alternatives = ["card", "pin", "qr"]

[[station]]
id = "{STATION}"
name = {{ zh = "北门大堂", en = "North lobby" }}
purposes = ["door_access"]
enrols = true

[[door]]
id = "{DOOR}"
name = {{ zh = "北门大堂", en = "North lobby" }}
readers = ["card", "pin", "qr", "face"]
station = "{STATION}"
"""
DEVICES = """
[[line]]
driver = "http"
id = "relay"
url = "{url}"
token_file = "token"
[[door]]
id = "{door}"
strike = {{line = "relay"}}
"""


class HeardRelay(SimulatedRelay):
    """A device that remembers what it was told: a strike locks again after seconds, in which a busy machine may not have looked."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def obey(self, message: str) -> str | None:
        """Do it, and remember it where it was done."""
        answer = super().obey(message)
        if answer is not None and answer.startswith("A"):
            self.heard.append(message)
        return answer

    @property
    def released(self) -> bool:
        """Whether the strike was ever told to unlock."""
        return any(order is not None and order.what == "R" for order in map(read_order, self.heard))


@dataclass(frozen=True, slots=True)
class FaceDoor:
    """The door that runs. ``origin``: of the site; ``tablet``: of the door's own page; ``desk``: a member of staff who may stand by."""

    file: Path
    origin: str
    tablet: str
    gate: Gate
    relay: HeardRelay
    vault: subprocess.Popen[str]
    desk: Person
    person: str

    def pairing_code(self) -> str:
        """Return a code that makes a device the station."""
        with open_site(self.file) as site:
            return recognition.pair_station(site, OFFICER, STATION).code

    def link_face(self, consent: str) -> None:
        """Let the resident pass by the face that they agreed to."""
        with open_site(self.file) as site:
            faces.link_face(site, OFFICER, self.person, consent)

    def told(self) -> list[PassEvent]:
        """Return what staff see of the door, the newest first."""
        with open_site(self.file) as site:
            return events.events(site, OFFICER)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        last = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < last
            time.sleep(0.1)


@contextmanager
def opened_face_door(models: Path) -> Iterator[FaceDoor]:
    """Run the door until the block ends. ``models``: a folder of weights. The site's folder has a short name, because a socket's path is short."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="door")))
        file = found(folder / "site", datetime.now(UTC))
        file.write_text(file.read_text(encoding="utf-8") + SETTINGS, encoding="utf-8")
        desk = employ(file, "Li Na", Role.FRONT_DESK)
        vault, origin, person = stack.enter_context(_site(file, models, folder))
        relay = HeardRelay()
        device = stack.enter_context(closing(RelayByWeb(relay, "t" * 32)))
        gate = Gate(None, folder / "gate")
        _pair(file, gate.data, origin)
        _wire(gate.data, device.url)
        tablet = stack.enter_context(_controller(gate.data, origin, folder / "door.log"))
        yield FaceDoor(file, origin, tablet, gate, relay, vault, desk, person)


@contextmanager
def _site(file: Path, models: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    with open_site(file) as site:
        open_purpose(site, Purpose.DOOR_ACCESS, replace(TERMS, method=Method.ONE_TO_ONE, model_family=FAMILY))
        person = _resident(House(site))
        vault, worker = orders(site, calibrated(FAMILY, APART), models)
    empty = folder / "no-models"
    empty.mkdir()
    process = started(vault, REAL)
    try:
        with working(replace(worker, models=str(empty)), folder), served(file) as origin:
            yield process, origin, person
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_S)


def _resident(house: House) -> str:
    groups.put_group(house.site, OFFICER, Group("residents", "住户", "Residents"))
    house.apply([EVERYBODY])
    person = house.member("王安", "3-1201").id
    cards.add_card(house.site, OFFICER, person, CardDraft(CARD))
    return person


def _pair(file: Path, data: Path, origin: str) -> None:
    with open_site(file) as site:
        code = controllers.pair_controller(site, OFFICER, "main").code
    assert frame.main(["door", "pair", "--data", str(data), "--server", origin, "--code", code]) == 0


def _wire(data: Path, url: str) -> None:
    (data / "token").write_text("t" * 32)
    (data / "token").chmod(0o600)
    (data / "door.toml").write_text(DEVICES.format(url=url, door=DOOR), encoding="utf-8")


@contextmanager
def _controller(data: Path, origin: str, log: Path) -> Iterator[str]:
    """Run ``consentry door`` until the block ends, and give the origin of its page once it decides."""
    port = free_port()
    given = ["--data", data, "--server", origin, "--hardware", data / "door.toml", "--port", port, "--tablet", DOOR]
    with log.open("w") as said, subprocess.Popen([sys.executable, "-c", STARTER, "door", *map(str, given)], stderr=said) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/state", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
    assert "traceback" not in log.read_text(encoding="utf-8")


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(address).json()["doors"]:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))
