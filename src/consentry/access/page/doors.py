"""The doors in the console: how each stands, which ways through it work, what happened last, and opening it for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from nicegui import ui

from consentry.access.happenings import EventFilter
from consentry.access.model import ContactState, DoorMode, ReaderKind
from consentry.access.page.controllers import controller_standing
from consentry.access.page.parts import body, no_doors
from consentry.access.page.words import MODE_TONES, event_tone, event_words, seconds
from consentry.access.service.controllers import controllers
from consentry.access.service.events import door_states, events
from consentry.access.service.orders import open_door
from consentry.access.service.parity import parity_report
from consentry.access.service.readiness import readiness
from consentry.console.answers import Answers
from consentry.console.dispatch import perform, tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.places import door_name
from consentry.console.reasons import reason
from consentry.console.widgets import badge, button_link, card, dialog, fact, form, note, opener, page_head
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.happenings import ControllerState, DoorReadiness, DoorState, PassEvent, WaysReport, WayState
    from consentry.console.screen import Screen

__all__ = ["draw_doors"]

REFRESH_S: Final = 10.0
TIMES_OF: Final = timedelta(days=30)
SHOWN_EVENTS: Final = 3
CONTACT_TONES: Final = {ContactState.CLOSED: "good", ContactState.OPEN: "warn", ContactState.UNKNOWN: "plain"}
BUSY: Final = "return document.querySelector('main')?.contains(document.activeElement) ?? false"


@dataclass(frozen=True, slots=True)
class _Shown:
    """Everything that is shown of one door."""

    state: DoorState
    controller: ControllerState
    ready: DoorReadiness
    last: Sequence[PassEvent]


@console_page("/doors", access=Permission.VIEW_DOORS, title="Doors")
async def draw_doors(screen: Screen) -> None:
    """Show every door as its controller told it last."""
    with page_head(screen.say("Doors"), screen.say("Cards, numbers, telephones and, for whoever chose it, faces. No door opens for a face alone.")):
        pass
    with body(screen, "/doors"):
        found = await _doors(screen)
        if not found:
            no_doors(screen)
            return
        with tag("div", "grid wide"):
            for one in found:
                _door(screen, one)
        _times(screen, await screen.ask(parity_report, screen.now - TIMES_OF, screen.now))
    ui.timer(REFRESH_S, lambda: perform(screen, refresh, Answers.of({})), once=True)


async def _doors(screen: Screen) -> list[_Shown]:
    states, ready = await screen.ask(door_states), {one.door: one for one in await screen.ask(readiness)}
    by_name = {one.controller: one for one in await screen.ask(controllers)}
    return [
        _Shown(one, by_name[one.controller], ready[one.door], await screen.ask(events, EventFilter(doors=(one.door,)), limit=SHOWN_EVENTS)) for one in states
    ]


def _door(screen: Screen, one: _Shown) -> None:
    name = door_name(screen, one.state.door)
    with card(), tag("div", "stack tight"):
        with tag("div", "row apart"):
            text("h2", name)
            with tag("div", "row tight"):
                _standing(screen, one)
        if one.ready.face_sole:
            problem = screen.say("Only the face reader works, so it is stopped too.")
            note(problem, screen.say("Nobody may be made to show their face. Mend another reader, or let somebody stand at the door."), "bad")
        _ways(screen, one.ready.ways)
        _last(screen, one)
        with tag("div", "row"):
            if screen.may(Permission.OPEN_DOORS):
                _open(screen, one.state.door, name)
            link = button_link(screen.say("Its events"), at(f"/doors/events?door={one.state.door}"), look="plain", picture="right")
            link.props["aria-label"] = screen.say("Events of {name}", name=name)


def _standing(screen: Screen, one: _Shown) -> None:
    words, tone = controller_standing(screen, one.controller)
    if one.state.told is not None:
        badge(screen.term("contact", one.state.contact), CONTACT_TONES[one.state.contact])
    if one.state.mode is not DoorMode.NORMAL:
        badge(screen.term("door-mode", one.state.mode), MODE_TONES[one.state.mode])
    badge(screen.say("{what}: {subject}", what=screen.say("controller"), subject=words), tone)


def _ways(screen: Screen, ways: Sequence[WayState]) -> None:
    with tag("div", "row tight"):
        for way in ways:
            name = screen.term("door-reader", way.reader)
            if way.works:
                badge(name, "good")
            else:
                badge(screen.say("{what}: {subject}", what=name, subject=screen.say("out of service")), _tone(way))
    for way in ways:
        if not way.works:
            why = screen.own({"zh": way.zh or "", "en": way.en or ""})
            text("p", screen.say("{what}: {subject}", what=screen.term("door-reader", way.reader), subject=why), "quiet small")


def _tone(way: WayState) -> str:
    return "warn" if way.reader is ReaderKind.FACE else "bad"


def _last(screen: Screen, one: _Shown) -> None:
    with tag("div", "shape"):
        text("h3", screen.say("Last events"))
        if not one.last:
            text("p", screen.say("Nothing yet."), "quiet small")
        for event in one.last:
            with tag("div", "row tight"):
                text("time", screen.speech.moment(event.at), "quiet small figure")
                badge(event_words(screen, event.kind), event_tone(event.kind))


def _open(screen: Screen, door: str, name: str) -> None:
    lead = screen.say("Once, for somebody who stands there. The ledger keeps who opened it and why. A door in lockdown stays shut.")
    with dialog(screen.say("Open {name}", name=name), lead) as asked, form(screen, open_for_somebody, screen.say("Open it now"), {"door": door}):
        reason(screen, screen.say("Such as: a courier for the office on the third floor. Name no person."))
    opener(screen.say("Open for somebody…"), asked, picture="key", name=screen.say("Open {name} for somebody", name=name))


def _times(screen: Screen, found: WaysReport) -> None:
    """Add how long each way took, so that staff see whether anybody waits longer for want of a face (R62)."""
    if not found.ways:
        return
    lead = screen.say("Median from the first read to the release, in the last {time}.", time=screen.speech.length(TIMES_OF))
    with card(screen.say("How long each way takes"), lead), tag("div", "stack"):
        if found.holds is not None:
            words = screen.say("Nobody waits longer without a face.") if found.holds else screen.say("Whoever shows no face waits too long.")
            mend = "" if found.holds else screen.say("The slowest other way is more than a fifth and two seconds slower than the face. See to its reader.")
            note(words, mend, "good" if found.holds else "bad")
        with tag("dl", "facts"):
            for way in found.ways:
                many = screen.say_count("{count} passage", "{count} passages", way.many)
                fact(screen.term("door-reader", way.way), f"{seconds(screen, way.median_s)} · {many}")


@act(Permission.OPEN_DOORS)
async def open_for_somebody(screen: Screen, answers: Answers) -> None:
    """Have a door unlocked once."""
    await screen.ask(open_door, answers.need("door"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The controller opens it within seconds."))


@act(Permission.VIEW_DOORS)
async def refresh(screen: Screen, answers: Answers) -> None:
    """Draw the doors anew, unless somebody is at work on the page."""
    if await screen.client.run_javascript(BUSY, timeout=5):
        ui.timer(REFRESH_S, lambda: perform(screen, refresh, answers), once=True)
    else:
        await screen.redraw()
