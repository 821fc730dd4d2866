"""The cookie of an agent's session: out of reach of scripts (HttpOnly) and other sites (SameSite=Strict), bound to this very host over TLS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from consentry.attribution.service.agent_sessions import agent_of_token

if TYPE_CHECKING:
    from fastapi import Request, Response

    from consentry.attribution.channel import SignedInAgent
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["agent_holder", "drop_agent_session", "keep_agent_session"]

_OVER_TLS = "__Host-consentry-agent"
_ON_LOOPBACK = "consentry-agent"
_ADDRESSES = re.compile(r"(?:/api/v1)?/agent(?:/.*)?")


def agent_holder(site: Site, request: Request) -> Actor | None:
    """Return the agent whose cookie a request carries, at agents' addresses alone: one browser may hold a session of staff besides."""
    if not _ADDRESSES.fullmatch(request.url.path):
        return None
    token = request.cookies.get(_cookie_name(request))
    return agent_of_token(site, token) if token else None


def keep_agent_session(request: Request, response: Response, signed_in: SignedInAgent) -> None:
    """Let the browser keep the session until it is closed; when the session ends is the server's to say."""
    response.set_cookie(_cookie_name(request), signed_in.token, path="/", secure=_is_tls(request), httponly=True, samesite="strict")


def drop_agent_session(request: Request, response: Response) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(_cookie_name(request), path="/", secure=_is_tls(request), httponly=True, samesite="strict")


def _cookie_name(request: Request) -> str:
    return _OVER_TLS if _is_tls(request) else _ON_LOOPBACK


def _is_tls(request: Request) -> bool:
    return request.url.scheme == "https"
