"""Recognition in the console: what keeps a purpose from running, stations and their devices, faces under two consents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.widgets import Choice, badge, button_link, card, choose, dialog, field, form, note, nothing, opener, page_head, segments
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError
from consentry.recognition import service
from consentry.recognition.answers import ReviewDecision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.console.answers import Answers
    from consentry.console.screen import Screen
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site
    from consentry.recognition.answers import PairingCode, PurposeState, Review, StationState

__all__ = ["draw_reviews", "draw_stations"]

WHY_LENGTH: Final = 200


def _purposes_open(site: Site, actor: Actor) -> Sequence[PurposeState]:  # noqa: ARG001 - anybody may know
    return service.purposes_open(site)


def _tabs(screen: Screen, here: str) -> None:
    parts = [(at("/stations"), screen.say("Stations")), (at("/stations/reviews"), screen.say("One face, two consents"))]
    segments(screen.say("Parts of recognition"), parts, at(here))


@console_page("/stations", access=Permission.MANAGE_STATIONS, title="Stations")
async def draw_stations(screen: Screen) -> None:
    """Show which purposes run, and what keeps the others from it; list the stations."""
    states = await screen.ask(_purposes_open)
    found = await screen.ask(service.stations)
    with page_head(screen.say("Stations"), screen.say("A station looks only when a person activates it, for seconds, and only for those who agreed.")):
        pass
    with tag("div", "stack"):
        _tabs(screen, "/stations")
        _pairing_code(screen)
        _purposes(screen, states)
        _stations(screen, found)


def _pairing_code(screen: Screen) -> None:
    code: PairingCode | None = screen.kept.pop("pairing", None)
    if code is None:
        return
    with card(screen.say("The code, shown once")), tag("div", "stack"):
        mend = screen.say("It works once, until {time}.", time=screen.speech.moment(code.expires))
        note(screen.say("Open /kiosk/{station} on the device and type it there.", station=code.station), mend, "warn")
        text("code", code.code, "shown-once")


def _purposes(screen: Screen, states: Sequence[PurposeState]) -> None:
    with card(screen.say("Purposes"), classes="flush"):
        if not states:
            nothing(screen.say("No purpose is set up"), screen.say("Counting needs none. The settings name each purpose that faces may serve."))
        with tag("ul", "rows"):
            for state in states:
                with tag("li", "wrap"):
                    with tag("div", "grow"):
                        text("div", screen.term("face-purpose", state.purpose), "strong")
                        for blocker in state.blockers:
                            text("div", screen.own({"zh": blocker.zh, "en": blocker.en}), "quiet small")
                    badge(screen.say("runs") if state.open else screen.say("closed"), "good" if state.open else "warn")


def _stations(screen: Screen, found: Sequence[StationState]) -> None:
    with card(screen.say("Devices"), classes="flush"):
        if not found:
            nothing(screen.say("No station is set up"), screen.say("The settings name each station and its purposes."))
        with tag("ul", "rows"):
            for station in found:
                _station(screen, station)


def _station(screen: Screen, station: StationState) -> None:
    name = screen.own(station.name)
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", name, "strong")
            text("div", screen.say(", ").join(screen.term("face-purpose", purpose) for purpose in station.purposes), "quiet small")
            if station.stopped:
                text("div", screen.term("incident", station.stopped), "small")
        if station.stopped:
            badge(screen.say("stopped"), "bad")
            with dialog(screen.say("Let it run again"), name) as asked, form(screen, resume, screen.say("Let it run again"), {"station": station.station}):
                field(screen.say("Reason"), "reason", screen.say("What was found. Name no person."), maxlength=WHY_LENGTH, required=True)
            opener(screen.say("Let it run again…"), asked, name=screen.say("Let {name} run again", name=name))
        else:
            badge(screen.say("paired") if station.paired else screen.say("no device"), "good" if station.paired else "warn")
        _pairing(screen, station, name)


def _pairing(screen: Screen, station: StationState, name: str) -> None:
    fixed = {"station": station.station}
    if station.paired:
        with dialog(screen.say("Take the device off"), name) as asked, form(screen, unpair, screen.say("Take the device off"), fixed, look="danger"):
            field(screen.say("Reason"), "reason", screen.say("Kept in the ledger. Name no person."), maxlength=WHY_LENGTH, required=True)
        opener(screen.say("Take off…"), asked, look="danger", name=screen.say("Take the device of {name} off", name=name))
    lead = screen.say("A code appears that makes one device this station. A device paired before is replaced.")
    with dialog(screen.say("Pair a device"), lead) as asked, form(screen, pair, screen.say("Show the code"), fixed):
        pass
    opener(screen.say("Pair a device…"), asked, name=screen.say("Pair a device with {name}", name=name))


@console_page("/stations/reviews", access=Permission.VIEW_CONSENTS, title="One face, two consents", personal=True)
async def draw_reviews(screen: Screen) -> None:
    """List consents whose faces are the same, for a person to look at; nothing is merged by itself."""
    found = await screen.ask(service.reviews)
    with page_head(screen.say("Stations"), screen.say("The same face under two consents is looked at by a person. Nothing is merged by itself.")):
        button_link(screen.say("Consents"), at("/consent/records"))
    with tag("div", "stack"):
        if screen.may(Permission.MANAGE_STATIONS):
            _tabs(screen, "/stations/reviews")
        with card(classes="flush"):
            if not found:
                nothing(screen.say("Nothing to look at"), screen.say("If somebody enrols twice for one purpose, it appears here."), "check")
            with tag("ul", "rows"):
                for review in found:
                    _review(screen, review)


def _review(screen: Screen, review: Review) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", screen.term("face-purpose", review.purpose), "strong")
            text("div", " · ".join([review.consent, *review.others]), "quiet small mono")
            text("div", screen.speech.moment(review.found), "quiet small figure")
        if review.decision:
            badge(screen.term("review", review.decision), "good")
        elif screen.may(Permission.HANDLE_REQUESTS):
            with dialog(screen.say("What did you find?")) as asked, form(screen, decide, screen.say("Keep it"), {"review": review.id}):
                choose(screen.say("Finding"), "decision", [Choice(one, screen.term("review", one)) for one in ReviewDecision], ReviewDecision.SAME_PERSON)
                field(screen.say("Reason"), "reason", screen.say("How you know. Name no person."), maxlength=WHY_LENGTH, required=True)
            opener(screen.say("Decide…"), asked, look="main-action")


@act(Permission.MANAGE_STATIONS)
async def pair(screen: Screen, answers: Answers) -> None:
    """Make the code that makes a device a station."""
    screen.kept["pairing"] = await screen.ask(service.pair_station, answers.need("station"))
    await screen.redraw()


@act(Permission.MANAGE_STATIONS)
async def unpair(screen: Screen, answers: Answers) -> None:
    """Take a device off its station."""
    await screen.ask(service.unpair_station, answers.need("station"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The device is off."))


@act(Permission.MANAGE_STATIONS)
async def resume(screen: Screen, answers: Answers) -> None:
    """Let a station run again that an incident stopped."""
    await screen.ask(service.resume_station, answers.need("station"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The station runs again."))


@act(Permission.HANDLE_REQUESTS)
async def decide(screen: Screen, answers: Answers) -> None:
    """Keep what a person found about two consents of one face."""
    try:
        decision = ReviewDecision(answers.need("decision"))
    except ValueError:
        raise InputError("form.choice", answers.one("decision"), "this is not one of the choices", "Choose from the list.") from None
    await screen.ask(service.decide_review, answers.need("review"), decision, answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("It is kept."))
