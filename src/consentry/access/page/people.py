"""People of the doors in the console: listed by pseudonym, named for a reason, entered, and put into groups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from consentry.access.page.parts import body, no_doors
from consentry.access.page.terms import group_name, group_ticks, terms_of, validity_fields, validity_words
from consentry.access.register import PersonDraft, PersonKind, PersonName
from consentry.access.service.groups import groups
from consentry.access.service.people import MOST_DESCRIBED, add_person, describe_people
from consentry.access.service.people import people as list_people
from consentry.console.actors import short
from consentry.console.dispatch import tell
from consentry.console.elements import link, tag
from consentry.console.lists import PAGE_LENGTH, cell, table
from consentry.console.pages import act, at, console_page
from consentry.console.reasons import WHY_LENGTH
from consentry.console.widgets import Choice, badge, button, button_link, card, choose, dialog, field, form, nothing, opener, page_head
from consentry.platform.actors import Permission
from consentry.staff.model import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.access.register import Group, PersonView
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_people", "person_standing"]

WANTED: Final = "people-wanted"
NAMED: Final = "people-named"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which people the page lists: of a unit, of a group, those before an id, or the ones in whose name something was found."""

    unit: str | None = None
    group: str | None = None
    before: str | None = None
    only: frozenset[str] | None = None


@console_page("/doors/people", access=Permission.MANAGE_CREDENTIALS, title="People and cards", personal=True)
async def draw_people(screen: Screen) -> None:
    """List people by pseudonym."""
    known = await screen.ask(groups)
    with page_head(screen.say("Doors"), screen.say("Who may pass doors. Nobody needs a face for it; whoever never gave one is served the same.")):
        if screen.site.settings.doors:
            button_link(screen.say("What is lent"), at("/doors/loans"))
            button_link(screen.say("Groups"), at("/doors/groups"))
            _add(screen, known)
    with body(screen, "/doors/people"):
        if not screen.site.settings.doors:
            no_doors(screen)
            return
        wanted: _Wanted = screen.kept.get(WANTED, _Wanted())
        limit = MOST_DESCRIBED if wanted.only is not None else PAGE_LENGTH
        found = await screen.ask(list_people, unit=wanted.unit, group=wanted.group, before=wanted.before, limit=limit)
        shown = [one for one in found if wanted.only is None or one.id in wanted.only]
        _filters(screen, wanted, known)
        _list(screen, shown, known, wanted)
        if len(found) == PAGE_LENGTH and wanted.only is None:
            with tag("div", "row"):
                button(screen, screen.say("More"), turn_page, {"before": found[-1].id}, picture="right")
        _naming(screen, shown)


def _add(screen: Screen, known: Sequence[Group]) -> None:
    lead = screen.say("They pass no door before they hold a card, a number or a telephone.")
    with dialog(screen.say("Add a person"), lead) as asked, form(screen, add, screen.say("Add them")):
        field(screen.say("Name"), "name", screen.say("Encrypted; shown for a reason that the ledger keeps."), maxlength=64, required=True, autocomplete="off")
        field(screen.say("Flat or office"), "unit", screen.say("A number is entered after it."), maxlength=20, autocomplete="off")
        group_ticks(screen, known, ())
        validity_fields(screen, None, None)
    opener(screen.say("Add a person…"), asked, look="main-action", picture="add")


def _filters(screen: Screen, wanted: _Wanted, known: Sequence[Group]) -> None:
    with form(screen, look_for, screen.say("Show"), look="", classes="filters"):
        field(screen.say("Flat or office"), "unit", value=wanted.unit or "", maxlength=20, autocomplete="off")
        choices = [Choice("", screen.say("Every group")), *(Choice(one.id, group_name(screen, one)) for one in known)]
        choose(screen.say("Group"), "group", choices, wanted.group or "")


def _list(screen: Screen, found: Sequence[PersonView], known: Sequence[Group], wanted: _Wanted) -> None:
    columns = (screen.say("Person"), screen.say("Flat or office"), screen.say("Is"), screen.say("Groups"), screen.say("Valid"), screen.say("State"))
    named: Mapping[str, PersonName] = screen.kept.get(NAMED, {})
    with card(classes="flush"):
        if not found and wanted == _Wanted():
            nothing(screen.say("Nobody yet"), screen.say("Add the first person, or import the list of residents by the interface."))
            return
        if not found:
            nothing(screen.say("Nobody found"), screen.say("Look for another unit, group or part of a name."))
            return
        with table(columns):
            for one in found:
                _row(screen, one, named.get(one.id), known, columns)


def _row(screen: Screen, one: PersonView, said: PersonName | None, known: Sequence[Group], columns: Sequence[str]) -> None:
    with tag("tr"):
        with tag("td", "strong", {"data-name": columns[0]}):
            link(said.name if said else short(one.id), at(f"/doors/people/{one.id}"), attributes={"title": one.id})
        cell(columns[1], (said.unit or "–") if said else screen.say("hidden"), "" if said else "quiet")
        cell(columns[2], screen.term("door-person", one.kind))
        called = {group.id: group_name(screen, group) for group in known}
        cell(columns[3], screen.say(", ").join(called.get(group, group) for group in one.terms.groups) or "–")
        cell(columns[4], validity_words(screen, one.terms.valid_from, one.terms.valid_until), "figure quiet")
        with tag("td", attributes={"data-name": columns[5]}):
            badge(*person_standing(screen, one))


def person_standing(screen: Screen, one: PersonView) -> tuple[str, str]:
    """Return how somebody stands in words, and its tone."""
    if one.left is not None:
        return screen.say("gone"), "plain"
    if one.suspended:
        return screen.say("suspended"), "warn"
    if one.terms.valid_until is not None and one.terms.valid_until <= screen.now:
        return screen.say("expired"), "plain"
    if one.terms.valid_from is not None and one.terms.valid_from > screen.now:
        return screen.say("to come"), "warn"
    return screen.say("may pass"), "good"


def _naming(screen: Screen, found: Sequence[PersonView]) -> None:
    if not found and NAMED not in screen.kept:
        return
    lead = screen.say("Names stay hidden until you say why. Your account, the reason and the ticket are written to the ledger.")
    with card(screen.say("Who is it?"), lead), form(screen, show_names, screen.say("Show names")):
        field(screen.say("Part of a name"), "part", screen.say("Empty: everybody on this page."), maxlength=64, autocomplete="off")
        field(screen.say("Reason"), "reason", screen.say("In words, without names."), maxlength=WHY_LENGTH, required=True)
        field(screen.say("Ticket"), "ticket", screen.say("The number of the case that this belongs to."), maxlength=64, required=True)


@act(Permission.MANAGE_CREDENTIALS)
async def look_for(screen: Screen, answers: Answers) -> None:
    """List the people of a unit or a group."""
    screen.kept[WANTED] = _Wanted(answers.one("unit").strip() or None, answers.one("group") or None)
    await screen.redraw()


@act(Permission.MANAGE_CREDENTIALS)
async def turn_page(screen: Screen, answers: Answers) -> None:
    """List the people who come after those that are shown."""
    wanted: _Wanted = screen.kept.get(WANTED, _Wanted())
    screen.kept[WANTED] = replace(wanted, before=answers.need("before"), only=None)
    await screen.redraw()


@act(Permission.MANAGE_CREDENTIALS)
async def show_names(screen: Screen, answers: Answers) -> None:
    """Name the people on the page, or those in whose name something is found, after the reason was written to the ledger."""
    wanted: _Wanted = screen.kept.get(WANTED, _Wanted())
    part = answers.one("part").strip().casefold()
    found = await screen.ask(list_people, unit=wanted.unit, group=wanted.group, before=wanted.before, limit=MOST_DESCRIBED if part else PAGE_LENGTH)
    said = await screen.ask(describe_people, [one.id for one in found], Reason(answers.need("reason"), answers.need("ticket")))
    matching = {name: one for name, one in said.items() if part in one.name.casefold()}
    screen.kept[NAMED] = matching
    screen.kept[WANTED] = replace(wanted, only=frozenset(matching) if part else None)
    await screen.redraw()


@act(Permission.MANAGE_CREDENTIALS)
async def add(screen: Screen, answers: Answers) -> None:
    """Enter somebody."""
    name = PersonName(answers.need("name"), answers.one("unit").strip() or None)
    await screen.ask(add_person, PersonDraft(PersonKind.MEMBER, name, terms_of(screen, answers)))
    await screen.redraw()
    tell(screen, screen.say("The person is added."))
