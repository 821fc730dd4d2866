"""A sales office whose agents can sign in, with hashes that are cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from consentry.staff import passwords
from tests.attribution.reports.office import Office, office_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.attribution.channel import Agency
    from consentry.platform.actors import Actor
    from consentry.platform.database import Database

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", CHEAP)
    monkeypatch.setattr(passwords, "_NOBODY", CHEAP.hash("nobody"))


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """Return an office on either database, without any agency."""
    return office_on(database, tmp_path)


@pytest.fixture
def sqlite_office(sqlite_database: Database, tmp_path: Path) -> Office:
    """Return an office on SQLite alone, for what has nothing to do with the engine."""
    return office_on(sqlite_database, tmp_path)


@pytest.fixture
def blue(sqlite_office: Office) -> Agency:
    """Return an agency with contracts for every project."""
    return sqlite_office.agency("Blue sky", ("garden", "lake", "tower"))


@pytest.fixture
def li_na(sqlite_office: Office, blue: Agency) -> Actor:
    """Return an agent of that agency, signed in."""
    return sqlite_office.agent(blue)
