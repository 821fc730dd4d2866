"""Policies of several groups, rules and schedules at random, and who may pass by them, said in the plainest way."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from consentry.access.model import Door, Holiday, Person, Policy, ReaderKind, Rule, Schedule, Span

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


def groups_of(people: list[Person], person: str) -> list[str]:
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
