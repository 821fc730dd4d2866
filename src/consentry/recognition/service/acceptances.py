"""Who was recognised for a door: kept for seconds under the ticket of the capture, and told once to whoever holds that ticket."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.consent.model import Purpose
from consentry.platform.errors import NotFoundError
from consentry.recognition.answers import Acceptance
from consentry.recognition.model import TICKET_S, Decision, TicketKind
from consentry.recognition.records import AcceptanceRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.platform.site import Site
    from consentry.recognition.answers import CaptureOutcome, OpenCapture

__all__ = ["ACCEPTED_FOR", "accepted_consent", "keep_acceptance"]

ACCEPTED_FOR = timedelta(seconds=10)
"""How long after the outcome a door may ask whose face it was."""


def keep_acceptance(session: Session, capture: OpenCapture, outcome: CaptureOutcome, now: datetime) -> None:
    """Keep whom an outcome recognised, where a door is to ask for it; nothing else needs it, and nothing else is kept."""
    recognised = outcome.decision is Decision.ACCEPT and outcome.kind is not TicketKind.ENROL
    if outcome.consent is None or outcome.purpose is not Purpose.DOOR_ACCESS or not recognised:
        return
    ticket = capture.ticket
    began = ticket.expires - timedelta(seconds=TICKET_S)
    told = {"ticket": ticket.id, "station": ticket.station, "kind": outcome.kind, "consent": outcome.consent}
    session.add(AcceptanceRow(**told, began=began, until=now + ACCEPTED_FOR))


def accepted_consent(site: Site, ticket: str, station: str) -> Acceptance:
    """Return whom a capture of ``station`` recognised for a door. It is told once, and forgotten with that.

    Raises:
        NotFoundError: ``capture.not-accepted`` where nobody was recognised with this ticket at this station, it was told already, or it is too late.
    """
    with site.database.transaction() as session:
        row = session.get(AcceptanceRow, ticket[:64], with_for_update=True)
        if row is None or row.station != station or row.until <= site.clock.now():
            raise NotFoundError("capture.not-accepted", "capture", "nobody was recognised with this ticket just now", "Use another way, or begin again.")
        session.delete(row)
        return Acceptance(row.consent, TicketKind(row.kind), row.began)
