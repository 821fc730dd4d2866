"""Starting a page's event: who asks is found out anew, the permission is checked, and an error becomes a message on the page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from nicegui import ui

from consentry.console.answers import Answers
from consentry.console.identity import identity_of
from consentry.console.pages import at
from consentry.console.screen import explained
from consentry.platform.errors import ConsentryError, SignInError
from consentry.platform.http.access import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from nicegui.events import GenericEventArguments

    from consentry.console.pages import PageEvent
    from consentry.console.screen import Screen

    Trouble = Callable[[ConsentryError], None]

__all__ = ["PASSWORD_DIALOG", "Pending", "perform", "sign_in_address", "starter", "tell", "tell_error"]

PASSWORD_DIALOG: Final = "password-dialog"  # noqa: S105 - the id of an element
"""The id of the dialog that asks for the password again."""


class SignedOutError(Exception):
    """The session ended since the page was drawn."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that waits until the password was given again."""

    event: PageEvent
    answers: Answers
    trouble: Trouble | None


def starter(
    screen: Screen, event: PageEvent, fixed: Mapping[str, str] | None = None, trouble: Trouble | None = None
) -> Callable[[GenericEventArguments], Awaitable[None]]:
    """Return what NiceGUI calls when the element is used. What is done on one page is handled in the order in which it was done.

    ``fixed`` are values that the page decided when it was drawn. ``trouble`` shows an error in place; without it the error is a message
    over the page.
    """

    async def start(arguments: GenericEventArguments) -> None:
        # Each event looks up who is signed in on a thread first, and the earlier of two would otherwise overtake the later now and then.
        async with screen.turn:
            await perform(screen, event, Answers.of(fixed or {}, _sent(arguments)), trouble)

    return start


def _sent(arguments: GenericEventArguments) -> Any:  # noqa: ANN401 - a browser can send anything
    return arguments.args


async def perform(screen: Screen, event: PageEvent, answers: Answers, trouble: Trouble | None = None) -> None:
    """Run an event for whoever is signed in now."""
    try:
        await _admit(screen, event)
        await event.handle(screen, answers)
    except SignedOutError:
        ui.navigate.to(sign_in_address(screen))
    except ConsentryError as error:
        if error.code == "access.confirm":
            screen.kept["pending"] = Pending(event, answers, trouble)
            screen.client.run_javascript(f"document.getElementById('{PASSWORD_DIALOG}').showModal()")
        elif trouble is None:
            tell_error(screen, error)
        else:
            trouble(error)


def sign_in_address(screen: Screen) -> str:
    """Return where to sign in, from where one comes back to this page."""
    return f"{at('/sign-in')}?next={quote(screen.address(), safe='')}"


async def _admit(screen: Screen, event: PageEvent) -> None:
    if event.access is PUBLIC:
        return
    token = screen.identity.token if screen.identity else ""
    try:
        screen.identity = await asyncio.to_thread(identity_of, screen.site, token)
    except SignInError as error:
        raise SignedOutError from error
    screen.actor.require(event.access)


def tell(screen: Screen, words: str) -> None:
    """Show a short message that something was done."""
    with screen.client:
        ui.notify(words, position="top", classes="toast good", timeout=5000)


def tell_error(screen: Screen, error: ConsentryError) -> None:
    """Show what went wrong and how to mend it, until it is closed."""
    problem, mend = explained(screen.speech, error)
    with screen.client:
        ui.notify(problem, caption=mend, position="top", classes="toast bad", timeout=0, close_button=screen.say("Close"), multi_line=True)
