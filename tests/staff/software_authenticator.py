"""A security key in software (CTAP2 over WebAuthn, ES256, no attestation): what a browser and a key would answer, written from the specification.

It shares no code with the server's library, so that the two are a check on each other.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

USER_PRESENT, HAS_CREDENTIAL = 0x01, 0x40


def to_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class SoftwareAuthenticator:
    """One security key with at most one credential, in a browser at ``origin``."""

    origin: str = "http://shop.lan:8000"
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    signatures: int = 0
    flags: int = USER_PRESENT

    def register(self, options: str, **changes: Any) -> str:  # noqa: ANN401 - whatever an attacker changes
        """Answer ``navigator.credentials.create``; ``changes`` replace what an honest browser would say."""
        wanted = {**json.loads(options), **changes}
        client = self._client_data("webauthn.create", wanted["challenge"])
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + self._cose_key()
        authenticator = self._authenticator_data(wanted["rp"]["id"], self.flags | HAS_CREDENTIAL) + attested
        # A map of three in CBOR: the format is none, so the statement is empty, and then comes the authenticator's data.
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData" + _cbor_bytes(authenticator)
        return self._answer({"clientDataJSON": to_base64url(client), "attestationObject": to_base64url(attestation)})

    def answer(self, options: str, **changes: Any) -> str:  # noqa: ANN401 - as above
        """Answer ``navigator.credentials.get``."""
        wanted = {**json.loads(options), **changes}
        self.signatures += 1
        client = self._client_data("webauthn.get", wanted["challenge"])
        authenticator = self._authenticator_data(wanted["rpId"], self.flags)
        signature = self.key.sign(authenticator + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self._answer({"clientDataJSON": to_base64url(client), "authenticatorData": to_base64url(authenticator), "signature": to_base64url(signature)})

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _authenticator_data(self, relying_party: str, flags: int) -> bytes:
        return hashlib.sha256(relying_party.encode()).digest() + bytes([flags]) + self.signatures.to_bytes(4, "big")

    def _cose_key(self) -> bytes:
        """Return the public key as COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}."""
        point = self.key.public_key().public_numbers()
        return b"\xa5\x01\x02\x03\x26\x20\x01\x21" + _cbor_bytes(point.x.to_bytes(32, "big")) + b"\x22" + _cbor_bytes(point.y.to_bytes(32, "big"))

    def _answer(self, response: dict[str, str]) -> str:
        name = to_base64url(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}})


def _cbor_bytes(data: bytes) -> bytes:
    head = b"\x58" + bytes([len(data)]) if len(data) < 256 else b"\x59" + len(data).to_bytes(2, "big")
    return head + data
