"""Changing a policy while it is a draft: one rule, schedule, holiday, area or door at a time. Pure; nothing is in force before it is applied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from consentry.access.model import OUTSIDE, PassbackMode
from consentry.platform.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from typing import Protocol, TypeVar

    from consentry.access.model import Door, Holiday, Policy, Rule, Schedule

    class _Named(Protocol):
        @property
        def id(self) -> str: ...

    Named = TypeVar("Named", bound=_Named)

__all__ = [
    "areas_of",
    "holiday_kinds",
    "with_door",
    "with_holiday",
    "with_passback",
    "with_rule",
    "with_schedule",
    "without_holiday",
    "without_rule",
    "without_schedule",
]


def with_rule(policy: Policy, rule: Rule) -> Policy:
    """Put a rule in the place of the one with its id, or at the end."""
    return replace(policy, rules=_put(policy.rules, rule))


def without_rule(policy: Policy, rule: str) -> Policy:
    """Take a rule away."""
    return replace(policy, rules=tuple(one for one in policy.rules if one.id != rule))


def with_schedule(policy: Policy, schedule: Schedule) -> Policy:
    """Put a schedule in the place of the one with its id, or at the end."""
    return replace(policy, schedules=_put(policy.schedules, schedule))


def without_schedule(policy: Policy, schedule: str) -> Policy:
    """Take a schedule away.

    Raises:
        ConflictError: ``access.schedule-used`` where a rule or a door names it: without it they would hold always, or never.
    """
    if any(rule.schedule == schedule for rule in policy.rules) or any(door.first_card == schedule for door in policy.doors):
        raise ConflictError("access.schedule-used", schedule, "a rule or a door names this schedule", "Give those another schedule first.")
    return replace(policy, schedules=tuple(one for one in policy.schedules if one.id != schedule))


def with_holiday(policy: Policy, holiday: Holiday) -> Policy:
    """Make a day a holiday, in the order of days; a day is one of one kind."""
    others = [one for one in policy.holidays if one.day != holiday.day]
    return replace(policy, holidays=tuple(sorted([*others, holiday], key=lambda one: one.day)))


def without_holiday(policy: Policy, day: date) -> Policy:
    """Make a day as its weekday again."""
    return replace(policy, holidays=tuple(one for one in policy.holidays if one.day != day))


def with_passback(policy: Policy, area: str, mode: PassbackMode) -> Policy:
    """Say how an area deals with somebody who enters it twice."""
    others = {name: one for name, one in policy.passback.items() if name != area}
    return replace(policy, passback=others if mode == PassbackMode() else {**others, area: mode})


def with_door(policy: Policy, door: Door) -> Policy:
    """Put what the policy says of a door in the place of what it said."""
    return replace(policy, doors=_put(policy.doors, door))


def areas_of(policy: Policy) -> list[str]:
    """Return the areas that a door leads into, without the one outside, sorted."""
    return sorted({area for door in policy.doors for area in (door.from_area, door.to_area)} - {OUTSIDE})


def holiday_kinds(policy: Policy) -> list[str]:
    """Return the kinds of holidays that days or schedules name, sorted."""
    return sorted({one.kind for one in policy.holidays} | {kind for one in policy.schedules for kind in one.holidays})


def _put(held: Sequence[Named], new: Named) -> tuple[Named, ...]:
    if all(one.id != new.id for one in held):
        return (*held, new)
    return tuple(new if one.id == new.id else one for one in held)
