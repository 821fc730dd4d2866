"""A site whose staff can sign in, with hashes that are cheap; one test asserts the parameters that are used outside tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from consentry.platform.clock import FixedClock
from consentry.staff import passwords
from tests.staff.people import Shop, shop_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", CHEAP)
    monkeypatch.setattr(passwords, "_NOBODY", CHEAP.hash("nobody"))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC))


@pytest.fixture
def shop(database: Database, tmp_path: Path, clock: FixedClock) -> Shop:
    """Return a site on either database, without any account."""
    return shop_on(database, tmp_path, clock)


@pytest.fixture
def sqlite_shop(sqlite_database: Database, tmp_path: Path, clock: FixedClock) -> Shop:
    """Return a site on SQLite alone, for what has nothing to do with the engine."""
    return shop_on(sqlite_database, tmp_path, clock)
