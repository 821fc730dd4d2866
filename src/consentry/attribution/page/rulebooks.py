"""The rules of each project in the console: every version with its hash, and what changed from one to the next, for whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from consentry.attribution.model import RulebookVersion
from consentry.attribution.page.parts import body, no_project, pick_project, project_of
from consentry.attribution.service.rulebooks import versions
from consentry.console.elements import tag, text
from consentry.console.pages import at, console_page
from consentry.console.widgets import badge, button_link, card, fact, note, page_head
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consentry.attribution.service.rulebooks import RecordedVersion
    from consentry.console.screen import Screen

__all__ = ["TERMS", "changed_terms", "draw_rules"]

TERMS: Final = ("lead", "report_valid", "visit_protection", "natural_protection", "kin", "mode", "reply_within", "appeal_within")
"""What a version of the rules sets, in the order in which a case meets it."""


@console_page("/attribution/rules", access=Permission.VIEW_ATTRIBUTION, title="Rules")
async def draw_rules(screen: Screen) -> None:
    """List the versions of a project's rules, the newest first."""
    project = project_of(screen)
    with page_head(screen.say("Sales"), screen.say("A report is judged by the rules in force when it was received. No version changes once it is in force.")):
        pass
    with body(screen, "/attribution/rules"):
        if project is None:
            no_project(screen)
            return
        found = await screen.ask(versions, project.id)
        pick_project(screen, project)
        if not found:
            note(screen.say("The rules are not recorded yet."), screen.say("They are as soon as the site runs for a minute, or the first report comes."))
            _terms(screen, RulebookVersion(), screen.say("The rules that Consentry brings"))
        for place in range(len(found) - 1, -1, -1):
            _version(screen, found, place)


def _version(screen: Screen, found: Sequence[RecordedVersion], place: int) -> None:
    one = found[place]
    before = found[place - 1].version if place else None
    with card(), tag("div", "stack"):
        with tag("div", "row apart"):
            text("h2", screen.say("Version {number}", number=place + 1))
            badge(*_standing(screen, found, place))
        with tag("dl", "facts"):
            fact(screen.say("In force from"), screen.speech.moment(one.version.start) if one.version.start else screen.say("the beginning"))
            fact(screen.say("Recorded"), screen.speech.moment(one.applied))
            fact(screen.say("Hash"), one.sha256, mono=True)
        if screen.may(Permission.VIEW_LEDGER):
            with tag("div", "row"):
                button_link(screen.say("Entry {index}", index=one.entry), at(f"/ledger/{one.entry}"))
        if before is not None:
            _changes(screen, before, one.version)
        with tag("details", "fold"):
            text("summary", screen.say("All its terms"))
            with tag("dl", "facts"):
                for term in TERMS:
                    fact(screen.term("rule-term", term), _said(screen, one.version, term))


def _standing(screen: Screen, found: Sequence[RecordedVersion], place: int) -> tuple[str, str]:
    begun = [at_ for at_, one in enumerate(found) if one.version.start is None or one.version.start <= screen.now]
    if place not in begun:
        return screen.say("to come"), "warn"
    return (screen.say("in force"), "good") if place == begun[-1] else (screen.say("replaced"), "plain")


def _terms(screen: Screen, version: RulebookVersion, title: str) -> None:
    with card(title), tag("dl", "facts"):
        for term in TERMS:
            fact(screen.term("rule-term", term), _said(screen, version, term))


def _changes(screen: Screen, before: RulebookVersion, after: RulebookVersion) -> None:
    changed = list(changed_terms(before, after))
    if not changed:
        text("p", screen.say("Says the same as the version before."), "quiet")
        return
    with tag("div", "shape"):
        text("h3", screen.say("What changed, and for whom"))
        for term in changed:
            with tag("div"):
                change = screen.say("{before} becomes {after}", before=_said(screen, before, term), after=_said(screen, after, term))
                text("div", screen.say("{what}: {subject}", what=screen.term("rule-term", term), subject=change), "strong small")
                text("div", screen.term("rule-effect", term), "quiet small")


def changed_terms(before: RulebookVersion, after: RulebookVersion) -> Iterator[str]:
    """Yield the terms in which two versions differ; the order in which kin is listed means nothing."""
    for term in TERMS:
        old, new = getattr(before, term), getattr(after, term)
        if (set(old) != set(new)) if term == "kin" else (old != new):
            yield term


def _said(screen: Screen, version: RulebookVersion, term: str) -> str:
    value = getattr(version, term)
    if isinstance(value, timedelta):
        return screen.speech.length(value)
    if isinstance(value, tuple):
        return screen.say(", ").join(screen.term("link-kind", kind) for kind in value)
    return screen.term("mode", value)
