"""What must never happen, when it happened: it is entered, the station is stopped, and people are told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from consentry.alarms.model import AlarmKind, Sighting
from consentry.alarms.service import observe
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import Permission, permits, system
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.recognition.records import StationRow

if TYPE_CHECKING:
    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.recognition.answers import IncidentKind

__all__ = ["ITSELF", "raise_incident", "resume_station"]

ITSELF = system("recognition")
"""Who the ledger names where nobody acts."""
_PURPOSE = "security"

log = logging.getLogger(__name__)


def raise_incident(site: Site, kind: IncidentKind, station: str | None, **details: JSONValue) -> None:
    """Enter an incident, stop the station where it happened, and raise an alarm."""
    now = site.clock.now()
    log.error("incident %s at station %s", kind, station)
    with site.database.transaction() as session:
        row = session.get(StationRow, station) if station else None
        if row is not None and row.stopped is None:
            row.stopped, row.stopped_at = kind, now
        subject = f"station:{station}" if station else "vault"
        record(session, Act(ITSELF.label, "recognition.incident", subject, _PURPOSE, details={"kind": kind.value, **details}), now)
    observe(site, Sighting(AlarmKind.RECOGNITION_INCIDENT, station or "vault", present=True, at=now, detail=kind.value))


@permits(Permission.MANAGE_STATIONS)
def resume_station(site: Site, actor: Actor, station: str, reason: str) -> None:
    """Let a station that an incident stopped be used again.

    Raises:
        NotFoundError: ``station.unknown``.
        ConflictError: ``station.not-stopped``.
    """
    with site.database.transaction() as session:
        row = session.get(StationRow, station)
        if row is None:
            raise NotFoundError("station.unknown", f"station {station}", "no device is paired as it", "Pair a device first.")
        if row.stopped is None:
            raise ConflictError("station.not-stopped", f"station {station}", "nothing stopped it", "Look at the list of stations again.")
        details = {"kind": row.stopped}
        row.stopped, row.stopped_at = None, None
        record(session, Act(actor.label, "station.resumed", f"station:{station}", _PURPOSE, reason, details), site.clock.now())
