"""The console as a part of the web application: its pages become routes, its assets are served from the package, nothing comes from outside."""

from __future__ import annotations

import asyncio
from copy import copy
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fastapi import Request  # noqa: TC002 - FastAPI reads the annotations of routes at run time
from fastapi.responses import RedirectResponse, Response
from nicegui import Client, ui
from nicegui import app as pages_app
from starlette.staticfiles import StaticFiles

from consentry.alarms.service import open_count
from consentry.console.dead_end import DeadEnds
from consentry.console.dispatch import sign_in_address
from consentry.console.elements import text
from consentry.console.handover import PATH as HANDOVER
from consentry.console.handover import Handover
from consentry.console.identity import identity_of
from consentry.console.pages import BASE, PAGES, ConsolePage, at
from consentry.console.screen import Screen
from consentry.console.shell import OPEN_ALARMS, THEMES, first_place, frame, gate
from consentry.console.speech import LANGUAGES, preferred_language, speech
from consentry.console.widgets import error_state
from consentry.platform.actors import Permission
from consentry.platform.errors import ConsentryError, DeniedError, SignInError
from consentry.platform.http.access import PUBLIC
from consentry.staff.api.cookies import address_of, session_token

if TYPE_CHECKING:
    from fastapi import FastAPI

    from consentry.console.identity import Identity
    from consentry.platform.http.limits import RateLimit
    from consentry.platform.site import Site

__all__ = ["install"]

STATIC: Final = "/console/static"
YEAR: Final = 31_536_000
DARK: Final = {"light": False, "dark": True}
LONGEST_DRAWING: Final = 20.0
QUASAR_LANGUAGES: Final = {"zh-CN": "zh-CN", "en": "en-US"}


def install(app: FastAPI, site: Site) -> None:
    """Add the console to ``app``: call it last, because the console answers every path that nothing else answers.

    ``app`` serves its site already (``serve_site``): strangers who ask for pages are slowed down by the same limit as everywhere.
    Afterwards NiceGUI belongs to this application; one process can have one console.
    """
    import consentry.console.every_page  # noqa: F401, PLC0415 - the pages import the console's widgets, so they load after it

    app.mount(STATIC, StaticFiles(packages=[("consentry.console", "static")]), name="console-static")
    app.add_api_route(at("/preferences"), _prefer, include_in_schema=False)
    ends = DeadEnds(site, STYLE)
    pages_app.add_exception_handler(HTTPStatus.NOT_FOUND, ends.missing)
    pages_app.add_exception_handler(Exception, ends.defect)
    handover = Handover(site.clock)
    app.add_api_route(HANDOVER, handover.answer, methods=["POST"], include_in_schema=False)
    # An address without parameters goes first: /staff/keys is no account.
    for page in sorted(PAGES.values(), key=lambda page: "{" in page.path):
        _serve(page, site, handover, app.state.strangers, ends)
    ui.run_with(app, title="Consentry", favicon=_FAVICON, tailwind=False, show_welcome_message=False, storage_secret=None)


_FAVICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0a6b61"/>'
    '<path d="M8 24v-9M13 24V9M18 24v-7M23 24v-4M7 24h18" stroke="#fff" stroke-width="2" stroke-linecap="round" fill="none"/></svg>'
)


def _serve(page: ConsolePage, site: Site, handover: Handover, strangers: RateLimit, ends: DeadEnds) -> None:
    async def answer(request: Request, client: Client) -> Response | None:
        try:
            identity = await _identity(site, request, strangers)
            screen = _screen(page, site, handover, client, identity)
            if isinstance(screen, Screen):
                await _draw(screen)
                return None
        except ConsentryError as error:
            screen = ends.refused(request, error)
        # No browser will come for this page, and until it is given up it takes memory.
        client.delete()
        return screen

    ui.page(page.path, response_timeout=LONGEST_DRAWING)(answer)


async def _identity(site: Site, request: Request, strangers: RateLimit) -> Identity | None:
    """Return who asks for a page, or None for a stranger, whose address may not ask too often."""
    try:
        return await asyncio.to_thread(identity_of, site, session_token(request))
    except SignInError:
        strangers.spend(address_of(request))
        return None


def _screen(page: ConsolePage, site: Site, handover: Handover, client: Client, identity: Identity | None) -> Screen | Response:
    request = client.request
    language = preferred_language(request.cookies.get("language"), request.headers.get("accept-language", ""))
    query = {**request.query_params, **request.path_params}
    screen = Screen(site, page, identity, speech(language, site.settings.site.zone), query, client, handover, _theme(request))
    if identity is None and page.access is not PUBLIC:
        return RedirectResponse(sign_in_address(screen), status_code=303)
    if identity is not None and page.path == at("/") and first_place(screen) != at("/"):
        return RedirectResponse(first_place(screen), status_code=303)
    _dress(client, screen, language)
    return screen


def _theme(request: Request) -> str:
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else THEMES[0]


def _dress(client: Client, screen: Screen, language: str) -> None:
    """Give this one page its language, its light and the console's own style."""
    client.page = copy(client.page)
    client.page.language = QUASAR_LANGUAGES[language]  # type: ignore[assignment]
    client.page.dark = DARK.get(screen.theme)
    client.title = f"{screen.say(screen.page.title)} · Consentry"
    ui.add_head_html(f'<link rel="stylesheet" href="{STYLE}">')


async def _draw(screen: Screen) -> None:
    surround = gate if screen.page.access is PUBLIC else frame
    if screen.may(Permission.VIEW_ALARMS):
        screen.kept[OPEN_ALARMS] = await screen.ask(open_count)
    screen.content = surround(screen)
    with screen.content:
        try:
            if screen.page.access is not PUBLIC and not screen.may(screen.page.access):
                mend = "Ask an administrator for a role that has it."
                raise DeniedError("access.denied", screen.say(screen.page.title), "your role does not include this page", mend)
            await screen.page.draw(screen)
        except ConsentryError as error:
            screen.content.clear()
            screen.client.status_code = DeniedError.http_status if isinstance(error, DeniedError) else 200
            text("h1", screen.say(screen.page.title), "unseen")
            error_state(screen, error)


def _prefer(request: Request, back: str = BASE, language: str = "", theme: str = "") -> Response:
    """Remember a language or a light in a cookie, and go back to where it was chosen."""
    target = urlsplit(back)
    response = RedirectResponse(back if back.startswith("/") and not back.startswith(("//", "/\\")) and not target.netloc else BASE, status_code=303)
    for name, value, known in (("language", language, LANGUAGES), ("theme", theme, THEMES)):
        if value in known:
            response.set_cookie(name, value, max_age=YEAR, samesite="lax", secure=request.url.scheme == "https", httponly=True)
    return response


def _version() -> str:
    return sha256(b"".join(sorted(path.read_bytes() for path in files("consentry.console").joinpath("static").iterdir()))).hexdigest()[:12]


STYLE: Final = f"{STATIC}/console.css?{_version()}"
