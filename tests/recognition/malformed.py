"""Wrong inputs by the thousand, drawn from a seed: messages, frames, pictures, tickets, activations, consents, tokens."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

__all__ = ["harmed_bytes", "harmed_document", "harmed_text", "pictures"]

_ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**70,
    "",
    "x" * 300,
    "\0",
    "\ud800",
    "../../etc/passwd",
    "' OR 1=1 --",
    "ab" * 16,
    "2026-01-01T00:00:00",
    "9999-12-31T23:59:59+00:00",
    [],
    {},
    [[[[]]]],
    {"a": {"b": None}},
)


def harmed_document(draw: Random, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message with one thing wrong: a field gone, added, renamed, of another kind, or with an odd value; never the same message."""
    while True:
        found = copy.deepcopy(dict(document))
        holder = _some_part(draw, found)
        name = draw.choice(sorted(holder)) if holder else "a"
        match draw.randrange(4):
            case 0:
                holder.pop(name, None)
            case 1:
                holder[draw.choice(("extra", "score", "", "é", "type "))] = draw.choice(_ODD)
            case 2:
                holder[name + "x"] = holder.pop(name, None)
            case _:
                holder[name] = draw.choice(_ODD)
        if found != document:
            return found


def _some_part(draw: Random, document: dict[str, Any]) -> dict[str, Any]:
    """Return the message, or now and then an object inside it."""
    parts = [value for value in document.values() if isinstance(value, dict)]
    return draw.choice(parts) if parts and draw.random() < 0.3 else document


def harmed_bytes(draw: Random, data: bytes) -> bytes:
    """Return bytes that are cut, lengthened, or have some bits turned; never the same bytes."""
    match draw.randrange(4):
        case 0:
            return data[: draw.randrange(len(data))]
        case 1:
            return data + draw.randbytes(1 + draw.randrange(40))
        case 2:
            return draw.randbytes(draw.randrange(200))
        case _:
            turned = bytearray(data)
            for place in draw.sample(range(len(data)), min(len(data), 1 + draw.randrange(4))):
                turned[place] ^= 1 << draw.randrange(8)
            return bytes(turned)


def harmed_text(draw: Random, text: str) -> str:
    """Return a text with some characters changed; never the same text."""
    found = text
    while found == text:
        found = harmed_bytes(draw, text.encode("latin-1")).decode("latin-1")
    return found


def pictures(draw: Random, good: bytes) -> Iterator[bytes]:
    """Yield files that are no picture of anybody: damaged JPEG, other formats, bombs that claim to be huge, texts."""
    huge = good[:2] + b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01" + good[2:]
    whole = (b"GIF89a" + bytes(40), b"\x89PNG\r\n\x1a\n" + bytes(60), b"<svg/>", b"BM" + bytes(60), b"\xff\xd8\xff\xd9", b"\xff\xd8", huge, b"%PDF-1.7")
    while True:
        kind = draw.randrange(3)
        if kind == 0:
            yield draw.choice(whole)
        elif kind == 1:
            yield draw.randbytes(1 + draw.randrange(400))
        else:
            # Everything before the picture's data decides what a decoder believes; a turned bit far behind may leave it a picture.
            head = bytearray(good[: 40 + draw.randrange(300)])
            for _ in range(1 + draw.randrange(6)):
                head[draw.randrange(len(head))] = draw.randrange(256)
            yield bytes(head)
