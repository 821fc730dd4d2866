"""The pages of a station: its start, going on after a yes on a telephone, being recognised, and the way there from a door's page and back."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from consentry.access.controller.way_back import NO_FACE
from consentry.access.service.way_back import face_station, require_way_back
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

if TYPE_CHECKING:
    from consentry.platform.site import Site

__all__ = ["IDLE_AT_DOOR_S", "router"]

IDLE_AT_DOOR_S = 20
"""Seconds without an act after which somebody who came from a door is asked whether they are still there: the next person waits for the screen."""
_UNWRITTEN = {"Cache-Control": "no-store"}

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
    door = _door(request, site)
    try:
        asked = purpose_at(site, place, purpose)
    except NotFoundError:
        if not door:
            raise
        return RedirectResponse(f"{door['start']}#{NO_FACE}", HTTPStatus.SEE_OTHER, _UNWRITTEN)
    notice = notice_in_force(site, asked, language_of(request))
    one = notice.terms.method is Method.ONE_TO_ONE
    wish = wish_for(place, TicketKind.VERIFY if one else TicketKind.IDENTIFY, asked, notice.sha256[language_of(request)], None)
    shown = {"purpose": asked, "wish": wish, "one": one, "other_ways": other_ways(site, (asked,)), **door}
    return camera_page(request, place, "recognise.html", shown)


@router.get("/door/{door}/face", permission=PUBLIC, include_in_schema=False)
def come_from_door(request: Request, site: SiteDep, door: str, back: str, proof: str) -> Response:
    """Lead somebody from a door's page to the station that recognises faces for it, or back to its other ways where it does not now."""
    require_way_back(site, door, back, proof)
    station = face_station(site, door)
    asked = urlencode({"door": door, "back": back, "proof": proof, "lang": language_of(request)})
    to = f"{back}#{NO_FACE}" if station is None else f"/kiosk/{quote(station, safe='')}/recognise/door_access?{asked}"
    return RedirectResponse(to, HTTPStatus.SEE_OTHER, _UNWRITTEN)


def _door(request: Request, site: Site) -> dict[str, str | int]:
    """Return the door whose page somebody came from and its address, where the controller vouches for it; nothing for who came by themselves."""
    asked = {name: request.query_params.get(name, "") for name in ("door", "back", "proof")}
    if not asked["back"]:
        return {}
    require_way_back(site, asked["door"], asked["back"], asked["proof"])
    return {"door": asked["door"], "start": asked["back"], "asked": urlencode(asked), "idle": IDLE_AT_DOOR_S}


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
