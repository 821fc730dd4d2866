"""What waits on a desk's device is encrypted to the site: whoever takes the device reads neither names nor numbers out of its browser's files.

A fresh P-256 key of the desk and the site's own agree on a secret (ECDH), HKDF-SHA256 over both public points makes a key of it that is used once, and
AES-256-GCM encrypts under that key, so that a nonce of zeros repeats nothing.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey, derive_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.attribution.visiting import SignedEntry
from consentry.platform.errors import KeyStoreError, ProofError

if TYPE_CHECKING:
    from consentry.platform.keys import SiteKeys

__all__ = ["DeskSeal", "SealedEntry", "desk_seal", "open_entry"]

_PURPOSE = "attribution-desk-queue"
_INFO = b"consentry/desk-queue/v1"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (SEC 2, section 2.4.2)."""
_NONCE = bytes(12)
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeskSeal:
    """To which key a desk encrypts: the epoch of the site's keys, and base64 of the public point (65 bytes, uncompressed)."""

    epoch: int
    point: str


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """A signed entry as it waits on the device, base64. ``point``: the public point that was made for it alone; ``box``: what is encrypted, with its tag."""

    epoch: int
    point: str
    box: str = field(repr=False)


def desk_seal(keys: SiteKeys) -> DeskSeal:
    """Return the key to which desks encrypt now."""
    return DeskSeal(keys.epoch, base64.b64encode(_point(_private(keys, keys.epoch))).decode())


def open_entry(keys: SiteKeys, entry: SealedEntry) -> SignedEntry:
    """Return the entry that a desk encrypted: a JSON object of ``text`` and ``signature``.

    Raises:
        ProofError: ``desk.seal`` where it was encrypted to another site or was changed.
    """
    try:
        private, sender = _private(keys, entry.epoch), base64.b64decode(entry.point, validate=True)
        shared = private.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), sender))
        key = _key(shared, sender, _point(private))
        document = json.loads(AESGCM(key).decrypt(_NONCE, base64.b64decode(entry.box, validate=True), None))
        return SignedEntry(str(document["text"]), str(document["signature"]))
    except (KeyStoreError, InvalidTag, ValueError, KeyError, TypeError):
        raise ProofError("desk.seal", "entry", "it was not encrypted to this site, or was changed", "Pair the device again.") from None


def _private(keys: SiteKeys, epoch: int) -> EllipticCurvePrivateKey:
    return derive_private_key(int.from_bytes(keys.derive(_PURPOSE, epoch=epoch), "big") % (_ORDER - 1) + 1, SECP256R1())


def _point(private: EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _key(shared: bytes, sender: bytes, site: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_INFO + sender + site).derive(shared)
