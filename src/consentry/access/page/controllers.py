"""Controllers in the console: devices that open doors by themselves, paired by a code shown once, and when each was heard of last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.access.page.parts import body, doors_named, no_doors
from consentry.access.page.words import seconds
from consentry.access.service.controllers import controllers, pair_controller, revoke_controller
from consentry.console.actors import by
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, console_page
from consentry.console.reasons import reason
from consentry.console.widgets import badge, card, dialog, form, note, opener, page_head
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from consentry.access.happenings import ControllerCode, ControllerState
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["controller_standing", "draw_controllers"]

CODE: Final = "controller-code"
WRONG_CLOCK_S: Final = 30
"""A clock that is off by this much lets telephones' codes fail, which hold for 30 seconds."""


@console_page("/doors/controllers", access=Permission.VIEW_DOORS, title="Controllers")
async def draw_controllers(screen: Screen) -> None:
    """List the controllers of the settings."""
    lead = screen.say("A controller decides by itself, also while the network is down, from what the site signed for its own doors.")
    with page_head(screen.say("Doors"), lead):
        pass
    with body(screen, "/doors/controllers"):
        found = await screen.ask(controllers)
        if not found:
            no_doors(screen)
            return
        _code(screen)
        with card(screen.say("Controllers"), classes="flush"), tag("ul", "rows"):
            for one in found:
                _controller(screen, one)


def _code(screen: Screen) -> None:
    made: ControllerCode | None = screen.kept.pop(CODE, None)
    if made is None:
        return
    with card(screen.say("The code, shown once")), tag("div", "stack"):
        mend = screen.say("It works once, until {time}.", time=screen.speech.moment(made.expires))
        note(screen.say("Type it on the device that becomes controller {name}:", name=made.controller), mend, "warn")
        text("code", made.code, "shown-once")
        text("code", f"consentry door pair --data door --server {screen.origin} --code {made.code}", "shown-once")


def _controller(screen: Screen, one: ControllerState) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", one.controller, "strong")
            text("div", doors_named(screen, one.doors), "small")
            if one.paired and one.paired_by:
                who = by(screen, one.paired_by)
                text("div", screen.say("paired {time} by {name}", time=screen.speech.moment(one.paired), name=who), "quiet small figure")
                text("div", _heard(screen, one), "quiet small figure")
            if one.key_sha256:
                text("div", screen.say("key {key}", key=one.key_sha256[:16]), "quiet small mono", {"title": one.key_sha256})
        if abs(one.skew_s) > WRONG_CLOCK_S:
            badge(screen.say("its clock is off by {time}", time=seconds(screen, abs(one.skew_s))), "warn")
        badge(*controller_standing(screen, one))
        if screen.may(Permission.MANAGE_DOORS):
            with tag("div", "acts"):
                _acts(screen, one)


def _heard(screen: Screen, one: ControllerState) -> str:
    if one.seen is None:
        return screen.say("never heard of")
    heard = screen.say("last heard of {time}", time=screen.speech.moment(one.seen))
    holds = screen.say("holds snapshot {number}", number=screen.speech.number(one.snapshot))
    return f"{heard} · {holds}"


def controller_standing(screen: Screen, one: ControllerState) -> tuple[str, str]:
    """Return the state of a controller in words, and its tone."""
    if one.paired is None:
        return screen.say("no device"), "plain"
    return (screen.say("offline"), "bad") if one.away else (screen.say("online"), "good")


def _acts(screen: Screen, one: ControllerState) -> None:
    lead = screen.say("A code appears, once, for ten minutes.")
    if one.paired:
        lead = screen.say("A code appears, once, for ten minutes. As soon as another device uses it, the device that is paired now gets nothing more.")
    with dialog(screen.say("Pair a device"), lead) as asked, form(screen, pair, screen.say("Show the code"), {"controller": one.controller}):
        pass
    opener(screen.say("Pair a device…"), asked, picture="add", name=screen.say("Pair a device as {name}", name=one.controller))
    if one.paired:
        lead = screen.say("It gets nothing more. What it holds already opens its doors until that expires, unless somebody takes its power.")
        fixed = {"controller": one.controller}
        with dialog(screen.say("Revoke the device"), lead) as asked, form(screen, revoke, screen.say("Revoke"), fixed, look="danger"):
            reason(screen)
        opener(screen.say("Revoke…"), asked, look="danger", name=screen.say("Revoke {name}", name=one.controller))


@act(Permission.MANAGE_DOORS)
async def pair(screen: Screen, answers: Answers) -> None:
    """Make the code that makes a device a controller."""
    screen.kept[CODE] = await screen.ask(pair_controller, answers.need("controller"))
    await screen.redraw()


@act(Permission.MANAGE_DOORS)
async def revoke(screen: Screen, answers: Answers) -> None:
    """Let a device be the controller no more."""
    await screen.ask(revoke_controller, answers.need("controller"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The device is revoked."))
