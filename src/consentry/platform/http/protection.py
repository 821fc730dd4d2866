"""What protects every answer: known hosts, bodies that can be held, changes from the same origin, headers that forbid browsers the rest."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request

from consentry.platform.errors import DeniedError
from consentry.platform.http.problems import http_problem, problem_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit", "KnownHosts", "SafeHeaders", "SameOrigin", "is_loopback", "is_program_path"]

TOO_LARGE = 413
MISDIRECTED = 421
POLICY_VIOLATION = 1008
"""The code that closes a WebSocket that breaks a rule (RFC 6455 section 7.4.1)."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PROGRAM_PATHS = ("/api/", "/healthz", "/readyz", "/metrics")

_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# NiceGUI's pages start with inline scripts and evaluate the handlers that the server sends; everything comes from this origin.
_OWN_PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS = "max-age=31536000"


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_program_path(path: str) -> bool:
    """Return whether programs, not browsers' pages, are served at ``path``."""
    return path.startswith(_PROGRAM_PATHS)


class KnownHosts:
    """Answers 421 to a request for a host that this site is not: a page elsewhere may not name itself after our address (DNS rebinding).

    Known are this machine's own names, the address at which a request arrived, and the names that the settings list.
    """

    def __init__(self, app: ASGIApp, names: Callable[[], Iterable[str]]) -> None:
        """Ask ``names`` for the listed names at each request."""
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass what is for a known host."""
        if scope["type"] not in {"http", "websocket"} or self._knows(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            response = await http_problem(Request(scope), HTTPException(MISDIRECTED))
            await response(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})

    def _knows(self, scope: Scope) -> bool:
        try:
            name = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname or ""
        except ValueError:
            return False
        arrived_at = scope["server"][0] if scope.get("server") else None
        return is_loopback(name) or name == arrived_at or name in {known.lower() for known in self._names()}


class SameOrigin:
    """Refuses changes and sockets that a page of another origin sends with the visitor's cookies (cross-site request forgery)."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass what reads, what comes from this origin, and what carries no cookie and names no origin."""
        if scope["type"] not in {"http", "websocket"} or _is_harmless(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            mend = "Send it from a page of this site, or use an API key as a bearer token."
            error = DeniedError("access.other-origin", scope["path"], "a page of another origin may not send it", mend)
            await problem_response(Request(scope), error)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})


def _is_harmless(scope: Scope) -> bool:
    if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
        return True
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is None:
        return "cookie" not in headers or "authorization" in headers
    url = HTTPConnection(scope).url
    scheme = {"ws": "http", "wss": "https"}.get(url.scheme, url.scheme)
    return origin == f"{scheme}://{headers.get('host', '').lower()}"


class BodyLimit:
    """Answers 413 to a request whose body is too large, before it is read where it says so itself, otherwise where it grows too large."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        """Take bodies of up to ``most`` bytes."""
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass what is not too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        if said.isdecimal() and int(said) > self._most:
            response = await http_problem(Request(scope), HTTPException(TOO_LARGE))
            await response(scope, receive, send)
            return
        left = self._most

        async def receive_limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(TOO_LARGE)
            return message

        await self._app(scope, receive_limited, send)


class SafeHeaders:
    """Adds to each answer what browsers may do with it: nothing from outside, no frames, no sensors; over TLS, TLS only."""

    def __init__(self, app: ASGIApp) -> None:
        """Add to the answers of ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to an answer's start; what a route set itself stays."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = _headers_for(scope)

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_safely)


def _headers_for(scope: Scope) -> dict[str, str]:
    for_program = is_program_path(scope["path"])
    headers = {**_ALWAYS, "Content-Security-Policy": _NOTHING if for_program else _OWN_PAGES}
    if for_program:
        headers["Cache-Control"] = "no-store"
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = _HSTS
    return headers
