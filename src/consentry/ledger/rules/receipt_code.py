"""A receipt as the text of a QR code: compressed, then Base45 (RFC 9285), whose letters a QR code packs most tightly."""

from __future__ import annotations

import zlib

from consentry.ledger.rules.bundles import MAX_BYTES
from consentry.platform.errors import ProofError

__all__ = ["PREFIX", "from_code", "to_code"]

PREFIX = "CONSENTRY1:"
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_BASE = len(_LETTERS)
_GROUP = 3
"""Letters that stand for two bytes; two letters stand for the one byte that may be left over."""


def to_code(data: bytes) -> str:
    """Return the text for the QR code of a receipt's file."""
    packed = zlib.compress(data, 9)
    return PREFIX + "".join(_letters(packed[start : start + 2]) for start in range(0, len(packed), 2))


def from_code(text: str) -> bytes:
    """Return the file that ``to_code`` packed.

    Raises:
        ProofError: ``proof.code``.
    """
    try:
        letters = text.removeprefix(PREFIX)
        packed = b"".join(_bytes(letters[start : start + _GROUP]) for start in range(0, len(letters), _GROUP))
        engine = zlib.decompressobj()
        data = engine.decompress(packed, MAX_BYTES)
    except (KeyError, OverflowError, zlib.error) as error:
        raise _damaged() from error
    if not text.startswith(PREFIX) or not engine.eof or engine.unused_data:
        raise _damaged()
    return data


def _letters(pair: bytes) -> str:
    number = int.from_bytes(pair, "big")
    return "".join(_LETTERS[number // _BASE**place % _BASE] for place in range(len(pair) + 1))


def _bytes(group: str) -> bytes:
    if len(group) == 1:
        raise _damaged()
    number: int = sum(_VALUES[letter] * _BASE**place for place, letter in enumerate(group))
    return number.to_bytes(len(group) - 1, "big")


def _damaged() -> ProofError:
    return ProofError("proof.code", "receipt code", "it is not the whole text of a receipt's QR code", "Scan it again.")
