"""The policy of the doors in the console: rules, schedules, holidays and areas as forms; a draft, who gains or loses by it, and applying it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.access.page.parts import body, no_doors
from consentry.access.page.policy_diff import draw_diff
from consentry.access.page.policy_doors import draw_areas, draw_special_doors
from consentry.access.page.policy_draft import Draft, document_of, draft_of, drop_draft, keep_draft, kept_draft
from consentry.access.page.policy_rules import draw_rules
from consentry.access.page.policy_times import draw_holidays, draw_schedules
from consentry.access.page.terms import group_name
from consentry.access.service.groups import groups
from consentry.access.service.policies import apply_policy, policies, preview_policy
from consentry.access.service.simulating import standing_policy
from consentry.console.actors import by
from consentry.console.dispatch import tell
from consentry.console.elements import link, tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.reasons import reason
from consentry.console.widgets import badge, button, button_link, card, form, note, page_head
from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.access.register import AppliedPolicy, PolicyPreview
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_policy"]

SHOWN_VERSIONS: Final = 10


@console_page("/doors/policy", access=Permission.VIEW_DOORS, title="Rules of doors")
async def draw_policy(screen: Screen) -> None:
    """Show the policy in force, or the draft that is edited."""
    with page_head(screen.say("Doors"), screen.say("Who passes which door when. What you edit is a draft; nothing is in force before you apply it.")):
        button_link(screen.say("Groups"), at("/doors/groups"))
    with body(screen, "/doors/policy"):
        if not screen.site.settings.doors:
            no_doors(screen)
            return
        held, standing = kept_draft(screen), await screen.ask(standing_policy)
        policy = held.policy if held else standing
        called = {group.id: group_name(screen, group) for group in await screen.ask(groups)}
        if held:
            _draft(screen, held, called)
        with tag("div", "split"):
            with tag("div", "stack"):
                draw_rules(screen, policy, called)
                draw_schedules(screen, policy)
            with tag("div", "stack"):
                draw_holidays(screen, policy)
                draw_areas(screen, policy)
                draw_special_doors(screen, policy, called)
        _history(screen, await screen.ask(policies))


def _draft(screen: Screen, held: Draft, called: Mapping[str, str]) -> None:
    lead = screen.say("It lives on this page until you apply it or leave. Every door still follows the rules before it.")
    with card(screen.say("Draft, not in force"), lead), tag("div", "stack"):
        if held.preview is None:
            with tag("div", "row"):
                button(screen, screen.say("Show who gains or loses what"), preview, look="main-action")
                button(screen, screen.say("Throw it away"), throw_away, look="danger")
        else:
            _preview(screen, held.preview, called)


def _preview(screen: Screen, found: PolicyPreview, called: Mapping[str, str]) -> None:
    text("h3", screen.say("Who gains or loses what"))
    draw_diff(screen, found.changes, found.doors, called)
    if any(change.unlocked for change in found.doors):
        note(screen.say("A first card lets everybody in."), screen.say("Whoever comes after it shows nothing, and no event says who."), "warn")
    if any(change.lost for change in found.changes):
        note(screen.say("Somebody loses a door within seconds of applying."), screen.say("Whoever is inside gets out in any case."), "warn")
    with form(screen, apply, screen.say("Apply it"), classes="form whole"):
        reason(screen)
    with tag("div", "row"):
        button(screen, screen.say("Throw it away"), throw_away, look="danger")


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
    policy = await draft_of(screen)
    await keep_draft(screen, policy, await screen.ask(preview_policy, document_of(policy)))


@act(Permission.MANAGE_DOORS)
async def apply(screen: Screen, answers: Answers) -> None:
    """Put the draft in force as it was compared."""
    held = kept_draft(screen)
    if held is None or held.preview is None:
        raise ConflictError("access.not-compared", "draft", "it was not compared with what is in force", "Show first who gains or loses what.")
    await screen.ask(apply_policy, document_of(held.policy), held.preview.version, answers.need("reason"))
    await drop_draft(screen)
    tell(screen, screen.say("The rules are in force, and reach every controller within seconds."))


@act(Permission.MANAGE_DOORS)
async def throw_away(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - as above
    """Forget the draft."""
    await drop_draft(screen)
