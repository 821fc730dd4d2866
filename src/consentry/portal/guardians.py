"""Asking a guardian at a station: a member of staff says whom they verified, then the guardian reads the notice for children and decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response

from consentry.consent import service as consent
from consentry.consent.model import Relation, Verification
from consentry.consent.rules.guardians import LONGEST_NAME
from consentry.platform.errors import NotFoundError
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.portal.deciding import Form, demand_here, notice_page
from consentry.portal.place import PlaceDep, other_ways, person_page, purpose_at
from consentry.portal.routing import PageRoute

if TYPE_CHECKING:
    from consentry.consent.model import Purpose
    from consentry.platform.site import Site
    from consentry.portal.place import Place

__all__ = ["router"]

router = ApiRouter(prefix="", tag="portal")
router.route_class = PageRoute


@router.get("/kiosk/{station}/agree/{purpose}/guardian", permission=PUBLIC, include_in_schema=False)
def ask_staff(request: Request, site: SiteDep, place: PlaceDep, purpose: str) -> Response:
    """Let a member of staff sign in and say who the guardian is; nothing of it is kept before a yes."""
    asked = _decidable(site, place, purpose)
    choices = {"relations": list(Relation), "verifications": list(Verification), "longest": LONGEST_NAME}
    return person_page(request, place, "guardian.html", {"purpose": asked, "other_ways": other_ways(site, (asked,)), **choices})


@router.post("/kiosk/{station}/agree/{purpose}/guardian", permission=PUBLIC, include_in_schema=False)
def show_notice_for_child(request: Request, site: SiteDep, place: PlaceDep, purpose: str, form: Form) -> Response:
    """Show the notice for children to the guardian whom staff verified, and yes and no below it."""
    asked = _decidable(site, place, purpose)
    question = form.get("question", "")
    demand_here(consent.guardian_question(site, question), place, asked)
    return notice_page(request, site, place, asked, question=question)


def _decidable(site: Site, place: Place, name: str) -> Purpose:
    """Return the purpose of that name, where a guardian can decide on it at this station."""
    asked = purpose_at(site, place, name)
    if place.station is None or not place.station.enrols or not consent.guardians_may_decide(site, asked):
        raise NotFoundError("portal.guardian", name, "no guardian decides on it here", "Go on in another way, or ask staff.")
    return asked
