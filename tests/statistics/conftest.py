from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.platform.clock import FixedClock
from tests.statistics.shop import MIDNIGHT, shop

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.database import Database
    from consentry.platform.site import Site


@pytest.fixture
def clock() -> FixedClock:
    """Return a clock at noon of the third day."""
    return FixedClock(MIDNIGHT + timedelta(days=2, hours=12))


@pytest.fixture
def site(database: Database, tmp_path: Path, clock: FixedClock) -> Site:
    """Return the shop, always open, in UTC."""
    return shop(database, tmp_path, clock)
