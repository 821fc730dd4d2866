"""Asking for the password again before acts that need it, and then doing what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.console.dispatch import PASSWORD_DIALOG, Pending, perform
from consentry.console.handover import hand_over
from consentry.console.pages import act
from consentry.console.widgets import dialog, field, form, user_name
from consentry.platform.actors import Permission
from consentry.staff import service

if TYPE_CHECKING:
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["confirm_password", "password_dialog"]

CLOSE: Final = f"document.getElementById('{PASSWORD_DIALOG}').close()"


def password_dialog(screen: Screen) -> None:
    """Add the dialog, closed, for acts that will need it."""
    with dialog(screen.say("Confirm that it is you"), screen.say("This needs your password. It then holds for ten minutes.")) as asked:
        asked.props["id"] = PASSWORD_DIALOG
        with form(screen, confirm_password, screen.say("Confirm")):
            user_name(screen)
            field(screen.say("Password"), "password", type="password", autocomplete="current-password", required=True)


@act(Permission.MANAGE_OWN_ACCOUNT)
async def confirm_password(screen: Screen, answers: Answers) -> None:
    """Take the password, renew the session, and do what waited for it."""
    signed_in = await screen.ask(service.confirm, answers.need("password"))
    await hand_over(screen, signed_in)
    screen.client.run_javascript(CLOSE)
    pending: Pending | None = screen.kept.pop("pending", None)
    if pending:
        await perform(screen, pending.event, pending.answers, pending.trouble)
