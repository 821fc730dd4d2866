"""How instants and lengths of time are written: RFC 3339 and ISO 8601, only the parts that have one exact meaning."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

__all__ = ["LONGEST", "read_duration", "read_instant", "show_duration", "show_instant"]

LONGEST = timedelta(days=36_600)
"""A hundred years, so that no sum of times leaves the calendar."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1970, 2999
_NUMBER = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_DURATION = re.compile(rf"P(?:{_NUMBER}W|(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)", re.ASCII)
_UNITS = (timedelta(weeks=1), timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))
_MICROSECOND = timedelta(microseconds=1)
_CALENDAR = re.compile(r"-?P[^T]*[\d.,][YM]", re.ASCII)


def read_instant(text: str) -> datetime:
    """Return the aware instant that ``text`` names, in the offset that it is written in.

    Raises:
        ValueError: with the problem as its message: no RFC 3339, no offset, no such day or hour, finer than a microsecond.
    """
    if not _INSTANT.fullmatch(text):
        raise ValueError(_instant_problem(text))
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError as error:
        msg = f"{text!r} is no instant of the calendar"
        raise ValueError(msg) from error
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        msg = f"{text!r} is not between the years {_FIRST_YEAR} and {_LAST_YEAR}"
        raise ValueError(msg)
    return instant


def show_instant(instant: datetime) -> str:
    """Return ``instant`` in UTC as RFC 3339 writes it, with a fraction only where there is one."""
    return instant.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def read_duration(text: str) -> timedelta:
    """Return the length of time that ``text`` names, such as ``PT30M``, ``P2D``, ``P1DT2H`` or ``P1W``.

    Raises:
        ValueError: with the problem as its message: no ISO 8601, months or years (which have no exact length), negative, too long, or finer
            than a microsecond.
    """
    match = _DURATION.fullmatch(text)
    if not match or text[-1] in "PT":
        raise ValueError(_duration_problem(text))
    given = [number for number in match.groups() if number]
    if any("." in number or "," in number for number in given[:-1]):
        msg = f"{text!r} has a fraction before its last number"
        raise ValueError(msg)
    total = sum(Decimal(number.replace(",", ".")) * (unit // _MICROSECOND) for number, unit in zip(match.groups(), _UNITS, strict=True) if number)
    return _exact(text, Decimal(total))


def show_duration(length: timedelta) -> str:
    """Return ``length`` in ISO 8601, always the same text for the same length: days, hours, minutes, seconds, none that is zero."""
    hours, rest = divmod(length - timedelta(days=length.days), timedelta(hours=1))
    minutes, rest = divmod(rest, timedelta(minutes=1))
    seconds = f"{rest.seconds}.{rest.microseconds:06}".rstrip("0").rstrip(".") if rest.microseconds else str(rest.seconds)
    days = f"{length.days}D" if length.days else ""
    clock = "".join(f"{number}{unit}" for number, unit in ((str(hours), "H"), (str(minutes), "M"), (seconds, "S")) if number != "0")
    return f"P{days}" + (f"T{clock}" if clock else "") if days or clock else "PT0S"


def _exact(text: str, microseconds: Decimal) -> timedelta:
    if microseconds > LONGEST // _MICROSECOND:
        msg = f"{text!r} is longer than a hundred years"
        raise ValueError(msg)
    if microseconds != int(microseconds):
        msg = f"{text!r} is finer than a microsecond"
        raise ValueError(msg)
    return int(microseconds) * _MICROSECOND


def _instant_problem(text: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?", text, re.ASCII):
        return f"{text!r} has no offset from UTC"
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d\.\d{7,20}([Zz]|[+-]\d\d:\d\d)", text, re.ASCII):
        return f"{text!r} is finer than a microsecond"
    return f"{text[:60]!r} is no RFC 3339 time"


def _duration_problem(text: str) -> str:
    if _CALENDAR.match(text):
        return f"{text[:60]!r} counts months or years, which have no exact length"
    if text.startswith("-"):
        return f"{text[:60]!r} is negative"
    return f"{text[:60]!r} is no ISO 8601 duration"
