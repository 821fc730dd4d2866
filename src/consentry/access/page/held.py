"""What a person holds: cards read or typed, numbers shown once, telephones, the link to a face; suspended, lost and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.page import lending
from consentry.access.page.parts import doors_named
from consentry.access.page.terms import validity_words
from consentry.access.page.words import CREDENTIAL_TONES
from consentry.access.register import CardDraft, CardForm, PinDraft
from consentry.access.service.cards import add_card
from consentry.access.service.credentials import change_state
from consentry.access.service.faces import link_face
from consentry.access.service.pins import set_pin
from consentry.console.actors import short
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act
from consentry.console.reading import one_of
from consentry.console.reasons import reason
from consentry.console.widgets import Choice, badge, card, choose, dialog, field, form, note, nothing, opener, tick
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consentry.access.register import CredentialView, IssuedPin, PersonView
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw", "next_states", "shown_once"]

PIN: Final = "pin-issued"
ALIVE: Final = frozenset({CredentialState.ACTIVE, CredentialState.SUSPENDED})


def shown_once(screen: Screen) -> None:
    """Show a number that was made just now, also for a borrower; it is not shown again."""
    lending.lent_once(screen)
    made: IssuedPin | None = screen.kept.pop(PIN, None)
    if made is None or made.pin is None:
        return
    with card(screen.say("The number, shown once")), tag("div", "stack"):
        note(screen.say("Tell it to this person alone. Nobody can look it up later."), screen.say("A new one can be made at any time."), "warn")
        text("code", made.pin, "shown-once")
        if made.duress is not None:
            text("p", screen.say("Under duress they enter this one instead: the door opens as ever, and staff are alarmed silently."))
            text("code", made.duress, "shown-once")


def draw(screen: Screen, person: PersonView, holds: Sequence[CredentialView]) -> None:
    """Add the list of what somebody holds, with what can be done."""
    with card(screen.say("What they hold"), screen.say("Any of it opens the same doors. A face never stands alone."), classes="flush"):
        if not holds:
            nothing(screen.say("Nothing yet"), screen.say("Give them a card or a number; a telephone they add on their own page."), "key")
        with tag("ul", "rows"):
            for one in sorted(holds, key=lambda held: held.state is CredentialState.ENDED):
                _credential(screen, person, one)
        if person.left is None:
            with tag("div", "row all-of-them"):
                _card(screen, person)
                _pin(screen, person, holds)
                _face(screen, person)


def _credential(screen: Screen, person: PersonView, one: CredentialView) -> None:
    name = screen.say("{what}: {subject}", what=screen.term("credential", one.kind), subject=short(one.id))
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", name, "strong", {"title": one.id})
            for remark in _remarks(screen, one):
                text("div", remark, "quiet small")
        badge(screen.term("credential-state", one.state), CREDENTIAL_TONES[one.state])
        if one.state is not CredentialState.ENDED:
            with tag("div", "acts"):
                if lending.may_lend(person, one):
                    lending.offering(screen, person, one, name)
                if lending.is_lent(one):
                    lending.giving_back(screen, one.id, name, card_is_out=True)
                _change(screen, one)


def _remarks(screen: Screen, one: CredentialView) -> Iterator[str]:
    limits = one.limits
    yield screen.say("added {time}", time=screen.speech.moment(one.added))
    if one.why:
        yield screen.term("credential-why", one.why)
    if limits.valid_from or limits.valid_until:
        yield validity_words(screen, limits.valid_from, limits.valid_until)
    if limits.doors is not None:
        yield screen.say("only: {doors}", doors=doors_named(screen, limits.doors))
    if limits.uses is not None:
        yield screen.say_count("opens {count} time", "opens {count} times", limits.uses)
    if one.with_card:
        yield screen.say("entered with card {name}", name=short(one.with_card))
    elif one.kind is CredentialKind.PIN:
        yield screen.say("entered after the unit")
    if one.has_duress:
        yield screen.say("with a number for duress")
    if one.form is CardForm.UID:
        yield screen.say("told by its number, which can be copied")
    if one.consent:
        yield screen.say("rests on consent {name}", name=short(one.consent))


def next_states(one: CredentialView) -> tuple[CredentialState, ...]:
    """Return the states into which staff can bring a credential, the mildest first."""
    if one.state is CredentialState.ENDED:
        return ()
    away = (CredentialState.LOST, CredentialState.STOLEN) if one.kind in {CredentialKind.CARD, CredentialKind.PHONE} else ()
    first = CredentialState.SUSPENDED if one.state is CredentialState.ACTIVE else CredentialState.ACTIVE
    return (first, *(state for state in away if state is not one.state), CredentialState.ENDED)


def _change(screen: Screen, one: CredentialView) -> None:
    name = screen.say("{what}: {subject}", what=screen.term("credential", one.kind), subject=short(one.id))
    lead = screen.say("It holds at every door within seconds. What is ended is never active again.")
    with dialog(name, lead) as asked, form(screen, change_credential, screen.say("Do it"), {"credential": one.id}):
        choices = [Choice(state, screen.term("credential-act", state)) for state in next_states(one)]
        choose(screen.say("What becomes of it"), "state", choices)
        reason(screen)
    opener(screen.say("Change…"), asked, name=screen.say("Change {name}", name=name))


def _card(screen: Screen, person: PersonView) -> None:
    lead = screen.say("Hold the card to the reader at this desk: it types the number by itself. Or type what is printed on it.")
    with dialog(screen.say("Give a card"), lead) as asked, form(screen, give_card, screen.say("Give it"), {"person": person.id}):
        hint = screen.say("8 to 20 characters, 0 to 9 and A to F.")
        field(screen.say("Number of the card"), "uid", hint, required=True, maxlength=40, autocomplete="off", autofocus=True, spellcheck="false")
        forms = [Choice(one, screen.term("card-form", one)) for one in CardForm]
        choose(screen.say("The card is told by"), "form", forms, CardForm.UID)
    opener(screen.say("Give a card…"), asked, picture="add")


def _pin(screen: Screen, person: PersonView, holds: Sequence[CredentialView]) -> None:
    lead = screen.say("Six digits are made, and shown once. A number that they have in the same place ends.")
    with dialog(screen.say("Make a number"), lead) as asked, form(screen, make_pin, screen.say("Make it"), {"person": person.id}):
        cards = [one for one in holds if one.kind is CredentialKind.CARD and one.state in ALIVE]
        places = [Choice(one.id, screen.say("with card {name}", name=short(one.id))) for one in cards]
        choose(screen.say("It is entered"), "card", [Choice("", screen.say("after the unit")), *places])
        tick(screen.say("And one for duress"), "duress", hint=screen.say("It opens as ever and alarms silently."))
    opener(screen.say("Make a number…"), asked, picture="add")


def _face(screen: Screen, person: PersonView) -> None:
    lead = screen.say("Only for somebody who agreed at a station that their face may open doors, and who holds something else besides.")
    with dialog(screen.say("Let the face open doors"), lead) as asked, form(screen, add_face, screen.say("Link it"), {"person": person.id}):
        field(screen.say("Consent"), "consent", screen.say("Its id, as on the receipt."), required=True, maxlength=36, autocomplete="off")
    opener(screen.say("Link a face…"), asked)


@act(Permission.MANAGE_CREDENTIALS)
async def give_card(screen: Screen, answers: Answers) -> None:
    """Give somebody a card."""
    await screen.ask(add_card, answers.need("person"), CardDraft(answers.need("uid"), one_of(CardForm, answers.need("form"))))
    await screen.redraw()
    tell(screen, screen.say("The card opens doors within seconds."))


@act(Permission.MANAGE_CREDENTIALS)
async def make_pin(screen: Screen, answers: Answers) -> None:
    """Make a number; it is shown once."""
    draft = PinDraft(with_card=answers.one("card") or None, with_duress=bool(answers.one("duress")))
    screen.kept[PIN] = await screen.ask(set_pin, answers.need("person"), draft)
    await screen.redraw()


@act(Permission.MANAGE_CREDENTIALS)
async def add_face(screen: Screen, answers: Answers) -> None:
    """Let somebody's face open doors."""
    await screen.ask(link_face, answers.need("person"), answers.need("consent"))
    await screen.redraw()
    tell(screen, screen.say("The face is linked."))


@act(Permission.MANAGE_CREDENTIALS)
async def change_credential(screen: Screen, answers: Answers) -> None:
    """Suspend a credential, report it lost or stolen, end it, or let it open doors again."""
    state = one_of(CredentialState, answers.need("state"))
    changed = await screen.ask(change_state, answers.need("credential"), state, answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("It holds at every door within seconds."))
    if changed.faces_suspended:
        tell(screen, screen.say("The face rests too: nothing else is left that opens a door for this person."))
