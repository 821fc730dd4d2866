"""Fixtures that several folders of tests share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from consentry.platform.database import Database
from tests.databases import Templates, create, postgresql_server

if TYPE_CHECKING:
    from collections.abc import Iterator

# A slow machine is no fault of what is tested. EXAMPLES=1000 tries each property more often than the short form does, and with other examples each time;
# the short form tries the same ones, so that what passed fails by a change alone.
EXAMPLES = os.environ.get("EXAMPLES")
BEFORE = settings.get_profile(settings.get_current_profile_name())
PATIENT = [*BEFORE.suppress_health_check, HealthCheck.too_slow]
settings.register_profile("short", BEFORE, deadline=None, max_examples=40, derandomize=True, suppress_health_check=PATIENT)
settings.register_profile("long", BEFORE, deadline=None, max_examples=int(EXAMPLES or 1000), derandomize=False, suppress_health_check=PATIENT)
settings.load_profile("long" if EXAMPLES else "short")

SHARED = Path(os.environ.get("CONSENTRY_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real clips and models for measuring, or skip where there is none."""
    if not SHARED.is_dir():
        pytest.skip(f"reason: the measuring data is not at {SHARED} (set CONSENTRY_SHARED)")
    return SHARED


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with every table and no row; tests copy it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    template = Database(f"sqlite:///{path}")
    create(template)
    template.close()
    return path


@pytest.fixture(scope="session")
def postgresql_templates() -> Iterator[Templates]:
    """Return what hands out fresh databases of a real PostgreSQL server that runs as long as the session."""
    with postgresql_server() as address:
        templates = Templates(address)
        yield templates
        templates.close()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Return an empty SQLite database with every table; for what only SQLite does."""
    path = tmp_path / "main.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgresql_templates: Templates) -> Iterator[Database]:
    """Return an empty PostgreSQL database with every table; for what only PostgreSQL does."""
    with postgresql_templates.lend() as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Return an empty database with every table, once on SQLite and once on PostgreSQL. Every test that touches records takes this one."""
    found = request.getfixturevalue(f"{request.param}_database")
    assert isinstance(found, Database)
    return found
