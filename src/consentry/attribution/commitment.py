"""What an agent commits to when reporting a client: the telephone number, so that the office cannot read it and the agent cannot swap it.

A commitment is the SHA-256 of six parts, each behind its length in bytes as an unsigned 32-bit number, big end first: the site's origin, the project,
the agency, the server's nonce (as its hexadecimal text), a salt of 32 random bytes that only the agent has, and the number in E.164. The salt makes
guessing the hidden digits hopeless; origin, project, agency and nonce keep a commitment from being used anywhere else or again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SALT_BYTES", "Ground", "commitment", "is_opened", "read_salt"]

SALT_BYTES = 32
_LENGTH_BYTES = 4
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a commitment is made for. ``nonce``: hexadecimal text, as the server gave it."""

    origin: str
    project: str
    agency: str
    nonce: str = field(repr=False)


def commitment(ground: Ground, salt: bytes, phone: str) -> bytes:
    """Return the 32-byte commitment to ``phone``, a number in E.164, under ``salt``, 32 bytes.

    Raises:
        InputError: ``commitment.salt`` or ``commitment.phone``.
    """
    if len(salt) != SALT_BYTES:
        raise InputError("commitment.salt", "salt", f"it is not {SALT_BYTES} bytes long", "Take it from the receipt file as it stands there.")
    if not _E164.fullmatch(phone):
        raise InputError("commitment.phone", "telephone number", "it is not written in E.164", "Write + and the country's code before the number.")
    texts = (ground.origin, ground.project, ground.agency, ground.nonce)
    return hashlib.sha256(_prefixed([*(text.encode() for text in texts), salt, phone.encode()])).digest()


def is_opened(kept: bytes, ground: Ground, salt: bytes, phone: str) -> bool:
    """Return whether ``salt`` and ``phone`` are those that the commitment ``kept`` was made over, in a time that tells nothing.

    Raises:
        InputError: As :func:`commitment`.
    """
    return hmac.compare_digest(kept, commitment(ground, salt, phone))


def read_salt(text: str) -> bytes:
    """Return the salt that ``text`` writes in base64url, as receipt files hold it.

    Raises:
        InputError: ``commitment.salt``.
    """
    try:
        return base64.b64decode(f"{text.rstrip('=')}=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError("commitment.salt", "salt", "it is no base64url", "Take it from the receipt file as it stands there.") from error


def _prefixed(parts: Iterable[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(_LENGTH_BYTES, "big") + part for part in parts)
