"""From a door's page to the server, where a face is recognised, and back: the controller signs its page's address, so that a server sends nobody elsewhere."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["LONGEST_BACK", "NO_FACE", "face_address", "is_vouched"]

LONGEST_BACK = 1024
NO_FACE = "face=unavailable"
"""The fragment with which somebody comes back where no face is recognised now."""
_PREFIX = b"consentry/back/v1\n"


def face_address(server: str, key: Ed25519PrivateKey, door: str, back: str) -> str:
    """Return the server's address that leads to the face reader of a door. ``key``: the controller's own; ``back``: the address of its page."""
    proof = base64.urlsafe_b64encode(key.sign(_signed(door, back))).decode()
    return f"{server.rstrip('/')}/door/{quote(door, safe='')}/face?{urlencode({'back': back, 'proof': proof})}"


def is_vouched(key: bytes, door: str, back: str, proof: str) -> bool:
    """Tell whether the controller whose Ed25519 public key this is (32 bytes) named ``back`` as the page of a door of its own."""
    if len(back) > LONGEST_BACK or not back.startswith(("https://", "http://")):
        return False
    try:
        signature = base64.urlsafe_b64decode(proof.encode())
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _signed(door, back))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _signed(door: str, back: str) -> bytes:
    return _PREFIX + f"{door}\n{back}".encode()
