"""What the console says, in the reader's language: messages, numbers, dates and times.

Messages are written in English in the code and looked up in ``locale/<language>/LC_MESSAGES/console.po``. The catalogues are read as they
stand, so that an installed package and a checkout work alike without a compiling step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations
from babel.units import format_unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

__all__ = ["LANGUAGES", "Speech", "catalogue_text", "message", "preferred_language", "speech"]

LANGUAGES: Final = {"zh-CN": "中文", "en": "English"}
"""The languages of the console, each with its own name for itself."""

_CATALOGUES = {"zh-CN": "zh_CN", "en": "en"}

# The long names of most units are missing in the Chinese data of CLDR; the short ones are whole words there.
_UNIT_LENGTHS: Final[dict[str, Literal["short", "long"]]] = {"zh-CN": "short", "en": "long"}
_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)), ("second", timedelta(seconds=1)))


@dataclass(frozen=True, slots=True)
class Speech:
    """One language and one time zone. ``language`` is a key of :data:`LANGUAGES`."""

    language: str
    locale: Locale
    zone: ZoneInfo
    messages: Translations

    def say(self, message: str, **values: object) -> str:
        """Return a message in the reader's language, with ``{name}`` replaced by ``values``."""
        found = self.messages.ugettext(message)
        return found.format(**values) if values else found

    def say_count(self, one: str, many: str, count: int, **values: object) -> str:
        """Return a message that depends on a count; ``{count}`` is written as the reader writes numbers."""
        return self.messages.ungettext(one, many, count).format(count=self.number(count), **values)

    def term(self, kind: str, word: str) -> str | None:
        """Return how the reader's language calls a word of the system (``kind``: role, action, error, ...), or None where it has no name."""
        found = self.messages.upgettext(kind, word)
        return None if found == word else found

    def own(self, names: Mapping[str, str]) -> str:
        """Choose from names that the site gave in several languages (keys ``zh`` and ``en``), the other one where this is empty."""
        return names.get(self.language[:2], "") or next((name for name in names.values() if name), "")

    def number(self, value: float) -> str:
        """Write a number with the reader's separators, at most one decimal."""
        return format_decimal(value, format="#,##0.#", locale=self.locale)

    def percent(self, share: float) -> str:
        """Write a share (0 to 1) in per cent, at most one decimal."""
        return format_percent(share, format="#,##0.#%", locale=self.locale)

    def day(self, day: date) -> str:
        """Write a day with its weekday."""
        return format_date(day, format="M月d日 EEE" if self.language == "zh-CN" else "EEE d MMM", locale=self.locale)

    def weekday(self, day: date) -> str:
        """Write the short name of a day's weekday."""
        return format_date(day, format="EEE", locale=self.locale)

    def clock(self, at: datetime) -> str:
        """Write hours and minutes in the site's zone."""
        return format_time(at, format="HH:mm", tzinfo=self.zone, locale=self.locale)

    def moment(self, at: datetime) -> str:
        """Write day and time to the second, in the site's zone."""
        return format_datetime(at, format="yyyy-MM-dd HH:mm:ss", tzinfo=self.zone, locale=self.locale)

    def length(self, span: timedelta) -> str:
        """Write a length of time in days, hours, minutes or seconds, whichever is the largest that divides it."""
        unit, size = next((unit, size) for unit, size in _UNITS if span % size == timedelta(0) or unit == "second")
        return format_unit(span // size, f"duration-{unit}", length=_UNIT_LENGTHS[self.language], locale=self.locale)

    def ago(self, at: datetime, now: datetime) -> str:
        """Write how long before ``now`` something was."""
        return format_timedelta(at - now, add_direction=True, locale=self.locale)


def message(text: str) -> str:
    """Return ``text``, a message that is declared where nobody reads it yet; it is said later, in the reader's language."""
    return text


def catalogue_text(language: str) -> bytes:
    """Return the catalogue of a language as it stands in the package."""
    return files("consentry.console").joinpath("locale", _CATALOGUES[language], "LC_MESSAGES", "console.po").read_bytes()


@cache
def _messages(language: str) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(catalogue_text(language)), locale=_CATALOGUES[language]))
    compiled.seek(0)
    return Translations(compiled, domain="console")


@cache
def speech(language: str, zone: str) -> Speech:
    """Return the speech of a language in an IANA time zone."""
    return Speech(language, Locale.parse(_CATALOGUES[language]), ZoneInfo(zone), _messages(language))


def preferred_language(chosen: str | None, accepted: str) -> str:
    """Return the language to speak: the one chosen, or the first that the browser accepts (``Accept-Language``), or Chinese."""
    if chosen in LANGUAGES:
        return chosen
    wanted = [part.partition(";")[0].strip().replace("-", "_") for part in accepted.split(",")]
    # Every Chinese is better served by simplified Chinese than by English.
    simplified = ["zh_CN" if tag.lower().startswith("zh") else tag for tag in wanted]
    found = negotiate_locale(simplified, list(_CATALOGUES.values()))
    return next((language for language, catalogue in _CATALOGUES.items() if catalogue == found), "zh-CN")
