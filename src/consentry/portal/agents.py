"""Agents at the door: signing in and out, the one-time link, and the list of one's own reports with their clocks and receipts."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request, Response

from consentry.attribution.api.agent_cookies import AGENT_COOKIE
from consentry.attribution.service import agent_sessions, agent_visits, agents, report_views
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError, NotFoundError, SignInError, TooManyError
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep
from consentry.portal import agents_offline, agents_opening, agents_reporting, agents_verdicts
from consentry.portal.agents_place import AgentRoute, agent_page, go_to, trouble_words, visiting_page
from consentry.portal.deciding import Form
from consentry.portal.papers import proof_of
from consentry.portal.rendering import speech_of
from consentry.portal.routing import PageRoute
from consentry.staff.api.cookies import address_of

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.attribution.channel import OwnReport
    from consentry.attribution.visiting import AgentVisit
    from consentry.console.speech import Speech
    from consentry.platform.site import Site

__all__ = ["router"]

_PAGE_SIZE = 20

_door = ApiRouter(prefix="", tag="portal")
_door.route_class = PageRoute
_own = ApiRouter(prefix="", tag="portal")
_own.route_class = AgentRoute


@dataclass(frozen=True, slots=True)
class _Clock:
    """An instant that matters: as the site's clock shows it, and how far away it is."""

    at: datetime
    shown: str
    away: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """A report as its list shows it; ``clocks`` by the words for them."""

    own: OwnReport
    project: str
    clocks: dict[str, _Clock]
    replied: str
    codes: bool


@_door.get("/agent/sign-in", permission=PUBLIC, include_in_schema=False)
def ask_agent_to_sign_in(request: Request) -> Response:
    """Ask for name and passphrase."""
    return visiting_page(request, "agent_sign_in.html", {"name": ""})


@_door.post("/agent/sign-in", permission=PUBLIC, include_in_schema=False)
def sign_agent_in(request: Request, site: SiteDep, form: Form) -> Response:
    """Begin a session."""
    name = form.get("name", "").strip()
    try:
        signed_in = agent_sessions.sign_in_agent(site, name, form.get("passphrase", ""), address_of(request))
    except (SignInError, TooManyError) as error:
        said = {"name": name, "trouble": trouble_words(request, error.code)}
        return visiting_page(request, "agent_sign_in.html", said, status=error.http_status, sent=True)
    answer = go_to(request, "/agent")
    AGENT_COOKIE.keep(request, answer, signed_in.token)
    return answer


@_own.post("/agent/sign-out", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def sign_agent_out(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """End the session."""
    agent_sessions.sign_out_agent(site, actor)
    answer = go_to(request, "/agent/sign-in")
    AGENT_COOKIE.drop(request, answer)
    return answer


@_door.get("/agent/welcome", permission=PUBLIC, include_in_schema=False)
def ask_for_link(request: Request) -> Response:
    """Take what follows the number sign of a one-time link; a script sends it on."""
    return visiting_page(request, "agent_link.html", {})


@_door.post("/agent/welcome", permission=PUBLIC, include_in_schema=False)
def welcome_agent(request: Request, site: SiteDep, form: Form) -> Response:
    """Show whom a one-time link invites, and ask for a passphrase."""
    return _welcome(request, site, form.get("secret", ""))


@_door.post("/agent/welcome/passphrase", permission=PUBLIC, include_in_schema=False)
def set_agent_passphrase(request: Request, site: SiteDep, form: Form) -> Response:
    """Set the passphrase, use the link up, and sign in."""
    secret, passphrase = form.get("secret", ""), form.get("passphrase", "")
    if passphrase != form.get("again", ""):
        return _welcome(request, site, secret, "passphrase.differs")
    try:
        name = agents.accept_agent_link(site, secret, passphrase)
    except InputError as error:
        return _welcome(request, site, secret, error.code)
    except NotFoundError as error:
        return _no_link(request, error)
    answer = go_to(request, "/agent")
    AGENT_COOKIE.keep(request, answer, agent_sessions.sign_in_agent(site, name, passphrase, address_of(request)).token)
    return answer


@_own.get("/agent", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def show_own_reports(request: Request, site: SiteDep, actor: ActorDep, before: str | None = None) -> Response:
    """List the agent's reports, newest first, with their clocks."""
    found = report_views.own_reports(site, actor, before=before, limit=_PAGE_SIZE + 1)
    older = found[_PAGE_SIZE - 1].listed.id if len(found) > _PAGE_SIZE else None
    shown = [_shown(site, speech_of(request, site), own) for own in found[:_PAGE_SIZE]]
    return agent_page(request, "agent_reports.html", {"reports": shown, "older": older, "before": before})


@_own.get("/agent/reports/{report}/receipt", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def show_own_receipts(request: Request, site: SiteDep, actor: ActorDep, report: str) -> Response:
    """Show the receipts of a report and of the visits that name it."""
    spoken = speech_of(request, site)
    proof = proof_of(report_views.own_receipt(site, actor, report), f"report-{report}")
    papers = agent_visits.agent_visit_receipts(site, actor, report)
    visits = [_visit(spoken, one) for one in agent_visits.agent_visits(site, actor, report)]
    proofs = [proof_of(paper, f"visit-{report}-{number}") for number, paper in enumerate(papers, 1)]
    return agent_page(request, "agent_receipt.html", {"report": report, "proof": proof, "visits": visits, "proofs": proofs})


@_own.get("/agent/device", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def show_device(request: Request) -> Response:
    """Show what this device keeps of clients; the site knows nothing of it."""
    return agent_page(request, "agent_device.html", {})


def _welcome(request: Request, site: Site, secret: str, trouble: str = "") -> Response:
    try:
        found = agents.agent_invitation(site, secret)
    except NotFoundError as error:
        return _no_link(request, error)
    said = {"invitation": found, "secret": secret, "trouble": trouble_words(request, trouble) if trouble else ""}
    return visiting_page(request, "agent_welcome.html", said, status=HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK, sent=True)


def _no_link(request: Request, error: NotFoundError) -> Response:
    return visiting_page(request, "agent_link.html", {"trouble": trouble_words(request, error.code)}, status=error.http_status, sent=True)


def _shown(site: Site, spoken: Speech, own: OwnReport) -> _Shown:
    listed, project = own.listed, site.settings.project(own.listed.project)
    now = site.clock.now()
    instants = {
        "planned": listed.planned,
        "filed": listed.filed,
        "reply_due": None if listed.reply or listed.accepted_silently else listed.clocks.reply_due,
        "lead_reached": listed.clocks.lead_reached,
        "arrived": listed.arrived,
        "valid_until": listed.clocks.valid_until,
        "protected_until": listed.clocks.protected_until,
    }
    clocks = {name: _Clock(at, spoken.moment(at), spoken.ago(at, now)) for name, at in instants.items() if at is not None}
    name = spoken.own(project.name.model_dump()) if project else listed.project
    return _Shown(own, name, clocks, spoken.moment(listed.reply.at) if listed.reply else "", now <= listed.clocks.valid_until and not listed.erased)


def _visit(spoken: Speech, visit: AgentVisit) -> dict[str, str]:
    came = spoken.moment(visit.claimed_at or visit.at)
    return {"at": came, "binding": visit.binding, "answer": visit.answer or "none"}


router = ApiRouter(prefix="", tag="portal")
"""Every page of agents."""
for part in (_door, _own, agents_reporting.router, agents_verdicts.router, agents_opening.router, agents_offline.router):
    router.include_router(part)
