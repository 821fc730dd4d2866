"""Reporting clients: one, or the batch of the day before; and the code that an agent shows when the client has come.

These pages serve the scripts that see a number. What they send is mask and commitment; the number and its salt stay on the agent's device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response

from consentry.attribution.service import codes, report_views, reporting
from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.portal.agents_place import AgentRoute, agent_page
from consentry.portal.qr import qr_code
from consentry.portal.rendering import speech_of

if TYPE_CHECKING:
    from consentry.attribution.channel import OpenProject
    from consentry.console.speech import Speech
    from consentry.ledger.model import SealedBundle

__all__ = ["nonce_of", "router"]

router = ApiRouter(prefix="", tag="portal")
router.route_class = AgentRoute


@router.get("/agent/report", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def show_report_form(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """Let an agent report one client."""
    spoken = speech_of(request, site)
    return agent_page(request, "agent_report.html", {"projects": [_project(spoken, one) for one in reporting.open_projects(site, actor)]})


@router.get("/agent/batch", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def show_batch_form(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """Let an agent report the clients of a list."""
    spoken = speech_of(request, site)
    return agent_page(request, "agent_batch.html", {"projects": [_project(spoken, one) for one in reporting.open_projects(site, actor)]})


@router.get("/agent/reports/{report}/code", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def ask_for_code(request: Request, site: SiteDep, actor: ActorDep, report: str) -> Response:
    """Tell what a visit code is before one is made: the one before it holds no more."""
    report_views.own_receipt(site, actor, report)
    return agent_page(request, "agent_code.html", {"report": report, "code": None})


@router.post("/agent/reports/{report}/code", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def make_code(request: Request, site: SiteDep, actor: ActorDep, report: str) -> Response:
    """Show a visit code; the page's script puts salt and number behind it."""
    nonce = nonce_of(report_views.own_receipt(site, actor, report))
    code = codes.issue_code(site, actor, report)
    shown = {"report": report, "code": code.text, "nonce": nonce, "qr": qr_code(code.text), "expires": speech_of(request, site).moment(code.expires)}
    return agent_page(request, "agent_code.html", shown, sent=True)


def _project(spoken: Speech, found: OpenProject) -> dict[str, object]:
    lengths = {"lead": spoken.length(found.lead), "valid": spoken.length(found.valid), "reply": spoken.length(found.reply_within)}
    name = spoken.own({"zh": found.name.zh, "en": found.name.en})
    return {"id": found.project, "name": name, "form": found.form, "left": found.left_today, "until": spoken.moment(found.contract_until), **lengths}


def nonce_of(receipt: SealedBundle) -> str:
    """Return the nonce of the report that a receipt proves: by it the page finds the client in the agent's own file."""
    return str(receipt.bundle.entries[0].entry.act.details.get("nonce", ""))
