"""What a policy says of areas and of single doors, as forms: passing back, who has to come first, two people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from consentry.access.model import AntiPassback, PassbackMode
from consentry.access.page.drafting import areas_of, with_door, with_passback
from consentry.access.page.policy_draft import draft_of, keep_draft
from consentry.access.page.words import area_name
from consentry.console.elements import tag, text
from consentry.console.pages import act
from consentry.console.places import door_name
from consentry.console.reading import one_of
from consentry.console.widgets import Choice, card, choose, dialog, field, form, opener, tick
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from consentry.access.model import Door, Policy
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["door_of", "draw_areas", "draw_special_doors", "passback_of", "passback_words"]

MOST_MINUTES: Final = 24 * 60
MOST_SECONDS: Final = 60


def draw_areas(screen: Screen, policy: Policy) -> None:
    """Add how each area deals with somebody who enters it twice."""
    lead = screen.say("Whoever is inside already and comes in again may have passed the card back. It counts only when the door really opened.")
    with card(screen.say("Passing back"), lead, classes="flush"), tag("ul", "rows"):
        for area in areas_of(policy):
            held = policy.passback.get(area, PassbackMode())
            with tag("li", "wrap"):
                with tag("div", "grow"):
                    text("div", area_name(screen, area), "strong")
                    text("div", passback_words(screen, held), "quiet small")
                if screen.may(Permission.MANAGE_DOORS):
                    _edit_area(screen, area, held)


def passback_words(screen: Screen, held: PassbackMode) -> str:
    """Return how an area deals with somebody who enters it twice."""
    words = screen.term("passback", held.mode)
    return screen.say("{what}: {subject}", what=words, subject=screen.speech.length(held.within)) if held.within else words


def _edit_area(screen: Screen, area: str, held: PassbackMode) -> None:
    name = area_name(screen, area)
    title = screen.say("Passing back: {area}", area=name)
    with dialog(title) as asked, form(screen, put_passback, screen.say("Put it into the draft"), {"area": area}):
        choose(screen.say("Who enters twice"), "mode", [Choice(mode, screen.term("passback", mode)) for mode in AntiPassback], held.mode)
        minutes = str(held.within // timedelta(minutes=1)) if held.within else ""
        hint = screen.say("Only where it is refused for a while.")
        field(screen.say("For how many minutes"), "minutes", hint, value=minutes, type="number", min=1, max=MOST_MINUTES)
    opener(screen.say("Change…"), asked, name=screen.say("Change passing back: {area}", area=name))


def draw_special_doors(screen: Screen, policy: Policy, groups: Mapping[str, str]) -> None:
    """Add what holds at single doors: who has to come first, whether two people are needed."""
    with card(screen.say("Single doors"), screen.say("Readers and times of a door stand in the settings."), classes="flush"), tag("ul", "rows"):
        for door in policy.doors:
            with tag("li", "wrap"):
                with tag("div", "grow"):
                    text("div", door_name(screen, door.id), "strong")
                    for line in _door_words(screen, door, groups):
                        text("div", line, "quiet small")
                if screen.may(Permission.MANAGE_DOORS):
                    _edit_door(screen, policy, door, groups)


def _door_words(screen: Screen, door: Door, groups: Mapping[str, str]) -> Iterator[str]:
    if door.first_card:
        first = screen.say(", ").join(groups.get(group, group) for group in door.first_card_groups)
        yield screen.say("stands unlocked while {schedule}, once somebody of {groups} came", schedule=door.first_card, groups=first)
    if door.two_people_s:
        yield screen.say_count("two people within {count} second", "two people within {count} seconds", round(door.two_people_s))
    if not door.first_card and not door.two_people_s:
        yield screen.say("one person at a time, locked again after each")


def _edit_door(screen: Screen, policy: Policy, door: Door, groups: Mapping[str, str]) -> None:
    name = door_name(screen, door.id)
    with dialog(name) as asked, form(screen, put_door, screen.say("Put it into the draft"), {"door": door.id}):
        schedules = [Choice("", screen.say("never")), *(Choice(one.id, one.id) for one in policy.schedules)]
        hint = screen.say("From the first of these groups who comes until the schedule ends.")
        choose(screen.say("Stands unlocked while"), "first-card", schedules, door.first_card or "", hint)
        with tag("fieldset", "field"):
            text("legend", screen.say("Who has to come first"))
            for group, words in groups.items():
                tick(words, "group", group, ticked=group in door.first_card_groups)
        value = str(round(door.two_people_s)) if door.two_people_s else ""
        hint = screen.say("Empty: one person is enough. Else the second person shows theirs within so many seconds.")
        field(screen.say("Two people, seconds"), "two-people", hint, value=value, type="number", min=1, max=MOST_SECONDS)
    opener(screen.say("Change…"), asked, name=screen.say("Change {name}", name=name))


def passback_of(answers: Answers) -> PassbackMode:
    """Return how an area deals with somebody who enters it twice, as a form sends it.

    Raises:
        InputError: ``form.choice``, ``form.number``, ``form.empty`` for a while that is not said.
    """
    mode = one_of(AntiPassback, answers.need("mode"))
    if mode is not AntiPassback.TIMED:
        return PassbackMode(mode)
    return PassbackMode(mode, timedelta(minutes=_number(answers.need("minutes"), MOST_MINUTES)))


def door_of(door: Door, answers: Answers) -> Door:
    """Return a door with what a form says of it.

    Raises:
        InputError: ``form.number``, ``access.first-card`` for a schedule without a group.
    """
    first, groups, two = answers.one("first-card") or None, answers.all("group"), answers.one("two-people").strip()
    if first and not groups:
        raise InputError("access.first-card", door.id, "it names nobody who has to come first", "Tick a group, or choose that it never stands unlocked.")
    return replace(door, first_card=first, first_card_groups=groups if first else (), two_people_s=float(_number(two, MOST_SECONDS)) if two else 0.0)


def _number(given: str, most: int) -> int:
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise InputError("form.number", given, "this is no number in the range", f"Write a number from 1 to {most}.")
    return int(given)


@act(Permission.MANAGE_DOORS)
async def put_passback(screen: Screen, answers: Answers) -> None:
    """Put how an area deals with passing back into the draft."""
    await keep_draft(screen, with_passback(await draft_of(screen), answers.need("area"), passback_of(answers)))


@act(Permission.MANAGE_DOORS)
async def put_door(screen: Screen, answers: Answers) -> None:
    """Put what holds at a door into the draft."""
    policy = await draft_of(screen)
    wanted = answers.need("door")
    for door in policy.doors:
        if door.id == wanted:
            await keep_draft(screen, with_door(policy, door_of(door, answers)))
