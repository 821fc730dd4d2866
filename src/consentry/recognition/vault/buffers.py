"""Secrets in memory that can be overwritten: numpy buffers, encrypted and decrypted in place, zero when done with.

Encryption is AES-256-GCM with random 96-bit nonces; what a ciphertext belongs to goes in as associated data. Sealed:
``nonce (12) ‖ ciphertext ‖ tag (16)``.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consentry.platform.errors import KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Buffer = NDArray[np.uint8]

__all__ = ["KEY_BYTES", "SEAL_BYTES", "bound", "open_sealed", "random_buffer", "seal", "wiped"]

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SEAL_BYTES = NONCE_BYTES + TAG_BYTES
"""How much longer sealed content is than plain."""

_RANDOM = Path("/dev/urandom")


def random_buffer(count: int) -> Buffer:
    """Return fresh random bytes that exist nowhere else in this process."""
    buffer = np.zeros(count, np.uint8)
    with _RANDOM.open("rb", buffering=0) as source:
        if source.readinto(buffer.data) != count:
            msg = "the kernel gave too little randomness"
            raise OSError(msg)
    return buffer


@contextmanager
def wiped(*buffers: NDArray[Any] | bytearray) -> Iterator[None]:
    """Overwrite the buffers with zeros when the block ends, however it ends."""
    try:
        yield
    finally:
        for buffer in buffers:
            (buffer if isinstance(buffer, np.ndarray) else np.frombuffer(buffer, np.uint8)).fill(0)


def seal(key: Buffer, content: Buffer, belongs_to: bytes) -> bytes:
    """Return ``content`` encrypted under ``key`` (uint8 [32]) and bound to ``belongs_to``."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = np.empty(len(content) + TAG_BYTES, np.uint8)
    AESGCM(key.data).encrypt_into(nonce, content.data, belongs_to, sealed.data)
    return nonce + sealed.tobytes()


def open_sealed(key: Buffer, sealed: bytes, belongs_to: bytes) -> Buffer:
    """Return a buffer with what :func:`seal` encrypted.

    Raises:
        KeyStoreError: ``keys.sealed`` where it was altered, or encrypted under another key or for something else.
    """
    content = np.zeros(max(0, len(sealed) - SEAL_BYTES), np.uint8)
    try:
        AESGCM(key.data).decrypt_into(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], belongs_to, content.data)
    except (InvalidTag, ValueError):
        content.fill(0)
        mend = "It was altered, or belongs to something else; docs/vault.md says what can be done."
        raise KeyStoreError("keys.sealed", "encrypted data", "it cannot be decrypted with this key", mend) from None
    return content


def bound(names: Sequence[str]) -> bytes:
    """Return names as bytes from which they can be told apart again, whatever is in them."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in (name.encode() for name in names))
