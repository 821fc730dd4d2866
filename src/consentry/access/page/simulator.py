"""Trying a door in the console: a door, a person, what they show and when; the answer is the controller's own, and nothing happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from consentry.access.model import ADMITS_BY
from consentry.access.page.drafting import areas_of
from consentry.access.page.parts import body, door_choices, no_doors
from consentry.access.page.words import area_name, event_meaning, event_tone, event_words, seconds
from consentry.access.service.credentials import credentials
from consentry.access.service.people import people as list_people
from consentry.access.service.simulating import Trial, standing_policy, try_door
from consentry.console.actors import short
from consentry.console.elements import tag, text
from consentry.console.pages import act, console_page
from consentry.console.places import door_name
from consentry.console.reading import instant
from consentry.console.widgets import Choice, badge, card, choose, fact, field, form, nothing, page_head, tick
from consentry.platform.actors import Permission
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.model import Decision
    from consentry.access.register import CredentialView
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_simulator"]

FOUND: Final = "trial-credentials"
TRIED: Final = "trial"
LONGEST_UNIT: Final = 20
"""What is longer is a pseudonym."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """What was tried, and what was decided."""

    trial: Trial
    shown: CredentialView | None
    decision: Decision


@console_page("/doors/simulator", access=Permission.MANAGE_DOORS, title="Try a door", personal=True)
async def draw_simulator(screen: Screen) -> None:
    """Ask for whom, then for the door and the moment, and show what was decided."""
    lead = screen.say("What would the controller decide, and why? It is the same engine that opens the doors. Nothing opens and nothing is logged.")
    with page_head(screen.say("Doors"), lead):
        pass
    with body(screen, "/doors/simulator"):
        if not screen.site.settings.doors:
            no_doors(screen)
            return
        found: Sequence[CredentialView] | None = screen.kept.get(FOUND)
        with tag("div", "split"):
            with tag("div", "stack"):
                _whose(screen, found)
                if found:
                    await _trial(screen, found)
            with tag("div", "stack"):
                _answer(screen)


def _whose(screen: Screen, found: Sequence[CredentialView] | None) -> None:
    lead = screen.say("By unit, or by the pseudonym from the list of people.")
    with card(screen.say("For whom"), lead), form(screen, find, screen.say("Show what they hold"), look="" if found else "main-action"):
        field(screen.say("Flat, office or pseudonym"), "who", value=screen.query.get("person", ""), maxlength=40, required=True, autocomplete="off")


async def _trial(screen: Screen, found: Sequence[CredentialView]) -> None:
    choices = [
        Choice(one.id, screen.say("{what}: {subject}", what=screen.term("credential", one.kind), subject=f"{short(one.id)} · {short(one.person)}"))
        for one in found
    ]
    areas = [Choice("", screen.say("outside, or not known")), *(Choice(area, area_name(screen, area)) for area in areas_of(await screen.ask(standing_policy)))]
    with card(screen.say("What is tried")), form(screen, attempt, screen.say("Try it")):
        choose(screen.say("They show"), "credential", choices)
        choose(screen.say("Door"), "door", door_choices(screen))
        now = screen.now.astimezone(screen.speech.zone).strftime("%Y-%m-%dT%H:%M")
        field(screen.say("When"), "at", screen.say("In the site's time; also in the future."), value=now, type="datetime-local", required=True)
        choose(screen.say("They are in"), "inside", areas)
        tick(screen.say("The host says yes"), "host", hint=screen.say("For guest passes that wait for it."))


def _answer(screen: Screen) -> None:
    tried: _Tried | None = screen.kept.get(TRIED)
    with card(screen.say("Decision")):
        if tried is None:
            nothing(screen.say("Nothing tried yet"), screen.say("The answer stands here, with the reason."), "key")
            return
        with tag("div", "stack"):
            _decision(screen, tried.decision)
            _facts(screen, tried)


def _decision(screen: Screen, decision: Decision) -> None:
    with tag("div", "row"):
        words = screen.say("The door opens") if decision.granted else screen.say("The door stays shut")
        badge(words, "good" if decision.granted else "bad")
        badge(event_words(screen, decision.reason), event_tone(decision.reason))
    if decision.waits_for_second:
        text("p", screen.say("The first of two people; the door waits for the second."))
    if meaning := event_meaning(screen, decision.reason):
        text("p", meaning)


def _facts(screen: Screen, tried: _Tried) -> None:
    decision = tried.decision
    with tag("dl", "facts"):
        fact(screen.say("Door"), door_name(screen, decision.door))
        fact(screen.say("When"), screen.speech.moment(decision.at))
        if tried.shown is not None:
            fact(screen.say("Way"), screen.term("door-reader", ADMITS_BY[tried.shown.kind]))
            fact(screen.say("Person"), tried.shown.person, mono=True)
        if decision.granted:
            fact(screen.say("Unlocked for"), seconds(screen, decision.release_s))
        for report in decision.reports:
            fact(screen.say("Reported besides"), event_words(screen, report))


@act(Permission.MANAGE_CREDENTIALS)
async def find(screen: Screen, answers: Answers) -> None:
    """List what the people of a unit, or one person, hold."""
    who = answers.need("who")
    people = [who] if len(who) > LONGEST_UNIT else [one.id for one in await screen.ask(list_people, unit=who) if one.left is None]
    found = [held for person in people for held in await screen.ask(credentials, person)]
    if not found:
        raise NotFoundError("access.nothing-held", "person", "nobody of that name holds anything", "Look for the unit in the list of people.")
    screen.kept[FOUND] = found
    screen.kept.pop(TRIED, None)
    await screen.redraw()


@act(Permission.MANAGE_DOORS)
async def attempt(screen: Screen, answers: Answers) -> None:
    """Try a door."""
    trial = Trial(
        door=answers.need("door"),
        credential=answers.need("credential"),
        at=instant(screen, answers.need("at")),
        inside=answers.one("inside") or None,
        host_agreed=bool(answers.one("host")),
    )
    shown = next((one for one in screen.kept.get(FOUND, ()) if one.id == trial.credential), None)
    screen.kept[TRIED] = _Tried(trial, shown, await screen.ask(try_door, trial))
    await screen.redraw()
