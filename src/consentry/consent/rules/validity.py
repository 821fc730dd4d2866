"""Whether a consent holds, and what ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.consent.model import ConsentState, Ending

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.consent.model import Consent

__all__ = ["EVIDENCE_KEPT", "LONGEST_ABSENCE", "LONGEST_SUSPENSION", "PAUSE_AFTER_REFUSAL", "STATE_AFTER", "due_at", "ending_due", "is_valid", "may_ask"]

PAUSE_AFTER_REFUSAL = timedelta(hours=48)
"""How long nobody asks again after a no (R4; GB/T 41819-2022)."""
LONGEST_SUSPENSION = timedelta(days=30)
"""How long a consent rests whose receipt was reported lost; then it counts as withdrawn (R49)."""
LONGEST_ABSENCE = timedelta(days=1)
"""How long a purpose may be out of the settings before its consents end (PIPL 47, R47); who left it out by mistake puts it back meanwhile."""
EVIDENCE_KEPT = timedelta(days=1096)
"""How long what proves a consent is kept after its end: three years (PIPL 56, R51)."""

STATE_AFTER: Mapping[Ending, ConsentState] = {
    Ending.WITHDRAWN: ConsentState.WITHDRAWN,
    Ending.UNRESOLVED: ConsentState.WITHDRAWN,
    Ending.VALIDITY: ConsentState.EXPIRED,
    Ending.INACTIVITY: ConsentState.EXPIRED,
    Ending.NOT_ENROLLED: ConsentState.EXPIRED,
    Ending.RENEWED: ConsentState.EXPIRED,
    Ending.PURPOSE_ENDED: ConsentState.EXPIRED,
    Ending.TERMS: ConsentState.INVALIDATED,
    Ending.UNDER_AGE: ConsentState.INVALIDATED,
}
"""The state of a consent that ended so."""


def is_valid(consent: Consent, now: datetime) -> bool:
    """Return whether somebody may be recognised on this consent at this instant, whether or not a job has looked at it meanwhile."""
    return consent.state.is_valid and consent.suspended is None and ending_due(consent, now) is None


def ending_due(consent: Consent, now: datetime) -> Ending | None:
    """Return why a consent that nobody ended is over by ``now``, the first reason where there are several; None where it goes on or is over already."""
    if consent.ended is not None:
        return None
    ends = _ends(consent)
    first = min(ends)
    return ends[first] if first <= now else None


def due_at(consent: Consent) -> datetime:
    """Return when a consent that is not over will be, if nothing happens to it."""
    return min(_ends(consent))


def may_ask(refused_until: datetime | None, now: datetime) -> bool:
    """Return whether a page may ask by itself; somebody who wants to say yes may always begin."""
    return refused_until is None or refused_until <= now


def _ends(consent: Consent) -> dict[datetime, Ending]:
    ends = {consent.expires: Ending.VALIDITY, consent.last_visit + consent.retention: Ending.INACTIVITY}
    if consent.enrol_by is not None:
        ends[consent.enrol_by] = Ending.NOT_ENROLLED
    if consent.suspended is not None:
        ends[consent.suspended + LONGEST_SUSPENSION] = Ending.UNRESOLVED
    return ends
