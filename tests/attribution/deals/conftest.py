"""A hall in which contracts are signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from consentry.staff import passwords
from tests.attribution.deals.hall import Hall
from tests.attribution.reports.office import office_on

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
def any_hall(database: Database, tmp_path: Path) -> Hall:
    """Return a hall on either database."""
    return Hall(office_on(database, tmp_path))


@pytest.fixture
def hall(sqlite_database: Database, tmp_path: Path) -> Hall:
    """Return a hall on SQLite alone, for what has nothing to do with the engine."""
    return Hall(office_on(sqlite_database, tmp_path))


@pytest.fixture
def blue(hall: Hall) -> Agency:
    return hall.office.agency("Blue sky")


@pytest.fixture
def li_na(hall: Hall, blue: Agency) -> Actor:
    return hall.office.agent(blue)
