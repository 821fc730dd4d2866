"""Sites with logs, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ledger.logs import site_on

if TYPE_CHECKING:
    from consentry.platform.database import Database
    from consentry.platform.site import Site


@pytest.fixture
def site(database: Database) -> Site:
    """Return a site with an empty log, once on SQLite and once on PostgreSQL."""
    return site_on(database)


@pytest.fixture
def sqlite_site(sqlite_database: Database) -> Site:
    """Return a site with an empty log on SQLite, for what does not depend on the database."""
    return site_on(sqlite_database)
