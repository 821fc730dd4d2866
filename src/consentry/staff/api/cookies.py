"""Who sends a request: the session of a cookie, or the API key of ``Authorization: Bearer``.

The cookie is out of reach of scripts (HttpOnly) and other sites (SameSite=Strict); over TLS its ``__Host-`` name binds it to this very host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.errors import SignInError
from consentry.staff import service

if TYPE_CHECKING:
    from fastapi import Request, Response

    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.staff.model import SignedIn

__all__ = ["address_of", "authenticate", "drop_session", "keep_session", "session_token"]

_OVER_TLS = "__Host-consentry"
_ON_LOOPBACK = "consentry"
_BEARER = "bearer "


def authenticate(site: Site, request: Request) -> Actor | None:
    """Return who sends ``request``, or None for a stranger. A cookie that holds no longer is a stranger's: its owner can sign in again.

    Raises:
        SignInError: ``access.api-key`` for a bearer token that opens nothing; a cookie beside it is not looked at.
    """
    credentials = request.headers.get("authorization")
    if credentials is None:
        token = session_token(request)
        return service.actor_of(site, token) if token else None
    actor = service.actor_of_key(site, credentials[len(_BEARER) :].strip()) if credentials.lower().startswith(_BEARER) else None
    if actor is None:
        raise SignInError(
            "access.api-key", "Authorization", "it holds no API key that works", "Send `Bearer` and a key that has neither expired nor been revoked."
        )
    return actor


def session_token(request: Request) -> str | None:
    """Return the session token that a request's cookie holds, or None."""
    return request.cookies.get(_cookie_name(request))


def keep_session(request: Request, response: Response, signed_in: SignedIn) -> None:
    """Let the browser keep the session until it is closed; when the session ends is the server's to say."""
    response.set_cookie(_cookie_name(request), signed_in.token, path="/", secure=_is_tls(request), httponly=True, samesite="strict")


def drop_session(request: Request, response: Response) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(_cookie_name(request), path="/", secure=_is_tls(request), httponly=True, samesite="strict")


def address_of(request: Request) -> str:
    """Return the network address that a request came from; what a proxy claims is not believed."""
    return request.client.host if request.client else ""


def _cookie_name(request: Request) -> str:
    return _OVER_TLS if _is_tls(request) else _ON_LOOPBACK


def _is_tls(request: Request) -> bool:
    return request.url.scheme == "https"
