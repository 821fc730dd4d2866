"""Lockdown and free access in the console: one person proposes, another confirms, either ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.access.happenings import ModeStep
from consentry.access.model import DoorMode
from consentry.access.page.parts import body, doors_named, no_doors
from consentry.access.page.terms import door_ticks
from consentry.access.page.words import MODE_TONES
from consentry.access.service.modes import confirm_mode, end_mode, modes, propose_mode
from consentry.console.actors import by
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, console_page
from consentry.console.reading import one_of
from consentry.console.reasons import reason
from consentry.console.widgets import Choice, badge, button, card, choose, dialog, form, note, nothing, opener, page_head
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consentry.access.happenings import ModeState
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_modes"]

SETTABLE: Final = (DoorMode.LOCKDOWN, DoorMode.FREE)
LIVE: Final = frozenset({ModeStep.PROPOSED, ModeStep.STANDING})
STEP_TONES: Final = {ModeStep.PROPOSED: "warn", ModeStep.STANDING: "bad", ModeStep.LAPSED: "plain", ModeStep.ENDED: "plain"}


@console_page("/doors/modes", access=Permission.VIEW_DOORS, title="Lockdown and free access")
async def draw_modes(screen: Screen) -> None:
    """Show what stands and what is proposed, and what was."""
    with page_head(screen.say("Doors"), screen.say("Two people are needed to begin, one to end. Fire wins over both, and leaving is never locked.")):
        if screen.may(Permission.SET_DOOR_MODE) and screen.site.settings.doors:
            _propose(screen)
    with body(screen, "/doors/modes"):
        if not screen.site.settings.doors:
            no_doors(screen)
            return
        found = await screen.ask(modes)
        live, over = [one for one in found if one.step in LIVE], [one for one in found if one.step not in LIVE]
        with card(screen.say("Now"), classes="flush"):
            if not live:
                nothing(screen.say("Every door is as usual"), screen.say("The rules decide who passes. Nothing is proposed."), "check")
            _rows(screen, live)
        if over:
            with card(screen.say("Before"), classes="flush"):
                _rows(screen, over)


def _propose(screen: Screen) -> None:
    lead = screen.say("Nothing changes before another person confirms it. This needs your password.")
    with dialog(screen.say("Propose a mode"), lead) as asked, form(screen, propose, screen.say("Propose it")):
        choose(screen.say("Mode"), "mode", [Choice(mode, screen.term("door-mode-choice", mode)) for mode in SETTABLE], DoorMode.LOCKDOWN)
        door_ticks(screen, (), screen.say("Tick every door that is meant."))
        reason(screen)
    opener(screen.say("Propose a mode…"), asked, look="main-action", picture="shield")


def _rows(screen: Screen, found: Sequence[ModeState]) -> None:
    with tag("ul", "rows"):
        for one in found:
            _row(screen, one)


def _row(screen: Screen, one: ModeState) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            with tag("div", "row tight"):
                badge(screen.term("door-mode", one.mode), MODE_TONES[one.mode] if one.step in LIVE else "plain")
                text("span", doors_named(screen, one.doors), "strong")
            text("div", one.reason, "small")
            for line in _history(screen, one):
                text("div", line, "quiet small figure")
        badge(screen.term("mode-step", one.step), STEP_TONES[one.step])
        if one.step in LIVE and screen.may(Permission.SET_DOOR_MODE):
            _acts(screen, one)


def _history(screen: Screen, one: ModeState) -> Iterator[str]:
    moment = screen.speech.moment
    yield screen.say("proposed {time} by {name}", time=moment(one.proposed), name=by(screen, one.by))
    if one.confirmed and one.confirmed_by:
        yield screen.say("confirmed {time} by {name}", time=moment(one.confirmed), name=by(screen, one.confirmed_by))
    if one.step is ModeStep.PROPOSED:
        yield screen.say("lapses {time} unless somebody else confirms it", time=moment(one.expires))
    if one.ended and one.ended_by:
        yield screen.say("ended {time} by {name}", time=moment(one.ended), name=by(screen, one.ended_by))


def _acts(screen: Screen, one: ModeState) -> None:
    fixed = {"mode": one.id}
    if one.step is ModeStep.PROPOSED and one.by == screen.actor.label:
        note(screen.say("You proposed it; somebody else has to confirm it."))
    elif one.step is ModeStep.PROPOSED:
        button(screen, screen.say("Confirm"), confirm, fixed, look="main-action", name=screen.say("Confirm: {what}", what=screen.term("door-mode", one.mode)))
    standing, name = one.step is ModeStep.STANDING, screen.term("door-mode", one.mode)
    words = screen.say("End it") if standing else screen.say("Take it back")
    with dialog(words, name) as asked, form(screen, end, words, fixed, look="danger"):
        reason(screen)
    opening = screen.say("End it…") if standing else screen.say("Take it back…")
    opener(opening, asked, look="danger", name=screen.say("{what}: {subject}", what=words, subject=name))


@act(Permission.SET_DOOR_MODE)
async def propose(screen: Screen, answers: Answers) -> None:
    """Propose lockdown or free access."""
    await screen.ask(propose_mode, one_of(DoorMode, answers.need("mode")), answers.all("door"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("It is proposed. Somebody else has to confirm it."))


@act(Permission.SET_DOOR_MODE)
async def confirm(screen: Screen, answers: Answers) -> None:
    """Confirm what another person proposed."""
    await screen.ask(confirm_mode, answers.need("mode"))
    await screen.redraw()
    tell(screen, screen.say("It stands, and reaches every controller within seconds."))


@act(Permission.SET_DOOR_MODE)
async def end(screen: Screen, answers: Answers) -> None:
    """End a mode, or take a proposal back."""
    await screen.ask(end_mode, answers.need("mode"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The doors are as usual again."))
