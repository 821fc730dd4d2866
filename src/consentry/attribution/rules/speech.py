"""Instants, lengths of time and agencies in the words of both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

__all__ = ["Sentence", "agencies_text", "instant_text", "length_text", "offset_text", "sentence"]

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_UNITS = ((timedelta(days=1), "天", "day"), (timedelta(hours=1), "小时", "hour"), (timedelta(minutes=1), "分钟", "minute"))


@dataclass(frozen=True, slots=True)
class Sentence:
    """The same words in both languages."""

    zh: str
    en: str


def sentence(words: tuple[str, str], **parts: Sentence) -> Sentence:
    """Return ``words`` (Chinese, English) with ``parts`` in their places."""
    zh, en = words
    return Sentence(zh.format(**{name: part.zh for name, part in parts.items()}), en.format(**{name: part.en for name, part in parts.items()}))


def agencies_text(agencies: Sequence[str]) -> Sentence:
    """Return the agencies as a list in a sentence."""
    return Sentence("、".join(agencies), " and ".join(agencies))


def instant_text(instant: datetime, offset: tzinfo) -> Sentence:
    """Return day and time in ``offset``; seconds only where there are some."""
    local = instant.astimezone(offset)
    fraction = f".{local.microsecond:06}".rstrip("0") if local.microsecond else ""
    clock = f"{local:%H:%M}" + (f":{local:%S}{fraction}" if local.second or fraction else "")
    return Sentence(f"{local.year}年{local.month}月{local.day}日{clock}", f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {clock}")


def offset_text(instant: datetime, offset: tzinfo) -> Sentence:
    """Return which zone the times are in."""
    text = f"{instant.astimezone(offset):%Z}"
    return Sentence(text, text)


def length_text(length: timedelta) -> Sentence:
    """Return a length of time in days, hours, minutes and seconds."""
    rest, zh, en = abs(length), [], []
    for unit, chinese, english in _UNITS:
        number, rest = divmod(rest, unit)
        if number:
            zh.append(f"{number}{chinese}")
            en.append(_counted(str(number), english))
    if rest or not zh:
        seconds = f"{rest.total_seconds():.6f}".rstrip("0").rstrip(".")
        zh.append(f"{seconds}秒")
        en.append(_counted(seconds, "second"))
    minus = ("负", "minus ") if length < timedelta(0) else ("", "")
    return Sentence(minus[0] + "".join(zh), minus[1] + " ".join(en))


def _counted(number: str, unit: str) -> str:
    return f"{number} {unit}" if number == "1" else f"{number} {unit}s"
