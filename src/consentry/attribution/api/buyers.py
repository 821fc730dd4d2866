"""``/public/buyers``: what visitors see and say of their own visit. The secret of their link takes the place of an account; strangers are slowed down."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from consentry.attribution.api.desk_shapes import ProjectName, ReceiptOut
from consentry.attribution.service import statements, visitor_rights
from consentry.attribution.visiting import Answer, Binding, Voiced
from consentry.consent.api.shapes import to_text
from consentry.consent.requests import RequestKind
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep

if TYPE_CHECKING:
    from consentry.ledger.model import SealedBundle

__all__ = ["router"]

router = ApiRouter(prefix="/public/buyers", tag="buyers")

_UNWRITTEN = "no-store"
_Secret = Annotated[str, Field(min_length=1, max_length=80, description="As it stands in the link, behind the number sign.")]


class _Out(BaseModel):
    """Something that is answered from a dataclass of the service."""

    model_config = ConfigDict(from_attributes=True)


class VisitSecretIn(BaseModel):
    """The secret of a visitor's link."""

    secret: _Secret


class VisitorAnswerIn(VisitSecretIn):
    """Who brought the visitor."""

    answer: Answer
    phone: str | None = Field(default=None, max_length=40, description="Their number, where the desk did not take it; only a keyed hash is kept.")


class VoicedIn(VisitSecretIn):
    """Something that a visitor states."""

    kind: Voiced
    words: str = Field(min_length=1, max_length=statements.LONGEST_WORDS)


class VisitRequestIn(VisitSecretIn):
    """A request about what is held of a visit."""

    kind: RequestKind
    contact: str = Field(default="", max_length=200, description="How to be reached, where the number of the request is not enough.")
    words: str = Field(default="", max_length=statements.LONGEST_WORDS)


class ClaimedReportOut(_Out):
    """Who says that they brought the visitor."""

    report: str
    agency: str
    agent: str | None
    filed: datetime
    binding: Binding


class ClaimedStatementOut(_Out):
    """What the visitor stated, and what was found."""

    kind: Voiced
    at: datetime
    credible: bool | None
    reason: str | None


class ClaimOut(_Out):
    """What a visitor sees of their visit."""

    visit: str
    project: str
    project_name: ProjectName | None
    at: datetime
    claimed_at: datetime | None
    party_size: int
    report: ClaimedReportOut | None
    answer: Answer | None
    answered: datetime | None
    number_known: bool = Field(description="Whether they left a telephone number at the desk; a confirmation asks for it otherwise.")
    evidence: list[str] = Field(description="On what it rests who they are: kinds of link with grades, such as phone:A. face stands there where one was used.")
    statements: list[ClaimedStatementOut]


class VisitRequestOut(BaseModel):
    """A request that was filed."""

    number: str = Field(description="Whoever holds it reads the answer; told once.")
    kind: RequestKind
    filed: datetime
    due: datetime
    receipt: str = Field(description="The receipt's file in Base64.")


@router.post("/claim", permission=PUBLIC)
def read_claim(site: SiteDep, body: VisitSecretIn, response: Response) -> ClaimOut:
    """Return who claims the visitor, on what evidence, and what they said themselves."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return ClaimOut.model_validate(statements.claim_of(site, body.secret))


@router.post("/answer", permission=PUBLIC)
def answer_claim(site: SiteDep, body: VisitorAnswerIn, response: Response) -> ReceiptOut:
    """Say who brought you, once, and get the signed receipt."""
    return _receipt(response, statements.confirm(site, body.secret, body.answer, phone=body.phone))


@router.post("/statement", permission=PUBLIC)
def state_as_visitor(site: SiteDep, body: VoicedIn, response: Response) -> ReceiptOut:
    """Dispute a claim, or state a visit that nobody recorded, and get the signed receipt."""
    return _receipt(response, statements.state(site, body.secret, body.kind, body.words))


@router.post("/receipts", permission=PUBLIC)
def read_visitor_receipts(site: SiteDep, body: VisitSecretIn, response: Response) -> list[ReceiptOut]:
    """Return the signed receipts of the visit and of the answer."""
    return [_receipt(response, found) for found in statements.receipts_of_visit(site, body.secret)]


@router.post("/copy", permission=PUBLIC)
def copy_visit(site: SiteDep, body: VisitSecretIn, response: Response) -> dict[str, Any]:
    """Return everything that is held of the visit and its visitor."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return dict(visitor_rights.copy_of_visit(site, body.secret))


@router.post("/request", permission=PUBLIC)
def ask_about_visit(site: SiteDep, body: VisitRequestIn, response: Response) -> VisitRequestOut:
    """Ask that what is held is deleted, corrected or explained; answered among all requests, within fifteen days."""
    response.headers["Cache-Control"] = _UNWRITTEN
    filed = visitor_rights.ask_about_visit(site, body.secret, body.kind, contact=body.contact, words=body.words)
    return VisitRequestOut(number=filed.number, kind=filed.kind, filed=filed.filed, due=filed.due, receipt=to_text(filed.receipt))


def _receipt(response: Response, sealed: SealedBundle) -> ReceiptOut:
    response.headers["Cache-Control"] = _UNWRITTEN
    return ReceiptOut(receipt=to_text(sealed))
