"""Why somebody did something, in the words that the ledger keeps: they must say something in whatever language they are."""

from __future__ import annotations

import unicodedata

from consentry.platform.errors import InputError
from consentry.staff.rules import check_text

__all__ = ["stated"]

_LEAST = 4
"""Letters of the shortest reason, such as "lost"; a Chinese character says as much as two of them."""


def stated(reason: str, longest: int = 200) -> str:
    """Return ``reason`` without blanks around it.

    Raises:
        InputError: ``input.text`` where it says too little, is longer than ``longest`` or not printable.
    """
    tidy = check_text(reason, "reason", longest=longest)
    if sum(map(_worth, tidy)) < _LEAST:
        raise InputError("input.text", "reason", "it says too little", "Write why, in a word or two.")
    return tidy


def _worth(sign: str) -> int:
    """Return how many letters say as much: two where the sign is a syllable or a word."""
    return 2 if sign.isalpha() and unicodedata.east_asian_width(sign) == "W" else 1
