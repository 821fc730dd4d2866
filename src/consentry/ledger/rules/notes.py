"""Signed notes, checkpoints and verifier keys as text, after C2SP signed-note, tlog-checkpoint and tlog-cosignature."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from consentry.ledger.model import Checkpoint, NoteSignature, SignedNote, VerifierKey
from consentry.ledger.rules.merkle import HASH_BYTES
from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "COSIGNATURE",
    "KEY_BYTES",
    "SIGNATURE",
    "SIGNATURE_BYTES",
    "checkpoint_text",
    "cosigned_message",
    "from_base64",
    "is_origin_of",
    "key_id",
    "note_text",
    "origin_of",
    "read_checkpoint",
    "read_note",
    "read_verifier_key",
    "signature_line",
    "to_base64",
    "verifier_key_text",
]

SIGNATURE = 1
"""Signature type of Ed25519 over a note's text."""

COSIGNATURE = 4
"""Signature type of a timestamped Ed25519 co-signature."""

KEY_BYTES = 32
SIGNATURE_BYTES = 64
_KEY_ID_BYTES = 4
_MOST_SIGNATURES = 64
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_VERIFIER_KEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")


def to_base64(data: bytes) -> str:
    """Return standard Base64."""
    return b64encode(data).decode()


def from_base64(text: str, length: int | None = None) -> bytes:
    """Return the bytes of Base64 that is written the one way ``to_base64`` writes it; ``length``: how many there must be.

    Raises:
        ProofError: ``proof.base64``.
    """
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = None
    if data is None or to_base64(data) != text or (length is not None and len(data) != length):
        raise ProofError("proof.base64", "Base64", "it is damaged or of the wrong length", "Ask for the file again.")
    return data


def key_id(key: VerifierKey) -> bytes:
    """Return the four bytes that say which key a signature line is of."""
    return sha256(f"{key.name}\n".encode() + bytes([key.kind]) + key.public).digest()[:_KEY_ID_BYTES]


def verifier_key_text(key: VerifierKey) -> str:
    """Return the key as ``<name>+<id>+<type and key>``, the form in which people pin it."""
    return f"{key.name}+{key_id(key).hex()}+{to_base64(bytes([key.kind]) + key.public)}"


def read_verifier_key(text: str) -> VerifierKey:
    """Return the key that ``verifier_key_text`` wrote.

    Raises:
        InputError: ``ledger.key`` for other text, or where the id does not belong to the key.
    """
    matched = _VERIFIER_KEY.fullmatch(text.strip())
    try:
        data = from_base64(matched[3], 1 + KEY_BYTES) if matched else b""
    except ProofError:
        data = b""
    if matched and data and data[0] in (SIGNATURE, COSIGNATURE):
        key = VerifierKey(matched[1], data[0], data[1:])
        if key_id(key).hex() == matched[2]:
            return key
    shown = text.strip()[:80]
    raise InputError("ledger.key", shown or "key", "it is not a verifier key <name>+<id>+<key>", "Copy it whole, as `consentry ledger key` prints it.")


def is_origin_of(key: VerifierKey, origin: str) -> bool:
    """Say whether a log with this ``origin`` may sign with ``key``, whose name is the origin itself or the site whose logs it signs."""
    site, _, opening = origin.rpartition("/")
    return origin == key.name or (site == key.name and re.fullmatch("[0-9a-f]{8}", opening) is not None)


def origin_of(site: str, opening: bytes) -> str:
    """Return the origin of the log of ``site`` whose first entry has the leaf ``opening``: two logs of one site never share a name."""
    return f"{site}/{opening.hex()[:8]}"


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Return the text of a checkpoint that is signed."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{to_base64(checkpoint.root)}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that ``checkpoint_text`` wrote. Further lines are refused: nobody could audit them.

    Raises:
        ProofError: ``proof.checkpoint``.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):  # noqa: PLR2004 - three lines and the end
        raise _not_a_checkpoint("it is not the three lines origin, size and root")
    return Checkpoint(lines[0], int(lines[1]), from_base64(lines[2], HASH_BYTES))


def cosigned_message(text: str, seconds: int) -> bytes:
    """Return what a witness signs at ``seconds`` since 1970 for the checkpoint ``text``."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def note_text(note: SignedNote) -> str:
    """Return the note with its signature lines."""
    return f"{note.text}\n" + "".join(map(signature_line, note.signatures))


def signature_line(signature: NoteSignature) -> str:
    """Return one signature line, with its newline."""
    return f"— {signature.name} {to_base64(signature.key_id + signature.value)}\n"


def read_note(text: str) -> SignedNote:
    """Return the note that ``note_text`` wrote.

    Raises:
        ProofError: ``proof.note``.
    """
    body, gap, lines = text.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or not body or _CONTROL.search(text):
        raise _not_a_note("it is not a text, an empty line and signature lines")
    signatures = tuple(_signatures(lines[:-1].split("\n")))
    return SignedNote(f"{body}\n", signatures)


def _signatures(lines: list[str]) -> Iterable[NoteSignature]:
    if len(lines) > _MOST_SIGNATURES:
        raise _not_a_note(f"it has more than {_MOST_SIGNATURES} signatures")
    for line in lines:
        matched = _SIGNATURE_LINE.fullmatch(line)
        data = from_base64(matched[2]) if matched else b""
        if not matched or len(data) <= _KEY_ID_BYTES:
            raise _not_a_note("a signature line is damaged")
        yield NoteSignature(matched[1], data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])


def _not_a_checkpoint(problem: str) -> ProofError:
    return ProofError("proof.checkpoint", "checkpoint", problem, "Ask the site for the checkpoint again.")


def _not_a_note(problem: str) -> ProofError:
    return ProofError("proof.note", "signed note", problem, "Ask the site for the checkpoint again.")
