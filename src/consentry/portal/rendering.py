"""How a public page is drawn and sent: its template, its language, and what the browser may do with it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from fastapi import Request  # noqa: TC002 - FastAPI reads the annotation of a dependency at run time
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from consentry.console.speech import preferred_language, speech
from consentry.platform.errors import InputError
from consentry.platform.http.access import current_site
from consentry.portal.assets import assets_root
from consentry.portal.phrases import other_language, phrases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.console.speech import Speech
    from consentry.platform.site import Site

__all__ = ["CAMERA", "FORMS", "POLICY", "READING", "language_of", "page", "read_form", "speech_of"]

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of a page to read: a style sheet of its own, and nothing else."""

_WORKING = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# A browser that sends no referrer names no origin with a form either, and a form without an origin is refused as another site's.
_FORM_HEADERS = {"Content-Security-Policy": _WORKING, "Referrer-Policy": "same-origin"}
_NO_SENSOR = "microphone=(), geolocation=(), usb=(), payment=()"

READING: Final[Mapping[str, str]] = {"Content-Security-Policy": POLICY}
"""Headers of a page to read."""
FORMS: Final[Mapping[str, str]] = _FORM_HEADERS
"""Headers of a page with a form and scripts of the package."""
CAMERA: Final[Mapping[str, str]] = {**_FORM_HEADERS, "Permissions-Policy": f"camera=(self), {_NO_SENSOR}"}
"""Headers of a page that may ask for the camera of a station."""

LARGEST_FORM = 16 * 1024
MOST_FIELDS = 24


def page(request: Request, name: str, values: Mapping[str, object], manners: Mapping[str, str], status: int = 200) -> HTMLResponse:
    """Return the page that template ``name`` draws, with the headers ``manners``: READING, FORMS or CAMERA.

    Templates know ``t`` (the words of the reader's language), ``language``, ``other``, ``site_name``, ``here`` and ``assets`` besides ``values``.
    """
    language = language_of(request)
    known = {
        "language": language,
        "other": other_language(language),
        "t": phrases(language),
        "site_name": getattr(current_site(request).settings.site.name, language[:2]),
        "here": request.url.path,
        "assets": assets_root(),
    }
    text = _templates().get_template(name).render(known, **values)
    return HTMLResponse(text, status, headers={**manners, "Vary": "Accept-Language", "Cache-Control": "no-store"})


def language_of(request: Request) -> str:
    """Return the language to speak: the address names it, or the browser prefers it."""
    return preferred_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def speech_of(request: Request, site: Site) -> Speech:
    """Return how dates and lengths are written for the reader."""
    return speech(language_of(request), site.settings.site.zone)


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form as a browser sends it (``application/x-www-form-urlencoded``), each once.

    Raises:
        InputError: ``portal.form``: it is too long, not UTF-8, or names too many fields.
    """
    body = await request.body()
    try:
        if len(body) > LARGEST_FORM:
            raise ValueError  # noqa: TRY301 - every way in which a form cannot be read has one answer
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise InputError("portal.form", "form", "it cannot be read", "Begin again.") from error
    return dict(pairs)


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("consentry.portal"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
