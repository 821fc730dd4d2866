"""Who would gain or lose which door when, in words: people for whom a draft changes the same are counted together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from consentry.access.page.times import ALL_DAY, DAYS, spans_text, weekdays
from consentry.access.rules.compare import Stretch
from consentry.console.actors import short
from consentry.console.elements import tag, text
from consentry.console.places import door_name
from consentry.console.widgets import badge, note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from consentry.access.model import Span
    from consentry.access.rules.compare import Change
    from consentry.console.screen import Screen

__all__ = ["Alike", "alike", "draw_diff", "stretch_words"]

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


def draw_diff(screen: Screen, changes: Sequence[Change]) -> None:
    """Add what would change, or that nothing would."""
    if not changes:
        note(screen.say("Nobody gains or loses a door."), tone="good")
        return
    with tag("ul", "rows"):
        for row in alike(changes):
            _row(screen, row)


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
