"""Reads the JSON of a policy strictly: every error names the place, the key, what is wrong with it and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from enum import StrEnum

__all__ = ["LONGEST_TEXT", "PolicyFields", "policy_error"]

LONGEST_TEXT = 200
"""Characters of an id or a name."""
_LARGEST = 2**31
_KINDS = {bool: "true or false", int: "a number", float: "a fraction", str: "text", list: "a list", dict: "an object", type(None): "null"}

Choice = TypeVar("Choice", bound="StrEnum")


class PolicyFields:
    """The keys of one object, taken one by one; :meth:`finish` refuses those that nobody took."""

    def __init__(self, place: str, value: object) -> None:
        """``place`` names the object in errors, such as ``policy, rules[0]``."""
        self.place = place
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise policy_error("policy.type", place, f"it is {_kind(value)}, not an object", "Write an object with the keys of the guide.")
        self._values: dict[str, object] = value
        self._left = set(self._values)

    def take(self, key: str) -> object:
        """Return the value of ``key``, whatever it is."""
        self._left.discard(key)
        if key not in self._values:
            raise self.refusal("policy.missing-key", key, "the key is missing", "Add it; the guide says what it means.")
        return self._values[key]

    def names(self) -> tuple[str, ...]:
        """Return the keys, for an object whose keys are names."""
        return tuple(self._text(key, key) for key in self._values)

    def text(self, key: str) -> str:
        """Return a short printable text."""
        return self._text(key, self.take(key))

    def text_or_none(self, key: str) -> str | None:
        """Return a short printable text, or None for null."""
        value = self.take(key)
        return None if value is None else self._text(key, value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of different texts."""
        found = tuple(self._text(f"{key}[{index}]", item) for index, item in enumerate(self.items(key)))
        if len(set(found)) < len(found):
            raise self.refusal("policy.twice", key, "it names the same twice", "Name each once.")
        return found

    def items(self, key: str) -> list[object]:
        """Return a list of whatever."""
        value = self.take(key)
        if not isinstance(value, list):
            raise self.refusal("policy.type", key, f"it is {_kind(value)}", "Write a list.")
        return value

    def parts(self, key: str) -> list[PolicyFields]:
        """Return a list of objects."""
        return [PolicyFields(f"{self.place}, {key}[{index}]", item) for index, item in enumerate(self.items(key))]

    def part(self, key: str) -> PolicyFields:
        """Return an object."""
        return PolicyFields(f"{self.place}, {key}", self.take(key))

    def whole(self, key: str) -> int:
        """Return a whole number that is not negative."""
        value = self.take(key)
        if type(value) is not int or not 0 <= value < _LARGEST:
            raise self.refusal("policy.type", key, f"it is {_kind(value)}", "Write a whole number that is not negative.")
        return value

    def truth(self, key: str) -> bool:
        """Return true or false."""
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.refusal("policy.type", key, f"it is {_kind(value)}", "Write true or false.")
        return value

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        """Return one of ``choices``."""
        return self._choice(key, self.take(key), choices)

    def choices(self, key: str, choices: type[Choice]) -> tuple[Choice, ...]:
        """Return a list of ``choices``."""
        return tuple(self._choice(f"{key}[{index}]", item, choices) for index, item in enumerate(self.items(key)))

    def finish(self) -> None:
        """Refuse the keys that were not taken."""
        if self._left:
            raise self.refusal("policy.unknown-key", min(self._left), "no such key is known here", "Remove it, or correct its name.")

    def refusal(self, code: str, key: str, problem: str, mend: str) -> InputError:
        """Return the error that names this place and ``key``."""
        return policy_error(code, f"{self.place}, {_printable(key)}", problem, mend)

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT or not value.isprintable() or value != value.strip():
            raise self.refusal("policy.text", key, f"it is {_kind(value)} that names nothing", f"Write a plain text of 1 to {LONGEST_TEXT} characters.")
        return value

    def _choice(self, key: str, value: object, choices: type[Choice]) -> Choice:
        found = next((choice for choice in choices if choice.value == value), None)
        if found is None:
            raise self.refusal("policy.choice", key, f"it is {_kind(value)} that is not among the choices", f"Write one of {', '.join(choices)}.")
        return found


def policy_error(code: str, place: str, problem: str, mend: str) -> InputError:
    """Return the error that names a place of a policy."""
    return InputError(code, place, problem, mend)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "something else")


def _printable(key: str) -> str:
    text = "".join(one if one.isprintable() else "?" for one in key)
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 - a line of a terminal has room for it
