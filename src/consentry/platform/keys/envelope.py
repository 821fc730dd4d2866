"""Envelope encryption: each person's data is under a key of its own, and that key is wrapped by a key of the site.

Destroying a wrapped key destroys everything under it, in every copy. AES-256-GCM (NIST SP 800-38D) with 96-bit random nonces and
128-bit tags. What a ciphertext belongs to goes in as associated data, so that it cannot be moved to someone else or to another purpose.
A wrapped key tells the epoch that wrapped it: ``version (1) ‖ epoch (4, big endian) ‖ nonce (12) ‖ ciphertext and tag (48)``.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consentry.platform.errors import KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.platform.keys.site_keys import SiteKeys

__all__ = ["DataKey", "epoch_of", "rewrap", "unwrap", "wrap"]

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16

_VERSION = b"\x01"
_EPOCH_BYTES = 4
_HEAD = len(_VERSION) + _EPOCH_BYTES
_WRAPPED_BYTES = _HEAD + NONCE_BYTES + KEY_BYTES + TAG_BYTES
_RESTORE = "It was altered, or belongs to something else; restore it from its copy."


class DataKey:
    """One person's key. It shows nothing of itself and cannot be pickled."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        """Take 32 bytes."""
        if len(secret) != KEY_BYTES:
            msg = f"a data key has {KEY_BYTES} bytes"
            raise ValueError(msg)
        self._secret = secret

    @classmethod
    def new(cls) -> DataKey:
        """Return a new random key."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def encrypt(self, content: bytes, belongs_to: Sequence[str]) -> bytes:
        """Return ``nonce ‖ ciphertext and tag`` of ``content``, bound to the names in ``belongs_to``, such as person and purpose."""
        return _encrypt(self._secret, content, _bound(belongs_to))

    def decrypt(self, sealed: bytes, belongs_to: Sequence[str]) -> bytes:
        """Return what was encrypted.

        Raises:
            KeyStoreError: ``keys.sealed`` where it was altered, or encrypted under another key or for something else.
        """
        return _decrypt(self._secret, sealed, _bound(belongs_to))

    def __repr__(self) -> str:
        """Return no part of the key."""
        return "DataKey(…)"

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        msg = "keys cannot be pickled"
        raise TypeError(msg)


def wrap(keys: SiteKeys, purpose: str, key: DataKey, belongs_to: Sequence[str]) -> bytes:
    """Return ``key`` encrypted under the site's newest key of ``purpose``, bound to the names in ``belongs_to``, such as the person's id."""
    head = _VERSION + keys.epoch.to_bytes(_EPOCH_BYTES, "big")
    return head + _encrypt(keys.derive(purpose), key._secret, head + _bound(belongs_to))  # noqa: SLF001 - wrapping is the one use of it


def unwrap(keys: SiteKeys, purpose: str, wrapped: bytes, belongs_to: Sequence[str]) -> DataKey:
    """Return the key that :func:`wrap` encrypted, in whichever epoch.

    Raises:
        KeyStoreError: ``keys.sealed`` where it was altered or belongs to something else, ``keys.unknown-epoch`` where its root is not here.
    """
    epoch = epoch_of(wrapped)
    secret = _decrypt(keys.derive(purpose, epoch=epoch), wrapped[_HEAD:], wrapped[:_HEAD] + _bound(belongs_to))
    return DataKey(secret)


def rewrap(keys: SiteKeys, purpose: str, wrapped: bytes, belongs_to: Sequence[str]) -> bytes:
    """Return the same key wrapped in the newest epoch; what it encrypted stays as it is.

    Raises:
        KeyStoreError: As :func:`unwrap`.
    """
    return wrap(keys, purpose, unwrap(keys, purpose, wrapped, belongs_to), belongs_to)


def epoch_of(wrapped: bytes) -> int:
    """Return the epoch that wrapped a key.

    Raises:
        KeyStoreError: ``keys.sealed`` where this is no wrapped key.
    """
    if len(wrapped) != _WRAPPED_BYTES or not wrapped.startswith(_VERSION):
        raise KeyStoreError("keys.sealed", "a wrapped key", "it is not one", _RESTORE)
    return int.from_bytes(wrapped[len(_VERSION) : _HEAD], "big")


def _bound(names: Sequence[str]) -> bytes:
    """Return names as bytes from which they can be told apart again, whatever is in them."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in (name.encode() for name in names))


def _encrypt(secret: bytes, content: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, content, associated)


def _decrypt(secret: bytes, sealed: bytes, associated: bytes) -> bytes:
    try:
        return AESGCM(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError):  # ValueError: shorter than nonce and tag
        raise KeyStoreError("keys.sealed", "encrypted data", "it cannot be decrypted with this key", _RESTORE) from None
