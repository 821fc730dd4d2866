"""What every act of visit attribution shares: who the ledger names, for what purpose, under which key people are kept, and proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.ledger.service import receipt
from consentry.platform.actors import system

if TYPE_CHECKING:
    from consentry.ledger.model import SealedBundle
    from consentry.platform.site import Site

__all__ = ["ITSELF", "PEOPLE", "PURPOSE", "proof"]

ITSELF = system("attribution")
"""Who the ledger names where a visitor acts, who has no account, or nobody does."""
PURPOSE = "attribution"
"""The purpose that the ledger names."""
PEOPLE = "attribution-people"
"""The site's key under which names are encrypted and numbers hashed."""


def proof(site: Site, index: int) -> SealedBundle:
    """Return the receipt of an entry of the ledger; for use outside a transaction, because it may sign a checkpoint."""
    return receipt(site, ITSELF, index)
