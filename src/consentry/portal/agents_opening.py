"""Appealing with a report that nobody opened before its client bought: the agent opens it here, with number and salt from their own file."""

from __future__ import annotations

from fastapi import Request, Response

from consentry.attribution.commitment import read_salt
from consentry.attribution.service import late_opening, report_views
from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.portal.agents_place import AgentRoute, agent_page, trouble_words
from consentry.portal.agents_reporting import nonce_of
from consentry.portal.agents_verdicts import appealed_page
from consentry.portal.deciding import Form

__all__ = ["router"]

router = ApiRouter(prefix="", tag="portal")
router.route_class = AgentRoute


@router.get("/agent/reports/{report}/appeal", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def ask_to_open(request: Request, site: SiteDep, actor: ActorDep, report: str) -> Response:
    """Ask what is wrong; the page's script adds number and salt of the client, and says so."""
    nonce = nonce_of(report_views.own_receipt(site, actor, report))
    return agent_page(request, "agent_opening.html", {"report": report, "nonce": nonce, "words": ""})


@router.post("/agent/reports/{report}/appeal", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def appeal_with_report(request: Request, site: SiteDep, actor: ActorDep, report: str, form: Form) -> Response:
    """Open the report, appeal, and hand out the receipt; whatever does not open is told in one and the same way."""
    words, nonce = form.get("words", ""), nonce_of(report_views.own_receipt(site, actor, report))
    try:
        salt, phone = read_salt(form.get("salt", "")), form.get("phone", "")
        opened, receipt = late_opening.appeal_by_report(site, actor, report, words, salt=salt, phone=phone)
    except (ConflictError, InputError, NotFoundError) as error:
        again = {"report": report, "nonce": nonce, "words": words, "trouble": trouble_words(request, error.code)}
        return agent_page(request, "agent_opening.html", again, status=error.http_status, sent=True)
    return appealed_page(request, site, opened, receipt)
