"""What recognition does by itself: the vault's numbers are compared with the log, stations follow the settings, what is over is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.alarms.model import AlarmKind, Sighting
from consentry.alarms.service import observe
from consentry.platform.errors import ConflictError
from consentry.recognition.answers import IncidentKind
from consentry.recognition.client import vault_client
from consentry.recognition.messages import Population, PopulationCount
from consentry.recognition.records import (
    expect_number,
    forget_captures,
    forget_erasures,
    forget_reviews,
    missing_numbers,
    pending_erasures,
    settle_numbers,
)
from consentry.recognition.service.erasure import reconcile_tombstones
from consentry.recognition.service.incidents import raise_incident
from consentry.recognition.service.pairing import follow_settings
from consentry.recognition.service.purposes import vault_status

if TYPE_CHECKING:
    from consentry.platform.site import Site

__all__ = ["erasures_waiting", "forget_old", "look_after", "population"]

NUMBER_AWAITED = timedelta(seconds=30)
"""How long after the vault gave a number the log may take to show it."""
ERASED_WITHIN = timedelta(seconds=60)
REVIEWS_KEPT = timedelta(days=365)
ERASURES_KEPT = timedelta(days=1461)
"""A year longer than the evidence of the consent itself."""


def look_after(site: Site) -> None:
    """Bring vault and records into line, and raise or clear the alarms about it; a job of every half minute.

    Raises:
        ConflictError: ``vault.away``, after the alarm was raised.
    """
    _watch_erasures(site)
    if not site.settings.purposes:
        return
    try:
        sequence = vault_status(site).sequence
    except ConflictError as error:
        _tell(site, AlarmKind.VAULT_AWAY, present=True, detail=error.problem)
        raise
    _tell(site, AlarmKind.VAULT_AWAY, present=False)
    reconcile_tombstones(site)
    follow_settings(site)
    _compare_numbers(site, sequence)


def forget_old(site: Site) -> None:
    """Delete tickets and codes that are over, and what is past its retention; a job."""
    now = site.clock.now()
    with site.database.transaction() as session:
        forget_captures(session, now - timedelta(minutes=2))
        forget_reviews(session, now - REVIEWS_KEPT)
        forget_erasures(session, now - ERASURES_KEPT)


def population(site: Site) -> dict[str, int]:
    """Return how many templates can match now, by purpose.

    Raises:
        ConflictError: ``vault.away``.
    """
    return dict(vault_client(site.store.places).ask(Population(), PopulationCount).templates)


def erasures_waiting(site: Site) -> int:
    """Return how many erasures the vault has not confirmed."""
    with site.database.reading() as session:
        return len(pending_erasures(session))


def _watch_erasures(site: Site) -> None:
    with site.database.reading() as session:
        oldest = min((row.asked for row in pending_erasures(session)), default=None)
    late = oldest is not None and site.clock.now() - oldest > ERASED_WITHIN
    _tell(site, AlarmKind.ERASURE_LATE, present=late, detail="asked " + oldest.isoformat() if oldest else "")


def _compare_numbers(site: Site, sequence: int) -> None:
    now = site.clock.now()
    with site.database.transaction() as session:
        expect_number(session, sequence, now)
        missing = missing_numbers(session, now - NUMBER_AWAITED)
        settle_numbers(session, missing, now)
    if missing:
        raise_incident(site, IncidentKind.SEQUENCE_GAP, None, first=missing[0], last=missing[-1], many=len(missing))


def _tell(site: Site, kind: AlarmKind, *, present: bool, detail: str = "") -> None:
    observe(site, Sighting(kind, "vault", present=present, at=site.clock.now(), detail=detail))
