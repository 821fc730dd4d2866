"""Every request gets a number, a line in the log and a place in the metrics.

Both name the path as declared, never what was asked for: an address may hold a one-time link, a query a name.
"""

from __future__ import annotations

import logging
import secrets
import time
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from consentry.platform.http.problems import REQUEST_ID
from consentry.platform.logs import request_id

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from consentry.platform.metrics import Metrics

__all__ = ["HEADER", "Observation"]

HEADER = "X-Request-Id"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_DEFECT = 500
"""The status of a request that ended without an answer of its own; the server sends it."""

log = logging.getLogger(__name__)


class Observation:
    """Numbers, logs and measures the requests of an application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Observe ``app`` and count in ``metrics``."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request and write down how that went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = scope[REQUEST_ID] = secrets.token_hex(8)
        # Never taken back: each request runs in a task of its own, and the server logs a defect after this function has ended.
        request_id.set(number)
        status = _DEFECT

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        begun = time.perf_counter()
        try:
            await self._app(scope, receive, send_numbered)
        finally:
            self._note(scope, status, time.perf_counter() - begun)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = _route_of(scope)
        self._metrics.observe_request(method, route, status, seconds)
        log.info("%s %s %d in %.0f ms", method, route, status, seconds * 1000)


def _route_of(scope: Scope) -> str:
    """Return the path as declared; what no route answered is one thing, whatever was asked for."""
    path = getattr(scope.get("route"), "path", None)
    return f"{scope.get('root_path', '')}{path}" if isinstance(path, str) else "none"
