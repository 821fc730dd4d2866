"""What happens at the doors, live in the console: the newest first, filtered, with the reason of every refusal in plain words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from nicegui import ui

from consentry.access.happenings import EventFilter
from consentry.access.model import AccessEvent, DoorEvent
from consentry.access.page.parts import body, door_choices, no_doors
from consentry.access.page.words import ALARMING, event_meaning, event_tone, event_words
from consentry.access.service.events import events, live_events, newest_event
from consentry.console.actors import short
from consentry.console.answers import Answers
from consentry.console.dispatch import perform
from consentry.console.elements import link, tag, text
from consentry.console.lists import PAGE_LENGTH, cell, more, table
from consentry.console.pages import act, at, console_page
from consentry.console.places import door_name
from consentry.console.reading import start_of_day
from consentry.console.widgets import Choice, badge, card, choose, field, nothing, page_head
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.happenings import PassEvent
    from consentry.console.screen import Screen

__all__ = ["KINDS", "before_of", "draw_events", "wanted_events"]

WATCH_S: Final = 2.0
_ID: Final = re.compile(r"[0-9]{1,18}")
LIST: Final = "door-events"
NEWEST: Final = "door-events-newest"
KINDS: Final[dict[str, tuple[AccessEvent | DoorEvent, ...]]] = {
    "granted": (AccessEvent.GRANTED,),
    "refused": tuple(kind for kind in AccessEvent if kind.startswith("denied-")),
    "alarming": tuple(kind for kind in (*AccessEvent, *DoorEvent) if kind in ALARMING),
    "door": tuple(DoorEvent),
}
"""What can be asked for, and the events that are meant."""


@console_page("/doors/events", access=Permission.VIEW_DOORS, title="Events at doors", personal=True)
async def draw_events(screen: Screen) -> None:
    """List events, and watch for new ones while the first page is shown."""
    lead = screen.say("By pseudonym, kept {time}. New ones appear by themselves.", time=screen.speech.length(screen.site.settings.access.event_retention))
    with page_head(screen.say("Doors"), lead):
        pass
    with body(screen, "/doors/events"):
        if not screen.site.settings.doors:
            no_doors(screen)
            return
        _filters(screen)
        screen.kept[NEWEST] = await screen.ask(newest_event)
        with tag("div", "stack").mark(LIST):
            await _list(screen)
    if not screen.query.get("before"):
        ui.timer(WATCH_S, lambda: perform(screen, watch, Answers.of({})))


def _filters(screen: Screen) -> None:
    kinds = [
        Choice("", screen.say("Everything")),
        Choice("granted", screen.say("Let in")),
        Choice("refused", screen.say("Refused")),
        Choice("alarming", screen.say("Needs a look")),
        Choice("door", screen.say("The door itself")),
    ]
    with tag("form", "filters", {"method": "get", "action": at("/doors/events")}):
        choose(screen.say("Door"), "door", [Choice("", screen.say("Every door")), *door_choices(screen)], screen.query.get("door", ""))
        choose(screen.say("What"), "what", kinds, screen.query.get("what", ""))
        field(screen.say("Day"), "day", value=screen.query.get("day", ""), type="date")
        text("button", screen.say("Show"), "button", {"type": "submit"})


def wanted_events(screen: Screen) -> EventFilter:
    """Return what the address asks for.

    Raises:
        InputError: ``form.day``.
    """
    door, day = screen.query.get("door"), screen.query.get("day")
    since = start_of_day(screen, day) if day else None
    return EventFilter(
        doors=(door,) if door else (),
        kinds=KINDS.get(screen.query.get("what", ""), ()),
        person=screen.query.get("person") or None,
        since=since,
        until=since + timedelta(days=1) if since else None,
    )


def before_of(screen: Screen) -> int | None:
    """Return the id of the last event of the page before, None on the first.

    Raises:
        InputError: ``paging.cursor-unknown``.
    """
    given = screen.query.get("before")
    if given and not _ID.fullmatch(given):
        raise InputError("paging.cursor-unknown", "before", "it does not come from this list", "Begin with the newest events.")
    return int(given) if given else None


async def _list(screen: Screen) -> None:
    wanted = wanted_events(screen)
    found = await screen.ask(events, wanted, before=before_of(screen), limit=PAGE_LENGTH)
    columns = (screen.say("When"), screen.say("Door"), screen.say("What happened"), screen.say("Way"), screen.say("Person"))
    with card(classes="flush"):
        if not found and wanted == EventFilter():
            nothing(screen.say("Nothing happened yet"), screen.say("Events come from the controllers; pair one to begin."))
            return
        if not found:
            nothing(screen.say("No such event"), screen.say("Look at another door, another day, or everything."))
            return
        with table(columns):
            for one in found:
                _row(screen, one, columns)
    more(screen, found, str(found[-1].id))


def _row(screen: Screen, one: PassEvent, columns: Sequence[str]) -> None:
    with tag("tr"):
        cell(columns[0], screen.speech.moment(one.at), "figure nowrap")
        cell(columns[1], door_name(screen, one.door) if one.door else screen.say("controller {name}", name=one.controller), "strong")
        with tag("td", attributes={"data-name": columns[2]}), tag("div"):
            with tag("div", "row tight"):
                for kind in (one.kind, *one.reports):
                    badge(event_words(screen, kind), event_tone(kind))
            if meaning := event_meaning(screen, one.kind):
                text("div", meaning, "quiet small")
        # On a phone each cell is a line: one that says nothing is left out there.
        cell(columns[3], screen.term("door-reader", one.reader) if one.reader else "–", "" if one.reader else "absent")
        with tag("td", "figure" if one.reader or one.person else "figure absent", {"data-name": columns[4]}):
            _who(screen, one)


def _who(screen: Screen, one: PassEvent) -> None:
    if one.person is None:
        text("span", screen.say("unknown") if one.reader else "–", "quiet")
    elif screen.may(Permission.MANAGE_CREDENTIALS):
        link(short(one.person), at(f"/doors/people/{one.person}"), attributes={"title": one.person})
    else:
        text("span", short(one.person), attributes={"title": one.person})


@act(Permission.VIEW_DOORS)
async def watch(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - the timer sends nothing
    """Draw the list anew where something new happened that is asked for."""
    after: int = screen.kept[NEWEST]
    new = await screen.ask(live_events, after, wanted_events(screen))
    if not new:
        return
    screen.kept[NEWEST] = max(one.id for one in new)
    shown = screen.marked(LIST)
    shown.clear()
    with shown:
        await _list(screen)
