"""A controller's secret on its way from the server: encrypted to the key that the controller made at its pairing.

A fresh X25519 key of the server and the controller's agree on a secret, HKDF-SHA256 over both public keys makes a key of it that is used once, and
AES-256-GCM encrypts under that key, so that a nonce of zeros repeats nothing.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consentry.platform.errors import ProofError

__all__ = ["SealedSecret", "open_secret", "seal_secret"]

_INFO = b"consentry/controller-secret/v1"
_NONCE = bytes(12)
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """The public key that the server made for it alone, and what is encrypted with its tag; both base64."""

    point: str
    box: str = field(repr=False)


def seal_secret(exchange_key: bytes, controller: str, secret: bytes) -> SealedSecret:
    """Encrypt ``secret`` to the X25519 ``exchange_key`` (32 bytes) of a controller, and to its id.

    Raises:
        ProofError: ``access.exchange-key`` where the key is none.
    """
    private = X25519PrivateKey.generate()
    own = private.public_key().public_bytes_raw()
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(exchange_key))
    except ValueError:
        raise ProofError("access.exchange-key", "exchange_key", "it is no X25519 public key", "Pair the controller anew.") from None
    box = AESGCM(_key(shared, own, exchange_key)).encrypt(_NONCE, secret, controller.encode())
    return SealedSecret(base64.b64encode(own).decode(), base64.b64encode(box).decode())


def open_secret(private: X25519PrivateKey, controller: str, sealed: SealedSecret) -> bytes:
    """Return the secret that the server encrypted to this controller.

    Raises:
        ProofError: ``access.secret`` where it was encrypted to another one or was changed.
    """
    try:
        sender = base64.b64decode(sealed.point, validate=True)
        shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
        key = _key(shared, sender, private.public_key().public_bytes_raw())
        return AESGCM(key).decrypt(_NONCE, base64.b64decode(sealed.box, validate=True), controller.encode())
    except (InvalidTag, ValueError):
        raise ProofError("access.secret", "pairing", "its secret was not encrypted to this controller, or was changed", "Pair anew.") from None


def _key(shared: bytes, sender: bytes, receiver: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_INFO + sender + receiver).derive(shared)
