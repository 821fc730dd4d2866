"""The rules of a policy as forms: which group passes which doors when, and whom a rule keeps out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.model import Rule
from consentry.access.page.drafting import with_rule, without_rule
from consentry.access.page.parts import doors_named
from consentry.access.page.policy_draft import draft_of, keep_draft
from consentry.access.page.terms import door_ticks
from consentry.console.elements import tag, text
from consentry.console.pages import act
from consentry.console.widgets import Choice, badge, button, card, choose, dialog, form, nothing, opener, tick
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError
from consentry.platform.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.access.model import Policy
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_rules", "rule_of"]


def draw_rules(screen: Screen, policy: Policy, groups: Mapping[str, str]) -> None:
    """Add the rules. ``groups``: the name of each group by its id."""
    lead = screen.say("Whoever no rule lets through stays out. A rule that keeps out wins over every rule that lets through.")
    with card(screen.say("Rules"), lead, classes="flush"):
        if not policy.rules:
            nothing(screen.say("No rule yet"), screen.say("Until there is one, no door opens for anybody."), "shield")
        with tag("ul", "rows"):
            for rule in policy.rules:
                _rule(screen, policy, rule, groups)
        if screen.may(Permission.MANAGE_DOORS):
            with tag("div", "row all-of-them"):
                if not groups:
                    text("p", screen.say("Add a group first; rules name groups."), "quiet small")
                else:
                    _editor(screen, policy, groups, None)


def _rule(screen: Screen, policy: Policy, rule: Rule, groups: Mapping[str, str]) -> None:
    name = groups.get(rule.group, rule.group)
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", name, "strong")
            text("div", doors_named(screen, rule.doors), "small")
            text("div", screen.say("while: {schedule}", schedule=rule.schedule) if rule.schedule else screen.say("always"), "quiet small")
        badge(screen.say("keeps out") if rule.deny else screen.say("lets through"), "bad" if rule.deny else "good")
        if screen.may(Permission.MANAGE_DOORS):
            with tag("div", "acts"):
                _editor(screen, policy, groups, rule)
                spoken = screen.say("Remove the rule for {name}", name=name)
                button(screen, screen.say("Remove"), remove_rule, {"rule": rule.id}, look="danger", name=spoken)


def _editor(screen: Screen, policy: Policy, groups: Mapping[str, str], rule: Rule | None) -> None:
    title = screen.say("Change the rule") if rule else screen.say("Add a rule")
    with dialog(title) as asked, form(screen, put_rule, screen.say("Put it into the draft"), {"rule": rule.id if rule else ""}):
        choose(screen.say("Group"), "group", [Choice(key, name) for key, name in groups.items()], rule.group if rule else "")
        door_ticks(screen, rule.doors if rule else (), screen.say("Those that the rule is about."))
        schedules = [Choice("", screen.say("always")), *(Choice(one.id, one.id) for one in policy.schedules)]
        choose(screen.say("While"), "schedule", schedules, (rule.schedule or "") if rule else "")
        hint = screen.say("It wins over every rule that lets the same people through.")
        tick(screen.say("Keeps this group out"), "deny", hint=hint, ticked=bool(rule and rule.deny))
    if rule:
        opener(screen.say("Change…"), asked, name=screen.say("Change the rule for {name}", name=groups.get(rule.group, rule.group)))
    else:
        opener(screen.say("Add a rule…"), asked, picture="add")


def rule_of(answers: Answers, identifier: str) -> Rule:
    """Return the rule that a form sends.

    Raises:
        InputError: ``form.empty``, ``access.no-door`` where no door is ticked.
    """
    if not answers.all("door"):
        raise InputError("access.no-door", "rule", "it names no door", "Tick the doors that it is about.")
    return Rule(identifier, answers.need("group"), answers.all("door"), answers.one("schedule") or None, deny=bool(answers.one("deny")))


@act(Permission.MANAGE_DOORS)
async def put_rule(screen: Screen, answers: Answers) -> None:
    """Put a rule into the draft."""
    policy = await draft_of(screen)
    await keep_draft(screen, with_rule(policy, rule_of(answers, answers.one("rule") or f"rule-{new_id(screen.now)}")))


@act(Permission.MANAGE_DOORS)
async def remove_rule(screen: Screen, answers: Answers) -> None:
    """Take a rule out of the draft."""
    await keep_draft(screen, without_rule(await draft_of(screen), answers.need("rule")))
