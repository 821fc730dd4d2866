"""Whether a policy holds together: what it names is there, and what it sets up can work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.model import OUTSIDE, AntiPassback, PassbackMode
from consentry.access.policy_fields import policy_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from consentry.access.model import Policy

__all__ = ["check_policy"]


def check_policy(policy: Policy, name: str = "policy") -> None:
    """Raise for the first thing that does not hold together; ``name`` says in the error which policy.

    Raises:
        InputError: ``policy.unknown`` for a door, an area or a schedule that is not there; ``policy.never`` for what cannot work,
            ``policy.locks-in`` for what would keep somebody from leaving.
    """
    _check_names(policy, name)
    _check_way_out(policy, name)
    for door in policy.doors:
        if (door.first_card is None) != (not door.first_card_groups):
            mend = "Write both, or null and an empty list."
            raise policy_error("policy.never", f"{name}, door {door.id}", "a first card needs a schedule and groups that may bring it", mend)


def _check_way_out(policy: Policy, name: str) -> None:
    if policy.passback.get(OUTSIDE, PassbackMode()).mode not in (AntiPassback.OFF, AntiPassback.SOFT):
        mend = "Let it only be reported, or not be looked at."
        raise policy_error("policy.locks-in", f"{name}, passback, {OUTSIDE}", "whoever is taken to be outside already could not leave", mend)
    for door in policy.doors:
        if door.two_people_s and door.to_area == OUTSIDE:
            raise policy_error("policy.locks-in", f"{name}, door {door.id}", "whoever is inside alone could not leave", "Ask two people on the way in.")


def _check_names(policy: Policy, name: str) -> None:
    doors, schedules = {door.id for door in policy.doors}, {schedule.id for schedule in policy.schedules}
    areas = {area for door in policy.doors for area in (door.from_area, door.to_area)}
    for rule in policy.rules:
        _check_among(doors, rule.doors, f"{name}, rule {rule.id}", "door")
    for place, schedule in _schedules_named(policy):
        _check_among(schedules, (schedule,), f"{name}, {place}", "schedule")
    _check_among(areas, policy.passback, f"{name}, passback", "area")


def _schedules_named(policy: Policy) -> Iterator[tuple[str, str]]:
    yield from ((f"rule {rule.id}", rule.schedule) for rule in policy.rules if rule.schedule is not None)
    yield from ((f"door {door.id}", door.first_card) for door in policy.doors if door.first_card is not None)


def _check_among(known: Iterable[str], named: Iterable[str], place: str, noun: str) -> None:
    missing = sorted(set(named) - set(known))
    if missing:
        raise policy_error("policy.unknown", place, f"there is no {noun} {missing[0]!r}", "Correct the name, or add what it names.")
