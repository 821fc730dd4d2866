"""A site with one camera and real API keys, its application, and a server that really runs it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import uvicorn

from consentry.cli.web_app import build_app
from consentry.cli.web_jobs import site_jobs
from consentry.ledger.service import latest_checkpoint
from consentry.platform.clock import FixedClock
from consentry.platform.database import Database
from consentry.platform.http.health import check_database, check_disk
from consentry.platform.http.limits import RateLimit
from consentry.platform.jobs import Jobs
from consentry.platform.keys import SiteKeys
from consentry.platform.metrics import Metrics
from consentry.platform.migrations.run import migrate
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site
from consentry.staff.service import create_api_key
from tests.staff.people import Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fastapi import FastAPI

    from consentry.platform.actors import Permission

SETTINGS = """
[site]
id = "demo"
name = {zh = "示范店", en = "Demo shop"}
zone = "Asia/Shanghai"
controller = {zh = "示范公司", en = "Demo Ltd"}
contact = "+86 000"

[[camera]]
id = "door"
name = {zh = "门口", en = "Door"}

[[camera.line]]
id = "entrance"
name = {zh = "入口", en = "Entrance"}
from = [0, 100]
to = [200, 100]
"""
UNLIMITED = (1e6, 1_000_000)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "data").mkdir()
    path = folder / "site.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    database = Database(f"sqlite:///{folder / 'data' / 'main.db'}")
    migrate(database)
    clock = FixedClock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    yield Shop(Site(SettingsStore(path), database, SiteKeys(bytes(range(32)), "demo"), clock), clock)
    database.close()


@pytest.fixture(scope="module")
def site(shop: Shop) -> Site:
    return shop.site


@pytest.fixture(scope="module")
def app(site: Site) -> FastAPI:
    """Return the application as the web process builds it, without the console and without a limit for strangers."""
    jobs = Jobs(site, site_jobs(None, dict))
    checks = {"database": check_database, "disk": check_disk, "ledger": latest_checkpoint}
    return build_app(site, jobs, checks, Metrics(), RateLimit(*UNLIMITED))


@pytest.fixture(scope="module")
def key_for(shop: Shop) -> Callable[[Iterable[Permission]], dict[str, str]]:
    """Return a function that makes a real API key and gives the headers that send it."""
    administrator = shop.actor(shop.administrator())

    def make(permissions: Iterable[Permission]) -> dict[str, str]:
        made = create_api_key(shop.site, administrator, "tests", frozenset(permissions), shop.clock.now() + timedelta(days=1))
        return {"Authorization": f"Bearer {made.text}"}

    return make


@pytest.fixture(scope="module")
def server(app: FastAPI) -> Iterator[str]:
    """Run the application on a port of this machine and give its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(60)
    assert not thread.is_alive()
