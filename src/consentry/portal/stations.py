"""The pages of a station: its start, going on after a yes on a telephone, and being recognised."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from consentry.consent import service as consent
from consentry.consent.model import Method
from consentry.platform.errors import InputError, NotFoundError
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.portal.deciding import Form, notice_in_force, wish_for
from consentry.portal.leaving import secret_page
from consentry.portal.place import PlaceDep, camera_page, open_purposes, other_ways, person_page, purpose_at
from consentry.portal.qr import qr_code
from consentry.portal.rendering import language_of
from consentry.portal.routing import PageRoute
from consentry.recognition.model import TicketKind

__all__ = ["router"]

router = ApiRouter(prefix="", tag="portal")
router.route_class = PageRoute


@router.get("/kiosk/{station}", permission=PUBLIC, include_in_schema=False)
def start(request: Request, site: SiteDep, place: PlaceDep) -> Response:
    """Show both ways side by side; on a device without the station's key, also how to pair it."""
    purposes = open_purposes(site, place)
    enrols = bool(place.station and place.station.enrols)
    shown = {"purposes": purposes if enrols else (), "recognisable": purposes, "enrols": enrols, "other_ways": other_ways(site, purposes)}
    return person_page(request, place, "start.html", shown)


@router.get("/kiosk/{station}/recognise/{purpose}", permission=PUBLIC, include_in_schema=False)
def recognise(request: Request, site: SiteDep, place: PlaceDep, purpose: str) -> Response:
    """Let a person open the camera and be recognised: among all who agreed, or as the one whom their record number names."""
    asked = purpose_at(site, place, purpose)
    notice = notice_in_force(site, asked, language_of(request))
    one = notice.terms.method is Method.ONE_TO_ONE
    wish = wish_for(place, TicketKind.VERIFY if one else TicketKind.IDENTIFY, asked, notice.sha256[language_of(request)], None)
    shown = {"purpose": asked, "wish": wish, "one": one, "other_ways": other_ways(site, (asked,))}
    return camera_page(request, place, "recognise.html", shown)


@router.get("/kiosk/{station}/resume", permission=PUBLIC, include_in_schema=False)
def ask_to_resume(request: Request, place: PlaceDep) -> Response:
    """Ask somebody who agreed on a telephone for the code of their receipt."""
    return secret_page(request, place, "resume")


@router.post("/kiosk/{station}/resume", permission=PUBLIC, include_in_schema=False)
def resume(request: Request, site: SiteDep, place: PlaceDep, form: Form) -> Response:
    """Let somebody enrol who agreed before; the code of the receipt shows that the consent is theirs."""
    try:
        found = consent.consent_by_secret(site, form.get("secret", ""))
    except NotFoundError:
        return secret_page(request, place, "resume", unknown=True)
    asked = purpose_at(site, place, found.purpose)
    notice = notice_in_force(site, asked, language_of(request))
    wish = wish_for(place, TicketKind.ENROL, asked, notice.sha256[language_of(request)], found.id)
    shown = {"wish": wish, "receipt": None, "other_ways": other_ways(site, (asked,))}
    return camera_page(request, place, "enrol.html", shown, sent=True)


@router.post("/kiosk/{station}/picture", permission=PUBLIC, include_in_schema=False)
def draw(place: PlaceDep, form: Form) -> Response:  # noqa: ARG001 - the place is checked: only a station's pages ask
    """Draw the code that a person takes away. Nothing of it is kept."""
    code = qr_code(form.get("text", ""))
    if code is None:
        raise InputError("portal.code", "code", "it is too long for a QR code", "Ask staff.")
    return JSONResponse({"side": code.side, "path": code.path}, headers={"Cache-Control": "no-store"})
