"""One transaction of staff: the site, the open session of the database, and the instant at which everything in it happens."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import ActorKind
from consentry.staff.rules import address_group
from consentry.staff.tokens import Kind, digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.keys import SiteKeys
    from consentry.platform.site import Site

__all__ = ["UnitOfWork", "account_label", "reading", "writing"]

PURPOSE = "staff-access"


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

    def record(self, actor: Actor, action: str, target: str, *, reason: str = "", **details: JSONValue) -> None:
        """Write into the ledger that ``actor`` did this to ``target``: accounts by their ids, no name, no secret."""
        record(self.session, Act(actor.label, action, target, PURPOSE, reason, details), self.now)

    def address_mark(self, address: str) -> str:
        """Return 16 hex digits that stand for a network address: equal for the same one, and meaningless without the site's keys."""
        return digest(self.keys, Kind.ADDRESS, address_group(address)).hex()[:16]


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


def account_label(account: str) -> str:
    """Return how the ledger names an account that something is done to; the same as where it acts."""
    return f"{ActorKind.STAFF}:{account}"
