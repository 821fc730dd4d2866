"""What can happen to a file: bits flipped, ends lost, bytes added, the same JSON written otherwise, values exchanged, swapped or removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from consentry.ledger.rules.canonical import canonical

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

__all__ = ["bit_flips", "edited", "rewritten", "truncated", "with_more_bytes"]


def bit_flips(data: bytes, chance: random.Random, count: int) -> Iterator[bytes]:
    for _ in range(count):
        place = chance.randrange(len(data))
        yield data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def truncated(data: bytes, chance: random.Random, count: int) -> Iterator[bytes]:
    return (data[: chance.randrange(len(data))] for _ in range(count))


def with_more_bytes(data: bytes, chance: random.Random, count: int) -> Iterator[bytes]:
    for _ in range(count):
        place = chance.choice([0, chance.randrange(len(data)), len(data)])
        yield data[:place] + chance.choice([b" ", b"\n", b"\x00", b"}", data[-9:], chance.randbytes(4)]) + data[place:]


def rewritten(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield other ways to write the same JSON."""
    document = json.loads(data)
    names = list(document)
    chance.shuffle(names)
    yield json.dumps(document).encode()
    yield json.dumps(document, indent=1, ensure_ascii=False).encode()
    yield json.dumps(document, separators=(",", ":"), ensure_ascii=True).encode().replace(b"consentry", b"\\u0063onsentry", 1)
    yield json.dumps({name: document[name] for name in reversed(document)}, separators=(",", ":"), ensure_ascii=False).encode()
    yield data.replace(b'"format"', b'"format":"consentry-evidence/1","format"', 1)
    yield data[:-1] + b',"seal":' + json.dumps(document["seal"]).encode() + b"}"


def edited(data: bytes, chance: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """Yield documents of which one value was exchanged, swapped with another of its kind, or removed."""
    for _ in range(count):
        document = json.loads(data)
        places = list(_places(document))
        holder, name = chance.choice(places)
        value = holder[name]
        change = chance.choice(("exchange", "swap", "remove"))
        if change == "remove":
            del holder[name]
        elif change == "swap":
            other, key = chance.choice([(one, at) for one, at in places if type(one[at]) is type(value)])
            holder[name], other[key] = other[key], value
        else:
            holder[name] = _another(value, chance)
        if document != json.loads(data) and _is_tree(document):
            yield document


def _places(document: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for name, value in list(items):
        yield document, name
        yield from _places(value)


def _is_tree(document: Any) -> bool:  # noqa: ANN401 - JSON
    """Say whether a swap did not put a value inside itself."""
    try:
        canonical(document)
    except ValueError:
        return False
    except Exception:  # noqa: BLE001 - InputError among them: nothing that could be a file
        return False
    return True


def _another(value: Any, chance: random.Random) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 1000])
    if isinstance(value, str):
        return value + "x" if not value or chance.random() < 0.3 else value[:-1] + chr(ord(value[-1]) ^ 1)
    return [] if value else {"more": 1}
