"""Who is signed in at the console, found out from the session's token for each page and again for each event on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.platform.errors import SignInError
from consentry.staff import service

if TYPE_CHECKING:
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["Identity", "identity_of"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in: the actor that services check, the name shown, and the token that proves it anew at each event."""

    actor: Actor
    name: str
    token: str


def identity_of(site: Site, token: str | None) -> Identity:
    """Return who acts with a session token.

    Raises:
        SignInError: ``access.not-signed-in``: nobody does any more.
    """
    actor = service.actor_of(site, token) if token else None
    if actor is None or token is None:
        raise SignInError("access.not-signed-in", "console", "nobody is signed in", "Sign in.")
    return Identity(actor, service.own_account(site, actor).name, token)
