"""Cookies of people who are no staff: out of reach of scripts (HttpOnly) and other sites (SameSite=Strict), bound to this very host over TLS.

Each kind has a cookie of its own, which counts at its own addresses alone: one browser may hold a session of staff besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

    from fastapi import Request, Response

__all__ = ["OutsideCookie"]


@dataclass(frozen=True, slots=True)
class OutsideCookie:
    """One kind of cookie. ``addresses``: the paths at which it counts."""

    name: str
    addresses: re.Pattern[str]

    def token(self, request: Request) -> str | None:
        """Return the session token that a request carries, where its address is one of these."""
        return request.cookies.get(self._named(request)) if self.addresses.fullmatch(request.url.path) else None

    def keep(self, request: Request, response: Response, token: str) -> None:
        """Let the browser keep the session until it is closed; when the session ends is the server's to say."""
        response.set_cookie(self._named(request), token, path="/", secure=_is_tls(request), httponly=True, samesite="strict")

    def drop(self, request: Request, response: Response) -> None:
        """Let the browser forget the session."""
        response.delete_cookie(self._named(request), path="/", secure=_is_tls(request), httponly=True, samesite="strict")

    def _named(self, request: Request) -> str:
        return f"__Host-{self.name}" if _is_tls(request) else self.name


def _is_tls(request: Request) -> bool:
    return request.url.scheme == "https"
