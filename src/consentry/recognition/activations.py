"""Reading what a station signed, before anything else is looked at: a stranger learns nothing of tickets, notices or consents."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from consentry.platform.errors import InputError, ProofError
from consentry.recognition.codec import from_text

if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["KEY_BYTES", "decoded_key", "read_signed"]

KEY_BYTES = 65
"""Bytes of a P-256 public key as an uncompressed point."""
_HALF = 32

Statement = TypeVar("Statement")


def decoded_key(text: str) -> bytes:
    """Return the P-256 public key (65 bytes, uncompressed) that a device sent as base64.

    Raises:
        InputError: ``station.key``.
    """
    try:
        key = base64.b64decode(text, validate=True)
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        mend = "Send base64 of the 65 bytes that WebCrypto exports as raw."
        raise InputError("station.key", "public key", "it is no uncompressed point of P-256", mend)
    return key


def read_signed(kind: type[Statement], text: str, signature: str, public_key: bytes) -> Statement:
    """Return the statement that the station with ``public_key`` signed; ``signature``: base64 of r ‖ s, over the text's UTF-8.

    Raises:
        ProofError: ``station.signature``.
        InputError: ``vault.message`` where the text is no ``kind``.
    """
    try:
        raw = base64.b64decode(signature, validate=True)
        if len(raw) != 2 * _HALF:
            _refuse()
        pair = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key).verify(pair, text.encode(), ECDSA(SHA256()))
    except (InvalidSignature, ValueError, binascii.Error):
        _refuse()
    return from_text(kind, text)


def _refuse() -> NoReturn:
    raise ProofError("station.signature", "station", "the station's key did not sign it", "Pair the device with the station again.")
