"""The public pages: rendered here, without scripts, cookies or anything from outside; each in Chinese and English."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from consentry.console.speech import preferred_language, speech
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.platform.settings.model import TlsMode
from consentry.portal import service
from consentry.portal.words import STATES, ZONES, length

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.platform.site import Site
    from consentry.portal.model import CameraCheck, CountedPlace

__all__ = ["POLICY", "router"]

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of every public page: a style sheet of its own, and nothing else."""

router = ApiRouter(prefix="", tag="portal")


@router.get("/", permission=PUBLIC, include_in_schema=False)
def home(request: Request, site: SiteDep) -> Response:
    """Say in a few words that people are counted here."""
    return _page(request, site, "home", installable=site.settings.web.tls.mode is TlsMode.LOCAL_AUTHORITY)


@router.get("/notice", permission=PUBLIC, include_in_schema=False)
def notice(request: Request, site: SiteDep) -> Response:
    """Show the full notice (PIPL art. 17)."""
    found = service.notice(site)
    language = _language(request)
    places = [_place(place, language) for place in found.places]
    return _page(request, site, "notice", notice={"site": found.site, "controller": found.controller, "contact": found.contact, "places": places})


@router.get("/check", permission=PUBLIC, include_in_schema=False)
def check(request: Request, site: SiteDep) -> Response:
    """Show what the running system says of itself (R13)."""
    found = service.self_check(site)
    language = _language(request)
    spoken = {"columns": found.columns, "recognition_parts": found.recognition_parts, "version": found.version}
    signed = {"settings_digest": found.settings_digest, "checkpoint": found.checkpoint, "checkpoint_key": found.checkpoint_key}
    cameras = [_camera(camera, site, language) for camera in found.cameras]
    return _page(request, site, "check", at=_moment(site, language, found.at), check={**spoken, **signed, "cameras": cameras})


@router.get("/portal.css", permission=PUBLIC, include_in_schema=False)
def style() -> Response:
    """Give the style sheet of the public pages."""
    return Response(_style(), media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


def _page(request: Request, site: Site, name: str, **values: object) -> HTMLResponse:
    language = _language(request)
    site_name = getattr(site.settings.site.name, language[:2])
    text = _templates().get_template(f"{name}.{language}.html").render(language=language, site_name=site_name, here=request.url.path, **values)
    return HTMLResponse(text, headers={"Content-Security-Policy": POLICY, "Vary": "Accept-Language", "Cache-Control": "no-store"})


def _language(request: Request) -> str:
    return preferred_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def _place(place: CountedPlace, language: str) -> dict[str, Any]:
    zone = ZONES[place.zone_type][language] if place.zone_type else ""
    kept = length(place.retention, language) if place.retention else ""
    shown = {"name": place.name, "zone_type": zone, "retention": kept, "missing": place.missing, "second_use": place.second_use}
    return {**shown, "sign": place.sign, "sign_place": place.sign_place, "sign_since": place.sign_since.isoformat() if place.sign_since else ""}


def _camera(camera: CameraCheck, site: Site, language: str) -> dict[str, Any]:
    since = _moment(site, language, camera.since) if camera.since else ""
    return {"name": camera.name, "state": STATES[camera.state][language], "since": since, "detector": camera.detector}


def _moment(site: Site, language: str, at: datetime) -> str:
    return speech(language, site.settings.site.zone).moment(at)


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("consentry.portal"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def _style() -> bytes:
    return files("consentry.portal").joinpath("static", "portal.css").read_bytes()
