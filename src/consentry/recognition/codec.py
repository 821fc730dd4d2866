"""Frozen dataclasses as JSON and back, strictly: a field too many or too few, another type, a text too long are refused.

Kinds of fields: text, integers, truth values, enums, instants (ISO 8601 with a zone), other dataclasses, tuples, mappings from text, and
``X | None``. Plain text is short and printable; :class:`Longest` allows more. What travels is canonical JSON (RFC 8785).
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from consentry.consent.model import Purpose
from consentry.ledger.rules.canonical import canonical, parse
from consentry.platform.errors import InputError
from consentry.recognition.model import Capture, StationTicket

if TYPE_CHECKING:
    from collections.abc import Hashable

    from consentry.ledger.model import JSONValue

__all__ = ["MOST_ITEMS", "Longest", "from_document", "from_text", "to_document", "to_text"]

MOST_ITEMS = 10_000
"""Entries of the longest list or mapping."""

LARGEST_INTEGER = 2**53
"""Beyond it JSON's integers are not the same everywhere, and databases have none."""
_SHORT_TEXT = 200
_LONGEST_INSTANT = 40
_MEND = "Send a message of docs/vault.md, as this version of Consentry writes it."

Record = TypeVar("Record")
_Reader = Callable[[object, str], Any]

# What annotations of models and messages name without importing it when they run.
_NAMES = {"datetime": datetime, "Mapping": Mapping, "Purpose": Purpose, "Capture": Capture, "StationTicket": StationTicket}


@dataclass(frozen=True, slots=True)
class Longest:
    """How many characters a text may have that need not be short or printable."""

    characters: int


def to_document(value: object) -> dict[str, JSONValue]:
    """Return the JSON object of a dataclass."""
    if not is_dataclass(value):
        msg = f"no dataclass: {type(value).__name__}"
        raise TypeError(msg)
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def to_text(value: object) -> str:
    """Return the canonical JSON text of a dataclass."""
    return canonical(to_document(value)).decode()


def from_document(kind: type[Record], document: object) -> Record:
    """Return the dataclass that ``document`` holds.

    Raises:
        InputError: ``vault.message`` where it is not exactly one; no content is ever part of the error.
    """
    found: Record = _reader(cast("Hashable", kind))(document, kind.__name__)
    return found


def from_text(kind: type[Record], text: str) -> Record:
    """Return the dataclass of a canonical JSON text.

    Raises:
        InputError: As :func:`from_document`.
    """
    try:
        document = parse(text.encode())
    except (InputError, UnicodeEncodeError):
        raise _refusal(kind.__name__, "it is no canonical JSON") from None
    return from_document(kind, document)


def _plain(value: object) -> JSONValue:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case StrEnum():
            return value.value
        case tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {str(name): _plain(item) for name, item in value.items()}
        case None | bool() | int() | str():
            return value
        case _:
            return to_document(value)


@cache
def _reader(kind: Any) -> _Reader:  # noqa: ANN401 - an annotation of any form
    """Return what reads a value of the type ``kind``."""
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _enum_reader(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record_reader(kind)
    return _composed_reader(get_origin(kind), get_args(kind))


def _composed_reader(origin: object, parts: tuple[Any, ...]) -> _Reader:
    if origin is Annotated:
        return _long_text_reader(parts[1])
    if origin in {Union, types.UnionType}:
        return _optional_reader(next(part for part in parts if part is not types.NoneType))
    if origin is tuple:
        return _tuple_reader(parts[0])
    if origin is Mapping:
        return _mapping_reader(parts[1])
    msg = f"no reader for {origin}"
    raise TypeError(msg)


def _record_reader(kind: type) -> _Reader:
    hints = get_type_hints(kind, localns=_NAMES, include_extras=True)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read(value: object, where: str) -> object:
        if not isinstance(value, Mapping) or value.keys() != readers.keys():
            raise _refusal(where, "its fields are not those that it must have")
        return kind(**{name: reader(value[name], name) for name, reader in readers.items()})

    return read


def _enum_reader(kind: type[StrEnum]) -> _Reader:
    members = {str(member): member for member in kind}

    def read(value: object, where: str) -> object:
        member = members.get(value) if isinstance(value, str) else None
        if member is None:
            raise _refusal(where, "it is none of the words it may be")
        return member

    return read


def _long_text_reader(limit: Longest) -> _Reader:
    def read(value: object, where: str) -> str:
        if not isinstance(value, str) or len(value) > limit.characters:
            raise _refusal(where, f"it is no text of at most {limit.characters} characters")
        return value

    return read


def _optional_reader(part: object) -> _Reader:
    inner = _reader(part)
    return lambda value, where: None if value is None else inner(value, where)


def _tuple_reader(part: object) -> _Reader:
    inner = _reader(part)

    def read(value: object, where: str) -> tuple[object, ...]:
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise _refusal(where, f"it is no list of at most {MOST_ITEMS} entries")
        return tuple(inner(item, where) for item in value)

    return read


def _mapping_reader(part: object) -> _Reader:
    inner = _reader(part)

    def read(value: object, where: str) -> dict[str, object]:
        if not isinstance(value, dict) or len(value) > MOST_ITEMS:
            raise _refusal(where, f"it is no object of at most {MOST_ITEMS} entries")
        return {_text(name, where): inner(item, where) for name, item in value.items()}

    return read


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > _SHORT_TEXT or not value.isprintable():
        raise _refusal(where, f"it is no printable text of at most {_SHORT_TEXT} characters")
    return value


def _integer(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_INTEGER:
        raise _refusal(where, "it is no integer, or larger than any that is counted here")
    return value


def _truth(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise _refusal(where, "it is neither true nor false")
    return value


def _instant(value: object, where: str) -> datetime:
    try:
        if isinstance(value, str) and len(value) <= _LONGEST_INSTANT:
            found = datetime.fromisoformat(value)
            if found.tzinfo is not None:
                return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _refusal(where, "it is no instant with a zone, as ISO 8601 writes it")


_SIMPLE: dict[object, _Reader] = {str: _text, int: _integer, bool: _truth, datetime: _instant}


def _refusal(where: str, problem: str) -> InputError:
    return InputError("vault.message", where, problem, _MEND)
