"""What must not stand in the log in clear: telephone numbers, e-mail addresses, identity numbers, pictures and other opaque blocks (rule R73).

A pattern cannot know a name. That entries name people by identifier alone is the duty of whoever writes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.ledger.model import JSONValue

__all__ = ["LONGEST_OPAQUE_RUN", "clear_text_in"]

LONGEST_OPAQUE_RUN = 128
"""Characters of Base64 or hexadecimal in one run: a SHA-512 fits, a picture or a template does not."""

_IDENTIFIER = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_ALONE = r"(?<![0-9A-Za-z])(?:{})(?![0-9A-Za-z])"
_PATTERNS = {
    "a telephone number": "|".join(
        (
            _ALONE.format(r"(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}"),
            _ALONE.format(r"0\d{2,3}[ -]\d{7,8}"),
            r"(?<![0-9A-Za-z])\+\d{1,3}(?:[ .()-]{0,2}\d){7,12}(?![0-9A-Za-z])",
        )
    ),
    "an e-mail address": r"[^\s@<>\"'()]+@[^\s@<>\"'()]+\.[^\s@<>\"'().]+",
    "an identity number": _ALONE.format(r"\d{17}[\dXx]"),
    "a picture": r"data:image/|(?:iVBORw0KGgo|/9j/|R0lGOD|UklGR)[A-Za-z0-9+/_-]{24}",
    "an opaque block": rf"[A-Za-z0-9+/_-]{{{LONGEST_OPAQUE_RUN + 1}}}",
}
# One search a text: every entry passes here.
_ANY = re.compile("|".join(f"({pattern})" for pattern in _PATTERNS.values()))
_KINDS = tuple(_PATTERNS)
_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}")
_WITH_UNIT = re.compile(r"_(?:bytes|ms|us|ns|seconds|pixels)$")


def clear_text_in(value: JSONValue) -> str | None:
    """Return what ``value`` seems to hold in clear, such as ``a telephone number``, or None.

    An integer that reads as a mobile number is refused unless its name ends in a unit, as ``free_bytes`` does.
    """
    return next(_found("", value), None)


def _found(name: str, value: JSONValue) -> Iterator[str]:
    if isinstance(value, str):
        matched = _ANY.search(value) and _ANY.search(_IDENTIFIER.sub("", value))
        if matched:
            yield _KINDS[(matched.lastindex or 1) - 1]
    elif isinstance(value, Mapping):
        for inner, item in value.items():
            yield from _found("", inner)
            yield from _found(inner, item)
    elif isinstance(value, int):
        if _MOBILE.fullmatch(str(value)) and not _WITH_UNIT.search(name):
            yield "a telephone number"
    elif isinstance(value, Sequence):
        for item in value:
            yield from _found(name, item)
