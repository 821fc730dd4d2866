"""The public pages: rendered here, without cookies or anything from outside; each in Chinese and English.

What is only to be read runs no script. Pages with a form work without scripts too; the camera of a station does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from consentry.console.speech import speech
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.platform.settings.model import TlsMode
from consentry.portal import agents, assets, buyers, deciding, desk, guardians, leaving, residents, service, stations
from consentry.portal.place import Place, open_purposes
from consentry.portal.rendering import POLICY, READING, language_of, page
from consentry.portal.words import STATES, ZONES, length

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.platform.site import Site
    from consentry.portal.model import CameraCheck, CountedPlace, FacePurpose

__all__ = ["POLICY", "router"]

router = ApiRouter(prefix="", tag="portal")
for part in (agents, assets, buyers, deciding, desk, guardians, leaving, residents, stations):
    router.include_router(part.router)


@router.get("/", permission=PUBLIC, include_in_schema=False)
def home(request: Request, site: SiteDep) -> Response:
    """Say in a few words that people are counted here."""
    installable = site.settings.web.tls.mode is TlsMode.LOCAL_AUTHORITY
    return _page(request, "home", installable=installable, purposes=open_purposes(site, Place(None)))


@router.get("/notice", permission=PUBLIC, include_in_schema=False)
def notice(request: Request, site: SiteDep) -> Response:
    """Show the full notice (PIPL art. 17)."""
    found = service.notice(site)
    language = language_of(request)
    places = [_place(place, language) for place in found.places]
    shown = {"site": found.site, "controller": found.controller, "contact": found.contact, "places": places}
    return _page(request, "notice", notice=shown, faces=[_face_purpose(one, language) for one in service.face_purposes(site)])


@router.get("/check", permission=PUBLIC, include_in_schema=False)
def check(request: Request, site: SiteDep) -> Response:
    """Show what the running system says of itself (R13)."""
    found = service.self_check(site)
    language = language_of(request)
    spoken = {"columns": found.columns, "recognition_parts": found.recognition_parts, "version": found.version}
    signed = {"settings_digest": found.settings_digest, "checkpoint": found.checkpoint, "checkpoint_key": found.checkpoint_key}
    cameras = [_camera(camera, site, language) for camera in found.cameras]
    return _page(request, "check", at=_moment(site, language, found.at), check={**spoken, **signed, "cameras": cameras})


def _page(request: Request, name: str, **values: object) -> Response:
    return page(request, f"{name}.{language_of(request)}.html", values, READING)


def _place(place: CountedPlace, language: str) -> dict[str, Any]:
    zone = ZONES[place.zone_type][language] if place.zone_type else ""
    kept = length(place.retention, language) if place.retention else ""
    shown = {"name": place.name, "zone_type": zone, "retention": kept, "missing": place.missing, "second_use": place.second_use}
    return {**shown, "sign": place.sign, "sign_place": place.sign_place, "sign_since": place.sign_since.isoformat() if place.sign_since else ""}


def _face_purpose(found: FacePurpose, language: str) -> dict[str, Any]:
    kept = {"retention": length(found.retention, language), "validity": length(found.validity, language), "device": found.device}
    return {**kept, "id": found.id, "open": found.open, "stations": [getattr(name, language[:2]) for name in found.stations]}


def _camera(camera: CameraCheck, site: Site, language: str) -> dict[str, Any]:
    since = _moment(site, language, camera.since) if camera.since else ""
    return {"name": camera.name, "state": STATES[camera.state][language], "since": since, "detector": camera.detector}


def _moment(site: Site, language: str, at: datetime) -> str:
    return speech(language, site.settings.site.zone).moment(at)
