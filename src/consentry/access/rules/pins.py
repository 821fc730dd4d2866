"""Which numbers are too easy for a PIN: the first that somebody tries at a keypad."""

from __future__ import annotations

import re

__all__ = ["is_trivial"]

_DIGITS = "0123456789"
_RUNS = (_DIGITS + _DIGITS, _DIGITS[::-1] + _DIGITS[::-1])
_LONGEST_BLOCK = 3
_DATE = re.compile(r"(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))|(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d)")


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


def _repeats(pin: str, length: int) -> bool:
    return length < len(pin) and pin == (pin[:length] * len(pin))[: len(pin)]
