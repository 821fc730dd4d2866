"""What lies at a door instead of cards and numbers: marks, which one controller's secret makes, and which say nothing at another door.

What was shown first becomes an *inner value* of 32 bytes, the same on the whole site: SHA-256 of a card, of a unit's number; Argon2id of a PIN. A mark is
the inner value's HMAC under the secret of one controller. Whoever takes a snapshot without that secret cannot try PINs; whoever takes the secret too must
pay one Argon2id for each try.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consentry.platform.errors import InputError

__all__ = [
    "LONGEST_CARD",
    "LONGEST_UNIT",
    "Secrets",
    "controller_secret",
    "inner_card",
    "inner_pin",
    "inner_unit",
    "is_pin",
    "mark",
    "number_salt",
    "salt_bytes",
    "typed_unit",
]

LONGEST_CARD = 64
"""Bytes of what a card says of itself; a UID has 4, 7 or 10, an application's identifier at most 16."""
LONGEST_UNIT = 40
"""Characters of a unit's number."""

# OWASP's second choice for Argon2id: 19 MiB, two passes, one lane; about 20 ms of one core.
_PASSES, _KIB, _LANES, _BYTES = 2, 19456, 1, 32
_SALT_BYTES = 16
# str.isdigit also takes the digits of every other script.
_PIN = re.compile(r"[0-9]{6,12}")
_KIND = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one controller knows that no other does: 32 bytes, under which it makes marks."""

    controller: str
    secret: bytes = field(repr=False)

    def mark(self, inner: bytes) -> str:
        """Return this controller's mark of an inner value."""
        return mark(self.secret, self.controller, inner)

    @property
    def dummy_salt(self) -> bytes:
        """Return the salt with which a PIN is hashed whose number nobody has, so that it takes as long as any other."""
        return hmac.digest(self.secret, b"consentry/dummy-salt/v1", "sha256")[:_SALT_BYTES]


def controller_secret(site_key: bytes, controller: str) -> bytes:
    """Return the 32-byte secret of a controller. ``site_key``: the site's derived key of the purpose ``access-controller``."""
    info = _labelled(b"consentry/controller/v1", controller.encode())
    return HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=info).derive(site_key)


def inner_card(kind: str, uid: bytes) -> bytes:
    """Return the inner value of a card. ``kind``: a name in lower case for what was read, such as ``uid`` or ``desfire``; ``uid``: 1 to 64 bytes.

    Raises:
        InputError: ``access.card``.
    """
    if _KIND.fullmatch(kind) is None or not 0 < len(uid) <= LONGEST_CARD:
        raise InputError("access.card", "card", f"it has no kind, or not 1 to {LONGEST_CARD} bytes", "Read the card again.")
    return sha256(_labelled(b"consentry/card/v1", kind.encode(), uid)).digest()


def inner_unit(unit: str) -> bytes:
    """Return the inner value of a unit's number, the same however it is spaced, in capitals or not, in full width or half.

    Raises:
        InputError: ``access.unit`` where nothing or too much is left of it.
    """
    plain = "".join(unicodedata.normalize("NFKC", unit[: 4 * LONGEST_UNIT]).casefold().split())
    if not 0 < len(plain) <= LONGEST_UNIT or not plain.isprintable():
        raise InputError("access.unit", "unit", f"it has not 1 to {LONGEST_UNIT} characters that can be printed", "Enter the number of the unit.")
    return sha256(_labelled(b"consentry/unit/v1", plain.encode())).digest()


def typed_unit(unit: str) -> str:
    """Return a unit's number as it is entered at a keypad: its digits alone, such as ``31201`` of 3-1201. Empty where it has none."""
    return "".join(key for key in unicodedata.normalize("NFKC", unit[: 4 * LONGEST_UNIT]) if key in "0123456789")


def is_pin(text: str) -> bool:
    """Tell whether ``text`` can be a PIN: 6 to 12 digits of ASCII."""
    return _PIN.fullmatch(text) is not None


def inner_pin(pin: str, salt: bytes) -> bytes:
    """Return the inner value of a PIN: one Argon2id. ``salt``: 16 bytes, of the number that the PIN goes with.

    Raises:
        InputError: ``access.pin`` where it is no PIN.
    """
    if not is_pin(pin):
        raise InputError("access.pin", "PIN", "it has not 6 to 12 digits", "Choose 6 to 12 digits.")
    return hash_secret_raw(pin.encode(), salt, _PASSES, _KIB, _LANES, _BYTES, Type.ID)


def number_salt(site_key: bytes, number: bytes) -> str:
    """Return the salt of all PINs that go with a number, as a snapshot holds it: base64url of 16 bytes.

    Args:
        site_key: The site's derived key of the purpose ``access-numbers``.
        number: The inner value of the unit or the card.
    """
    return _text(hmac.digest(site_key, _labelled(b"consentry/number-salt/v1", number), "sha256")[:_SALT_BYTES])


def salt_bytes(salt: str) -> bytes:
    """Return the bytes of a salt that :func:`number_salt` made.

    Raises:
        InputError: ``access.salt`` for anything else.
    """
    try:
        raw = base64.b64decode(salt + "==", altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if len(raw) != _SALT_BYTES or _text(raw) != salt:
        raise InputError("access.salt", "salt", f"it is not base64url of {_SALT_BYTES} bytes", "Take it as the register holds it.")
    return raw


def mark(secret: bytes, controller: str, inner: bytes) -> str:
    """Return a controller's mark of an inner value: base64url of 32 bytes, without padding."""
    return _text(hmac.digest(secret, _labelled(b"mark/v1", controller.encode(), inner), "sha256"))


def _labelled(label: bytes, *parts: bytes) -> bytes:
    """Join with lengths, so that no two lists of parts give the same bytes."""
    return label + b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
