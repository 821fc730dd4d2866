"""Who gains or loses which door, against an oracle that asks the engine's words minute by minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.model import AntiPassback, Holiday, PassbackMode, Person, Policy, Rule, Schedule, Span
from consentry.access.rules.compare import Change, DoorChange, DoorTerms, Stretch, compare, compare_doors
from tests.access.rules.policies import DOORS, FEAST, PEOPLE, POLICIES, groups_of, may, now

if TYPE_CHECKING:
    from consentry.access.model import Door

WEEKDAYS = range(7)


@given(old=POLICIES, new=POLICIES, before=PEOPLE, after=PEOPLE)
def test_the_changes_are_the_minutes_that_differ(old: Policy, new: Policy, before: list[Person], after: list[Person]) -> None:
    days = [*WEEKDAYS, *sorted({holiday.day for policy in (old, new) for holiday in policy.holidays})]
    changes = {(one.person, one.door): one for one in compare(old, before, new, after)}
    for person in ("x", "y"):
        for door in ("a", "b", "gone"):
            change = changes.get((person, door), Change(person, door, (), ()))
            for day in days:
                # Nothing begins or ends at other minutes than these.
                for minute in (0, 1, 539, 540, 719, 720, 1079, 1080, 1438, 1439):
                    was, is_ = may(old, groups_of(before, person), door, day, minute), may(new, groups_of(after, person), door, day, minute)
                    assert (listed(change.gained, day, minute), listed(change.lost, day, minute)) == (is_ and not was, was and not is_)


def listed(stretches: tuple[Stretch, ...], day: int | date, minute: int) -> bool:
    return any(one.day == day and one.span.start <= minute < one.span.end for one in stretches)


@given(policy=POLICIES, people=PEOPLE)
def test_a_policy_compared_with_itself_changes_nothing(policy: Policy, people: list[Person]) -> None:
    assert compare(policy, people, policy, people) == []


def test_later_hours_are_a_gain_and_a_loss() -> None:
    def hours(*edges: int) -> Policy:
        return Policy(1, "UTC", DOORS[:1], (Schedule("s", ((Span(*edges),),) * 7),), rules=(Rule("r", "g", ("a",), "s"),))

    people = [Person("x", ("g",))]
    (change,) = compare(hours(540, 1080), people, hours(600, 1140), people)
    assert change.gained == tuple(Stretch(day, Span(1080, 1140)) for day in WEEKDAYS)
    assert change.lost == tuple(Stretch(day, Span(540, 600)) for day in WEEKDAYS)


def test_a_new_holiday_is_a_loss_on_that_day_alone() -> None:
    policy = Policy(1, "UTC", DOORS[:1], (Schedule("s", ((Span(540, 1080),),) * 7),), rules=(Rule("r", "g", ("a",), "s"),))
    people = [Person("x", ("g",))]
    closed = replace(policy, holidays=(Holiday(FEAST, "closed"), Holiday(FEAST + timedelta(days=1), "closed")))
    (change,) = compare(policy, people, closed, people)
    assert change == Change("x", "a", (), (Stretch(FEAST, Span(540, 1080)), Stretch(FEAST + timedelta(days=1), Span(540, 1080))))


@st.composite
def special(draw: st.DrawFn) -> Policy:
    """Return a policy whose doors unlock by a first card, where one comes at all."""
    policy = draw(POLICIES)
    first = draw(st.sampled_from((None, "s", "t", "unknown")))
    return replace(policy, doors=tuple(replace(door, first_card=first, first_card_groups=("g",) if first else ()) for door in policy.doors))


@given(old=special(), new=special())
def test_a_first_card_unlocks_more_exactly_in_the_minutes_that_are_listed(old: Policy, new: Policy) -> None:
    days = [*WEEKDAYS, *sorted({holiday.day for policy in (old, new) for holiday in policy.holidays})]
    changes = {one.door: one for one in compare_doors(old, new)}
    for door in ("a", "b"):
        change = changes.get(door, DoorChange(door, DoorTerms(), DoorTerms()))
        for day in days:
            for minute in (0, 1, 539, 540, 719, 720, 1079, 1080, 1438, 1439):
                was, is_ = unlocks(old, door, day, minute), unlocks(new, door, day, minute)
                assert (listed(change.unlocked, day, minute), listed(change.locked, day, minute)) == (is_ and not was, was and not is_)


def unlocks(policy: Policy, door: str, day: int | date, minute: int) -> bool:
    first = {one.id: one.first_card for one in policy.doors}.get(door)
    return first is not None and now(policy, Rule("first", "g", (door,), first), day, minute)


@given(policy=special())
def test_doors_of_a_policy_compared_with_itself_deal_with_everybody_as_before(policy: Policy) -> None:
    assert compare_doors(policy, policy) == []


PLAIN = Policy(1, "UTC", DOORS, (Schedule("s", ((Span(540, 1080),),) * 7),))
ALWAYS = tuple(Stretch(day, Span(540, 1080)) for day in WEEKDAYS)
HARD = PassbackMode(AntiPassback.HARD)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (replace(DOORS[0], first_card="s", first_card_groups=("h", "g")), DoorChange("a", DoorTerms(), DoorTerms(("g", "h")), ALWAYS)),
        (replace(DOORS[0], two_people_s=20.0), DoorChange("a", DoorTerms(), DoorTerms(two_people_s=20.0))),
        (replace(DOORS[0], unlock_s=9.0), None),
    ],
)
def test_what_a_door_asks_of_everybody_is_told(changed: Door, expected: DoorChange | None) -> None:
    other = replace(PLAIN, doors=(changed, DOORS[1]))
    assert compare_doors(PLAIN, other) == ([expected] if expected else [])
    back = [DoorChange(one.door, one.after, one.before, one.locked, one.unlocked) for one in compare_doors(PLAIN, other)]
    assert compare_doors(other, PLAIN) == back
    assert compare(PLAIN, [Person("x", ("g",))], other, [Person("x", ("g",))]) == []


def test_passing_back_is_told_at_every_door_into_the_area() -> None:
    changes = compare_doors(PLAIN, replace(PLAIN, passback={"inside": HARD, "elsewhere": HARD}))
    assert changes == [DoorChange(door, DoorTerms(), DoorTerms(passback=HARD)) for door in ("a", "b")]
