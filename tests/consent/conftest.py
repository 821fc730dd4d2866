"""A site with consent, on either database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.consent.shop import open_purpose, site_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database
    from consentry.platform.site import Site


@pytest.fixture
def bare(database: Database, tmp_path: Path) -> Site:
    """Return a site without notice or assessment."""
    return site_on(database, tmp_path)


@pytest.fixture
def site(bare: Site) -> Site:
    """Return a site that may greet."""
    open_purpose(bare)
    return bare


@pytest.fixture
def sqlite_bare(sqlite_database: Database, tmp_path: Path) -> Site:
    """Return a site on SQLite alone, for what has nothing to do with the engine."""
    return site_on(sqlite_database, tmp_path)


@pytest.fixture
def sqlite_site(sqlite_bare: Site) -> Site:
    """Return a site on SQLite alone that may greet."""
    open_purpose(sqlite_bare)
    return sqlite_bare
