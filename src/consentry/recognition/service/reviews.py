"""One face under two consents: a person looks and decides; the system merges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.recognition.records import ReviewRow, review_of
from consentry.recognition.records import reviews as waiting

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.recognition.answers import Review, ReviewDecision

__all__ = ["decide_review", "reviews"]

MOST = 200


@permits(Permission.VIEW_CONSENTS)
def reviews(site: Site, actor: Actor) -> tuple[Review, ...]:  # noqa: ARG001 - the guard reads the actor
    """Return what waits for a person, oldest first."""
    with site.database.reading() as session:
        return tuple(waiting(session, MOST))


@permits(Permission.HANDLE_REQUESTS)
def decide_review(site: Site, actor: Actor, review: str, decision: ReviewDecision, reason: str) -> Review:
    """Put down what a person found. Two consents of one person go on side by side until that person withdraws one.

    Raises:
        NotFoundError: ``review.unknown``.
        ConflictError: ``review.decided``.
    """
    with site.database.transaction() as session:
        row = session.get(ReviewRow, review)
        if row is None:
            raise NotFoundError("review.unknown", f"review {review}", "there is no such review", "Look at the list again.")
        if row.decided is not None:
            raise ConflictError("review.decided", f"review {review}", "somebody has decided it already", "Look at the list again.")
        now = site.clock.now()
        row.decision, row.decided, row.decided_by = decision, now, actor.label
        details = {"decision": decision.value, "consent": row.consent}
        record(session, Act(actor.label, "recognition.reviewed", f"review:{review}", row.purpose, reason, details), now)
        return review_of(row)
