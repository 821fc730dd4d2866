"""Carries out a request once, however often it is sent: ``consentry.platform.http.idempotency`` around a route's handler."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header, Request, Response
from fastapi.concurrency import run_in_threadpool

from consentry.platform.http.access import current_site
from consentry.platform.http.idempotency import HEADER, Claim, KeptAnswer, claim, forget, keep

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from consentry.platform.site import Site

__all__ = ["REPLAYED", "answer_once", "document_key"]

REPLAYED = "Idempotency-Replayed"
"""The header that an answer carries when it was given before."""

_KEY = "[A-Za-z0-9_-]{8,200}"


def document_key(
    key: Annotated[
        str | None,
        Header(alias=HEADER, pattern=f"^{_KEY}$", description="Your name of this request: 8 to 200 letters, digits, - and _, such as a UUID; new for each."),
    ] = None,
) -> None:
    """Check and document the header of a POST route; a dependency, which reads it and does nothing more."""


async def answer_once(request: Request, handle: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    """Return what ``handle`` answers, or what it answered to the same request before.

    Only a POST of a known actor that names a key is remembered: a sign-in is not, since its answer must not be had twice.
    """
    claimed = await _claim_of(request)
    if claimed is None:
        return await handle(request)
    site = current_site(request)
    kept = await run_in_threadpool(claim, site, claimed)
    if kept is not None:
        return Response(kept.body, kept.status, {REPLAYED: "true"}, kept.content_type)
    return await _carry_out(site, claimed, request, handle)


async def _claim_of(request: Request) -> Claim | None:
    key = request.headers.get(HEADER)
    actor = request.state.actor
    if request.method != "POST" or actor is None or key is None or not re.fullmatch(_KEY, key):
        return None
    return Claim.of(current_site(request), actor, f"{request.method} {request.url.path}?{request.url.query}", key, await request.body())


async def _carry_out(site: Site, claimed: Claim, request: Request, handle: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    try:
        response = await handle(request)
    except Exception:
        # A cancelled request keeps its claim: its endpoint runs on in its thread, and nobody knows how it ends.
        await run_in_threadpool(forget, site, claimed)
        raise
    # A still, a secret that is shown once, or the cookie of a session must be written down nowhere.
    secret = "no-store" in response.headers.get("cache-control", "") or "set-cookie" in response.headers
    if response.status_code >= HTTPStatus.BAD_REQUEST or secret:
        await run_in_threadpool(forget, site, claimed)
    else:
        answer = KeptAnswer(response.status_code, response.headers.get("content-type"), bytes(response.body))
        await run_in_threadpool(keep, site, claimed, answer)
    return response
