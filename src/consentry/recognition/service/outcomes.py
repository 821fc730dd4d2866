"""What the vault decided, checked against its key, the capture, its sequence and the consent, and entered in the ledger before anybody learns it."""

from __future__ import annotations

import base64
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from consentry.consent import service as consents
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.ledger.work import writing
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.ids import new_id
from consentry.recognition.answers import CaptureOutcome, IncidentKind, Review
from consentry.recognition.model import Decision, TicketKind
from consentry.recognition.records import VaultKeyRow, add_review, erasure_asked, take_number, vault_keys
from consentry.recognition.seals import opened_outcome
from consentry.recognition.service.incidents import ITSELF, raise_incident
from consentry.recognition.service.purposes import vault_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.ledger.model import JSONValue
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site
    from consentry.recognition.answers import OpenCapture
    from consentry.recognition.messages import SignedOutcome
    from consentry.recognition.model import Outcome

__all__ = ["pinned_keys", "record_outcome"]

GRANT_INVALID = "grant-invalid"
"""The reason with which the vault rejects a match whose grant holds no more."""
_JUST_ENDED = timedelta(seconds=60)
"""A consent that ended while its face was being looked at is no incident: within a minute it is gone everywhere."""


def record_outcome(site: Site, capture: OpenCapture, signed: SignedOutcome) -> CaptureOutcome:
    """Check and enter an outcome, and return what the kiosk may know of it.

    Raises:
        ConflictError: ``recognition.incident`` where it is forged, of another capture, or a match without a valid consent: the station is stopped.
    """
    outcome = _opened(site, capture, signed)
    told = _told(site, capture, outcome)
    act = _act(capture, outcome, signed, told)
    with writing(site) as work:
        known = not take_number(work.session, outcome.sequence, work.now)
        if not known:
            work.record(act)
            _note(work, outcome, told)
    if known:
        raise _incident(site, capture, IncidentKind.OTHER_CAPTURE, outcome.sequence)
    if told is None or GRANT_INVALID in outcome.reasons:
        raise _incident(site, capture, IncidentKind.INVALID_CONSENT, outcome.sequence)
    return told


def pinned_keys(site: Site) -> dict[int, bytes]:
    """Return the vault's public keys by epoch; one that is new is pinned and entered.

    Raises:
        ConflictError: ``vault.away``, or ``recognition.incident`` where an epoch has another key than before.
    """
    told = {int(epoch): base64.b64decode(key) for epoch, key in vault_status(site).keys.items()}
    with site.database.reading() as session:
        known = {epoch: row.public_key for epoch, row in vault_keys(session).items()}
    if any(known.get(epoch, key) != key for epoch, key in told.items()):
        raise_incident(site, IncidentKind.VAULT_KEY, None)
        raise _stopped("the vault has another key than before")
    _pin(site, {epoch: key for epoch, key in told.items() if epoch not in known})
    return {**known, **told}


def _pin(site: Site, fresh: Mapping[int, bytes]) -> None:
    if not fresh:
        return
    with site.database.transaction() as session:
        for epoch, key in fresh.items():
            details: dict[str, JSONValue] = {"epoch": epoch, "key": base64.b64encode(key).decode(), "sha256": sha256(key).hexdigest()}
            entry = record(session, Act(ITSELF.label, "vault.key-pinned", "vault", "evidence", details=details), site.clock.now())
            session.merge(VaultKeyRow(epoch=epoch, public_key=key, entry=entry))


def _note(work: UnitOfWork, outcome: Outcome, told: CaptureOutcome | None) -> None:
    """Note what follows from an outcome in the transaction that enters it, so that no crash between the two ends the consent of an enrolled face."""
    if outcome.duplicates and outcome.consent is not None:
        add_review(work.session, Review(new_id(work.now), outcome.purpose, outcome.consent, outcome.duplicates, work.now))
    if told is not None and told.consent is not None and GRANT_INVALID not in outcome.reasons:
        note = consents.note_enrolled if told.kind is TicketKind.ENROL else consents.note_visit
        note(work, told.consent)


def _opened(site: Site, capture: OpenCapture, signed: SignedOutcome) -> Outcome:
    keys = pinned_keys(site)
    try:
        outcome = opened_outcome(signed, keys)
    except InputError as error:
        raise _incident(site, capture, IncidentKind.FORGED_OUTCOME, None) from error
    if not _belongs(capture, outcome):
        raise _incident(site, capture, IncidentKind.OTHER_CAPTURE, outcome.sequence)
    return outcome


def _belongs(capture: OpenCapture, outcome: Outcome) -> bool:
    ticket = capture.ticket
    same = (outcome.ticket, outcome.station, outcome.kind, outcome.purpose) == (ticket.id, ticket.station, ticket.kind, ticket.purpose)
    return same and (ticket.consent is None or outcome.consent in {None, ticket.consent})


def _told(site: Site, capture: OpenCapture, outcome: Outcome) -> CaptureOutcome | None:
    """Return what the kiosk may know; None for an incident: an accepted face whose consent does not hold."""
    decision, consent, reasons = outcome.decision, outcome.consent, outcome.reasons
    if decision is Decision.ACCEPT and not (consent is not None and consents.is_valid(site, consent)):
        if not _ended_meanwhile(site, consent):
            return None
        decision, consent, reasons = Decision.REJECT, None, (*reasons, "consent-ended")
    shown = consent if decision is Decision.ACCEPT else None
    return CaptureOutcome(decision, outcome.band, capture.ticket.kind, outcome.purpose, reasons, shown)


def _ended_meanwhile(site: Site, consent: str | None) -> bool:
    """Tell whether a consent that does not hold rests, or ended so lately that the vault may not have known."""
    if consent is None:
        return False
    with site.database.reading() as session:
        asked = erasure_asked(session, consent)
    if asked is not None:
        return site.clock.now() - asked <= _JUST_ENDED
    # One of which nobody has asked that it be erased rests, is over by its time alone, or ended within the second that events take to arrive.
    try:
        consents.state_of(site, consent)
    except NotFoundError:
        return False
    return True


def _act(capture: OpenCapture, outcome: Outcome, signed: SignedOutcome, told: CaptureOutcome | None) -> Act:
    """Return the entry: what was decided for whom and where, with the vault's own words and signature. There is no score in it.

    Of a face whose consent had just ended, or rests, it names nobody: what was told, and the hash of the vault's words.
    """
    label = capture.attended_by or ITSELF.label
    details: dict[str, JSONValue] = {"kind": outcome.kind.value, "sequence": outcome.sequence, "epoch": signed.epoch, "signature": signed.signature}
    if told is not None and told.decision is not outcome.decision:
        details |= {"decision": told.decision.value, "consent": None, "outcome_sha256": sha256(signed.outcome.encode()).hexdigest()}
    else:
        details |= {"decision": outcome.decision.value, "consent": outcome.consent, "outcome": signed.outcome}
    return Act(label, "recognition.decided", f"station:{outcome.station}", outcome.purpose, details=details)


def _incident(site: Site, capture: OpenCapture, kind: IncidentKind, sequence: int | None) -> ConflictError:
    raise_incident(site, kind, capture.ticket.station, ticket=capture.ticket.id, sequence=sequence)
    return _stopped(kind.value)


def _stopped(problem: str) -> ConflictError:
    mend = "The station is stopped until a person has looked; use the other way."
    return ConflictError("recognition.incident", "recognition", f"something that must not happen did: {problem}", mend)
