"""Consents that rest: the vault is told at once, and again until it has confirmed it, so that no search finds whoever asked not to be found."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import delete

from consentry.consent import service as consents
from consentry.platform.errors import ConsentryError
from consentry.platform.events import EventName
from consentry.recognition.client import vault_client
from consentry.recognition.messages import Done, Resume, Suspend
from consentry.recognition.records import SuspensionRow, untold_suspensions
from consentry.recognition.service.errands import attempt_each

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from consentry.platform.events import Delivery, Handler
    from consentry.platform.site import Site

__all__ = ["RESTING", "tell_suspensions"]

# Two that tell at once could leave the vault with the older of two states.
_TELLING = Lock()

log = logging.getLogger(__name__)


def tell_suspensions(site: Site) -> int:
    """Tell the vault of each consent that it has not confirmed whether it holds now or rests, and return of how many; a job of every few seconds.

    Raises:
        ConsentryError: ``vault.away``, or the first refusal of the vault; it is told again with the next run.
    """
    with _TELLING:
        with site.database.reading() as session:
            waiting = untold_suspensions(session)
        return attempt_each(waiting, lambda change: _tell(site, *change))


def _tell(site: Site, consent: str, changed: datetime) -> None:
    # One that is over meanwhile rests until it is erased.
    question = Resume(consent) if consents.is_valid(site, consent) else Suspend(consent)
    vault_client(site.store.places).ask(question, Done)
    with site.database.transaction() as session:
        session.execute(delete(SuspensionRow).where(SuspensionRow.consent == consent, SuspensionRow.changed == changed))


def _on_change(site: Site, delivery: Delivery) -> None:
    """Remember that the vault must be told, and tell it. Where that fails the job goes on: an event is given up after some tries."""
    consent = str(delivery.event.payload["consent"])
    with site.database.transaction() as session:
        session.merge(SuspensionRow(consent=consent, changed=site.clock.now()))
    try:
        tell_suspensions(site)
    except ConsentryError as error:
        log.warning("the vault will be told again who rests: %s [%s]", error, error.code)


RESTING: Mapping[EventName, Sequence[Handler]] = dict.fromkeys((EventName.CONSENT_SUSPENDED, EventName.CONSENT_RESTORED), (_on_change,))
"""What is done when a consent begins to rest, or to hold again."""
