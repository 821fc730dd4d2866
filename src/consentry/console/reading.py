"""Reading what a form sends: a word of several, a day or an instant of the site."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from consentry.console.screen import Screen

__all__ = ["day_of", "end_of_day", "instant", "one_of", "start_of_day"]

Word = TypeVar("Word", bound=StrEnum)


def one_of(kind: type[Word], given: str) -> Word:
    """Return the word of ``kind`` that a browser sent.

    Raises:
        InputError: ``form.choice``.
    """
    try:
        return kind(given)
    except ValueError:
        raise InputError("form.choice", given, "this is not one of the choices", "Choose from the list.") from None


def instant(screen: Screen, given: str) -> datetime:
    """Return the instant, in UTC, of a time of the site as a browser's field sends it (``2026-03-02T09:30``).

    Raises:
        InputError: ``form.time``.
    """
    try:
        local = datetime.fromisoformat(given)
    except ValueError:
        raise InputError("form.time", given, "this is not a time", "Write it as 2026-12-31T09:30.") from None
    return (local if local.tzinfo else local.replace(tzinfo=_zone(screen))).astimezone(UTC)


def start_of_day(screen: Screen, given: str) -> datetime:
    """Return the first instant, in UTC, of a day of the site.

    Raises:
        InputError: ``form.day``.
    """
    return datetime.combine(day_of(given), time(), _zone(screen)).astimezone(UTC)


def end_of_day(screen: Screen, given: str) -> datetime:
    """Return the last second, in UTC, of a day of the site.

    Raises:
        InputError: ``form.day``.
    """
    return datetime.combine(day_of(given), time(23, 59, 59), _zone(screen)).astimezone(UTC)


def day_of(given: str) -> date:
    """Return the day that a browser's field sends (``2026-03-02``).

    Raises:
        InputError: ``form.day``.
    """
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError("form.day", given, "this is not a day", "Write it as 2026-12-31.") from None


def _zone(screen: Screen) -> ZoneInfo:
    return ZoneInfo(screen.site.settings.site.zone)
