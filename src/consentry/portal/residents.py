"""Residents at the door of their pages: signing in and out, and the one-time link."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request, Response

from consentry.access.api.resident_cookies import RESIDENT_COOKIE
from consentry.access.service import resident_sessions
from consentry.access.service import residents as accounts
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError, NotFoundError, SignInError, TooManyError
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep
from consentry.portal import residents_guests, residents_phone, residents_visitors, residents_ways
from consentry.portal.agents_place import go_to
from consentry.portal.deciding import Form
from consentry.portal.residents_place import ResidentRoute, stranger_page, trouble_of
from consentry.portal.routing import PageRoute
from consentry.staff.api.cookies import address_of

if TYPE_CHECKING:
    from consentry.platform.site import Site

__all__ = ["router"]

_HOME = "/resident"
_SIGN_IN = "/resident/sign-in"

_door = ApiRouter(prefix="", tag="portal")
_door.route_class = PageRoute
_own = ApiRouter(prefix="", tag="portal")
_own.route_class = ResidentRoute
_back = ApiRouter(prefix="", tag="portal")
_back.route_class = ResidentRoute


@_door.get(_SIGN_IN, permission=PUBLIC, include_in_schema=False)
def ask_resident_to_sign_in(request: Request) -> Response:
    """Ask for name and passphrase."""
    return stranger_page(request, "resident_sign_in.html", {"name": ""})


@_door.post(_SIGN_IN, permission=PUBLIC, include_in_schema=False)
def sign_resident_in(request: Request, site: SiteDep, form: Form) -> Response:
    """Begin a session."""
    name = form.get("name", "").strip()
    try:
        signed_in = resident_sessions.sign_in_resident(site, name, form.get("passphrase", ""), address_of(request))
    except (SignInError, TooManyError) as error:
        said = {"name": name, "trouble": trouble_of(request, error.code)}
        return stranger_page(request, "resident_sign_in.html", said, status=error.http_status, sent=True)
    answer = go_to(request, _HOME)
    RESIDENT_COOKIE.keep(request, answer, signed_in.token)
    return answer


@_own.post("/resident/sign-out", permission=Permission.LIVE_HERE, include_in_schema=False)
def sign_resident_out(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """End the session."""
    resident_sessions.sign_out_resident(site, actor)
    answer = go_to(request, _SIGN_IN)
    RESIDENT_COOKIE.drop(request, answer)
    return answer


@_door.get("/resident/welcome", permission=PUBLIC, include_in_schema=False)
def ask_for_resident_link(request: Request) -> Response:
    """Take what follows the number sign of a one-time link; a script sends it on."""
    return stranger_page(request, "resident_link.html", {})


@_door.post("/resident/welcome", permission=PUBLIC, include_in_schema=False)
def welcome_resident(request: Request, site: SiteDep, form: Form) -> Response:
    """Show whom a one-time link invites, and ask for a passphrase."""
    return _welcome(request, site, form.get("secret", ""))


@_door.post("/resident/welcome/passphrase", permission=PUBLIC, include_in_schema=False)
def set_resident_passphrase(request: Request, site: SiteDep, form: Form) -> Response:
    """Set the passphrase, use the link up, and sign in."""
    secret, passphrase = form.get("secret", ""), form.get("passphrase", "")
    if passphrase != form.get("again", ""):
        return _welcome(request, site, secret, "passphrase.differs")
    try:
        name = accounts.accept_resident_link(site, secret, passphrase)
    except InputError as error:
        return _welcome(request, site, secret, error.code)
    except NotFoundError as error:
        return _no_link(request, error)
    answer = go_to(request, _HOME)
    RESIDENT_COOKIE.keep(request, answer, resident_sessions.sign_in_resident(site, name, passphrase, address_of(request)).token)
    return answer


def _welcome(request: Request, site: Site, secret: str, trouble: str = "") -> Response:
    try:
        found = accounts.resident_invitation(site, secret)
    except NotFoundError as error:
        return _no_link(request, error)
    said = {"invitation": found, "secret": secret, "trouble": trouble_of(request, trouble) if trouble else ""}
    return stranger_page(request, "resident_welcome.html", said, status=HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK, sent=True)


def _no_link(request: Request, error: NotFoundError) -> Response:
    return stranger_page(request, "resident_link.html", {"trouble": trouble_of(request, error.code)}, status=error.http_status, sent=True)


@_back.get("/resident/{_:path}", permission=Permission.LIVE_HERE, include_in_schema=False)
def lead_back(request: Request) -> Response:
    """Lead to the first page whoever comes back to the address that a form was sent to, such as by the browser's history."""
    return go_to(request, _HOME)


router = ApiRouter(prefix="", tag="portal")
"""Every page of residents and their guests."""
for part in (_door, _own, residents_ways.router, residents_guests.router, residents_phone.router, residents_visitors.router, _back):
    router.include_router(part)
