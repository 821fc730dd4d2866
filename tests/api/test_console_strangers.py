"""Each page that is drawn takes memory until its browser is gone, so an address that has not signed in gets no more of them than the limit allows."""

from __future__ import annotations

import json
import subprocess
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BURST = 5

# NiceGUI serves one application a process, so the whole application is built in one of its own.
FLOOD = """
import json, sys
from pathlib import Path
from nicegui import Client
from starlette.testclient import TestClient
from consentry.cli.web_app import build_app
from consentry.console.app import install
from consentry.platform.clock import SystemClock
from consentry.platform.database import Database
from consentry.platform.http.limits import RateLimit
from consentry.platform.keys import SiteKeys
from consentry.platform.metrics import Metrics
from consentry.platform.jobs import Jobs
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site
from tests.api.web_process import SETTINGS

path = Path(sys.argv[1]) / "site.toml"
path.write_text(SETTINGS, encoding="utf-8")
site = Site(SettingsStore(path), Database("sqlite://"), SiteKeys(bytes(32), "demo"), SystemClock())
app = build_app(site, Jobs(site, []), {}, Metrics(), RateLimit(0.0001, int(sys.argv[3])))
install(app, site)
with TestClient(app, base_url="http://localhost") as client:
    before = len(Client.instances)
    answers = [client.get(sys.argv[2], follow_redirects=False) for _ in range(int(sys.argv[3]) + 3)]
    kept = len(Client.instances) - before
print(json.dumps({"statuses": [one.status_code for one in answers], "retry": "retry-after" in answers[-1].headers, "kept": kept}))
"""


def flood(folder: Path, address: str) -> dict[str, object]:
    """Ask for a page three times more often than the limit allows; return the answers and how many pages were kept."""
    command = [sys.executable, "-c", FLOOD, str(folder), address, str(BURST)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_stranger_who_asks_for_page_after_page_is_slowed_down_and_takes_no_more_memory(tmp_path: Path) -> None:
    found = flood(tmp_path, "/console/sign-in")
    assert found["statuses"] == [HTTPStatus.OK] * BURST + [HTTPStatus.TOO_MANY_REQUESTS] * 3
    assert found["retry"]
    assert found["kept"] == BURST


def test_sending_a_stranger_to_the_sign_in_keeps_no_page(tmp_path: Path) -> None:
    found = flood(tmp_path, "/console/alarms")
    assert found["statuses"] == [HTTPStatus.SEE_OTHER] * BURST + [HTTPStatus.TOO_MANY_REQUESTS] * 3
    assert found["kept"] == 0


def test_an_address_that_leads_nowhere_keeps_no_page(tmp_path: Path) -> None:
    found = flood(tmp_path, "/console/nowhere")
    assert found["statuses"] == [HTTPStatus.NOT_FOUND] * (BURST + 3)
    assert found["kept"] == 0
