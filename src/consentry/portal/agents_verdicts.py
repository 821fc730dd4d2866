"""Verdicts that concern an agent's agency: what was decided and why, the file that proves it, and appealing against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response

from consentry.attribution.service import agent_sessions, appeals, bundles, verdicts
from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError, InputError
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.portal.agents_place import AgentRoute, agent_page, trouble_words
from consentry.portal.deciding import Form
from consentry.portal.papers import proof_of
from consentry.portal.rendering import speech_of

if TYPE_CHECKING:
    from consentry.attribution.deals import Appeal, VerdictView
    from consentry.console.speech import Speech
    from consentry.ledger.model import SealedBundle
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["appealed_page", "router", "shown_verdict", "verdict_file"]

router = ApiRouter(prefix="", tag="portal")
router.route_class = AgentRoute


@router.get("/agent/verdicts", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def show_verdicts(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """List the verdicts in force that concern the agent's agency."""
    return agent_page(request, "agent_verdicts.html", {"verdicts": _verdicts(request, site, actor), "words": "", "deal": None})


@router.get("/agent/verdicts/{deal}/bundle", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def give_bundle(site: SiteDep, actor: ActorDep, deal: str) -> Response:
    """Give the sealed file of a verdict."""
    return verdict_file(bundles.bundle_for_agency(site, actor, deal), deal)


@router.post("/agent/verdicts/{deal}/appeal", permission=Permission.REPORT_VISITORS, include_in_schema=False)
def appeal_as_agent(request: Request, site: SiteDep, actor: ActorDep, deal: str, form: Form) -> Response:
    """Appeal against a verdict, and hand out the receipt."""
    words = form.get("words", "")
    try:
        opened, receipt = appeals.appeal_by_agency(site, actor, deal, words)
    except (ConflictError, InputError) as error:
        again = {"verdicts": _verdicts(request, site, actor), "words": words, "deal": deal, "trouble": trouble_words(request, error.code)}
        return agent_page(request, "agent_verdicts.html", again, status=error.http_status, sent=True)
    return appealed_page(request, site, opened, receipt)


def appealed_page(request: Request, site: Site, opened: Appeal, receipt: SealedBundle) -> Response:
    """Return the page that says until when an appeal is decided, with its receipt."""
    due = speech_of(request, site).moment(opened.due)
    return agent_page(request, "agent_appealed.html", {"due": due, "proof": proof_of(receipt, f"appeal-{opened.id}")}, sent=True)


def shown_verdict(spoken: Speech, site: Site, view: VerdictView) -> dict[str, object]:
    """Return a verdict as pages show it to whomever it concerns, in the reader's language."""
    project, verdict = site.settings.project(view.project), view.verdict
    return {
        "deal": verdict.deal,
        "unit": view.unit or "",
        "project": spoken.own(project.name.model_dump()) if project else view.project,
        "kind": verdict.ownership.kind,
        "reason": view.reason[spoken.language[:2]],
        "state": view.state,
        "signed": spoken.moment(verdict.signed),
        "appeal_until": spoken.moment(verdict.appeal_until),
        "open": site.clock.now() <= verdict.appeal_until,
        "appeals": [_appeal(spoken, one) for one in view.appeals],
    }


def verdict_file(sealed: SealedBundle, deal: str) -> Response:
    """Return the sealed file of a verdict as a browser saves it."""
    headers = {"Content-Disposition": f'attachment; filename="verdict-{deal}.json"', "Cache-Control": "no-store"}
    return Response(sealed.data, media_type="application/json", headers=headers)


def _verdicts(request: Request, site: Site, actor: Actor) -> list[dict[str, object]]:
    spoken, agency = speech_of(request, site), agent_sessions.own_agent(site, actor).agency
    return [{**shown_verdict(spoken, site, view), "own": agency in view.verdict.ownership.agencies} for view in verdicts.verdicts_for_agency(site, actor)]


def _appeal(spoken: Speech, appeal: Appeal) -> dict[str, str]:
    decided = spoken.moment(appeal.decided) if appeal.decided else ""
    named = {"side": appeal.side.value, "decision": appeal.decision.value if appeal.decision else "", "reason": appeal.reason or ""}
    return {**named, "opened": spoken.moment(appeal.opened), "due": spoken.moment(appeal.due), "decided": decided}
