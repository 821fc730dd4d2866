"""A lodge on either database, or on SQLite alone for what has nothing to do with the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.access.events.lodge import Controller, Lodge, lodge_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database


@pytest.fixture
def any_lodge(database: Database, tmp_path: Path) -> Lodge:
    return lodge_on(database, tmp_path)


@pytest.fixture
def lodge(sqlite_database: Database, tmp_path: Path) -> Lodge:
    return lodge_on(sqlite_database, tmp_path)


@pytest.fixture
def main(lodge: Lodge) -> Controller:
    return lodge.controller()
