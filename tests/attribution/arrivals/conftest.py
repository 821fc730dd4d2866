"""A reception with an agency and an agent, with hashes that are cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from consentry.staff import passwords
from tests.attribution.arrivals.reception import Device, Reception
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
def any_reception(database: Database, tmp_path: Path) -> Reception:
    """Return a reception on either database."""
    return Reception(office_on(database, tmp_path))


@pytest.fixture
def reception(sqlite_database: Database, tmp_path: Path) -> Reception:
    """Return a reception on SQLite alone, for what has nothing to do with the engine."""
    return Reception(office_on(sqlite_database, tmp_path))


@pytest.fixture
def blue(reception: Reception) -> Agency:
    return reception.office.agency("Blue sky", ("garden", "lake"))


@pytest.fixture
def li_na(reception: Reception, blue: Agency) -> Actor:
    return reception.office.agent(blue)


@pytest.fixture
def desk(reception: Reception) -> Device:
    return reception.desk()
