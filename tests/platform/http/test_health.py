"""Life, readiness and metrics of the web process."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from consentry.platform.errors import RecordsError
from consentry.platform.http.health import LEAST_FREE_BYTES, check_database, check_disk, health_router
from consentry.platform.metrics import Metrics
from tests.api.client import Client
from tests.platform.http.conftest import WHO, site_on

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from consentry.platform.clock import FixedClock
    from consentry.platform.database import Database
    from consentry.platform.http.health import Check
    from consentry.platform.site import Site


def fail(_: Site) -> None:
    raise RecordsError("records.secret-place", "/srv/secret", "it is broken", "Mend it.")


def served(app: FastAPI, checks: dict[str, Check]) -> FastAPI:
    app.include_router(health_router(checks, Metrics()))
    return app


def test_the_process_lives_whatever_fails(app: FastAPI) -> None:
    assert Client(served(app, {"broken": fail})).get("/healthz").json() == {"status": "ok"}


def test_a_site_is_ready_when_every_check_passes(app: FastAPI) -> None:
    answer = Client(served(app, {"one": lambda _: None})).get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": {"one": True}})


def test_a_site_that_is_not_ready_says_which_check_failed_and_nothing_of_the_inside(app: FastAPI) -> None:
    answer = Client(served(app, {"one": lambda _: None, "broken": fail})).get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "checks": {"one": True, "broken": False}})
    assert "secret" not in answer.text


def test_a_database_that_takes_a_row_passes_and_keeps_none(database: Database, tmp_path: Path, clock: FixedClock) -> None:
    site = site_on(database, tmp_path, clock)
    check_database(site)
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM http_repeat")).scalar() == 0


def test_a_database_that_lost_its_tables_does_not_pass(database: Database, tmp_path: Path, clock: FixedClock) -> None:
    site = site_on(database, tmp_path, clock)
    with database.transaction() as session:
        session.execute(text("DROP TABLE http_repeat"))
    with pytest.raises(RecordsError):
        check_database(site)


def test_a_database_of_another_version_does_not_pass(database: Database, tmp_path: Path, clock: FixedClock) -> None:
    site = site_on(database, tmp_path, clock)
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RecordsError, match="does not know"):
        check_database(site)


@pytest.mark.parametrize(("free", "passes"), [(LEAST_FREE_BYTES, True), (LEAST_FREE_BYTES - 1, False)])
def test_a_full_disk_does_not_pass(site: Site, monkeypatch: pytest.MonkeyPatch, free: int, passes: bool) -> None:
    usage = namedtuple("usage", ["total", "used", "free"])  # noqa: PYI024 - as shutil's
    site.store.places.data.mkdir()
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**12, 0, free))
    if passes:
        check_disk(site)
    else:
        with pytest.raises(RecordsError, match="MiB left"):
            check_disk(site)


@pytest.mark.parametrize(
    ("address", "base", "caller", "status"),
    [
        ("127.0.0.1", "http://localhost", None, 200),
        ("::1", "http://[::1]", None, 200),
        ("127.0.0.1", "http://shop.example", None, 401),  # a proxy on this machine passes on what others asked for
        ("192.0.2.7", "http://localhost", None, 401),
        ("192.0.2.7", "http://shop.example", "nothing", 403),
        ("192.0.2.7", "http://shop.example", "view-cameras", 200),
    ],
)
def test_metrics_are_for_this_machine_and_for_api_keys(app: FastAPI, address: str, base: str, caller: str | None, status: int) -> None:
    answer = Client(served(app, {}), {WHO: caller} if caller else {}, address=address, base=base).get("/metrics")
    assert answer.status_code == status
    assert (b"consentry_build_info" in answer.content) == (status == 200)
