"""Who gains or loses which door when, and which doors deal otherwise with everybody, if one policy takes the place of another: shown before it is applied.

Every hour of the week is compared, and of each day that either policy calls a holiday, by the clock on the wall.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING

from consentry.access.model import PassbackMode, Span
from consentry.access.rules.schedules import calendar_of, spans_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from consentry.access.model import Door, Person, Policy, Rule, Schedule
    from consentry.access.rules.schedules import Calendar

__all__ = ["Change", "DoorChange", "DoorTerms", "Stretch", "compare", "compare_doors"]

_DAY = 1440
_ALWAYS = (Span(0, _DAY),)
Minutes = dict["int | date", int]
"""By day, a bit for each minute."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a day of the week (0 is Monday), or of one date."""

    day: int | date
    span: Span


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody gains and loses at a door. Both may be: other hours than before."""

    person: str
    door: str
    gained: tuple[Stretch, ...]
    lost: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class DoorTerms:
    """How a door deals with everybody: whose first card unlocks it, within how many seconds two people are asked for, and what becomes of who enters twice."""

    first_card_groups: tuple[str, ...] = ()
    two_people_s: float = 0.0
    passback: PassbackMode = field(default_factory=PassbackMode)


@dataclass(frozen=True, slots=True)
class DoorChange:
    """How a door deals otherwise with everybody. ``unlocked``: when a first card unlocks it from now on and did not before; ``locked``: the other way round."""

    door: str
    before: DoorTerms
    after: DoorTerms
    unlocked: tuple[Stretch, ...] = ()
    locked: tuple[Stretch, ...] = ()


def compare(old: Policy, old_people: Sequence[Person], new: Policy, new_people: Sequence[Person]) -> list[Change]:
    """Return the changes, by person and door, as the rules have them; what limits a credential, and when one ends, is not the policy's.

    Raises:
        InputError: ``policy.zone`` for a time zone that is not known here.
    """
    days = _days(old, new)
    before, after = _hours(old, days), _hours(new, days)
    were, are = _groups(old_people), _groups(new_people)
    doors = list(dict.fromkeys(door.id for policy in (old, new) for door in policy.doors))

    @cache
    def changes(was: tuple[str, ...], now: tuple[str, ...]) -> list[tuple[str, tuple[Stretch, ...], tuple[Stretch, ...]]]:
        found = ((door, *_difference(before(was, door), after(now, door))) for door in doors)
        return [change for change in found if change[1:] != ((), ())]

    return [Change(person, *change) for person in dict.fromkeys((*were, *are)) for change in changes(were.get(person, ()), are.get(person, ()))]


_NO_TERMS: tuple[DoorTerms, Minutes] = DoorTerms(), {}


def compare_doors(old: Policy, new: Policy) -> list[DoorChange]:
    """Return the doors that deal otherwise with everybody, whoever may pass them: by a first card, two people or passing back.

    Raises:
        InputError: ``policy.zone`` for a time zone that is not known here.
    """
    days = _days(old, new)
    before, after = _terms(old, days), _terms(new, days)
    changes = (_door_change(door, before.get(door, _NO_TERMS), after.get(door, _NO_TERMS)) for door in dict.fromkeys((*before, *after)))
    return [one for one in changes if one.before != one.after or one.unlocked or one.locked]


def _door_change(door: str, before: tuple[DoorTerms, Minutes], after: tuple[DoorTerms, Minutes]) -> DoorChange:
    return DoorChange(door, before[0], after[0], *_difference(before[1], after[1]))


def _terms(policy: Policy, days: Iterable[int | date]) -> dict[str, tuple[DoorTerms, Minutes]]:
    """Return how each door deals with everybody, and when a first card unlocks it."""
    schedules = {schedule.id: schedule for schedule in policy.schedules}
    calendar = calendar_of(policy.zone, policy.holidays)
    return {door.id: (_terms_of(door, policy), _first_card_minutes(door, schedules, calendar, days)) for door in policy.doors}


def _terms_of(door: Door, policy: Policy) -> DoorTerms:
    groups = tuple(sorted(door.first_card_groups)) if door.first_card is not None else ()
    return DoorTerms(groups, door.two_people_s, policy.passback.get(door.to_area, PassbackMode()))


def _first_card_minutes(door: Door, schedules: Mapping[str, Schedule], calendar: Calendar, days: Iterable[int | date]) -> Minutes:
    schedule = schedules.get(door.first_card or "")
    return {} if schedule is None else {day: _bits(_spans(schedule, calendar, day)) for day in days}


def _days(old: Policy, new: Policy) -> tuple[int | date, ...]:
    return *range(7), *sorted({holiday.day for policy in (old, new) for holiday in policy.holidays})


def _groups(people: Iterable[Person]) -> dict[str, tuple[str, ...]]:
    return {person.id: () if person.suspended else tuple(sorted(person.groups)) for person in people}


def _hours(policy: Policy, days: Iterable[int | date]) -> Callable[[tuple[str, ...], str], Minutes]:
    """Return the function that says when people of these groups pass a door."""
    schedules = {schedule.id: schedule for schedule in policy.schedules}
    calendar = calendar_of(policy.zone, policy.holidays)
    rule_minutes = cache(lambda rule: _rule_minutes(rule, schedules, calendar, days))
    doors = {door.id for door in policy.doors}

    @cache
    def hours(groups: tuple[str, ...], door: str) -> Minutes:
        rules = [rule for rule in policy.rules if rule.group in groups and door in rule.doors and door in doors]
        allowed = _union(rule_minutes(rule) for rule in rules if not rule.deny)
        denied = _union(rule_minutes(rule) for rule in rules if rule.deny)
        return {day: minutes & ~denied.get(day, 0) for day, minutes in allowed.items()}

    return hours


def _rule_minutes(rule: Rule, schedules: Mapping[str, Schedule], calendar: Calendar, days: Iterable[int | date]) -> Minutes:
    schedule = schedules.get(rule.schedule) if rule.schedule is not None else None
    if rule.schedule is not None and schedule is None and not rule.deny:
        return {}
    return {day: _bits(_spans(schedule, calendar, day)) for day in days}


def _spans(schedule: Schedule | None, calendar: Calendar, day: int | date) -> tuple[Span, ...]:
    if schedule is None:
        return _ALWAYS
    return schedule.week[day] if isinstance(day, int) else spans_of(schedule, calendar, day)


def _bits(spans: Iterable[Span]) -> int:
    return reduce(or_, ((1 << span.end) - (1 << span.start) for span in spans), 0)


def _union(many: Iterable[Minutes]) -> Minutes:
    found: Minutes = {}
    for minutes in many:
        for day, bits in minutes.items():
            found[day] = found.get(day, 0) | bits
    return found


def _difference(before: Minutes, after: Minutes) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
    return _beyond(after, before), _beyond(before, after)


def _beyond(more: Minutes, less: Minutes) -> tuple[Stretch, ...]:
    return tuple(Stretch(day, span) for day, bits in more.items() for span in _runs(bits & ~less.get(day, 0)))


def _runs(bits: int) -> Iterator[Span]:
    start = 0
    while bits:
        skipped = (bits & -bits).bit_length() - 1
        bits >>= skipped
        length = (~bits & (bits + 1)).bit_length() - 1
        yield Span(start + skipped, start + skipped + length)
        bits >>= length
        start += skipped + length
