"""Who is inside, in the console: for a reason, area by area, to be printed and taken to the assembly point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.access.happenings import UnknownKind
from consentry.access.page.parts import body, no_doors
from consentry.access.page.words import area_name
from consentry.access.service.inside import inside
from consentry.console.actors import short
from consentry.console.elements import icon, tag, text
from consentry.console.lists import cell, table
from consentry.console.pages import act, console_page
from consentry.console.places import door_name
from consentry.console.reasons import reason
from consentry.console.widgets import card, form, note, nothing, page_head, stat
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.happenings import AreaRoll, Present, Roll, Unknown
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_inside", "unknown_words"]

ROLL: Final = "roll"


@console_page("/doors/inside", access=Permission.VIEW_INSIDE, title="Who is inside", personal=True)
async def draw_inside(screen: Screen) -> None:
    """Ask for a reason, then show the roll."""
    roll: Roll | None = screen.kept.get(ROLL)
    with page_head(screen.say("Doors"), screen.say("From what the doors told. It helps to look for people and is no proof that nobody else is inside.")):
        if roll is not None:
            _printing(screen)
    with body(screen, "/doors/inside"):
        if not screen.site.settings.doors:
            no_doors(screen)
            return
        if roll is None:
            _ask(screen)
            return
        _roll(screen, roll)


def _ask(screen: Screen) -> None:
    lead = screen.say("It names everybody who is inside. Your account and the reason are written to the ledger first.")
    with card(screen.say("Why do you need it?"), lead), form(screen, show, screen.say("Show who is inside")):
        reason(screen, screen.say("Such as: fire alarm, drill, closing the building. Name no person."))


def _printing(screen: Screen) -> None:
    with tag("button", "button main-action", {"type": "button"}) as pressed:
        icon("download")
        text("span", screen.say("Print the list"))
    pressed.on("click", js_handler="() => window.print()")


def _roll(screen: Screen, roll: Roll) -> None:
    at = screen.speech.moment
    with tag("div", "grid four"):
        people = sum(len(area.people) for area in roll.areas)
        stat(screen.say("People inside"), screen.speech.number(people), screen.say("as of {time}", time=at(roll.at)))
        stat(screen.say("What is not known"), screen.speech.number(len(roll.unknowns)), screen.say("since {time}", time=at(roll.since)))
    if roll.unknowns:
        with card(screen.say("What this list does not know"), classes="flush"), tag("ul", "rows"):
            for unknown in roll.unknowns:
                with tag("li"):
                    text("span", unknown_words(screen, unknown), "grow")
    if not roll.areas:
        with card():
            nothing(screen.say("Nobody is known to be inside"), screen.say("Whoever came through a door that is not counted may be."))
    for area in roll.areas:
        _area(screen, area)


def unknown_words(screen: Screen, one: Unknown) -> str:
    """Say one thing that the roll does not know."""
    since = screen.speech.moment(one.since)
    match one.kind:
        case UnknownKind.OPENED_WITHOUT_NAME:
            return screen.say_count(
                "{door} was opened {count} time without a name since {time}",
                "{door} was opened {count} times without a name since {time}",
                one.many,
                door=door_name(screen, one.subject),
                time=since,
            )
        case UnknownKind.CONTROLLER_AWAY:
            return screen.say("Controller {name} was not heard of since {time}; what happened at its doors is not here.", name=one.subject, time=since)
        case UnknownKind.CONTACT_UNKNOWN:
            return screen.say("{door} has no contact: whoever was let in counts as having gone through.", door=door_name(screen, one.subject))
        case UnknownKind.EARLIER:
            return screen.say_count("{count} person went in before {time}", "{count} people went in before {time}", one.many, time=since)


def _area(screen: Screen, area: AreaRoll) -> None:
    columns = (screen.say("Name"), screen.say("Last door"), screen.say("When"), screen.say("Way"), screen.say("Seen"))
    with card(screen.say("{name}: {count}", name=area_name(screen, area.area), count=screen.speech.number(len(area.people))), classes="flush"):
        if not area.people:
            note(screen.say("Nobody."), tone="good")
            return
        with table(columns):
            for one in sorted(area.people, key=lambda present: present.name or present.person):
                _present(screen, one, columns)


def _present(screen: Screen, one: Present, columns: Sequence[str]) -> None:
    with tag("tr"):
        cell(columns[0], one.name or short(one.person), "strong")
        cell(columns[1], door_name(screen, one.door))
        cell(columns[2], screen.speech.moment(one.at), "figure nowrap")
        cell(columns[3], screen.term("door-reader", one.way) if one.way else "–")
        with tag("td", attributes={"data-name": columns[4]}):
            tag("input", attributes={"type": "checkbox", "aria-label": screen.say("Seen: {name}", name=one.name or short(one.person))})


@act(Permission.VIEW_INSIDE)
async def show(screen: Screen, answers: Answers) -> None:
    """Show who is inside, after the reason was written to the ledger."""
    screen.kept[ROLL] = await screen.ask(inside, answers.need("reason"))
    await screen.redraw()
