"""Asking why: a reason that the ledger keeps, before an act or before somebody is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.console.widgets import card, field, form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.console.pages import PageEvent
    from consentry.console.screen import Screen

__all__ = ["WHY_LENGTH", "ask_reason", "reason"]

WHY_LENGTH: Final = 200


def reason(screen: Screen, hint: str = "") -> None:
    """Add the field for a reason that the ledger keeps."""
    field(screen.say("Reason"), "reason", hint or screen.say("Kept in the ledger. Name no person."), maxlength=WHY_LENGTH, required=True)


def ask_reason(screen: Screen, event: PageEvent, fixed: Mapping[str, str]) -> None:
    """Ask why somebody wants to see who a person is; it is written to the ledger before anything is shown."""
    lead = screen.say("Names stay hidden until you say why. Your account, the reason and the ticket are written to the ledger.")
    with card(screen.say("Who is it?"), lead), form(screen, event, screen.say("Show names"), fixed):
        field(screen.say("Reason"), "reason", screen.say("In words, without names."), maxlength=WHY_LENGTH, required=True)
        field(screen.say("Ticket"), "ticket", screen.say("The number of the case that this belongs to."), maxlength=64, required=True)
