"""Secrets that people hold, and what is kept of them: keyed hashes, so that a stolen database withdraws nothing and finds nobody."""

from __future__ import annotations

import hmac
import re
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from consentry.platform.keys import SiteKeys

__all__ = ["SECRET", "Kind", "mark", "marks", "new_secret", "normal_phone", "normal_secret"]

_PURPOSE = "consent-marks"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS = 128
_LENGTH = 26
_CUTS = ((0, 5), (5, 10), (10, 15), (15, 20), (20, _LENGTH))
_ALIKE = str.maketrans("OIL", "011")
_BETWEEN = re.compile(r"[\s\u2010-\u2015\u2212-]")
"""What people and keyboards put between groups: blanks, hyphens, dashes, the minus sign."""

SECRET = re.compile(rf"[{_LETTERS}]{{{_LENGTH}}}")
"""A secret in its normal form."""


class Kind(StrEnum):
    """What a text is hashed as; the same text has another hash as something else."""

    WITHDRAW = "withdraw"
    REFUSAL = "refusal"
    PHONE = "phone"
    REQUEST = "request"


def new_secret() -> str:
    """Return 128 random bits in groups of letters that nobody mistakes for another (Crockford's base 32), to be typed if need be."""
    value = secrets.randbits(_BITS)
    text = "".join(_LETTERS[value >> 5 * place & 31] for place in reversed(range(_LENGTH)))
    return "-".join(text[start:end] for start, end in _CUTS)


def normal_secret(text: str) -> str | None:
    """Return a secret as it is hashed, however it was typed, or None where it cannot be one."""
    plain = _closed_up(text[: 3 * _LENGTH]).upper().translate(_ALIKE)
    return plain if SECRET.fullmatch(plain) else None


def normal_phone(text: str) -> str | None:
    """Return a telephone number as digits, without the country's code of China, or None where it cannot be one."""
    digits = re.sub(r"^00", "+", re.sub(r"[().]", "", _closed_up(text)))
    found = re.fullmatch(r"(?:\+86)?(\+?[0-9]{6,15})", digits)
    return found[1] if found else None


def _closed_up(text: str) -> str:
    """Return ``text`` without what stands between groups, in plain letters and digits: Chinese keyboards also write full-width ones."""
    return _BETWEEN.sub("", normalize("NFKC", text))


def mark(keys: SiteKeys, kind: Kind, text: str) -> bytes:
    """Return the 32-byte keyed hash of ``text`` under the site's newest key."""
    return _mark(keys, kind, text, keys.epoch)


def marks(keys: SiteKeys, kind: Kind, text: str) -> list[bytes]:
    """Return the hashes of ``text`` under every key of the site: what was marked before a rotation is found afterwards."""
    return [_mark(keys, kind, text, epoch) for epoch in keys.epochs]


def _mark(keys: SiteKeys, kind: Kind, text: str, epoch: int) -> bytes:
    return hmac.digest(keys.derive(_PURPOSE, epoch=epoch), f"{kind}\0{text}".encode("utf-8", "surrogatepass"), "sha256")
