"""One transaction: the site, the open session of the database, and the instant at which everything in it happens and is written into the log."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.ledger.service import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.model import Act
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = ["UnitOfWork", "reading", "writing"]


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """What happens in one transaction."""

    site: Site
    session: Session
    now: datetime

    @property
    def keys(self) -> SiteKeys:
        """Return the site's keys."""
        return self.site.keys

    def record(self, act: Act) -> int:
        """Write an act into the ledger and return its index: people by pseudonym, nothing that a person said."""
        return record(self.session, act, self.now)


@contextmanager
def writing(site: Site) -> Iterator[UnitOfWork]:
    """Open a transaction that commits at the end, or happens not at all."""
    with site.database.transaction() as session:
        yield UnitOfWork(site, session, site.clock.now())


@contextmanager
def reading(site: Site) -> Iterator[UnitOfWork]:
    """Open a transaction that reads one consistent state."""
    with site.database.reading() as session:
        yield UnitOfWork(site, session, site.clock.now())
