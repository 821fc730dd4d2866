"""``/desk`` for desks, whose signature is their credential, and ``/attribution`` for staff: desks, visits, statements, outages."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import Query, Request, Response

from consentry.attribution.api.desk_shapes import (
    ArrivalIn,
    DecisionIn,
    DeskEntryOut,
    DeskFaceOut,
    DeskOut,
    DeskPairingIn,
    EditIn,
    EditOut,
    ExpectedOut,
    NewDeskIn,
    OutageIn,
    OutageOut,
    PairingCodeOut,
    QueueIn,
    QueueOut,
    ReceiptOut,
    RecordedOut,
    SealedIn,
    SealOut,
    SettlementIn,
    SignedIn,
    StatementOut,
    VisitOut,
)
from consentry.attribution.desk_sealing import SealedEntry, desk_seal, open_entry
from consentry.attribution.service import arrivals, desk_queue, desks, outages, statements
from consentry.attribution.visiting import Arrival, SignedEntry
from consentry.consent.api.shapes import to_text
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.errors import ProofError
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep
from consentry.recognition.activations import decoded_key
from consentry.staff.rules import SHORTEST_REASON

if TYPE_CHECKING:
    from consentry.attribution.visiting import Recorded
    from consentry.platform.site import Site

__all__ = ["routers"]

_desk = ApiRouter(prefix="/public/desk", tag="desk")
_staff = ApiRouter(prefix="/attribution", tag="attribution")

routers = (_desk, _staff)
"""The routers of arrivals, to be served under ``/api/v1``."""

_UNWRITTEN = "no-store"


@_desk.post("/pairing", permission=PUBLIC)
def complete_desk_pairing(site: SiteDep, device: DeskPairingIn) -> DeskFaceOut:
    """Make the device that sends the code a desk."""
    return DeskFaceOut.model_validate(desks.complete_desk_pairing(site, device.code, decoded_key(device.public_key)))


@_desk.get("/{desk}", permission=PUBLIC)
def read_desk(site: SiteDep, desk: str) -> DeskFaceOut:
    """Return what a device may know of the desk that it is."""
    return DeskFaceOut.model_validate(desks.desk_face(site, desk))


@_desk.get("/{desk}/seal", permission=PUBLIC)
def read_desk_seal(site: SiteDep, desk: str) -> SealOut:
    """Return the key to which a desk encrypts what waits on its device."""
    desks.desk_face(site, desk)
    return SealOut.model_validate(desk_seal(site.keys))


@_desk.post("/{desk}/arrivals", permission=PUBLIC)
def reconcile_queue(request: Request, site: SiteDep, desk: str, queue: QueueIn, response: Response) -> QueueOut:
    """Record what a desk signed, at once or from its queue; the same entry again gives the same answer. Only what is answered can be forgotten."""
    response.headers["Cache-Control"] = _UNWRITTEN
    entries = [_signed(site, entry) for entry in queue.entries]
    return QueueOut.model_validate(desk_queue.reconcile(site, desk, entries, sent=queue.sent, attendant=_attendant(request)))


@_desk.post("/{desk}/expected", permission=PUBLIC)
def list_expected(site: SiteDep, desk: str, asked: SignedIn, response: Response) -> list[ExpectedOut]:
    """List the reports whose clients may arrive now, for a desk that signed the question: canonical JSON of at, desk and want, which is ``expected``."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return [ExpectedOut.model_validate(found) for found in desks.expected_at_desk(site, desk, SignedEntry(asked.text, asked.signature))]


@_staff.get("/desks", permission=Permission.VIEW_ATTRIBUTION)
def list_desks(site: SiteDep, actor: ActorDep) -> list[DeskOut]:
    """List every desk."""
    return [DeskOut.model_validate(found) for found in desks.desks(site, actor)]


@_staff.post("/desks/pairing-code", permission=Permission.MANAGE_AGENCIES)
def start_desk_pairing(site: SiteDep, actor: ActorDep, body: NewDeskIn, response: Response) -> PairingCodeOut:
    """Show a code that makes one device a desk, within ten minutes."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return PairingCodeOut.model_validate(desks.pair_desk(site, actor, body.project, body.name))


@_staff.delete("/desks/{desk}", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.NO_CONTENT)
def revoke_desk(site: SiteDep, actor: ActorDep, desk: str, reason: Annotated[str, Query(min_length=SHORTEST_REASON, max_length=300)]) -> None:
    """Let a device be a desk no more, such as a lost one."""
    desks.revoke_desk(site, actor, desk, reason)


@_staff.get("/desk-entries", permission=Permission.VIEW_ATTRIBUTION)
def list_desk_entries(site: SiteDep, actor: ActorDep, *, settled: bool = False, limit: PageSize = 200) -> list[DeskEntryOut]:
    """List what desks sent and could not be accepted, oldest first."""
    return [DeskEntryOut.model_validate(found) for found in desk_queue.waiting_entries(site, actor, settled=settled, limit=limit)]


@_staff.post("/desk-entries/{desk}/{sha256}/settlement", permission=Permission.MANAGE_AGENCIES)
def settle_desk_entry(site: SiteDep, actor: ActorDep, desk: str, sha256: str, body: SettlementIn) -> DeskEntryOut:
    """Put down what became of an entry that could not be accepted."""
    return DeskEntryOut.model_validate(desk_queue.settle_entry(site, actor, desk, sha256, visit=body.visit, reason=body.reason))


@_staff.get("/visits", permission=Permission.VIEW_ATTRIBUTION)
def list_visits(site: SiteDep, actor: ActorDep, project: str, limit: PageSize = 50, cursor: CursorParam = None) -> Page[VisitOut]:
    """List visits of a project, newest first."""
    found = arrivals.visits(site, actor, project, after=key_of(cursor, str), limit=limit + 1)
    shown = [VisitOut.model_validate(one) for one in found[:limit]]
    return Page(items=shown, next=cursor_of(shown[-1].id) if len(found) > limit else None)


@_staff.post("/visits", permission=Permission.RECEIVE_VISITORS, status_code=HTTPStatus.CREATED)
def record_visit(site: SiteDep, actor: ActorDep, body: ArrivalIn, response: Response) -> RecordedOut:
    """Record somebody who stands at the desk now. The answer holds the secret of the visitor's link, once."""
    response.headers["Cache-Control"] = _UNWRITTEN
    said = body.model_dump(exclude={"project"})
    return _recorded(arrivals.record_arrival(site, actor, body.project, Arrival(**said)))


@_staff.get("/visits/{visit}/receipt", permission=Permission.RECEIVE_VISITORS)
def read_visit_receipt(site: SiteDep, actor: ActorDep, visit: str) -> ReceiptOut:
    """Return the signed receipt of a visit."""
    return ReceiptOut(receipt=to_text(arrivals.visit_receipt(site, actor, visit)))


@_staff.get("/visits/{visit}/edits", permission=Permission.VIEW_ATTRIBUTION)
def list_visit_edits(site: SiteDep, actor: ActorDep, visit: str) -> list[EditOut]:
    """List what somebody wanted to be another value of a visit."""
    return [EditOut.model_validate(found) for found in arrivals.edits_of(site, actor, visit)]


@_staff.post("/visits/{visit}/edits", permission=Permission.RECEIVE_VISITORS, status_code=HTTPStatus.CREATED)
def edit_visit(site: SiteDep, actor: ActorDep, visit: str, body: EditIn) -> EditOut:
    """Note that a value of a visit should have been another. The first one stands, and verdicts about it are flagged."""
    return EditOut.model_validate(arrivals.edit_visit(site, actor, visit, body.field, body.to, reason=body.reason))


@_staff.get("/expected", permission=Permission.RECEIVE_VISITORS)
def list_expected_visitors(site: SiteDep, actor: ActorDep, project: str, response: Response) -> list[ExpectedOut]:
    """List the reports whose clients may arrive now."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return [ExpectedOut.model_validate(found) for found in arrivals.expected_today(site, actor, project)]


@_staff.get("/statements", permission=Permission.VIEW_ATTRIBUTION)
def list_statements(site: SiteDep, actor: ActorDep, *, waiting: bool = True, limit: PageSize = 200) -> list[StatementOut]:
    """List what visitors stated, oldest first."""
    return [StatementOut.model_validate(found) for found in statements.statements(site, actor, waiting=waiting, limit=limit)]


@_staff.post("/statements/{statement}/decision", permission=Permission.SIGN_VERDICTS)
def decide_statement(site: SiteDep, actor: ActorDep, statement: str, body: DecisionIn) -> StatementOut:
    """Put down what a person found of a statement."""
    return StatementOut.model_validate(statements.decide_statement(site, actor, statement, credible=body.credible, reason=body.reason))


@_staff.get("/outages", permission=Permission.VIEW_ATTRIBUTION)
def list_outages(site: SiteDep, actor: ActorDep, limit: PageSize = 200) -> list[OutageOut]:
    """List when nothing could be received, newest first."""
    return [OutageOut.model_validate(found) for found in outages.outages(site, actor, limit)]


@_staff.post("/outages", permission=Permission.MANAGE_AGENCIES, status_code=HTTPStatus.CREATED)
def log_outage(site: SiteDep, actor: ActorDep, body: OutageIn) -> OutageOut:
    """Log a time in which nothing could be received."""
    return OutageOut.model_validate(outages.log_outage(site, actor, body.start, body.until, body.reason))


def _attendant(request: Request) -> Actor | None:
    """Return who receives at the device: a member of staff who is signed in there and may."""
    actor: Actor | None = request.state.actor
    receives = actor is not None and actor.kind is ActorKind.STAFF and Permission.RECEIVE_VISITORS in actor.permissions
    return actor if receives else None


def _signed(site: Site, entry: SignedIn | SealedIn) -> SignedEntry:
    """Return what a desk signed. What was not encrypted to this site is answered as what no desk signed, beside the entries that were."""
    if isinstance(entry, SignedIn):
        return SignedEntry(entry.text, entry.signature)
    try:
        return open_entry(site.keys, SealedEntry(entry.epoch, entry.point, entry.box))
    except ProofError:
        return SignedEntry("", "")


def _recorded(recorded: Recorded) -> RecordedOut:
    return RecordedOut.model_validate(recorded)
