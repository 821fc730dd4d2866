"""A site with alarms, on either database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cameras.sites import site_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database
    from consentry.platform.site import Site


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return site_on(database, tmp_path)


@pytest.fixture
def sqlite_site(sqlite_database: Database, tmp_path: Path) -> Site:
    """Return a site on SQLite alone, for what has nothing to do with the engine."""
    return site_on(sqlite_database, tmp_path)
