"""What the vault signs: outcomes and erasures, as canonical JSON text under its Ed25519 key ``vault-outcomes``. The web process checks them here."""

from __future__ import annotations

import base64
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consentry.platform.errors import ProofError
from consentry.recognition.codec import from_text
from consentry.recognition.messages import Erased, SignedErasure, SignedOutcome
from consentry.recognition.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OUTCOME_KEYS", "SealKind", "opened_erasure", "opened_outcome", "signed_bytes"]

OUTCOME_KEYS = "vault-outcomes"
"""The purpose of the vault's signing key."""

Sealed = TypeVar("Sealed")


class SealKind(StrEnum):
    """What a signature is for, so that one kind cannot stand for the other."""

    OUTCOME = "outcome"
    ERASURE = "erasure"


def signed_bytes(kind: SealKind, text: str) -> bytes:
    """Return what is signed for ``text``."""
    return f"consentry/vault/{kind}\n{text}".encode()


def opened_outcome(answer: SignedOutcome, public_keys: Mapping[int, bytes]) -> Outcome:
    """Return the outcome that the vault signed; ``public_keys``: 32 bytes each, by epoch (``VaultStatus.keys``).

    Raises:
        ProofError: ``vault.signature`` where no key of the vault signed it.
        InputError: ``vault.message`` where the text is no outcome.
    """
    return _opened(Outcome, SealKind.OUTCOME, answer.outcome, (answer.signature, public_keys.get(answer.epoch)))


def opened_erasure(answer: SignedErasure, public_keys: Mapping[int, bytes]) -> Erased:
    """Return the erasure that the vault signed.

    Raises:
        ProofError: As :func:`opened_outcome`.
        InputError: ``vault.message`` where the text is no erasure.
    """
    return _opened(Erased, SealKind.ERASURE, answer.erasure, (answer.signature, public_keys.get(answer.epoch)))


def _opened(form: type[Sealed], kind: SealKind, text: str, proof: tuple[str, bytes | None]) -> Sealed:
    signature, key = proof
    if key is None or not _is_signed(signed_bytes(kind, text), signature, key):
        mend = "Compare the vault's keys with those pinned when it was first started."
        raise ProofError("vault.signature", f"an {kind} of the vault", "no key of the vault signed it", mend)
    return from_text(form, text)


def _is_signed(data: bytes, signature: str, key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True
