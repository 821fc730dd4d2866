"""When a schedule holds, by the clock on the wall of the site.

A span names times of the wall clock. Where the clock skips an hour in spring, what lies in that hour does not happen; where it repeats one in autumn,
a span that covers the hour holds both times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from consentry.access.model import Holiday, Schedule, Span

__all__ = ["LONGEST_STRETCH", "Calendar", "calendar_of", "holds", "spans_of", "stretch_end"]

LONGEST_STRETCH = timedelta(days=7)
"""How far :func:`stretch_end` looks."""
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The site's clock and its days that are not as their weekday."""

    zone: ZoneInfo
    holidays: Mapping[date, str]


def calendar_of(zone: str, holidays: Iterable[Holiday]) -> Calendar:
    """Return the calendar of an IANA zone.

    Raises:
        InputError: ``policy.zone`` for a name that is not known here.
    """
    try:
        return Calendar(ZoneInfo(zone), {holiday.day: holiday.kind for holiday in holidays})
    except (KeyError, ValueError, OSError) as error:
        raise InputError("policy.zone", "zone", f"no time zone {zone!r} is known here", "Write an IANA name, such as Asia/Shanghai.") from error


def spans_of(schedule: Schedule, calendar: Calendar, day: date) -> tuple[Span, ...]:
    """Return the spans of a day: its holiday's, or its weekday's."""
    kind = calendar.holidays.get(day)
    return schedule.week[day.weekday()] if kind is None else schedule.holidays.get(kind, ())


def holds(schedule: Schedule, calendar: Calendar, at: datetime) -> bool:
    """Tell whether ``at`` (UTC) lies in the schedule."""
    local = at.astimezone(calendar.zone)
    minute = local.hour * 60 + local.minute
    return any(span.start <= minute < span.end for span in spans_of(schedule, calendar, local.date()))


def stretch_end(schedule: Schedule, calendar: Calendar, at: datetime) -> datetime:
    """Return when the schedule, which holds ``at`` (UTC), next does not: seven days later where it holds until then."""
    limit = at + LONGEST_STRETCH
    changes = sorted(change for change in _changes(schedule, calendar, at, limit) if at < change < limit)
    return next((change for change in changes if not holds(schedule, calendar, change)), limit)


def _changes(schedule: Schedule, calendar: Calendar, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield every instant (UTC) between two at which the schedule may change, and some at which it does not."""
    day, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    while day <= last:
        yield from _turn(calendar.zone, day)
        for minute in {0} | {edge for span in spans_of(schedule, calendar, day) for edge in (span.start, span.end)}:
            local = datetime.combine(day, time()) + minute * _MINUTE
            # An hour that the clock repeats has each of its times twice.
            yield from (local.replace(tzinfo=calendar.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        day += _DAY


def _turn(zone: ZoneInfo, day: date) -> Iterator[datetime]:
    """Yield the instant (UTC) at which the clock is put forward or back on that day, where it is."""
    low = datetime.combine(day, time(), zone).astimezone(UTC)
    high = low + _DAY
    before = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == before:
        return
    while high - low > _MINUTE:
        middle = low + (high - low) // (2 * _MINUTE) * _MINUTE
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    yield high
