"""The policy of the doors in the console: rules, schedules, holidays and areas as forms; a draft, who gains or loses by it, and applying it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import ui

from consentry.access.page.parts import body, no_doors
from consentry.access.page.policy_diff import draw_diff
from consentry.access.page.policy_doors import draw_areas, draw_special_doors
from consentry.access.page.policy_draft import Draft, apply_draft, compare_draft, drop_draft, is_news, name_draft, seen_draft
from consentry.access.page.policy_rules import draw_rules
from consentry.access.page.policy_times import draw_holidays, draw_schedules
from consentry.access.page.terms import group_name
from consentry.access.service.groups import groups
from consentry.access.service.policies import policies
from consentry.access.service.simulating import standing_policy
from consentry.console.actors import by
from consentry.console.answers import Answers
from consentry.console.dispatch import perform, tell
from consentry.console.elements import link, tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.reasons import reason
from consentry.console.screen import explained
from consentry.console.widgets import badge, button, button_link, card, dialog, field, form, note, opener, page_head
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.access.register import AppliedPolicy, KeptDraft, PolicyPreview
    from consentry.console.screen import Screen

__all__ = ["draw_policy"]

SHOWN_VERSIONS: Final = 10
WATCH_S: Final = 4.0
NEWS: Final = "draft-news"


@console_page("/doors/policy", access=Permission.VIEW_DOORS, title="Rules of doors")
async def draw_policy(screen: Screen) -> None:
    """Show the policy in force, or the draft that is edited."""
    with page_head(screen.say("Doors"), screen.say("Who passes which door when. What you edit is a draft; nothing is in force before you apply it.")):
        button_link(screen.say("Groups"), at("/doors/groups"))
    with body(screen, "/doors/policy"):
        if not screen.site.settings.doors:
            no_doors(screen)
            return
        held, standing = await seen_draft(screen), await screen.ask(standing_policy)
        policy = held.policy if held and held.policy else standing
        called = {group.id: group_name(screen, group) for group in await screen.ask(groups)}
        tag("div", "stack news", {"aria-live": "polite"}).mark(NEWS)
        if held:
            _draft(screen, held, standing.version, called)
        with tag("div", "split"):
            with tag("div", "stack"):
                draw_rules(screen, policy, called)
                draw_schedules(screen, policy)
            with tag("div", "stack"):
                draw_holidays(screen, policy)
                draw_areas(screen, policy)
                draw_special_doors(screen, policy, called)
        _history(screen, await screen.ask(policies))
    if screen.may(Permission.MANAGE_DOORS):
        ui.timer(WATCH_S, lambda: perform(screen, watch, Answers.of({})))


def _draft(screen: Screen, held: Draft, version: int, called: Mapping[str, str]) -> None:
    title = screen.say("Draft: {name}", name=held.kept.name) if held.kept.name else screen.say("Draft, not in force")
    lead = screen.say("It is kept until somebody applies it or throws it away. Every door still follows the rules before it.")
    with card(title, lead), tag("div", "stack"):
        _authors(screen, held.kept)
        if version != held.kept.version:
            problem = screen.say("Version {number} was applied since this draft was begun.", number=version)
            note(problem, screen.say("The draft would put its own rules in the place of those. See below what that changes."), "warn")
        if held.trouble is not None:
            note(*explained(screen.speech, held.trouble), tone="bad")
        elif held.preview is not None:
            _preview(screen, held.preview, called)
        with tag("div", "row"):
            if held.trouble is None and held.preview is None:
                button(screen, screen.say("Show who gains or loses what"), preview, look="main-action")
            _naming(screen, held.kept)
            _throwing_away(screen)


def _authors(screen: Screen, kept: KeptDraft) -> None:
    begun = screen.say("begun {time} by {name}", time=screen.speech.moment(kept.begun), name=_by(screen, kept.begun_by))
    changed = screen.say("changed last {time} by {name}", time=screen.speech.moment(kept.edited), name=_by(screen, kept.edited_by))
    text("p", f"{begun} · {changed}", "quiet small figure")
    if kept.edited_by != screen.actor.label:
        note(screen.say("Somebody else changed it last."), screen.say("Look at what it changes before you go on."))


def _by(screen: Screen, label: str) -> str:
    return screen.say("you") if label == screen.actor.label else by(screen, label)


def _naming(screen: Screen, kept: KeptDraft) -> None:
    with dialog(screen.say("Name the draft")) as asked, form(screen, name, screen.say("Keep it")):
        field(screen.say("Name"), "name", screen.say("What it is for, such as summer hours."), value=kept.name, maxlength=80, required=True, autocomplete="off")
    opener(screen.say("Name the draft…"), asked)


def _throwing_away(screen: Screen) -> None:
    lead = screen.say("Everything in it is gone, also what others put into it. What is in force stays.")
    with dialog(screen.say("Throw the draft away"), lead) as asked, form(screen, throw_away, screen.say("Throw it away"), look="danger"):
        pass
    opener(screen.say("Throw it away…"), asked, look="danger")


def _preview(screen: Screen, found: PolicyPreview, called: Mapping[str, str]) -> None:
    text("h3", screen.say("Who gains or loses what"))
    draw_diff(screen, found.changes, found.doors, called)
    if any(change.unlocked for change in found.doors):
        note(screen.say("A first card lets everybody in."), screen.say("Whoever comes after it shows nothing, and no event says who."), "warn")
    if any(change.lost for change in found.changes):
        note(screen.say("Somebody loses a door within seconds of applying."), screen.say("Whoever is inside gets out in any case."), "warn")
    with form(screen, apply, screen.say("Apply it"), classes="form whole"):
        reason(screen)


def _history(screen: Screen, found: Sequence[AppliedPolicy]) -> None:
    if not found:
        return
    with card(screen.say("Versions"), screen.say("Every version that was applied stays on record."), classes="flush"), tag("ul", "rows"):
        for place, one in enumerate(found[:SHOWN_VERSIONS]):
            with tag("li", "wrap"):
                with tag("div", "grow"):
                    text("div", screen.say("Version {number}", number=one.version), "strong")
                    text("div", one.reason, "small")
                    text("div", f"{screen.speech.moment(one.applied)} · {by(screen, one.applied_by)}", "quiet small figure")
                text("span", _counts(screen, one), "quiet small")
                if screen.may(Permission.VIEW_LEDGER):
                    link(screen.say("entry {index}", index=one.entry), at(f"/ledger/{one.entry}"))
                badge(screen.say("in force") if place == 0 else screen.say("replaced"), "good" if place == 0 else "plain")


def _counts(screen: Screen, one: AppliedPolicy) -> str:
    gained = screen.say_count("{count} person gained", "{count} people gained", one.gains)
    return f"{gained} · {screen.say_count('{count} person lost', '{count} people lost', one.loses)}"


@act(Permission.MANAGE_DOORS)
async def preview(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - the draft is on the page
    """Show who gains or loses what by the draft."""
    await compare_draft(screen)


@act(Permission.MANAGE_DOORS)
async def apply(screen: Screen, answers: Answers) -> None:
    """Put the draft in force as it was compared."""
    await apply_draft(screen, answers.need("reason"))
    tell(screen, screen.say("The rules are in force, and reach every controller within seconds."))


@act(Permission.MANAGE_DOORS)
async def name(screen: Screen, answers: Answers) -> None:
    """Call the draft by a name."""
    await name_draft(screen, answers.need("name"))


@act(Permission.MANAGE_DOORS)
async def throw_away(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - as above
    """Forget the draft."""
    await drop_draft(screen)


@act(Permission.MANAGE_DOORS)
async def look_again(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - as above
    """Draw the draft as it is now."""
    await screen.redraw()


@act(Permission.MANAGE_DOORS)
async def watch(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - the timer sends nothing
    """Say so where somebody else changed the draft; what is open on the page stays."""
    news = await is_news(screen)
    said = screen.marked(NEWS)
    if not news:
        said.clear()
    elif not list(said):
        with said:
            note(screen.say("Somebody else changed the draft, applied it or began one."), screen.say("What you see here is no longer what is kept."), "warn")
            with tag("div", "row"):
                button(screen, screen.say("Show it as it is now"), look_again)
