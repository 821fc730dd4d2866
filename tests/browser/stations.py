"""A shop with a station as it really runs: the web process, the vault with its models, and the station's worker, each a process of its own.

Only what tests may differ from `consentry serve`: all run as one user, and the vault takes a calibration that is signed for tests.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.cli.serve_faces import vault_spec
from consentry.consent.model import Purpose
from consentry.ledger.service import browse
from consentry.platform.opening import open_site
from consentry.recognition import service
from consentry.recognition.calibration import Calibration, Dataset, ErrorRate, OperatingPoint, Signer, calibration_text, signed
from consentry.recognition.client import station_socket, vault_socket, vault_stations_socket
from consentry.recognition.station.model import StationOrder
from consentry.recognition.vault.order import VaultOrder
from consentry.staff.model import Role
from consentry.vision.manifest import entry
from tests.browser.demo_site import OPERATOR, Person, employ, found
from tests.browser.running_site import served
from tests.consent.shop import OFFICER, TERMS, open_purpose
from tests.recognition.vault.running import REAL, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.platform.site import Site

__all__ = ["STATION", "Shop", "opened_shop"]

STATION = "kiosk"
FAMILY = "dlib"
WEIGHTS = entry(FAMILY).weights
PATIENCE_S = 60.0
SETTINGS = f"""
[recognition]
embedder = "{FAMILY}"

[[purpose]]
id = "greeting"
method = "1:N"
retention = "90 days"
validity = "365 days"
alternatives = ["card", "qr", "desk"]

[[station]]
id = "{STATION}"
name = {{ zh = "迎宾台", en = "Welcome kiosk" }}
purposes = ["greeting"]
zone = [0.1, 0.02, 0.9, 0.98]
enrols = true
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop that recognises those who agreed. ``desk``: a member of staff who may stand by."""

    file: Path
    origin: str
    desk: Person

    def pairing_code(self) -> str:
        """Return a code that staff made in the console."""
        with open_site(self.file) as site:
            return service.pair_station(site, OFFICER, STATION).code

    def acts(self, action: str) -> list[tuple[str, dict[str, object]]]:
        """Return who did an action and its details, as the ledger has them, oldest first."""
        with open_site(self.file) as site:
            page = browse(site, OPERATOR, limit=500, action=action)
        return [(listed.entry.act.actor, dict(listed.entry.act.details)) for listed in reversed(page.entries) if listed.entry]

    def enrolled(self) -> int:
        """Return how many templates the vault holds."""
        with open_site(self.file) as site:
            return sum(service.population(site).values())


@contextmanager
def opened_shop() -> Iterator[Shop]:
    """Run a shop until the block ends. Its folder has a short name, because a socket's path is short."""
    with tempfile.TemporaryDirectory(prefix="shop") as folder:
        file = found(Path(folder) / "site", datetime.now(UTC))
        file.write_text(file.read_text(encoding="utf-8") + SETTINGS, encoding="utf-8")
        desk = employ(file, "Li Na", Role.FRONT_DESK)
        with open_site(file) as site:
            open_purpose(site, Purpose.GREETING, replace(TERMS, model_family=FAMILY))
            vault, worker = _orders(site)
        with running(vault, REAL), _working(worker, file.parent), served(file) as origin:
            yield Shop(file, origin, desk)


def _orders(site: Site) -> tuple[VaultOrder, StationOrder]:
    places = site.store.places
    for path in (vault_socket(places), vault_stations_socket(places), station_socket(places, STATION)):
        path.parent.mkdir(parents=True, exist_ok=True)
    order = VaultOrder.from_line(vault_spec(site.store, None, None).order.decode())
    document = calibration_text(signed(_calibration(), site.keys.signing_key("calibration"), epoch=site.keys.epoch, by=Signer.TEST_ONLY))
    vault = replace(order, separate=True, accept_test_calibration=True, calibration=document)
    zone, askers = site.settings.stations[0].zone, order.askers
    sockets = str(station_socket(places, STATION)), str(vault_stations_socket(places))
    return vault, StationOrder(STATION, *sockets, askers, zone, "centerface", FAMILY, attested=True)


def _calibration() -> Calibration:
    """Return points between which the two portraits are told apart by far: the same face scores 1, other faces less than 0.9."""
    scores = ((1e-1, 0.86), (1e-2, 0.88), (1e-3, 0.90), (1e-4, 0.92), (1e-5, 0.94), (1e-6, 0.96))
    points = tuple(OperatingPoint(rate, threshold, rate * 2) for rate, threshold in scores)
    assert WEIGHTS is not None
    rates = {name: ErrorRate(0.01, 0.01, 0.01) for name in ("1e-3", "1e-4")}
    return Calibration(FAMILY, "centerface", WEIGHTS.sha256, Dataset("portraits", "ef" * 32, 100), 100, 100, points, rates)


@contextmanager
def _working(order: StationOrder, folder: Path) -> Iterator[None]:
    """Run the station's worker and wait until it listens."""
    command = [sys.executable, "-m", "consentry.recognition.station"]
    with (folder / "station.log").open("wb") as log, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log) as process:
        assert process.stdin is not None
        process.stdin.write(order.to_line().encode())
        process.stdin.flush()
        deadline = time.monotonic() + PATIENCE_S
        while not Path(order.socket).exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.poll() is None, (folder / "station.log").read_text(encoding="utf-8")
        yield
        process.stdin.close()
        process.wait(PATIENCE_S)
