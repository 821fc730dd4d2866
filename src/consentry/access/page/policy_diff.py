"""Who would gain or lose which door when, in words, people for whom a draft changes the same counted together; and doors that would deal otherwise with all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from consentry.access.page.policy_doors import passback_words
from consentry.access.page.times import ALL_DAY, DAYS, spans_text, weekdays
from consentry.access.rules.compare import Stretch
from consentry.console.actors import short
from consentry.console.elements import tag, text
from consentry.console.places import door_name
from consentry.console.widgets import badge, note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from consentry.access.model import Span
    from consentry.access.rules.compare import Change, DoorChange
    from consentry.console.screen import Screen

__all__ = ["Alike", "alike", "door_change_words", "draw_diff", "stretch_words"]

NAMED: Final = 8
"""People of one row who are named by pseudonym; the others are counted."""


@dataclass(frozen=True, slots=True)
class Alike:
    """People for whom the same changes at the same door."""

    door: str
    gained: tuple[Stretch, ...]
    lost: tuple[Stretch, ...]
    people: tuple[str, ...]


def alike(changes: Iterable[Change]) -> list[Alike]:
    """Put together who gains and loses the same at the same door, by door, the most people first."""
    found: defaultdict[tuple[str, tuple[Stretch, ...], tuple[Stretch, ...]], list[str]] = defaultdict(list)
    for change in changes:
        found[change.door, change.gained, change.lost].append(change.person)
    rows = [Alike(*key, tuple(people)) for key, people in found.items()]
    return sorted(rows, key=lambda row: (row.door, -len(row.people)))


def draw_diff(screen: Screen, changes: Sequence[Change], doors: Sequence[DoorChange], called: Mapping[str, str]) -> None:
    """Add what would change for whom, and at which doors for everybody, or that nothing would. ``called``: how groups are called, by id."""
    if not changes and not doors:
        note(screen.say("Nobody gains or loses a door."), tone="good")
        return
    with tag("ul", "rows"):
        for row in alike(changes):
            _row(screen, row)
        for change in doors:
            _door_row(screen, change, called)


def _door_row(screen: Screen, change: DoorChange, called: Mapping[str, str]) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", screen.say("{what}: {subject}", what=door_name(screen, change.door), subject=screen.say("everybody")), "strong")
            for line in door_change_words(screen, change, called):
                text("div", line, "small figure")
        if change.unlocked:
            badge(screen.say("unlocked by a first card"), "bad")


def door_change_words(screen: Screen, change: DoorChange, called: Mapping[str, str]) -> Iterator[str]:
    """Yield how a door would deal otherwise with everybody, in lines: first card, two people, passing back. ``called``: how groups are called, by id."""
    before, after = change.before, change.after
    for line in stretch_words(screen, change.unlocked):
        yield screen.say("after a first card it stands unlocked for everybody: {time}", time=line)
    for line in stretch_words(screen, change.locked):
        yield screen.say("a first card unlocks it no longer: {time}", time=line)
    if after.first_card_groups and after.first_card_groups != before.first_card_groups:
        groups = screen.say(", ").join(called.get(group, group) for group in after.first_card_groups)
        yield screen.say("the first card may be that of: {groups}", groups=groups)
    if after.two_people_s != before.two_people_s:
        yield _two_people_words(screen, after.two_people_s)
    if after.passback != before.passback:
        yield screen.say("who enters twice {what}", what=passback_words(screen, after.passback))


def _two_people_words(screen: Screen, seconds: float) -> str:
    if not seconds:
        return screen.say("one person is enough")
    return screen.say_count("two people within {count} second", "two people within {count} seconds", round(seconds))


def _row(screen: Screen, row: Alike) -> None:
    named = screen.say(", ").join(short(person) for person in row.people[:NAMED])
    with tag("li", "wrap"):
        with tag("div", "grow"):
            people = screen.say_count("{count} person", "{count} people", len(row.people))
            text("div", screen.say("{what}: {subject}", what=door_name(screen, row.door), subject=people), "strong")
            for line in stretch_words(screen, row.gained):
                text("div", screen.say("gain {time}", time=line), "small figure")
            for line in stretch_words(screen, row.lost):
                text("div", screen.say("lose {time}", time=line), "small figure")
            text("div", named + ("…" if len(row.people) > NAMED else ""), "quiet small mono")
        if row.gained:
            badge(screen.say("gains"), "good")
        if row.lost:
            badge(screen.say("loses"), "bad")


def stretch_words(screen: Screen, stretches: Sequence[Stretch]) -> Iterator[str]:
    """Yield parts of days in lines: weekdays with the same hours together, then single dates."""
    week, dates = [list[Stretch]() for _ in range(DAYS)], defaultdict[str, list[Stretch]](list)
    for one in stretches:
        (week[one.day] if isinstance(one.day, int) else dates[one.day.isoformat()]).append(one)
    for _, days in groupby(range(DAYS), key=lambda day: [one.span for one in week[day]]):
        first, *rest = days
        if week[first]:
            yield _line(screen, weekdays(screen, first, rest[-1] if rest else first), [one.span for one in week[first]])
    for day in sorted(dates):
        yield _line(screen, day, [one.span for one in dates[day]])


def _line(screen: Screen, days: str, spans: Sequence[Span]) -> str:
    return screen.say("{what}: {subject}", what=days, subject=screen.say("the whole day") if tuple(spans) == ALL_DAY else spans_text(spans))
