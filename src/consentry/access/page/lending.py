"""Lending what somebody holds, on their word, and having it back: asked for where it is listed, shown once where a number was made."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.page.terms import door_ticks
from consentry.access.register import LoanDraft, PersonKind, PersonName, Why
from consentry.access.service.lending import LONGEST_BY_STAFF, lend, take_back
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act
from consentry.console.reading import instant
from consentry.console.reasons import reason
from consentry.console.widgets import card, dialog, field, form, note, opener
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from consentry.access.register import CredentialView, Loan, PersonView
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["giving_back", "is_lent", "lent_once", "may_lend", "offering"]

LOAN: Final = "loan-issued"
LENDABLE: Final = frozenset({CredentialKind.CARD, CredentialKind.PIN, CredentialKind.PHONE})
A_DAY: Final = timedelta(days=1)


def may_lend(person: PersonView, one: CredentialView) -> bool:
    """Tell whether something that somebody holds can be lent: it opens doors and is theirs."""
    theirs = person.kind is not PersonKind.DELEGATE and person.left is None and one.lent_from is None
    return theirs and one.kind in LENDABLE and one.state is CredentialState.ACTIVE


def offering(screen: Screen, person: PersonView, one: CredentialView, name: str) -> None:
    """Add the dialog that lends something. ``name``: what it is called on the page."""
    lead = screen.say("The card changes hands: it opens nothing for its owner until you say here that they have it back.")
    if one.kind is not CredentialKind.CARD:
        lead = screen.say("The borrower gets a number of their own, shown once. What the owner holds stays with them.")
    fixed = {"person": person.id, "credential": one.id}
    with dialog(screen.say("Lend {name}", name=name), lead) as asked, form(screen, lend_it, screen.say("Lend it"), fixed):
        hint = screen.say("Encrypted; shown for a reason that the ledger keeps.")
        field(screen.say("Name of the borrower"), "name", hint, maxlength=64, required=True, autocomplete="off")
        door_ticks(screen, one.limits.doors or (), screen.say("For these alone; the owner must be let through them too."))
        hint = screen.say("In the site's time; {time} at most.", time=screen.speech.length(LONGEST_BY_STAFF))
        field(screen.say("Until"), "until", hint, value=_local(screen), type="datetime-local", required=True)
        reason(screen, screen.say("Such as: the owner asked for it at the desk. Name no person."))
    opener(screen.say("Lend…"), asked, name=screen.say("Lend {name}", name=name))


def giving_back(screen: Screen, credential: str, name: str, *, card_is_out: bool) -> None:
    """Add the dialog that ends a loan. ``credential``: what ``loans`` lists; ``card_is_out``: it is a card, which somebody hands in."""
    lead = screen.say("The number opens nothing for the borrower any more.")
    if card_is_out:
        lead = screen.say("Only when its owner holds it in their hand: it opens doors for them again within seconds, and for the borrower no more.")
    words = screen.say("It is back…") if card_is_out else screen.say("End…")
    title = screen.say("{name} is back", name=name) if card_is_out else screen.say("End {name}", name=name)
    with dialog(title, lead) as asked, form(screen, give_back, screen.say("Do it"), {"credential": credential}):
        reason(screen)
    opener(words, asked, name=title)


def is_lent(one: CredentialView) -> bool:
    """Tell whether somebody else has a card now."""
    return one.why is Why.LENT


def lent_once(screen: Screen) -> None:
    """Show what was lent just now; a number that was made for the borrower is not shown again."""
    made: Loan | None = screen.kept.pop(LOAN, None)
    if made is None:
        return
    until = screen.say("It ends by itself {time}.", time=screen.speech.moment(made.valid_until))
    if made.pin is None:
        note(screen.say("The card is the borrower's now."), until, "good")
    else:
        with card(screen.say("The borrower's number, shown once")), tag("div", "stack"):
            note(screen.say("Tell it to the borrower alone. Nobody can look it up later."), until, "warn")
            text("code", made.pin, "shown-once")
    if made.faces_suspended:
        note(screen.say("The owner's face rests meanwhile: nothing else is left that opens a door for them."), tone="warn")


def _local(screen: Screen) -> str:
    return (screen.now + A_DAY).astimezone(screen.speech.zone).strftime("%Y-%m-%dT%H:%M")


@act(Permission.MANAGE_CREDENTIALS)
async def lend_it(screen: Screen, answers: Answers) -> None:
    """Lend something on its owner's word."""
    until = instant(screen, answers.need("until"))
    draft = LoanDraft(answers.need("credential"), PersonName(answers.need("name")), answers.all("door"), until)
    screen.kept[LOAN] = await screen.ask(lend, answers.need("person"), draft, answers.need("reason"))
    await screen.redraw()


@act(Permission.MANAGE_CREDENTIALS)
async def give_back(screen: Screen, answers: Answers) -> None:
    """End a loan."""
    await screen.ask(take_back, answers.need("credential"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The loan is over."))
