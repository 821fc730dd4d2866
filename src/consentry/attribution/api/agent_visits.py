"""``/agent/reports/{report}/...`` for agents: the code to show at the desk, and the visits that name a report."""

from __future__ import annotations

from datetime import datetime

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from consentry.attribution.api.desk_shapes import ReceiptOut
from consentry.attribution.service import agent_visits, codes
from consentry.attribution.visiting import Answer, Binding
from consentry.consent.api.shapes import to_text
from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep

__all__ = ["router"]

router = ApiRouter(prefix="/agent/reports", tag="agents")

_UNWRITTEN = "no-store"


class VisitCodeOut(BaseModel):
    """A visit code; the page adds salt and number behind it, each after a dot, from the agent's own receipt file."""

    model_config = ConfigDict(from_attributes=True)

    report: str
    text: str
    expires: datetime


class AgentVisitOut(BaseModel):
    """A visit that names the report."""

    model_config = ConfigDict(from_attributes=True)

    visit: str
    at: datetime
    claimed_at: datetime | None
    binding: Binding
    answer: Answer | None = Field(description="What the visitor said of who brought them.")
    answered: datetime | None


@router.post("/{report}/code", permission=Permission.REPORT_VISITORS)
def issue_visit_code(site: SiteDep, actor: ActorDep, report: str, response: Response) -> VisitCodeOut:
    """Return a code that works once at the desk; codes of the report that were not used hold no more."""
    response.headers["Cache-Control"] = _UNWRITTEN
    return VisitCodeOut.model_validate(codes.issue_code(site, actor, report))


@router.get("/{report}/visits", permission=Permission.REPORT_VISITORS)
def list_visits_of_report(site: SiteDep, actor: ActorDep, report: str) -> list[AgentVisitOut]:
    """List the visits that name a report."""
    return [AgentVisitOut.model_validate(found) for found in agent_visits.agent_visits(site, actor, report)]


@router.get("/{report}/visits/receipts", permission=Permission.REPORT_VISITORS)
def read_visit_receipts_of_report(site: SiteDep, actor: ActorDep, report: str) -> list[ReceiptOut]:
    """Return the signed receipts of these visits and of their visitors' answers."""
    return [ReceiptOut(receipt=to_text(found)) for found in agent_visits.agent_visit_receipts(site, actor, report)]
