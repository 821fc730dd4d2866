"""Canonical JSON (RFC 8785), without fractions: one value has one sequence of bytes, so that a hash names the value.

Numbers are integers that every JSON reader holds exactly (53 bits); a fraction has no place in a log whose hashes must be rebuilt elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from consentry.ledger.model import JSONValue

__all__ = ["LARGEST_INTEGER", "MAX_DEPTH", "canonical", "parse"]

LARGEST_INTEGER = 2**53 - 1
MAX_DEPTH = 16
"""Levels of nesting; more than any document of ours has, fewer than a reader's stack."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def canonical(value: JSONValue) -> bytes:
    """Return the canonical bytes of ``value``.

    Raises:
        InputError: ``ledger.not-json`` for a fraction, an integer beyond 53 bits, a name that is no text, text that is not Unicode,
            or too much nesting.
    """
    try:
        return _encode(_ordered(value, 0)).encode()
    except UnicodeEncodeError as error:
        raise _not_json("text holds half of a surrogate pair") from error


def parse(data: bytes) -> JSONValue:
    """Return the value whose canonical bytes are exactly ``data``.

    Raises:
        ProofError: ``proof.not-canonical`` for anything else, such as other spacing or order, a name given twice, or bytes after the end.
    """
    try:
        value: JSONValue = json.loads(data.decode(), parse_float=_no_fraction, parse_constant=_no_fraction, parse_int=_integer)
        again = canonical(value)
    except (ValueError, RecursionError, InputError) as error:
        raise _not_canonical(str(error).rstrip(".")) from error
    # Also finds a name that was given twice, of which only one is left.
    if again != data:
        raise _not_canonical("spacing, order or escapes differ from RFC 8785")
    return value


def _ordered(value: object, depth: int) -> object:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise _not_json("an integer has more than 53 bits")
        return value
    if depth >= MAX_DEPTH:
        raise _not_json(f"it is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {name: _ordered(value[name], depth + 1) for name in _names(value)}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [_ordered(item, depth + 1) for item in value]
    kind = "a fraction" if isinstance(value, float) else f"a {type(value).__name__}"
    raise _not_json(f"{kind} cannot be written")


def _names(value: Mapping[object, object]) -> list[str]:
    """Return an object's names as RFC 8785 sorts them: by their UTF-16 code units."""
    names = [name for name in value if isinstance(name, str)]
    if len(names) != len(value):
        raise _not_json("a name is no text")
    # ASCII sorts the same either way, and every name of ours is ASCII.
    return sorted(names) if all(map(str.isascii, names)) else sorted(names, key=lambda name: name.encode("utf-16-be"))


def _no_fraction(text: str) -> NoReturn:
    msg = f"{text[:40]} is no integer"
    raise ValueError(msg)


def _integer(text: str) -> int:
    # Reading thousands of digits takes time that grows with their square.
    if len(text) > len(str(-LARGEST_INTEGER)):
        msg = "an integer has more than 53 bits"
        raise ValueError(msg)
    return int(text)


def _not_json(problem: str) -> InputError:
    return InputError("ledger.not-json", "details", problem, "Use text, integers of at most 53 bits, true, false, null, lists and objects.")


def _not_canonical(problem: str) -> ProofError:
    return ProofError("proof.not-canonical", "document", problem, "Ask for the file again; a copy must equal it byte for byte.")
