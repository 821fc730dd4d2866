"""Reads documents that others wrote, strictly: every error names the place, the key, what is wrong with it and how to mend it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from consentry.attribution.rules.notation import read_duration, read_instant
from consentry.ledger.rules.canonical import LARGEST_INTEGER
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta
    from enum import StrEnum

    from consentry.ledger.model import JSONValue

__all__ = ["LARGEST_DOCUMENT", "LONGEST_TEXT", "Fields", "parse_json"]

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes; a hundred thousand events are 20 MB."""
LONGEST_TEXT = 200
"""Characters of an id, a name or any other text."""
_TYPES = {bool: "true or false", int: "a number", float: "a fraction", str: "text", list: "a list", type(None): "null"}

Choice = TypeVar("Choice", bound="StrEnum")


class JsonObject(dict[str, object]):
    """An object of JSON that remembers which of its keys was given twice."""

    repeated: str | None = None


def parse_json(data: bytes, name: str) -> object:
    """Return the value of the JSON document ``data``; ``name`` says in errors which document it is.

    Raises:
        InputError: ``attribution.json`` for what is no JSON in UTF-8, nested too deeply, or larger than 64 MiB.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise InputError("attribution.json", name, "it is larger than 64 MiB", "Give one case a file.")
    try:
        # Some editors put a byte order mark before the text; RFC 8259 lets a reader ignore it.
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object, parse_int=_integer)
    except UnicodeDecodeError as error:
        raise InputError("attribution.json", name, "it is not UTF-8", "Write the file in UTF-8.") from error
    except json.JSONDecodeError as error:
        raise InputError("attribution.json", name, f"line {error.lineno}, column {error.colno}: {error.msg}", "Write one JSON document.") from error
    except RecursionError as error:
        raise InputError("attribution.json", name, "it is nested too deeply", "An event holds values, not other documents.") from error


class Fields:
    """The keys of one object, taken one by one; :meth:`finish` refuses those that nobody took."""

    def __init__(self, place: str, value: object) -> None:
        """``place`` names the object in errors, such as ``event "r1" (events[0])``."""
        self.place = place
        if not isinstance(value, dict):
            raise self.refusal("attribution.type", None, f"it is {_kind(value)}, not an object", "Write an object with the keys of the specification.")
        self._values: dict[str, object] = value
        self._left = set(self._values)
        repeated = getattr(value, "repeated", None)
        if repeated is not None:
            raise self.refusal("attribution.repeated-key", repeated, "the key is given twice", "Keep one of them.")

    def has(self, key: str) -> bool:
        """Whether ``key`` is given and is not null."""
        self._left.discard(key)
        return self._values.get(key) is not None

    def names(self) -> tuple[str, ...]:
        """Return the keys that are given, for an object whose keys are not known."""
        return tuple(self._values)

    def given(self, key: str) -> bool:
        """Whether ``key`` is given, be it null."""
        return key in self._values

    def take(self, key: str) -> object:
        """Return the value of ``key``, whatever it is."""
        self._left.discard(key)
        if key not in self._values:
            raise self.refusal("attribution.missing-key", key, "the key is missing", "Add it; the specification has it.")
        return self._values[key]

    def text(self, key: str) -> str:
        """Return a text that names something: printable, not empty, at most 200 characters."""
        return self._text(key, self.take(key))

    def words(self, key: str) -> str:
        """Return a text that only people read, of any length, perhaps none."""
        value = self.take(key)
        if not isinstance(value, str) or not _is_unicode(value):
            raise self.refusal("attribution.text", key, f"it is {_kind(value)} that no file can hold", "Write text in quotes.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of different texts."""
        value = self._list(key, self.take(key))
        texts = tuple(self._text(f"{key}[{index}]", item) for index, item in enumerate(value))
        if len(set(texts)) < len(texts):
            raise self.refusal("attribution.repeated", key, "it names the same twice", "Name each once.")
        return texts

    def items(self, key: str) -> list[object]:
        """Return a list of whatever."""
        return self._list(key, self.take(key))

    def truth(self, key: str) -> bool:
        """Return true or false."""
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.refusal("attribution.type", key, f"it is {_kind(value)}", "Write true or false.")
        return value

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        """Return one of ``choices``."""
        return self._choice(key, self.take(key), choices)

    def choices(self, key: str, choices: type[Choice]) -> tuple[Choice, ...]:
        """Return a list of ``choices``."""
        return tuple(self._choice(key, value, choices) for value in self.items(key))

    def instant(self, key: str) -> datetime:
        """Return a time in UTC."""
        return self.written_instant(key).astimezone(UTC)

    def written_instant(self, key: str) -> datetime:
        """Return a time in the offset that it is written in."""
        value = self.take(key)
        # TOML has times of its own.
        text = value.isoformat() if isinstance(value, datetime) else value
        if not isinstance(text, str):
            raise self.refusal("attribution.time", key, f"it is {_kind(value)}, no time", "Write RFC 3339, such as 2026-03-01T09:00:00+08:00.")
        try:
            return read_instant(text)
        except ValueError as error:
            raise self.refusal("attribution.time", key, str(error), "Write RFC 3339, such as 2026-03-01T09:00:00+08:00.") from error

    def duration(self, key: str) -> timedelta:
        """Return a length of time that is not negative."""
        value = self.take(key)
        if not isinstance(value, str):
            raise self.refusal("attribution.duration", key, f"it is {_kind(value)}, no duration", "Write ISO 8601, such as PT30M or P2D.")
        try:
            return read_duration(value)
        except ValueError as error:
            raise self.refusal("attribution.duration", key, str(error), "Write ISO 8601, such as PT30M or P2D.") from error

    def plain(self, key: str) -> JSONValue:
        """Return null, true, false, an integer, a text, or a list of texts."""
        value = self.take(key)
        if isinstance(value, list):
            return list(self.texts(key))
        if isinstance(value, str):
            return self._text(key, value) if value else ""
        if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) <= LARGEST_INTEGER):
            return value
        raise self.refusal("attribution.type", key, f"it is {_kind(value)}", "Write a text, an integer, true, false, null or a list of texts.")

    def finish(self) -> None:
        """Refuse the keys that were not taken."""
        if self._left:
            key = min(self._left)
            raise self.refusal("attribution.unknown-key", key, "no such key is known here", "Remove it, or correct its name.")

    def refusal(self, code: str, key: str | None, problem: str, mend: str) -> InputError:
        """Return the error that names this place and ``key``."""
        return InputError(code, f"{self.place}, {_shown(key)}" if key is not None else self.place, problem, mend)

    def _choice(self, key: str, value: object, choices: type[Choice]) -> Choice:
        found = next((choice for choice in choices if choice.value == value), None)
        if found is None:
            raise self.refusal("attribution.choice", key, f"{_shown(value)} is not among the choices", f"Write one of {', '.join(choices)}.")
        return found

    def _list(self, key: str, value: object) -> list[object]:
        if not isinstance(value, list):
            raise self.refusal("attribution.type", key, f"it is {_kind(value)}", "Write a list.")
        return value

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.refusal("attribution.type", key, f"it is {_kind(value)}", "Write text in quotes.")
        if not value or len(value) > LONGEST_TEXT or not value.isprintable() or value != value.strip():
            problem = "it is empty, longer than 200 characters, or holds signs that cannot be printed or spaces at an end"
            raise self.refusal("attribution.text", key, problem, "Write a short plain text.")
        return value


def _object(pairs: Iterable[tuple[str, object]]) -> JsonObject:
    found = JsonObject()
    for key, value in pairs:
        if key in found:
            found.repeated = key
        found[key] = value
    return found


def _integer(text: str) -> int | float:
    # Reading thousands of digits takes time that grows with their square; as a fraction they are refused where they stand.
    return int(text) if len(text) <= len(str(-LARGEST_INTEGER)) else float("inf")


def _is_unicode(text: str) -> bool:
    # JSON can escape one half of a surrogate pair, which no file can hold.
    return not any("\ud800" <= one <= "\udfff" for one in text)


def _kind(value: object) -> str:
    return _TYPES.get(type(value), "an object")


def _shown(value: object) -> str:
    text = ascii(value) if not isinstance(value, str) else '"' + "".join(one if one.isprintable() else "?" for one in value) + '"'
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 - a line of a terminal has room for it
