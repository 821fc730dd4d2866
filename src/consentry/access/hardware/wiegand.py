"""What a burst of Wiegand bits says: a card's number with its parity, or a key.

Wiegand has no secret: whoever reaches the two wires hears every card and can send one. The even parity bit goes first and covers the first half, the odd
one last and covers the second (26 bits: HID's H10301; 34 bits likewise). Keys come as 4 bits, or as 8 whose first four are the others' complement.
"""

from __future__ import annotations

from consentry.access.hardware.board import Heard
from consentry.access.hardware.ports import CardFormat, ReadKind

__all__ = ["SpoiledReadError", "read_bits", "wiegand_bits"]

_FORMATS = {26: CardFormat.WIEGAND26, 34: CardFormat.WIEGAND34}
_KEYS = "0123456789*#"
_KEY_BITS = (4, 8)
_FOUR_ONES = 0xF
_SHORTEST_CARD = 24
_LONGEST_CARD = 128


class SpoiledReadError(ValueError):
    """Bits that are no card and no key. It holds none of them: they may be nearly a card's."""


def read_bits(value: int, length: int) -> Heard:
    """Return the card or key of a burst; the first bit is the highest of ``length`` bits.

    Raises:
        SpoiledReadError: For a wrong parity or complement, and for a length that no card has.
    """
    if value < 0 or value >> length:
        raise SpoiledReadError("more bits than were announced")
    if length in _KEY_BITS:
        return Heard(ReadKind.KEYS, _key(value, length).encode())
    if length in _FORMATS:
        return Heard(ReadKind.CARD, _numbered(value, length), _FORMATS[length])
    if not _SHORTEST_CARD <= length <= _LONGEST_CARD:
        raise SpoiledReadError("no card has so many bits")
    return Heard(ReadKind.CARD, bytes([length]) + value.to_bytes((length + 7) // 8, "big"), CardFormat.BITS)


def wiegand_bits(number: bytes) -> tuple[int, int]:
    """Return the bits of a card number of 3 or 4 bytes with their parity, and how many there are: what a simulated reader sends."""
    length = 8 * len(number) + 2
    if length not in _FORMATS:
        message = "a card number has 3 or 4 bytes"
        raise ValueError(message)
    value, half = int.from_bytes(number, "big"), (length - 2) // 2
    even = (value >> half).bit_count() % 2
    odd = 1 - (value & (1 << half) - 1).bit_count() % 2
    return even << length - 1 | value << 1 | odd, length


def _numbered(value: int, length: int) -> bytes:
    half = length // 2
    if (value >> half).bit_count() % 2 or not (value & (1 << half) - 1).bit_count() % 2:
        raise SpoiledReadError("its parity is wrong")
    number = value >> 1 & (1 << length - 2) - 1
    return number.to_bytes((length - 2) // 8, "big")


def _key(value: int, length: int) -> str:
    low, high = value & _FOUR_ONES, value >> 4
    if (length == max(_KEY_BITS) and low ^ high != _FOUR_ONES) or low >= len(_KEYS):
        raise SpoiledReadError("it is no key")
    return _KEYS[low]
