"""The receipt of a verdict's entry in the ledger: it names the hash of what was signed, and is small enough for a QR code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.service.verdicts import no_verdict, verdicts
from consentry.attribution.work import proof
from consentry.platform.actors import Permission, permits

if TYPE_CHECKING:
    from consentry.ledger.model import SealedBundle
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["verdict_receipt"]


@permits(Permission.VIEW_ATTRIBUTION)
def verdict_receipt(site: Site, actor: Actor, deal: str) -> SealedBundle:
    """Return the signed receipt of the entry of the verdict in force.

    Raises:
        NotFoundError: ``deal.unknown`` or ``verdict.none``.
    """
    signed = verdicts(site, actor, deal)
    if not signed:
        raise no_verdict(deal)
    return proof(site, signed[-1].verdict.entry)
