"""Who gains or loses which door, against an oracle that asks the engine's words minute by minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consentry.access.model import Door, Holiday, Person, Policy, ReaderKind, Rule, Schedule, Span
from consentry.access.rules.compare import Change, Stretch, compare

WEEKDAYS = range(7)
FEAST = date(2026, 10, 1)
DOORS = (Door("a", (ReaderKind.CARD,)), Door("b", (ReaderKind.CARD,)))
EDGES = st.lists(st.sampled_from((0, 1, 540, 720, 1080, 1439, 1440)), min_size=2, max_size=2, unique=True).map(sorted)
SPANS = st.lists(EDGES.map(lambda pair: Span(*pair)), max_size=2).map(tuple)
SCHEDULES = st.builds(
    Schedule, id=st.sampled_from(("s", "t")), week=st.lists(SPANS, min_size=7, max_size=7).map(tuple), holidays=st.dictionaries(st.just("feast"), SPANS)
)
RULES = st.builds(
    Rule,
    id=st.integers().map(str),
    group=st.sampled_from(("g", "h")),
    doors=st.lists(st.sampled_from(("a", "b", "gone")), max_size=2).map(tuple),
    schedule=st.sampled_from((None, "s", "t", "unknown")),
    deny=st.booleans(),
)
POLICIES = st.builds(
    Policy,
    version=st.just(1),
    zone=st.just("UTC"),
    doors=st.sampled_from((DOORS, DOORS[:1])),
    schedules=st.lists(SCHEDULES, max_size=2, unique_by=lambda one: one.id).map(tuple),
    holidays=st.sampled_from(((), (Holiday(FEAST, "feast"),), (Holiday(FEAST, "quiet"),))),
    rules=st.lists(RULES, max_size=4).map(tuple),
)
PEOPLE = st.lists(
    st.builds(Person, id=st.sampled_from(("x", "y")), groups=st.sampled_from(((), ("g",), ("h", "g"))), suspended=st.booleans()),
    max_size=2,
    unique_by=lambda one: one.id,
)


def may(policy: Policy, groups: list[str], door: str, day: int | date, minute: int) -> bool:
    """Say in the plainest way whether people of these groups pass a door at a minute of a day."""
    applying = [
        rule.deny
        for rule in policy.rules
        if rule.group in groups and door in rule.doors and door in [one.id for one in policy.doors] and now(policy, rule, day, minute)
    ]
    return False in applying and True not in applying


def groups(people: list[Person], person: str) -> list[str]:
    return [group for one in people if one.id == person and not one.suspended for group in one.groups]


def now(policy: Policy, rule: Rule, day: int | date, minute: int) -> bool:
    if rule.schedule is None:
        return True
    schedule = next((one for one in policy.schedules if one.id == rule.schedule), None)
    if schedule is None:
        return rule.deny
    kind = next((holiday.kind for holiday in policy.holidays if holiday.day == day), None)
    weekday = day if isinstance(day, int) else day.weekday()
    spans = schedule.week[weekday] if kind is None else schedule.holidays.get(kind, ())
    return any(span.start <= minute < span.end for span in spans)


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
                    was, is_ = may(old, groups(before, person), door, day, minute), may(new, groups(after, person), door, day, minute)
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
