"""Looking at the verdicts on a contract: all that were signed, and the receipt of the one in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.service.standing import deal_row, standings
from consentry.attribution.work import proof, reading
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from consentry.attribution.deals import SignedVerdict
    from consentry.ledger.model import SealedBundle
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["verdict_receipt", "verdicts"]


@permits(Permission.VIEW_ATTRIBUTION)
def verdicts(site: Site, actor: Actor, deal: str) -> tuple[SignedVerdict, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return the signed verdicts on a contract, oldest first; the last is in force.

    Raises:
        NotFoundError: ``deal.unknown``.
    """
    with reading(site) as work:
        return standings(work.session, [deal_row(work.session, deal).id])[deal].verdicts


@permits(Permission.VIEW_ATTRIBUTION)
def verdict_receipt(site: Site, actor: Actor, deal: str) -> SealedBundle:
    """Return the signed receipt of the entry of the verdict in force: it names the hash of the bundle's document, and is small enough for a QR code.

    Raises:
        NotFoundError: ``deal.unknown`` or ``verdict.none``.
    """
    signed = verdicts(site, actor, deal)
    if not signed:
        raise NotFoundError("verdict.none", f"deal {deal}", "it has no verdict yet", "Wait until it is signed.")
    return proof(site, signed[-1].entry)
