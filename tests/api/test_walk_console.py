"""Deny by default in the console: every page and every event on one names its permission, and no path is served that is not in the list."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import consentry.console.every_page  # noqa: F401 - it registers every page
from consentry.console.pages import EVENTS, PAGES
from consentry.platform.actors import Permission
from consentry.platform.http.access import PUBLIC

PAGES_FOR_ANYONE = {"/console/sign-in", "/console/welcome"}
EVENTS_FOR_ANYONE = {f"consentry.console.sign_in.{name}" for name in ("accept", "begin_security_key", "give_code", "give_password", "give_recovery_code")}
BESIDE_PAGES = {
    "/console/static",  # style sheet and scripts
    "/console/preferences",  # language and light, kept in the browser
    "/console/handover",  # exchanges a code that a sign-in event gave for the session's cookie
}
FRAMEWORK = "/_nicegui"
"""Where NiceGUI serves its scripts and its socket; the socket starts events, and events are checked below."""

# NiceGUI serves one application a process, so the whole application is built in one of its own.
WHOLE = """
import json, sys
from pathlib import Path
from nicegui import core
from starlette.routing import Mount
from consentry.cli.web_app import build_app
from consentry.console.app import install
from consentry.platform.clock import SystemClock
from consentry.platform.database import Database
from consentry.platform.keys import SiteKeys
from consentry.platform.metrics import Metrics
from consentry.platform.jobs import Jobs
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site
from tests.api.test_walk import walk
from tests.api.web_process import SETTINGS

path = Path(sys.argv[1]) / "site.toml"
path.write_text(SETTINGS, encoding="utf-8")
site = Site(SettingsStore(path), Database("sqlite://"), SiteKeys(bytes(32), "demo"), SystemClock())
app = build_app(site, Jobs(site, []), {}, Metrics())
install(app, site)
print(json.dumps([[name, str(getattr(route, "access", None))] for name, route in walk(app.routes)]))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Return every route of the whole application: its name, and what it needs, None where it names nothing."""
    command = [sys.executable, "-c", WHOLE, str(tmp_path_factory.mktemp("whole"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    return [(name, access) for name, access in json.loads(done.stdout.splitlines()[-1])]


def test_every_path_is_a_guarded_route_or_a_page_of_the_list(served: list[tuple[str, str]]) -> None:
    unguarded = {name.partition(" ")[2] for name, access in served if access == "None"}
    own = {path for path in unguarded if not path.startswith(FRAMEWORK)}
    assert own == {*PAGES, *BESIDE_PAGES}


def test_every_page_of_the_list_is_served(served: list[tuple[str, str]]) -> None:
    assert set(PAGES) <= {name.partition(" ")[2] for name, _ in served}


def test_every_page_names_its_permission_and_few_need_none() -> None:
    assert all(page.access is PUBLIC or page.access in set(Permission) for page in PAGES.values())
    assert {path for path, page in PAGES.items() if page.access is PUBLIC} == PAGES_FOR_ANYONE


def test_every_event_names_its_permission_and_few_need_none() -> None:
    assert all(event.access is PUBLIC or event.access in set(Permission) for event in EVENTS.values())
    assert {name for name, event in EVENTS.items() if event.access is PUBLIC} == EVENTS_FOR_ANYONE
    assert len(EVENTS) > 20
