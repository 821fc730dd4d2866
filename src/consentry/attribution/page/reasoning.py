"""Why the rules say what they say: each step in plain words, the evidence with its hashes, and the flags with what may be behind them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from consentry.attribution.model import Clock
from consentry.attribution.rules.notation import read_duration, read_instant
from consentry.console.actors import by, short
from consentry.console.elements import tag, text
from consentry.console.lists import cell, table
from consentry.console.reasons import reason
from consentry.console.widgets import badge, card, dialog, form, nothing, opener
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.attribution.deals import RaisedFlag
    from consentry.attribution.model import Explanation, Step, Verdict
    from consentry.console.pages import PageEvent
    from consentry.console.screen import Screen
    from consentry.ledger.model import JSONValue

__all__ = ["draw_evidence", "draw_flags", "draw_steps", "saw_words"]

INSTANTS: Final = frozenset({"arrived", "reported", "signed"})
LENGTHS: Final = frozenset({"protection"})
RULES: Final = "rulebook"
"""The hash of the version that was in force."""
SHOWN_OF_HASH: Final = 16


def draw_steps(screen: Screen, explanation: Explanation, names: Mapping[str, str]) -> None:
    """Add the rules step by step; ``consentry attribution replay`` finds the verdict again from them."""
    with card(screen.say("Step by step"), screen.say("Anybody can follow and repeat it.")), tag("ol", "steps"):
        for step in explanation.steps:
            with tag("li"):
                badge(step.rule, "plain")
                with tag("div", "grow"):
                    text("div", _step_words(screen, step))
                    if remark := _values(screen, step, names):
                        text("div", remark, "quiet small")


def _step_words(screen: Screen, step: Step) -> str:
    words = screen.term("finding", step.finding)
    if step.flag is not None:
        words = screen.say("{what}: {subject}", what=words, subject=screen.term("verdict-flag", step.flag))
    return screen.say("By the desk's own clock: {words}", words=words) if step.clock is Clock.CLAIMED else words


def _values(screen: Screen, step: Step, names: Mapping[str, str]) -> str:
    said = [
        screen.say("{what}: {subject}", what=screen.term("step-value", name), subject=_value(screen, name, value, names)) for name, value in step.values.items()
    ]
    if step.events:
        said.append(screen.say("events: {events}", events=screen.say(", ").join(short(event) for event in step.events)))
    return " · ".join(said)


def _value(screen: Screen, name: str, value: JSONValue, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return screen.say(", ").join(names.get(str(item), short(str(item))) for item in value) or "–"
    if name in INSTANTS:
        return screen.speech.moment(read_instant(str(value)))
    if name == RULES:
        return f"{str(value)[:SHOWN_OF_HASH]}…"
    if name in LENGTHS:
        return screen.speech.length(read_duration(str(value)))
    return " ".join(screen.speech.term("verdict", word) or screen.speech.term("mode", word) or names.get(word, word) for word in str(value).split())


def draw_evidence(screen: Screen, verdict: Verdict, document: Mapping[str, JSONValue]) -> None:
    """Add the events that counted, with their hashes and their entries in the ledger."""
    entries = document.get("entries")
    columns = (screen.say("Event"), screen.say("Id"), screen.say("Hash"), screen.say("Entries"))
    with card(screen.say("Evidence"), screen.say("The bundle holds all of it, with proofs."), classes="flush"):
        if not verdict.evidence:
            nothing(screen.say("No event counted"), screen.say("Nobody reported or received the buyers before the contract."))
            return
        with table(columns):
            for one in verdict.evidence:
                known = entries.get(one.id or "") if isinstance(entries, dict) else None
                with tag("tr"):
                    cell(columns[0], screen.term("event", one.type), "strong")
                    cell(columns[1], short(one.id or "–"), "mono")
                    cell(columns[2], f"{one.sha256[:SHOWN_OF_HASH]}…", "mono quiet")
                    cell(columns[3], screen.say(", ").join(map(str, known)) if isinstance(known, list) else "–", "figure")


def draw_flags(screen: Screen, found: Sequence[RaisedFlag], clear: PageEvent) -> None:
    """Add the signs of manipulation: what was seen, how common it is here, what may be behind it; a named person clears one."""
    with card(screen.say("Flags"), screen.say("They hold payment and decide nothing.")), tag("div", "stack"):
        if not found:
            text("p", screen.say("Nothing was seen that stands out."), "quiet")
        for flag in found:
            _flag(screen, flag, clear)


def _flag(screen: Screen, flag: RaisedFlag, clear: PageEvent) -> None:
    with tag("section", "shape"):
        with tag("div", "row tight apart"):
            text("h3", screen.term("fraud", flag.kind))
            badge(screen.say("cleared"), "plain") if flag.cleared else badge(screen.say("holds payment"), "warn")
        text("p", saw_words(screen, flag), "small")
        text(
            "p",
            screen.say("How common: {having} of {among} looked at here.", having=screen.speech.number(flag.having), among=screen.speech.number(flag.among)),
            "quiet small",
        )
        text("p", screen.say("It may be innocent: {why}", why=screen.own(flag.innocent)), "quiet small")
        if flag.cleared:
            text("p", screen.say("{what}: {subject}", what=by(screen, flag.cleared_by or ""), subject=flag.reason or ""), "small")
        elif screen.may(Permission.SIGN_VERDICTS):
            name = screen.term("fraud", flag.kind)
            lead = screen.say("In your own name: what it turned out to be. Payment is held by it no longer.")
            with dialog(screen.say("Clear the flag"), lead) as asked, form(screen, clear, screen.say("Clear it"), {"flag": flag.id}):
                reason(screen)
            opener(screen.say("Clear the flag…"), asked, name=screen.say("Clear the flag {name}", name=name))


def saw_words(screen: Screen, flag: RaisedFlag) -> str:
    """Say what a flag saw."""
    return screen.say(", ").join(
        screen.say("{what}: {subject}", what=screen.term("saw", name), subject=_seen(screen, value)) for name, value in flag.saw.items()
    )


def _seen(screen: Screen, value: JSONValue) -> str:
    if isinstance(value, bool):
        return screen.say("yes") if value else screen.say("no")
    if isinstance(value, int | float):
        return screen.speech.number(value)
    if isinstance(value, list):
        return screen.say(", ").join(short(str(item)) for item in value) or "–"
    try:
        return screen.speech.moment(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)
