"""Where somebody stands who decides, withdraws or asks: at a station, or with a telephone of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from consentry.platform.errors import NotFoundError
from consentry.platform.http.access import current_site
from consentry.platform.http.protection import is_loopback
from consentry.platform.settings.faces import FacePurpose, OtherWay
from consentry.portal.rendering import CAMERA, FORMS, language_of, page
from consentry.recognition import service as recognition
from consentry.recognition.station.words import HINTS, PHASES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.consent.model import Purpose
    from consentry.platform.settings.faces import Station
    from consentry.platform.site import Site

__all__ = [
    "IDLE_S",
    "IDLE_WARNING_S",
    "Place",
    "PlaceDep",
    "camera_page",
    "open_purposes",
    "other_ways",
    "person_page",
    "public_address",
    "purpose_at",
    "serves",
]

IDLE_S = 90
"""Seconds without an act after which a station asks whether somebody is still there; reading a notice takes a while between two touches."""
IDLE_WARNING_S = 20
"""Seconds that its question waits for an answer (WCAG 2.2.1)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A station, or None for a telephone of one's own."""

    station: Station | None

    @property
    def base(self) -> str:
        """Return what the addresses of its pages begin with."""
        return f"/kiosk/{self.station.id}" if self.station else ""

    @property
    def deciding(self) -> str:
        """Return what the addresses of the pages on which somebody decides begin with."""
        return f"{self.base}/agree" if self.station else "/consent"


def place_of(request: Request) -> Place:
    """Return the place that a request's address names.

    Raises:
        NotFoundError: ``portal.station``.
    """
    named = request.path_params.get("station")
    station = current_site(request).settings.station(named) if named else None
    if named and station is None:
        raise NotFoundError("portal.station", named, "no station has that id", "Compare it with [[station]] in the settings.")
    return Place(station)


PlaceDep = Annotated[Place, Depends(place_of)]
"""The parameter of a route that receives where somebody stands."""


def person_page(  # noqa: PLR0913 - a page's parts
    request: Request,
    place: Place,
    name: str,
    values: Mapping[str, object],
    *,
    manners: Mapping[str, str] = FORMS,
    status: int = 200,
    sent: bool = False,
) -> Response:
    """Return the page that template ``name`` draws at ``place``. ``sent``: it answers a form, so that its address alone does not bring it back."""
    station = place.station
    named = {"station": station.id if station else "", "zone": json.dumps(station.zone) if station else ""}
    start = {"door": "", "start": f"{place.base}?lang={language_of(request)}", "asked": ""}
    known: dict[str, object] = {**named, **start, "base": place.base, "idle": IDLE_S, "idle_warning": IDLE_WARNING_S, "sent": sent}
    return page(request, name, {**known, **values}, manners, status)


def camera_page(request: Request, place: Place, name: str, values: Mapping[str, object], *, sent: bool = False) -> Response:
    """Return a page of a station that may open its camera; it knows what the station's worker may ask of the person."""
    language = language_of(request)
    said = {"prompts": {phase: words[language] for phase, words in PHASES.items()}, "hints": {hint: words[language] for hint, words in HINTS.items()}}
    return person_page(request, place, name, {**values, **said}, manners=CAMERA, sent=sent)


def serves(station: Station, purpose: Purpose) -> bool:
    """Return whether a station serves a purpose."""
    return FacePurpose(purpose) in station.purposes


def open_purposes(site: Site, place: Place) -> tuple[Purpose, ...]:
    """Return the purposes to which somebody can agree there now: nothing is missing, and the station serves them."""
    unblocked = (state.purpose for state in recognition.purposes_open(site) if state.open)
    return tuple(purpose for purpose in unblocked if place.station is None or serves(place.station, purpose))


def purpose_at(site: Site, place: Place, name: str) -> Purpose:
    """Return the open purpose of that name.

    Raises:
        NotFoundError: ``portal.purpose``: it is none, or is not open there.
    """
    found = next((purpose for purpose in open_purposes(site, place) if purpose == name), None)
    if found is None:
        raise NotFoundError("portal.purpose", name, "it is not open here", "Go on in another way, or ask staff.")
    return found


def other_ways(site: Site, purposes: Sequence[Purpose]) -> tuple[OtherWay, ...]:
    """Return the ways that need no face, each once, in the order of the settings. There is always somebody to ask."""
    terms = [found for purpose in purposes if (found := site.settings.purpose(purpose))]
    return tuple(dict.fromkeys(way for one in terms for way in one.alternatives)) or (OtherWay.DESK,)


def public_address(request: Request, site: Site, path: str) -> str:
    """Return the full address of a page as a person's telephone reaches it: not this machine's own name for itself, where it has another."""
    host = request.headers.get("host", "")
    names = site.settings.web.names
    parts = urlsplit(f"//{host}")
    if names and is_loopback(parts.hostname or ""):
        host = f"{names[0]}:{parts.port}" if parts.port else names[0]
    return f"{request.url.scheme}://{host}{path}?lang={language_of(request)}"
