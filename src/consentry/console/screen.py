"""One page as one person sees it: who looks, in which language and time zone, at which site, and how to ask a service for something."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

from nicegui import ElementFilter

from consentry.platform.settings.values import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from nicegui import Client
    from nicegui.element import Element

    from consentry.console.handover import Handover
    from consentry.console.identity import Identity
    from consentry.console.pages import ConsolePage
    from consentry.console.speech import Speech
    from consentry.platform.actors import Actor, Permission
    from consentry.platform.errors import ConsentryError
    from consentry.platform.site import Site

__all__ = ["Screen", "explained"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Screen:
    """What a page's function draws with.

    ``query`` holds the parameters of the address, those of its path among them; ``content`` is the element that the page fills;
    ``kept`` is what one page remembers between its events, for as long as it is open; ``turn`` is held while one of them is handled.
    """

    site: Site
    page: ConsolePage
    identity: Identity | None
    speech: Speech
    query: Mapping[str, str]
    client: Client
    handover: Handover
    theme: str = "system"
    content: Element | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def now(self) -> datetime:
        """Return the instant now, in UTC."""
        return self.site.clock.now()

    @property
    def actor(self) -> Actor:
        """Return who is signed in; a page open to everybody has nobody."""
        if self.identity is None:
            message = f"page {self.page.path} is open to everybody and asks for somebody signed in"
            raise LookupError(message)
        return self.identity.actor

    @property
    def origin(self) -> str:
        """Return the site's address as the browser has it, without a path."""
        url = self.client.request.url
        return f"{url.scheme}://{url.netloc}"

    def say(self, message: str, **values: object) -> str:
        """Return a message in the reader's language (see :meth:`Speech.say`)."""
        return self.speech.say(message, **values)

    def say_count(self, one: str, many: str, count: int, **values: object) -> str:
        """Return a message that depends on a count (see :meth:`Speech.say_count`)."""
        return self.speech.say_count(one, many, count, **values)

    def term(self, kind: str, word: str) -> str:
        """Return how the reader's language calls a word of the system, or the word itself."""
        return self.speech.term(kind, word) or word

    def own(self, name: Text | Mapping[str, str]) -> str:
        """Choose from the names that the site gave in several languages."""
        return self.speech.own(name.model_dump() if isinstance(name, Text) else name)

    def may(self, permission: Permission) -> bool:
        """Tell whether to offer something; the service that does it decides."""
        return self.identity is not None and permission in self.identity.actor.permissions

    def address(self, **changed: str | None) -> str:
        """Return the address of this page with parameters changed, or left out where they are None."""
        given = {key: value for key, value in {**self.query, **changed}.items() if value is not None}
        path = self.page.path.format_map(given)
        query = {key: value for key, value in given.items() if f"{{{key}}}" not in self.page.path}
        return f"{path}?{urlencode(query)}" if query else path

    async def ask(self, service: Callable[Concatenate[Site, Actor, P], R], *arguments: P.args, **named: P.kwargs) -> R:
        """Call a function of a service for the person signed in, on a thread of its own."""
        return await asyncio.to_thread(service, self.site, self.actor, *arguments, **named)

    def marked(self, marker: str) -> Element:
        """Return the element of the page that was marked so, to be filled anew.

        Raises:
            LookupError: there is none.
        """
        with self.client:
            return next(iter(ElementFilter(marker=marker)))

    async def redraw(self) -> None:
        """Draw the page's content anew in place, after something changed."""
        if self.content is None or self.client.is_deleted:
            return
        self.content.clear()
        with self.content:
            await self.page.draw(self)


def explained(speech: Speech, error: ConsentryError) -> tuple[str, str]:
    """Return what is wrong and how to mend it, in the reader's language where the catalogue knows the error's code."""
    problem, mend = speech.term("error", error.code), speech.term("mend", error.code)
    return problem or f"{error.subject}: {error.problem}", mend or error.mend
