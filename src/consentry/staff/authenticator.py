"""One-time codes of an authenticator (TOTP, RFC 6238), whose secrets are sealed with AES-256-GCM under the site's keys."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pyotp
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.platform.keys import SiteKeys

__all__ = ["address_for_authenticators", "matching_step", "new_secret", "seal", "unseal"]

_EPOCH_BYTES = 4
_NONCE_BYTES = 12
_PURPOSE = "second-factor"


def new_secret() -> str:
    """Return a new secret of 160 bits in base 32."""
    return pyotp.random_base32()


def address_for_authenticators(secret: str, name: str, site: str) -> str:
    """Return the ``otpauth`` address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=site)


def matching_step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """Return the time step (30 s) whose code this is, later than ``after`` and at most one step from now, or None.

    A code counts once: whoever stores the step as the next ``after`` refuses its replay.
    """
    generator = pyotp.TOTP(secret)
    here = generator.timecode(now)
    steps = [step for step in (here - 1, here, here + 1) if step > after]
    given = code.strip().encode("utf-8", "surrogatepass")
    return next((step for step in steps if secrets.compare_digest(generator.generate_otp(step).encode(), given)), None)


def seal(keys: SiteKeys, account: str, secret: str) -> bytes:
    """Return ``secret`` encrypted for ``account``: 4 bytes key epoch, 12 bytes nonce, then the ciphertext with its tag."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    head = keys.epoch.to_bytes(_EPOCH_BYTES)
    return head + nonce + AESGCM(keys.derive(_PURPOSE)).encrypt(nonce, secret.encode(), head + account.encode())


def unseal(keys: SiteKeys, account: str, sealed: bytes) -> str:
    """Return what was sealed for ``account``.

    Raises:
        cryptography.exceptions.InvalidTag: it was sealed for another account or site, or changed.
    """
    head, nonce, text = sealed[:_EPOCH_BYTES], sealed[_EPOCH_BYTES : _EPOCH_BYTES + _NONCE_BYTES], sealed[_EPOCH_BYTES + _NONCE_BYTES :]
    key = keys.derive(_PURPOSE, epoch=int.from_bytes(head))
    return AESGCM(key).decrypt(nonce, text, head + account.encode()).decode()
