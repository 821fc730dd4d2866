"""Looking at a pixelated still: asked for with a reason, shown on the open page only, never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.cameras import service
from consentry.console.pages import act
from consentry.console.widgets import dialog, field, form, opener
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from consentry.cameras.model import Still
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["look", "still_button", "still_of"]


def still_of(screen: Screen, camera: str) -> Still | None:
    """Return the still of a camera that was looked at on this page, or None."""
    still: Still | None = screen.kept.get(f"still:{camera}")
    return still


def still_button(screen: Screen, camera: str) -> None:
    """Offer to look at a still of a camera to whoever may."""
    if not screen.may(Permission.VIEW_STILL):
        return
    lead = screen.say("You see blocks of colour: enough to place a line, too few to know anybody by.")
    with dialog(screen.say("Look at a still"), lead) as asked, form(screen, look, screen.say("Show the still"), {"camera": camera}):
        field(screen.say("Why"), "reason", screen.say("Kept in the ledger. Name no person."), maxlength=300, required=True)
    opener(screen.say("Look at a still…"), asked, picture="still")


@act(Permission.VIEW_STILL)
async def look(screen: Screen, answers: Answers) -> None:
    """Show a pixelated still of what a camera sees now."""
    camera = answers.need("camera")
    screen.kept[f"still:{camera}"] = await screen.ask(service.request_still, camera, answers.need("reason"))
    await screen.redraw()
