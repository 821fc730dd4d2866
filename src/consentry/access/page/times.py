"""The times of a schedule as people type them: ``08:00-12:00, 13:00-18:30``, ``all day``, or nothing for a day on which it never holds."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from consentry.access.model import Span
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.console.screen import Screen

__all__ = ["ALL_DAY", "DAYS", "spans_of", "spans_text", "weekdays"]

MONDAY: Final = date(2024, 1, 1)
DAYS: Final = 7
MINUTES: Final = 60
MINUTES_OF_A_DAY: Final = 24 * MINUTES
ALL_DAY: Final = (Span(0, MINUTES_OF_A_DAY),)
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_UNTIL: Final = re.compile(r"\s*[-–—\uff0d~至到]\s*")
_BETWEEN: Final = re.compile(r"[\s,，、;；]+")


def spans_text(spans: Sequence[Span]) -> str:
    """Write the spans of a day as they are typed; empty where there are none."""
    return ", ".join(f"{_clock(span.start)}-{_clock(span.end)}" for span in spans)


def spans_of(typed: str) -> tuple[Span, ...]:
    """Read the spans of a day, sorted; an empty text means none. Full-width marks of Chinese keyboards count as their plain ones.

    Raises:
        InputError: ``access.times``: it is no such text, a span ends before it starts, or two overlap.
    """
    plain = _UNTIL.sub("-", typed.replace("：", ":"))
    spans = sorted((_span(part) for part in _BETWEEN.split(plain) if part), key=lambda span: span.start)
    if any(after.start < before.end for before, after in pairwise(spans)):
        raise _unreadable(typed, "two of these times overlap")
    return tuple(spans)


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise _unreadable(part, "this is no span of time")
    hours, minutes, until_hours, until_minutes = (int(number) for number in found.groups())
    start, end = hours * MINUTES + minutes, until_hours * MINUTES + until_minutes
    if max(minutes, until_minutes) >= MINUTES or not 0 <= start < end <= MINUTES_OF_A_DAY:
        raise _unreadable(part, "a span begins and ends within one day, and ends later than it begins")
    return Span(start, end)


def _clock(minutes: int) -> str:
    return f"{minutes // MINUTES:02d}:{minutes % MINUTES:02d}"


def _unreadable(typed: str, problem: str) -> InputError:
    return InputError("access.times", typed, problem, "Write it as 08:00-12:00, 13:00-18:00; a night is 22:00-24:00 and on the next day 00:00-06:00.")


def weekdays(screen: Screen, first: int, last: int) -> str:
    """Name a weekday (0 is Monday), or those from the first to the last."""
    names = [screen.speech.weekday(MONDAY + timedelta(days=day)) for day in dict.fromkeys((first, last))]
    return "–".join(names)
