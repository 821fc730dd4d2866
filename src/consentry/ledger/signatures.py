"""Ed25519 signatures on notes, bundles and changes of key (RFC 8032, C2SP signed-note and tlog-cosignature)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.ledger.model import KeyChange, NoteSignature, VerifierKey
from consentry.ledger.rules.bundles import key_change_message
from consentry.ledger.rules.notes import COSIGNATURE, SIGNATURE, SIGNATURE_BYTES, cosigned_message, key_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from consentry.ledger.model import SignedNote

__all__ = ["change_key", "cosign_text", "cosigned_at", "is_signature", "key_change_holds", "public_bytes", "sign_text", "signed_by"]

_TIME_BYTES = 8
_LATEST = 2**63 - 1


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the public half of ``key``, 32 bytes."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_signature(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether ``signature`` (64 bytes) is that of the key ``public`` (32 bytes) on ``message``."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign_text(text: str, name: str, key: Ed25519PrivateKey) -> NoteSignature:
    """Return the signature of the key of that ``name`` on the text of a note."""
    verifier = VerifierKey(name, SIGNATURE, public_bytes(key))
    return NoteSignature(name, key_id(verifier), key.sign(text.encode()))


def cosign_text(text: str, name: str, key: Ed25519PrivateKey, seconds: int) -> NoteSignature:
    """Return the co-signature of the witness of that ``name`` on a checkpoint, made at ``seconds`` since 1970."""
    verifier = VerifierKey(name, COSIGNATURE, public_bytes(key))
    return NoteSignature(name, key_id(verifier), seconds.to_bytes(_TIME_BYTES, "big") + key.sign(cosigned_message(text, seconds)))


def signed_by(note: SignedNote, key: VerifierKey) -> bool | None:
    """Say whether ``key`` signed or co-signed the note; None where no line of the note is of that key.

    One damaged line of a known key makes the whole note doubtful, so it counts as False whatever the others say.
    """
    lines = [line for line in note.signatures if (line.name, line.key_id) == (key.name, key_id(key))]
    return all(_line_holds(note.text, line, key) for line in lines) if lines else None


def cosigned_at(signature: NoteSignature) -> int:
    """Return the seconds since 1970 at which a co-signature claims to have been made."""
    return int.from_bytes(signature.value[:_TIME_BYTES], "big")


def change_key(site: str, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> KeyChange:
    """Return the change from ``old`` to ``new`` for the logs of ``site``, signed by both."""
    message = key_change_message(site, public_bytes(old), public_bytes(new))
    return KeyChange(site, public_bytes(old), public_bytes(new), old.sign(message), new.sign(message))


def key_change_holds(change: KeyChange) -> bool:
    """Say whether both keys signed the change."""
    message = key_change_message(change.site, change.old, change.new)
    return is_signature(change.old, change.signed_by_old, message) and is_signature(change.new, change.signed_by_new, message)


def _line_holds(text: str, line: NoteSignature, key: VerifierKey) -> bool:
    if key.kind == SIGNATURE:
        return is_signature(key.public, line.value, text.encode())
    if len(line.value) != _TIME_BYTES + SIGNATURE_BYTES or cosigned_at(line) > _LATEST:
        return False
    return is_signature(key.public, line.value[_TIME_BYTES:], cosigned_message(text, cosigned_at(line)))
