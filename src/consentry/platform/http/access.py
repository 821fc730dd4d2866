"""Who may call a route: whoever holds its one permission, or, where it is declared ``PUBLIC``, anybody.

The composition root puts the site, the way to authenticate and the limit for strangers on ``app.state`` (``serve_site``). Services check the
permission again, because pages and commands call them too.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final, Literal, Protocol

from fastapi import Depends, Request

from consentry.platform.actors import Actor, Permission
from consentry.platform.errors import SignInError
from consentry.platform.site import Site

if TYPE_CHECKING:
    from fastapi import FastAPI

    from consentry.platform.http.limits import RateLimit

__all__ = ["PUBLIC", "Access", "ActorDep", "Authentication", "Public", "SiteDep", "admit", "current_actor", "current_site", "serve_site"]


class Public(Enum):
    """The type of ``PUBLIC``."""

    PUBLIC = "public"


PUBLIC: Final = Public.PUBLIC
"""What a route that needs no sign-in is declared with."""

Access = Permission | Literal[Public.PUBLIC]


class Authentication(Protocol):
    """Finds out who sends a request."""

    def __call__(self, site: Site, request: Request, /) -> Actor | None:
        """Return who sends the request, or None where it carries no credentials.

        It runs in a worker thread and may use the database.

        Raises:
            SignInError: it carries credentials that are wrong, expired or withdrawn.
        """
        ...


def serve_site(app: FastAPI, site: Site, authentication: Authentication, strangers: RateLimit) -> None:
    """Let the routes of ``app`` work on ``site``, know who asks by ``authentication``, and slow down ``strangers``."""
    app.state.site = site
    app.state.authentication = authentication
    app.state.strangers = strangers


def admit(request: Request, access: Access) -> None:
    """Let the request pass if whoever sends it may, and remember the actor for ``current_actor``.

    Raises:
        SignInError: nobody is signed in, or the credentials do not hold.
        DeniedError: the actor does not hold the permission.
        TooManyError: an address without sign-in asks too often.
    """
    try:
        actor = request.app.state.authentication(current_site(request), request)
    except SignInError:
        _slow_down(request)
        raise
    request.state.actor = actor
    if actor is None:
        _slow_down(request)
    if access is not PUBLIC:
        current_actor(request).require(access)


def current_site(request: Request) -> Site:
    """Return the site that the application serves."""
    site: Site = request.app.state.site
    return site


def current_actor(request: Request) -> Actor:
    """Return who sends the request.

    Raises:
        SignInError: ``access.not-signed-in``.
    """
    actor: Actor | None = request.state.actor
    if actor is None:
        raise SignInError("access.not-signed-in", request.url.path, "nobody is signed in", "Sign in, or send an API key as a bearer token.")
    return actor


def _slow_down(request: Request) -> None:
    """Count one request of an address that has not signed in."""
    limit: RateLimit = request.app.state.strangers
    limit.spend(request.client.host if request.client else "")


SiteDep = Annotated[Site, Depends(current_site)]
"""The parameter of a route that receives the site."""

ActorDep = Annotated[Actor, Depends(current_actor)]
"""The parameter of a route that receives who asks; a public route has nobody to receive."""
