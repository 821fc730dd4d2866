"""EU profile: the template lives in the person's own token, encrypted under a key that needs both the token and the vault.

``CT1.`` and base64url of ``consent (16, its UUID) ‖ secret (32) ‖ sealed vector (int8 [D])``. The key is HKDF-SHA256 of the secret, which only
the token holds, and the consent's key in the vault: a token that was copied opens nothing elsewhere, and the vault opens nothing without it.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consentry.platform.errors import KeyStoreError
from consentry.recognition.refusals import RefusalCode, refusal
from consentry.recognition.vault.buffers import KEY_BYTES, SEAL_BYTES, bound, open_sealed, random_buffer, seal, wiped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Buffer = NDArray[np.uint8]

__all__ = ["consent_of", "issue", "opened"]

_PREFIX = "CT1."
_CONSENT_BYTES = 16
_SECRET_END = _CONSENT_BYTES + KEY_BYTES
_STEPS = 127


def issue(consent: str, person_key: Buffer, vector: NDArray[np.float32], names: Sequence[str]) -> str:
    """Return the token of a consent. ``vector``: float32 [D], rotated; ``names``: what it belongs to."""
    secret = random_buffer(KEY_BYTES)
    key = _key(secret, person_key, names)
    steps = np.rint(vector * (_STEPS / np.abs(vector).max())).astype(np.int8).view(np.uint8)
    with wiped(secret, key, steps):
        content = UUID(consent).bytes + secret.tobytes() + seal(key, steps, bound(names))
    return _PREFIX + base64.urlsafe_b64encode(content).decode().rstrip("=")


def consent_of(token: str) -> str:
    """Return which consent a token names; nothing of it is proved.

    Raises:
        ConflictError: ``vault.token`` where it is no token.
    """
    return str(UUID(bytes=_content(token)[:_CONSENT_BYTES]))


def opened(token: str, person_key: Buffer, names: Sequence[str]) -> NDArray[np.float32]:
    """Return the unit vector that a token holds, float32 [D].

    Raises:
        ConflictError: ``vault.token`` where it was altered, or belongs to something else.
    """
    content = _content(token)
    secret = np.frombuffer(bytearray(content[_CONSENT_BYTES:_SECRET_END]), np.uint8)
    key = _key(secret, person_key, names)
    with wiped(secret, key):
        try:
            steps = open_sealed(key, content[_SECRET_END:], bound(names))
        except KeyStoreError:
            raise refusal(RefusalCode.TOKEN) from None
    with wiped(steps):
        vector = steps.view(np.int8).astype(np.float32)
    vector /= np.linalg.norm(vector)
    return vector


def _content(token: str) -> bytes:
    try:
        text = token.removeprefix(_PREFIX)
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        content = b""
    if not token.startswith(_PREFIX) or len(content) <= _SECRET_END + SEAL_BYTES:
        raise refusal(RefusalCode.TOKEN)
    return content


def _key(secret: Buffer, person_key: Buffer, names: Sequence[str]) -> Buffer:
    both, key = np.concatenate([secret, person_key]), np.zeros(KEY_BYTES, np.uint8)
    with wiped(both):
        HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=bound(["consentry/token/v1", *names])).derive_into(both.data, key.data)
    return key
