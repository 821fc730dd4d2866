"""Cards that prove themselves: a key of its own for every card, and the three steps in which card and reader show each other that they hold it.

A UID is a number that anybody can copy; a diversified AES key in the chip of a DESFire-like card is not. Diversification: NXP AN10922, AES-128. The
steps: AuthenticateAES of MIFARE DESFire EV1 (command 0xAA), whose challenges are chained in AES-CBC.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

from consentry.access.hardware.board import Heard
from consentry.access.hardware.ports import CardFormat, DeviceError, ReadKind

__all__ = ["CardInField", "CardKeys", "DiversifiedKeys", "SimulatedCard", "proved_card"]

_BLOCK = 16
_AES128 = b"\x01"
_SHORTEST, _LONGEST = 16, 31
"""Bytes of what a key is diversified by: AN10922 takes 31; below 16 it pads otherwise than CMAC does."""


class CardKeys(Protocol):
    """Where the keys of cards come from: a master key here, or a secure access module."""

    def key_of(self, uid: bytes) -> bytes:
        """Return the AES-128 key of the card with this UID."""
        ...


class CardInField(Protocol):
    """A card on a reader that passes its commands through. Fails with ``DeviceError`` when it is taken away."""

    @property
    def uid(self) -> bytes:
        """Return its UID, as it says without proof."""
        ...

    def challenge(self, key_number: int) -> bytes:
        """Begin: return its challenge, 16 bytes, encrypted."""
        ...

    def respond(self, token: bytes) -> bytes:
        """Take the reader's 32 bytes and return the answer to its challenge, 16 bytes, encrypted."""
        ...


@dataclass(frozen=True, slots=True)
class DiversifiedKeys:
    """Keys from one master key by AN10922. ``application``: the AID, ``system``: the site's own bytes; both go into every key."""

    master: bytes = field(repr=False)
    application: bytes
    system: bytes

    def key_of(self, uid: bytes) -> bytes:
        """Return the key of a card.

        Raises:
            ValueError: Where UID, AID and system bytes together are not 16 to 31 bytes.
        """
        said = uid + self.application + self.system
        if not _SHORTEST <= len(said) <= _LONGEST:
            message = f"UID, AID and system identifier together have {len(said)} bytes, not {_SHORTEST} to {_LONGEST}"
            raise ValueError(message)
        cmac = CMAC(AES(self.master))
        cmac.update(_AES128 + said)
        return cmac.finalize()


def proved_card(card: CardInField, keys: CardKeys, key_number: int = 0) -> Heard:
    """Return a card that proved that it holds its key, to a reader that proved it too.

    Raises:
        DeviceError: ``device.card-unproved`` where it did not.
    """
    uid = card.uid
    key, mine = keys.key_of(uid), secrets.token_bytes(_BLOCK)
    first = card.challenge(key_number)
    if len(first) != _BLOCK:
        raise _unproved()
    theirs = _decrypted(key, first, bytes(_BLOCK))
    token = _encrypted(key, mine + _turned(theirs), first)
    answer = _decrypted(key, card.respond(token), token[-_BLOCK:])
    if not hmac.compare_digest(answer, _turned(mine)):
        raise _unproved()
    return Heard(ReadKind.CARD, uid, CardFormat.DESFIRE)


class SimulatedCard:
    """A card in memory, which does what the chip does."""

    def __init__(self, uid: bytes, key: bytes) -> None:
        """Begin with its UID and the key that was written into it."""
        self.uid = uid
        self._key = key
        self._mine = b""
        self._first = b""

    def challenge(self, _key_number: int) -> bytes:
        """Return its challenge; see the port."""
        self._mine = secrets.token_bytes(_BLOCK)
        self._first = _encrypted(self._key, self._mine, bytes(_BLOCK))
        return self._first

    def respond(self, token: bytes) -> bytes:
        """Return its answer to a reader that holds the key; see the port.

        Raises:
            DeviceError: Where the reader does not.
        """
        if not self._mine:
            raise _unproved()
        plain = _decrypted(self._key, token, self._first)
        if plain[_BLOCK:] != _turned(self._mine):
            raise _unproved()
        self._mine = b""
        return _encrypted(self._key, _turned(plain[:_BLOCK]), token[-_BLOCK:])


def _turned(challenge: bytes) -> bytes:
    return challenge[1:] + challenge[:1]


def _encrypted(key: bytes, data: bytes, before: bytes) -> bytes:
    encryptor = Cipher(AES(key), CBC(before)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _decrypted(key: bytes, data: bytes, before: bytes) -> bytes:
    if not data or len(data) % _BLOCK:
        raise _unproved()
    decryptor = Cipher(AES(key), CBC(before)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _unproved() -> DeviceError:
    return DeviceError("device.card-unproved", "card", "it did not prove its key", "Use a card of this site, or have it written anew.")
