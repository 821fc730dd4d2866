"""What is lent, in the console: what is overdue first, who has it until when, and the word that it is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.model import CredentialKind
from consentry.access.page.lending import giving_back
from consentry.access.page.parts import body, doors_named
from consentry.access.service.loans import loans
from consentry.console.actors import short
from consentry.console.elements import link, tag, text
from consentry.console.lists import cell, table
from consentry.console.pages import at, console_page
from consentry.console.widgets import badge, button_link, card, note, nothing, page_head
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.register import ListedLoan
    from consentry.console.screen import Screen

__all__ = ["draw_loans"]


@console_page("/doors/loans", access=Permission.MANAGE_CREDENTIALS, title="What is lent", personal=True)
async def draw_loans(screen: Screen) -> None:
    """List what is lent, by pseudonym."""
    lead = screen.say("Cards that changed hands, and numbers made for somebody for a time, by residents or by you. Nobody is named here.")
    with page_head(screen.say("What is lent"), lead):
        button_link(screen.say("All people"), at("/doors/people"), picture="left")
    with body(screen, "/doors/people"):
        found = await screen.ask(loans)
        overdue = sum(one.overdue for one in found)
        if overdue:
            problem = screen.say_count("{count} card is overdue.", "{count} cards are overdue.", overdue)
            mend = screen.say("It opens no door for anybody. Ask the owner; report it lost where it does not come back.")
            note(problem, mend, "warn")
        _list(screen, found)


def _list(screen: Screen, found: Sequence[ListedLoan]) -> None:
    columns = (screen.say("What"), screen.say("Owner"), screen.say("Borrower"), screen.say("Which doors"), screen.say("Due"), screen.say("State"))
    with card(classes="flush"):
        if not found:
            nothing(screen.say("Nothing is lent"), screen.say("Lend a card or a number on the page of its owner."), "key")
            return
        with table((*columns, "")):
            for one in found:
                _row(screen, one, columns)


def _row(screen: Screen, one: ListedLoan, columns: Sequence[str]) -> None:
    is_card = one.kind is CredentialKind.CARD
    name = screen.say("{what}: {subject}", what=screen.term("credential", one.kind), subject=short(one.credential))
    with tag("tr"):
        cell(columns[0], name, "strong")
        _person(screen, one.owner, columns[1])
        _person(screen, one.borrower, columns[2])
        cell(columns[3], doors_named(screen, one.doors) or "–")
        cell(columns[4], screen.speech.moment(one.until) if one.until else "–", "figure")
        with tag("td", attributes={"data-name": columns[5]}):
            badge(screen.say("overdue") if one.overdue else screen.say("lent"), "bad" if one.overdue else "good")
        with tag("td"):
            giving_back(screen, one.credential, name, card_is_out=is_card)


def _person(screen: Screen, person: str | None, column: str) -> None:
    with tag("td", attributes={"data-name": column}):
        if person is None:
            text("span", screen.say("forgotten"), "quiet")
        else:
            link(short(person), at(f"/doors/people/{person}"), attributes={"title": person})
