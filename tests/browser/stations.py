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
from consentry.consent import service as consents
from consentry.consent.model import Audience, Purpose
from consentry.consent.rules.guardians import child_terms
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
from tests.consent.shop import OFFICER, TERMS, TEXTS, open_purpose
from tests.recognition.vault.running import REAL, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consentry.platform.site import Site

__all__ = ["STATION", "Shop", "calibrated", "opened_shop", "orders", "working"]

STATION = "kiosk"
FAMILY = "dlib"
APART = (0.86, 0.88, 0.90, 0.92, 0.94, 0.96)
"""Scores between which the two portraits are told apart by far: the same face scores 1, other faces less than 0.9."""
PATIENCE_S = 120.0
FOR_CHILDREN = {language: replace(text, special_rules="Kept on this device, not disclosed") for language, text in TEXTS.items()}
SETTINGS = f"""
[recognition]
embedder = "{FAMILY}"
guardians = true

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
        desk, terms = employ(file, "Li Na", Role.FRONT_DESK), replace(TERMS, model_family=FAMILY)
        with open_site(file) as site:
            open_purpose(site, Purpose.GREETING, terms)
            consents.publish_notice(site, OFFICER, Purpose.GREETING, FOR_CHILDREN, child_terms(terms), Audience.CHILDREN)
            vault, worker = orders(site, calibrated(FAMILY, APART))
        with running(vault, REAL), working(worker, file.parent), served(file) as origin:
            yield Shop(file, origin, desk)


def orders(site: Site, calibration: Calibration, models: Path | None = None) -> tuple[VaultOrder, StationOrder]:
    """Return what the vault and the site's one station are told. ``models``: the vault's folder of weights; None for the usual places."""
    places = site.store.places
    station = site.settings.stations[0]
    for path in (vault_socket(places), vault_stations_socket(places), station_socket(places, station.id)):
        path.parent.mkdir(parents=True, exist_ok=True)
    order = VaultOrder.from_line(vault_spec(site.store, None, str(models) if models else None).order.decode())
    document = calibration_text(signed(calibration, site.keys.signing_key("calibration"), epoch=site.keys.epoch, by=Signer.TEST_ONLY))
    vault = replace(order, separate=True, accept_test_calibration=True, calibration=document)
    sockets = str(station_socket(places, station.id)), str(vault_stations_socket(places))
    return vault, StationOrder(station.id, *sockets, order.askers, station.zone, "centerface", calibration.family, attested=True)


def calibrated(family: str, thresholds: Sequence[float]) -> Calibration:
    """Return a calibration that certifies a model; ``thresholds``: scores at false match rates from 1e-1 to 1e-6."""
    points = tuple(OperatingPoint(10.0**-power, threshold, 2 * 10.0**-power) for power, threshold in enumerate(thresholds, 1))
    weights = entry(family).weights
    assert weights is not None
    rates = {name: ErrorRate(0.01, 0.01, 0.01) for name in ("1e-3", "1e-4")}
    return Calibration(family, "centerface", weights.sha256, Dataset("portraits", "ef" * 32, 100), 100, 100, points, rates)


@contextmanager
def working(order: StationOrder, folder: Path) -> Iterator[None]:
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
