"""What every act of consent shares: who the ledger names, under which key people are kept, how others are told, and proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.ledger.service import receipt
from consentry.platform.actors import system
from consentry.platform.events import Event, publish

if TYPE_CHECKING:
    from consentry.consent.model import Consent
    from consentry.ledger.model import SealedBundle
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.events import EventName
    from consentry.platform.site import Site

__all__ = ["ITSELF", "PEOPLE", "proof", "tell"]

ITSELF = system("consent")
"""Who the ledger names where a visitor acts, who has no account, or nobody does."""
PEOPLE = "consent-people"
"""The site's key under which is encrypted what people leave of themselves."""


def tell(work: UnitOfWork, name: EventName, consent: Consent) -> None:
    """Publish what happened to a consent."""
    publish(work.session, Event(name, {"consent": consent.id, "person": consent.person, "purpose": consent.purpose.value}), work.now)


def proof(site: Site, index: int) -> SealedBundle:
    """Return the receipt of an entry of the ledger; for use outside a transaction, because it may sign a checkpoint."""
    return receipt(site, ITSELF, index)
