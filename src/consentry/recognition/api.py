"""``/stations``, ``/recognition``, ``/public/stations``, ``/public/captures``, ``/public/withdrawals``: pairing, tickets, frames, withdrawing, reviews."""

from __future__ import annotations

import json
import re
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from consentry.consent.model import ConsentState, Purpose, Via
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep
from consentry.recognition import service
from consentry.recognition.activations import decoded_key
from consentry.recognition.answers import IncidentKind, ReviewDecision
from consentry.recognition.model import Band, Decision, TicketKind
from consentry.recognition.station.model import CapturePhase

if TYPE_CHECKING:
    from consentry.platform.site import Site
    from consentry.recognition.answers import CaptureView

__all__ = ["capture_holder", "routers"]

stations = ApiRouter(prefix="/stations", tag="stations")
recognition = ApiRouter(prefix="/recognition", tag="recognition")
public = ApiRouter(prefix="/public", tag="stations")
routers = (stations, recognition, public)

_CAPTURE = re.compile(r"/public/captures/([0-9a-f]{32})(?:/frames)?")
_TEXT = 8_192
_UNWRITTEN = "no-store"


class _Out(BaseModel):
    """Something that is answered from a dataclass of the service."""

    model_config = ConfigDict(from_attributes=True)


class StationNames(_Out):
    """What people call a station."""

    zh: str
    en: str


class StationOut(_Out):
    """A station of the settings, and how it stands."""

    station: str
    name: StationNames
    purposes: tuple[Purpose, ...]
    enrols: bool
    paired: datetime | None = Field(description="Since when a device is it.")
    stopped: IncidentKind | None = Field(description="The incident that stopped it.")
    stopped_at: datetime | None


class PairingCodeOut(_Out):
    """What is typed into the device, once."""

    station: str
    code: str
    expires: datetime


class PairingIn(BaseModel):
    """What a device sends to become a station."""

    code: str = Field(max_length=40, description="As staff see it.")
    public_key: str = Field(max_length=200, description="Base64 of its P-256 public key: the uncompressed point, 65 bytes.")


class PairedOut(_Out):
    """What a device may know of the station that it became."""

    station: str
    name: StationNames
    purposes: tuple[Purpose, ...]
    enrols: bool


class ActivationIn(BaseModel):
    """A person's act at a station."""

    activation: str = Field(
        max_length=_TEXT, description="Canonical JSON of act, at, attended, consent, counter, kind, nonce, notice_sha256, purpose and station."
    )
    signature: str = Field(max_length=200, description="Of the station's key over its UTF-8: ECDSA P-256 with SHA-256, base64 of r and s.")
    token: str | None = Field(default=None, max_length=_TEXT, description="To verify, where the template is in the person's hands: what they hold.")


class TicketOut(BaseModel):
    """Leave to use a face once."""

    ticket: str
    kind: TicketKind
    purpose: Purpose
    expires: datetime
    attended: bool = Field(description="A member of staff stands by: the activation asks for it, and their sign-in came with it.")


class OutcomeOut(_Out):
    """What the vault decided. There is no score."""

    decision: Decision
    band: Band
    kind: TicketKind
    purpose: Purpose
    reasons: tuple[str, ...]
    consent: str | None = Field(description="Whose face it is, where it was accepted.")


class CaptureOut(BaseModel):
    """How a capture stands."""

    state: CapturePhase = Field(description="What the person is to do now.")
    progress: float = Field(description="0 to 1.")
    hint: str | None = Field(default=None, description="The code of what keeps the picture from being good enough.")
    code: str | None = Field(default=None, description="Why it was refused, for good.")
    problem: str | None = None
    mend: str | None = None
    outcome: OutcomeOut | None = None
    token: str | None = Field(default=None, description="Where the template is in the person's hands: the token to print, given once.")


class SecretIn(BaseModel):
    """The secret of a receipt."""

    secret: str = Field(max_length=200, description="As it stands on the receipt, apart from the verification code.")


class WithdrawalIn(SecretIn):
    """A withdrawal."""

    via: Via = Field(default=Via.RECEIPT, description="receipt, kiosk or phone.")


class WithdrawnOut(BaseModel):
    """What a withdrawal did."""

    consent: str
    purpose: Purpose
    state: ConsentState
    at: datetime
    receipt: str = Field(description="The receipt, a JSON document that `consentry ledger verify` checks.")


class BlockerOut(_Out):
    """What keeps a purpose from running."""

    code: str
    zh: str
    en: str


class PurposeOut(_Out):
    """A purpose, and whether it runs."""

    purpose: Purpose
    open: bool
    blockers: tuple[BlockerOut, ...]


class ReviewOut(_Out):
    """Consents of one purpose whose face is the same."""

    id: str
    purpose: Purpose
    consent: str
    others: tuple[str, ...]
    found: datetime
    decision: ReviewDecision | None
    decided: datetime | None


class ReasonIn(BaseModel):
    """Why it is done."""

    reason: str = Field(min_length=1, max_length=300, description="Kept in the ledger; it names no person.")


class DecisionIn(ReasonIn):
    """What a person found who looked."""

    decision: ReviewDecision


@stations.get("", permission=Permission.MANAGE_STATIONS)
def list_stations(site: SiteDep, actor: ActorDep) -> list[StationOut]:
    """List every station of the settings with its state."""
    return [StationOut.model_validate(found) for found in service.stations(site, actor)]


@stations.post("/{station}/pairing-code", permission=Permission.MANAGE_STATIONS)
def start_pairing(site: SiteDep, actor: ActorDep, station: str, response: Response) -> PairingCodeOut:
    """Show a code that makes one device the station, within ten minutes."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return PairingCodeOut.model_validate(service.pair_station(site, actor, station))


@stations.delete("/{station}/pairing", permission=Permission.MANAGE_STATIONS, status_code=HTTPStatus.NO_CONTENT)
def end_pairing(site: SiteDep, actor: ActorDep, station: str, reason: Annotated[str, Query(min_length=1, max_length=300)]) -> None:
    """Let the device be a station no more."""
    service.unpair_station(site, actor, station, reason)


@stations.post("/{station}/resumption", permission=Permission.MANAGE_STATIONS, status_code=HTTPStatus.NO_CONTENT)
def resume(site: SiteDep, actor: ActorDep, station: str, why: ReasonIn) -> None:
    """Let a station that an incident stopped be used again."""
    service.resume_station(site, actor, station, why.reason)


@public.post("/stations/pairing", permission=PUBLIC)
def complete_pairing(site: SiteDep, device: PairingIn) -> PairedOut:
    """Make the device that sends the code a station."""
    return PairedOut.model_validate(service.complete_pairing(site, device.code, decoded_key(device.public_key)))


@public.post("/stations/{station}/tickets", permission=PUBLIC)
def activate(request: Request, site: SiteDep, station: str, act: ActivationIn) -> TicketOut:
    """Begin a capture: the station's signature over a person's act is the credential. Where the act says so, the member of staff who is signed in stands by."""
    ticket = service.request_ticket(site, station, act.activation, act.signature, attendant=_attendant(request), token=act.token)
    return TicketOut(ticket=ticket.id, kind=ticket.kind, purpose=ticket.purpose, expires=ticket.expires, attended=ticket.attended)


@public.post("/captures/{ticket}/frames", permission=PUBLIC)
def feed(site: SiteDep, ticket: str, response: Response, frame: Annotated[bytes, Body(media_type="image/jpeg")] = b"") -> CaptureOut:
    """Look at one frame: a JPEG file of at most 512 KiB. It is neither decoded nor kept here."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return _capture(service.feed(site, ticket, frame))


@public.delete("/captures/{ticket}", permission=PUBLIC, status_code=HTTPStatus.NO_CONTENT)
def end_capture(site: SiteDep, ticket: str) -> None:
    """End a capture; what was seen is forgotten."""
    service.end_capture(site, ticket)


@public.post("/withdrawals", permission=PUBLIC)
def withdraw(site: SiteDep, given: WithdrawalIn, response: Response) -> WithdrawnOut:
    """Withdraw a consent, at once, without sign-in and without a reason."""
    response.headers["Cache-Control"] = _UNWRITTEN
    via = given.via if given.via in {Via.RECEIPT, Via.KIOSK, Via.PHONE} else Via.RECEIPT
    done = service.withdraw(site, given.secret, via)
    return WithdrawnOut(consent=done.consent, purpose=done.purpose, state=done.state, at=done.at, receipt=done.receipt.data.decode())


@public.post("/erasure-certificates", permission=PUBLIC)
def read_erasure_certificate(site: SiteDep, given: SecretIn, response: Response) -> dict[str, Any]:
    """Return the proof that a template is gone, for whoever holds the receipt; `consentry ledger verify` checks it offline."""
    response.headers["Cache-Control"] = _UNWRITTEN
    document: dict[str, Any] = json.loads(service.erasure_certificate(site, given.secret).data)
    return document


@recognition.get("/purposes", permission=Permission.VIEW_CONSENTS)
def list_purposes(site: SiteDep) -> list[PurposeOut]:
    """List the purposes of the settings, and what keeps each from running."""
    return [PurposeOut.model_validate(found) for found in service.purposes_open(site)]


@recognition.get("/reviews", permission=Permission.VIEW_CONSENTS)
def list_reviews(site: SiteDep, actor: ActorDep) -> list[ReviewOut]:
    """List faces under several consents that wait for a person to look."""
    return [ReviewOut.model_validate(found) for found in service.reviews(site, actor)]


@recognition.post("/reviews/{review}/decision", permission=Permission.HANDLE_REQUESTS)
def decide_review(site: SiteDep, actor: ActorDep, review: str, found: DecisionIn) -> ReviewOut:
    """Put down what a person found. Nothing is merged."""
    return ReviewOut.model_validate(service.decide_review(site, actor, review, found.decision, found.reason))


def capture_holder(site: Site, request: Request) -> Actor | None:
    """Return the station whose capture a request belongs to, which may do nothing else: so that its frames are not taken for a stranger's."""
    named = _CAPTURE.search(request.url.path)
    station = service.holds_capture(site, named[1]) if named else None
    return None if station is None else Actor(ActorKind.STATION, station)


def _attendant(request: Request) -> Actor | None:
    """Return who stands by: a person who is signed in and may."""
    actor: Actor | None = request.state.actor
    stands_by = actor is not None and actor.kind is ActorKind.STAFF and Permission.ATTEND_STATION in actor.permissions
    return actor if stands_by else None


def _capture(view: CaptureView) -> CaptureOut:
    refusal = view.refusal
    return CaptureOut(
        state=view.phase,
        progress=view.progress,
        hint=view.hint,
        code=refusal.code if refusal else None,
        problem=refusal.problem if refusal else None,
        mend=refusal.mend if refusal else None,
        outcome=OutcomeOut.model_validate(view.outcome) if view.outcome else None,
        token=view.token,
    )
