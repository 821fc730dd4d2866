"""Using a face once: a signed activation becomes a ticket, frames go to the station's worker as they came, the vault's outcome comes back."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from consentry.consent import service as consents
from consentry.consent.model import Audience, Purpose
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError, InputError, NotFoundError, ProofError
from consentry.platform.settings.faces import Profile
from consentry.recognition.answers import CaptureOutcome, CaptureView, OpenCapture
from consentry.recognition.client import StationClient, station_socket, vault_client
from consentry.recognition.messages import FetchToken, IssuedToken, MintedTicket, MintTicket, SignedOutcome
from consentry.recognition.model import Activation, Decision, TicketKind
from consentry.recognition.records import CaptureRow, capture_of, paired_station, save_capture
from consentry.recognition.service.acceptances import keep_acceptance
from consentry.recognition.service.erasure import reconcile_tombstones
from consentry.recognition.service.incidents import ITSELF
from consentry.recognition.service.outcomes import record_outcome
from consentry.recognition.service.pairing import register
from consentry.recognition.service.purposes import demand_open
from consentry.recognition.service.statements import signed_by
from consentry.recognition.station.model import Abort, Begin, CapturePhase, CaptureState, Frame

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.recognition.model import StationTicket

__all__ = ["LARGEST_FRAME", "end_capture", "feed", "holds_capture", "request_ticket"]

LARGEST_FRAME = 512 * 1024
"""Bytes of the largest frame."""
_SLACK = timedelta(seconds=20)
"""How long after its end a ticket is still asked about: the vault may be deciding."""


def request_ticket(  # noqa: PLR0913 - what a station sends
    site: Site, station: str, activation: str, signature: str, *, attendant: Actor | None = None, token: str | None = None
) -> StationTicket:
    """Turn a person's act at a station into a ticket, and begin the capture.

    Args:
        site: The site.
        station: Which station it is.
        activation: Canonical JSON of an ``Activation``.
        signature: Of the station's key over it, base64 of r ‖ s. Before it holds nothing else is looked at.
        attendant: The member of staff who is signed in, if one is: they stand by where the activation asks for it, and the log names them.
        token: To verify, in the EU profile: what the person holds.

    Raises:
        ProofError: ``station.signature``, ``recognition.notice`` where another text than the one in force was shown.
        DeniedError: ``access.denied`` where the attendant may not stand by.
        ConflictError: ``station.stopped``, ``station.purpose``, ``recognition.consent``, what blocks the purpose, or a refusal of the vault.
    """
    act = _allowed(site, station, signed_by(site, station, Activation, activation, signature))
    attendant = attendant if act.attended else None
    if attendant is not None:
        attendant.require(Permission.ATTEND_STATION)
    reconcile_tombstones(site)
    demand_open(site, act.purpose)
    _check_notice(site, act)
    grant = _grant(site, act)
    label = attendant.label if attendant else None
    ticket = _mint(site, station, MintTicket(activation, signature, label))
    _begin(site, Begin(ticket, grant, _token(act, token)))
    _enter(site, OpenCapture(ticket, label))
    return ticket


def feed(site: Site, ticket: str, frame: bytes) -> CaptureView:
    """Hand a frame (a JPEG file, undecoded) to the station's worker and return how the capture stands.

    Raises:
        NotFoundError: ``capture.unknown`` where no capture of that ticket is under way.
        InputError: ``capture.frame`` where it is empty or too large.
        ConflictError: ``station.away``, ``recognition.incident``.
    """
    if not 0 < len(frame) <= LARGEST_FRAME:
        raise InputError("capture.frame", "frame", f"it is empty or larger than {LARGEST_FRAME} bytes", "Send one JPEG file, made smaller.")
    capture = _capture(site, ticket)
    state = _worker(site, capture.ticket.station).ask(Frame(ticket), frame)
    match state.state:
        case CapturePhase.DONE:
            return _done(site, capture, state)
        case CapturePhase.REFUSED:
            _close(site, capture, state.refusal.code if state.refusal else "")
        case _:
            pass
    return CaptureView(state.state, state.progress, state.hint, state.refusal)


def end_capture(site: Site, ticket: str) -> None:
    """End a capture; what was seen is forgotten.

    Raises:
        NotFoundError: ``capture.unknown``.
    """
    capture = _capture(site, ticket)
    _close(site, capture, "station.aborted")
    _worker(site, capture.ticket.station).ask(Abort(ticket))


def holds_capture(site: Site, ticket: str) -> str | None:
    """Return the station whose capture the ticket is, or None where it is none that is under way."""
    try:
        return _capture(site, ticket).ticket.station
    except NotFoundError:
        return None


def _allowed(site: Site, station: str, act: Activation) -> Activation:
    """Return an activation of something that its station is set up for."""
    set_up = site.settings.station(station)
    allowed = set_up is not None and act.station == station and act.purpose in map(Purpose, set_up.purposes)
    if set_up is None or not allowed or (act.kind is TicketKind.ENROL and not set_up.enrols):
        raise ConflictError("station.purpose", f"station {station}", "it is not set up for this", "Change [[station]] in the settings, or use another.")
    return act


def _check_notice(site: Site, act: Activation) -> None:
    # A guardian read the notice for children before the child's face is enrolled.
    audiences = Audience if act.kind is TicketKind.ENROL else (Audience.EVERYBODY,)
    notices = [consents.current_notice(site, act.purpose, audience) for audience in audiences]
    if not any(act.notice_sha256 in notice.sha256.values() for notice in notices if notice is not None):
        raise ProofError("recognition.notice", "activation", "another notice was shown than the one in force", "Load the page anew.")


def _grant(site: Site, act: Activation) -> str | None:
    """Return the signed grant, base64, of a consent that is to be enrolled; that of a consent to verify must be valid too."""
    if act.kind is TicketKind.IDENTIFY:
        return None
    if act.consent is None or not consents.is_valid(site, act.consent):
        mend = "Read the notice and agree anew, or use the other way."
        raise ConflictError("recognition.consent", "activation", "there is no valid consent for it", mend)
    return base64.b64encode(consents.grant_of(site, act.consent)).decode() if act.kind is TicketKind.ENROL else None


def _token(act: Activation, token: str | None) -> str | None:
    """Return what the vault verifies against: what the person holds (EU profile), or the record that their code names."""
    return (token or act.consent) if act.kind is TicketKind.VERIFY else None


def _mint(site: Site, station: str, question: MintTicket) -> StationTicket:
    """Have a ticket minted. A vault whose records were restored is told of the station again, once."""
    vault = vault_client(site.store.places)
    try:
        return vault.ask(question, MintedTicket).ticket
    except ConflictError as error:
        set_up = site.settings.station(station)
        if error.code != "vault.station-unknown" or set_up is None:
            raise
    with site.database.reading() as session:
        paired = paired_station(session, station)
    if paired is not None:
        register(site, set_up, paired.public_key)
    return vault.ask(question, MintedTicket).ticket


def _begin(site: Site, begin: Begin) -> None:
    state = _worker(site, begin.ticket.station).ask(begin)
    if state.refusal is not None:
        raise ConflictError(state.refusal.code, f"station {begin.ticket.station}", state.refusal.problem, state.refusal.mend)


def _enter(site: Site, capture: OpenCapture) -> None:
    """Keep the capture; an attended one is entered before it begins, whatever comes of it."""
    with site.database.transaction() as session:
        save_capture(session, capture)
        if capture.attended_by is not None:
            ticket = capture.ticket
            details = {"kind": ticket.kind.value, "consent": ticket.consent, "ticket": ticket.id}
            act = Act(capture.attended_by, "recognition.attended", f"station:{ticket.station}", ticket.purpose, details=details)
            record(session, act, site.clock.now())


def _capture(site: Site, ticket: str) -> OpenCapture:
    with site.database.reading() as session:
        found = capture_of(session, ticket)
    if found is None or found.ticket.expires + _SLACK <= site.clock.now():
        raise NotFoundError("capture.unknown", "capture", "none of this ticket is under way", "Activate the station again.")
    return found


def _done(site: Site, capture: OpenCapture, state: CaptureState) -> CaptureView:
    outcome = record_outcome(site, capture, SignedOutcome(state.outcome or "", state.signature or "", state.epoch or 0))
    with site.database.transaction() as session:
        session.execute(delete(CaptureRow).where(CaptureRow.ticket == capture.ticket.id))
        keep_acceptance(session, capture, outcome, site.clock.now())
    return CaptureView(state.state, 1.0, outcome=outcome, token=_issued_token(site, capture, outcome))


def _issued_token(site: Site, capture: OpenCapture, outcome: CaptureOutcome) -> str | None:
    """Return, once and for the person's hands alone, the token that an enrolment made in the EU profile."""
    enrolled = capture.ticket.kind is TicketKind.ENROL and outcome.decision is Decision.ACCEPT
    if not enrolled or site.settings.recognition.profile is not Profile.EU:
        return None
    return vault_client(site.store.places).ask(FetchToken(capture.ticket.id), IssuedToken).token


def _close(site: Site, capture: OpenCapture, code: str) -> None:
    """Enter that a capture came to nothing. No template was made, and nothing is kept of what was seen."""
    ticket = capture.ticket
    details = {"kind": ticket.kind.value, "ticket": ticket.id, "code": code}
    with site.database.transaction() as session:
        session.execute(delete(CaptureRow).where(CaptureRow.ticket == ticket.id))
        act = Act(ITSELF.label, "recognition.refused", f"station:{ticket.station}", ticket.purpose, details=details)
        record(session, act, site.clock.now())


def _worker(site: Site, station: str) -> StationClient:
    return StationClient(station_socket(site.store.places, station))
