"""One transaction of visit attribution: the site, the open session of the database, and the instant at which everything in it happens."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.ledger.service import receipt, record
from consentry.platform.actors import system

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.model import Act, SealedBundle
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = ["ITSELF", "PEOPLE", "PURPOSE", "UnitOfWork", "proof", "reading", "writing"]

ITSELF = system("attribution")
"""Who the ledger names where a visitor acts, who has no account, or nobody does."""
PURPOSE = "attribution"
"""The purpose that the ledger names."""
PEOPLE = "attribution-people"
"""The site's key under which names are encrypted and numbers hashed."""


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


def proof(site: Site, index: int) -> SealedBundle:
    """Return the receipt of an entry of the ledger; for use outside a transaction, because it may sign a checkpoint."""
    return receipt(site, ITSELF, index)
