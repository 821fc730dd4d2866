"""A house on either database, or on SQLite alone for what has nothing to do with the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.access.register.house import House, house_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database


@pytest.fixture
def any_house(database: Database, tmp_path: Path) -> House:
    return house_on(database, tmp_path)


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    return house_on(sqlite_database, tmp_path)
