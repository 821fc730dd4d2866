"""``/agent/...`` and ``/public/agent-...``: signing in, and everything that an agent does here. The cookie of the session is the credential."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request, Response

from consentry.attribution.api.agent_cookies import AGENT_COOKIE
from consentry.attribution.api.agent_shapes import (
    AgentInvitationOut,
    AgentSessionOut,
    BatchIn,
    BatchOut,
    FiledOut,
    LinkTokenIn,
    OpenProjectOut,
    OwnReportOut,
    PassphraseIn,
    ReceiptOut,
    ReportIn,
    SignedInOut,
    SignInIn,
    TermsIn,
    TermsOut,
    WelcomedOut,
)
from consentry.attribution.service import agent_sessions, agents, importing, report_views, reporting
from consentry.consent.api.shapes import to_text
from consentry.platform.actors import Permission
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep
from consentry.staff.api.cookies import address_of

__all__ = ["routers"]

_public = ApiRouter(prefix="/public", tag="agents")
_agent = ApiRouter(prefix="/agent", tag="agents")

routers = (_public, _agent)
"""The routers of agents, to be served under ``/api/v1``."""


@_public.post("/agent-session", permission=PUBLIC)
def sign_agent_in(site: SiteDep, request: Request, response: Response, body: SignInIn) -> SignedInOut:
    """Sign in as an agent; the answer brings the session's cookie."""
    signed_in = agent_sessions.sign_in_agent(site, body.name, body.passphrase, address_of(request))
    AGENT_COOKIE.keep(request, response, signed_in.token)
    return SignedInOut(expires=signed_in.expires)


@_public.post("/agent-invitation", permission=PUBLIC)
def look_at_agent_invitation(site: SiteDep, body: LinkTokenIn) -> AgentInvitationOut:
    """Show what an agent's one-time link offers."""
    return AgentInvitationOut.model_validate(agents.agent_invitation(site, body.token))


@_public.post("/agent-invitation/acceptance", permission=PUBLIC)
def accept_agent_invitation(site: SiteDep, body: PassphraseIn) -> WelcomedOut:
    """Use an agent's one-time link up: set the passphrase. Signing in is the next step."""
    return WelcomedOut(name=agents.accept_agent_link(site, body.token, body.passphrase))


@_agent.get("/session", permission=Permission.REPORT_VISITORS)
def read_agent_session(site: SiteDep, actor: ActorDep) -> AgentSessionOut:
    """Return who is signed in, and for which agency."""
    return AgentSessionOut.model_validate(agent_sessions.own_agent(site, actor))


@_agent.delete("/session", permission=Permission.REPORT_VISITORS, status_code=HTTPStatus.NO_CONTENT)
def sign_agent_out(site: SiteDep, actor: ActorDep, request: Request, response: Response) -> None:
    """End the session."""
    agent_sessions.sign_out_agent(site, actor)
    AGENT_COOKIE.drop(request, response)


@_agent.get("/projects", permission=Permission.REPORT_VISITORS)
def list_open_projects(site: SiteDep, actor: ActorDep) -> list[OpenProjectOut]:
    """List the projects for which the agent may report now."""
    return [OpenProjectOut.of(found) for found in reporting.open_projects(site, actor)]


@_agent.post("/report-terms", permission=Permission.REPORT_VISITORS)
def begin_reports(site: SiteDep, actor: ActorDep, body: TermsIn) -> TermsOut:
    """Return what commitments are made over; each nonce is good once, for a day."""
    return TermsOut.of(reporting.begin_report(site, actor, body.project, body.count))


@_agent.post("/reports", permission=Permission.REPORT_VISITORS, status_code=HTTPStatus.CREATED)
def file_report(site: SiteDep, actor: ActorDep, body: ReportIn) -> FiledOut:
    """File a report. Filed again with the same nonce and commitment, it is the same report."""
    return FiledOut.of(reporting.file_report(site, actor, body.draft(body.project)))


@_agent.post("/batches", permission=Permission.REPORT_VISITORS)
def file_report_batch(site: SiteDep, actor: ActorDep, body: BatchIn) -> BatchOut:
    """File a batch; what became of each row is told by its number."""
    return BatchOut.of(importing.file_batch(site, actor, body.project, body.drafts(), body.mode))


@_agent.get("/reports", permission=Permission.REPORT_VISITORS)
def list_own_reports(site: SiteDep, actor: ActorDep, limit: PageSize = 50, cursor: CursorParam = None) -> Page[OwnReportOut]:
    """List the agent's own reports with their clocks, newest first."""
    found = report_views.own_reports(site, actor, before=key_of(cursor, str), limit=limit + 1)
    more = cursor_of(found[limit - 1].listed.id) if len(found) > limit else None
    return Page(items=[OwnReportOut.of(one) for one in found[:limit]], next=more)


@_agent.get("/reports/{report}/receipt", permission=Permission.REPORT_VISITORS)
def read_own_receipt(site: SiteDep, actor: ActorDep, report: str) -> ReceiptOut:
    """Return the signed receipt of a report, and of what was replied."""
    return ReceiptOut(receipt=to_text(report_views.own_receipt(site, actor, report)))
