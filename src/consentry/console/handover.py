"""Bringing a session's token from a page's socket into the browser's cookie, out of reach of scripts.

A page signs in over its socket, where no cookie can be set. It gets a ticket instead; the browser hands the ticket in once, within seconds,
and the answer sets the cookie. The token itself never passes through a script.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Header, Request, Response

from consentry.console.identity import identity_of
from consentry.console.pages import at
from consentry.staff.api.cookies import keep_session

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.console.screen import Screen
    from consentry.platform.clock import Clock
    from consentry.staff.model import SignedIn

__all__ = ["PATH", "Handover", "hand_over"]

PATH: Final = at("/handover")
LIFE: Final = timedelta(seconds=30)


class Handover:
    """Sessions on their way into a cookie. They live in memory, for seconds, and are taken once."""

    def __init__(self, clock: Clock) -> None:
        """``clock`` tells when a ticket is too old."""
        self._clock = clock
        self._waiting: dict[str, tuple[SignedIn, datetime]] = {}

    def offer(self, signed_in: SignedIn) -> str:
        """Keep a session for the browser, and return the ticket for it."""
        now = self._clock.now()
        self._waiting = {ticket: kept for ticket, kept in self._waiting.items() if now < kept[1]}
        ticket = secrets.token_urlsafe(32)
        self._waiting[ticket] = (signed_in, now + LIFE)
        return ticket

    def answer(self, request: Request, x_ticket: Annotated[str, Header()] = "") -> Response:
        """Set the cookie for whoever holds the ticket; 404 to everybody else."""
        signed_in, until = self._waiting.pop(x_ticket, (None, self._clock.now()))
        if signed_in is None or self._clock.now() >= until:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        response = Response(status_code=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})
        keep_session(request, response, signed_in)
        return response


async def hand_over(screen: Screen, signed_in: SignedIn, then: str = "") -> None:
    """Let the browser take the cookie of ``signed_in``; afterwards it goes to the address ``then``, or stays with the page under the new token."""
    ticket = screen.handover.offer(signed_in)
    after = f".then(() => location.assign({json.dumps(then)}))" if then else ""
    screen.client.run_javascript(f'fetch("{PATH}", {{method: "POST", headers: {{"X-Ticket": "{ticket}"}}}}){after}')
    if not then:
        screen.identity = await asyncio.to_thread(identity_of, screen.site, signed_in.token)
