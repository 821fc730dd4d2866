"""Who gains or loses which door, against an oracle that asks the engine's words minute by minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given

from consentry.access.model import Holiday, Person, Policy, Rule, Schedule, Span
from consentry.access.rules.compare import Change, Stretch, compare
from tests.access.rules.policies import DOORS, FEAST, PEOPLE, POLICIES, groups_of, may

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
