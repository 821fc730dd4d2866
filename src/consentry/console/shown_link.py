"""A link that is shown once, to be copied and given to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from consentry.console.elements import tag, text
from consentry.console.widgets import note
from consentry.platform.http.protection import is_loopback

if TYPE_CHECKING:
    from consentry.console.screen import Screen

__all__ = ["is_only_here", "shown_link"]

# The clipboard's own interface is missing where a page came without TLS.
COPY: Final = """(e) => {
  getSelection().selectAllChildren(e.currentTarget.previousElementSibling);
  if (document.execCommand("copy")) e.currentTarget.firstElementChild.textContent = e.currentTarget.dataset.done;
}"""


def shown_link(screen: Screen, address: str) -> None:
    """Add a link with a button that copies it, and say so where nobody could open it on another machine."""
    text("code", address, "shown-once")
    with tag("button", "button", {"type": "button", "data-done": screen.say("Copied"), "aria-live": "polite"}) as element:
        text("span", screen.say("Copy the link"))
    element.on("click", js_handler=COPY)
    if is_only_here(address):
        mend = screen.say("Give the server an address in your network ([web] host and names in the settings), open the console there, and make the link anew.")
        note(screen.say("This link opens on this machine only."), mend, "bad")


def is_only_here(address: str) -> bool:
    """Return whether an address leads each machine to itself."""
    return is_loopback(urlsplit(address).hostname or "")
