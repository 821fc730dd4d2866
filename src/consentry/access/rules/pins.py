"""Which numbers are too easy for a PIN: the first that somebody tries at a keypad. And how many digits end what is entered there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from consentry.access.model import EntryDigits

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["entry_digits", "is_trivial"]

_DIGITS = "0123456789"
_RUNS = (_DIGITS + _DIGITS, _DIGITS[::-1] + _DIGITS[::-1])
_LONGEST_BLOCK = 3
_DATE = re.compile(r"(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))|(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d)")


def entry_digits(said: EntryDigits, held: Iterable[EntryDigits]) -> EntryDigits:
    """Return how many digits end what is entered at the doors of one controller: those that the settings say, where they fit everybody's.

    One PIN or unit of another length, from before the setting was changed, could not be entered any more: while there is one, ``#`` ends it for all.

    Args:
        said: What the settings say.
        held: Of each PIN there, its own digits and those of the unit before it, None for a card.
    """
    found = set(held)
    return EntryDigits(_fitting(said.unit, (one.unit for one in found)), _fitting(said.pin, (one.pin for one in found)))


def is_trivial(pin: str, unit: str | None = None) -> bool:
    """Tell whether digits are among the first guesses: few different ones, a run, a short block again and again, a date, or the unit's own number."""
    own = "".join(filter(str.isdigit, unit or ""))
    return (
        len(set(pin)) <= 2  # noqa: PLR2004 - such as 112112, which a worn keypad tells
        or any(pin in run for run in _RUNS)
        or any(_repeats(pin, length) for length in range(1, _LONGEST_BLOCK + 1))
        or _DATE.fullmatch(pin) is not None
        or (bool(own) and _repeats(pin, len(own)) and pin.startswith(own))
        or (len(own) >= _LONGEST_BLOCK and pin.strip("0") == own.strip("0"))
    )


def _fitting(said: int | None, found: Iterable[int | None]) -> int | None:
    return said if set(found) <= {said, None} else None


def _repeats(pin: str, length: int) -> bool:
    return length < len(pin) and pin == (pin[:length] * len(pin))[: len(pin)]
