"""The values that settings are made of: lengths of time, times of day, opening hours, names in two languages, points.

Each is read from the text that a person writes and shown as the same kind of text again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import isfinite
from typing import Annotated, Any, NamedTuple
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, Strict, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

__all__ = [
    "MINUTES_A_DAY",
    "DayTime",
    "Duration",
    "Flag",
    "Number",
    "Opening",
    "Openings",
    "Part",
    "PicturePoint",
    "Point",
    "PortNumber",
    "Slug",
    "Text",
    "Words",
    "ZoneName",
    "lasting",
    "refusal",
    "show_duration",
]

MINUTES_A_DAY = 24 * 60

_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_DURATION = re.compile(r"(\d{1,7}) ?(minute|hour|day|week)s?")
_ENDLESS = {"", "0", "forever", "never", "endless", "unlimited", "infinite", "inf", "none", "-1", "永久", "无限"}
_DAY_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_OPENING = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class Part(BaseModel):
    """A table of the settings: fixed once read, and no key that is not described here."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def refusal(code: str, problem: str, mend: str) -> PydanticCustomError:
    """Return the error that a validator raises: what is wrong with the value, and how to mend it."""
    return PydanticCustomError(code, "{problem}", {"problem": problem, "mend": mend})


def _read_duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, float | int) or (isinstance(value, str) and value.strip().lower() in _ENDLESS):
        raise refusal("settings.endless", f"{value!r} is not a length of time with an end", 'Write how long, such as "90 days"; nothing is kept for ever.')
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise refusal("settings.duration", f"{value!r} is not a length of time", 'Write a number and minutes, hours, days or weeks, such as "90 days".')
    return int(match[1]) * _UNITS[match[2]]


def show_duration(value: timedelta) -> str:
    """Return a length of time as it stands in the file: ``90 days``, in the largest of days, hours and minutes that divides it."""
    unit = next(name for name in ("day", "hour", "minute") if not value % _UNITS[name])
    count = value // _UNITS[unit]
    return f"{count} {unit}{'' if count == 1 else 's'}"


def lasting(shortest: timedelta, longest: timedelta) -> AfterValidator:
    """Return the check that a length of time lies within these bounds, both included."""

    def within(value: timedelta) -> timedelta:
        if not shortest <= value <= longest:
            mend = f"Write something from {show_duration(shortest)} to {show_duration(longest)}."
            raise refusal("settings.duration-bounds", f"{show_duration(value)} is too {'short' if value < shortest else 'long'}", mend)
        return value

    return AfterValidator(within)


def _read_day_time(value: object) -> int:
    match = _DAY_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refusal("settings.day-time", f"{value!r} is not a time of day", 'Write it as "HH:MM", such as "04:00".')
    return int(match[1]) * 60 + int(match[2])


def _show_day_time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, slots=True)
class Opening:
    """A span of one day in which the site is open, in minutes after that day's midnight.

    ``closes`` is greater than ``opens``; beyond 1440 it lies on the next day.
    """

    opens: int
    closes: int

    def __str__(self) -> str:
        """Return it as it stands in the file, ``HH:MM-HH:MM``."""
        closes = self.closes if self.closes <= MINUTES_A_DAY else self.closes - MINUTES_A_DAY
        return f"{_show_day_time(self.opens)}-{_show_day_time(closes)}"


def _read_opening(value: object) -> Opening:
    if isinstance(value, Opening):
        return value
    match = _OPENING.fullmatch(value) if isinstance(value, str) else None
    numbers = [int(group) for group in match.groups()] if match else []
    if not numbers or (numbers[2] == MINUTES_A_DAY // 60 and numbers[3]):
        raise refusal("settings.opening", f"{value!r} is not a span of a day", 'Write it as "HH:MM-HH:MM", such as "09:00-21:00".')
    opens, closes = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    return Opening(opens, closes if closes > opens else closes + MINUTES_A_DAY)


def _in_order(spans: tuple[Opening, ...]) -> tuple[Opening, ...]:
    for earlier, later in pairwise(spans):
        if later.opens < earlier.closes:
            raise refusal("settings.openings", f"{later} begins before {earlier} ends", "Put the spans of a day in order, without overlap.")
    return spans


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise refusal("settings.zone", f"{name!r} is not a time zone", 'Write its IANA name, such as "Asia/Shanghai".')
    return name


class Point(NamedTuple):
    """A place on a camera's picture, in pixels: x to the right, y down."""

    x: float
    y: float


def _read_point(value: object) -> Point:
    numbers: list[Any] = list(value) if isinstance(value, list | tuple) else []
    proper = len(numbers) == len(Point._fields) and all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)
    if not proper or not all(isfinite(number) and number >= 0 for number in numbers):
        raise refusal("settings.point", f"{value!r} is not a point of the picture", "Write two numbers of pixels that are not below zero: [x, y].")
    return Point(float(numbers[0]), float(numbers[1]))


_TEXT = WithJsonSchema({"type": "string"})
_PAIR = WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})

Flag = Annotated[bool, Strict()]
"""``true`` or ``false``, and nothing that merely looks like it."""

Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
"""A number that is finite, and nothing that merely looks like one."""

PortNumber = Annotated[int, Strict(), Field(ge=1, le=65535)]
"""A TCP port."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
"""A name for machines: lower-case letters, digits and hyphens, at most 40. It is safe as a file's name."""

Words = Annotated[str, Field(min_length=1, max_length=2000)]
"""Some text for people."""

ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""An IANA time zone."""

Duration = Annotated[timedelta, BeforeValidator(_read_duration), PlainSerializer(show_duration, return_type=str), _TEXT]
"""A length of time that ends."""

DayTime = Annotated[int, BeforeValidator(_read_day_time), PlainSerializer(_show_day_time, return_type=str), _TEXT]
"""A time of day, in minutes after midnight."""

Openings = Annotated[
    tuple[Annotated[Opening, BeforeValidator(_read_opening), PlainSerializer(str, return_type=str), _TEXT], ...],
    AfterValidator(_in_order),
]
"""The spans of a day in which the site is open; none where it stays closed."""

PicturePoint = Annotated[Point, BeforeValidator(_read_point), PlainSerializer(list, return_type=list[float]), _PAIR]
"""A point of the picture, from ``[x, y]``."""


class Text(Part):
    """Words in both languages; a single text in the file stands for both."""

    zh: Words = Field(description="In Chinese.")
    en: Words = Field(description="In English.")

    @model_validator(mode="before")
    @classmethod
    def _both(cls, value: object) -> object:
        return {"zh": value, "en": value} if isinstance(value, str) else value
