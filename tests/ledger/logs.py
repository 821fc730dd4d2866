"""A site with a log, for tests."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from consentry.ledger.checkpoints import sign
from consentry.ledger.model import Act
from consentry.ledger.service import checkpoint, record_many
from consentry.platform.clock import FixedClock
from consentry.platform.keys import SiteKeys
from consentry.platform.site import Site

if TYPE_CHECKING:
    from consentry.ledger.model import SignedNote
    from consentry.platform.database import Database
    from consentry.platform.settings.store import SettingsStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROOT = bytes(range(32))


def site_on(database: Database, keys: SiteKeys | None = None) -> Site:
    """Return a site whose clock stands still; the log asks its settings for nothing."""
    return Site(cast("SettingsStore", None), database, keys or SiteKeys(ROOT, "shop"), FixedClock(NOON))


def with_keys(site: Site, keys: SiteKeys) -> Site:
    """Return the same site with other keys."""
    return Site(site.store, site.database, keys, site.clock)


def act(number: int = 0, action: str = "camera.started") -> Act:
    """Return an act that may enter the log."""
    return Act(f"staff:{number:04d}", action, f"camera:{number % 3}", "people-counting", "第一次 start", {"number": number, "live": True})


def fill(site: Site, count: int, action: str = "camera.started") -> range:
    """Append acts, a second later than before."""
    advance(site, timedelta(seconds=1))
    with site.database.transaction() as session:
        return record_many(session, [act(number, action) for number in range(count)], site.clock.now())


def fill_and_sign(site: Site, *counts: int) -> None:
    """Append acts in several batches, each under a checkpoint of its own."""
    for count in counts:
        fill(site, count)
        checkpoint(site)


def advance(site: Site, by: timedelta) -> None:
    """Let time pass."""
    cast("FixedClock", site.clock).advance(by)


def sign_and_lose(site: Site, count: int) -> SignedNote:
    """Return a checkpoint that was signed over more acts, and forget the acts: what a site knows of what its backup lacks."""
    found: list[SignedNote] = []
    with suppress(_Lost), site.database.transaction() as session:
        record_many(session, [act(number) for number in range(count)], site.clock.now())
        found.append(sign(session, site))
        raise _Lost
    return found[0]


class _Lost(Exception):  # noqa: N818 - no error: the way to roll back
    pass
