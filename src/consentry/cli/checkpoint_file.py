"""Signed checkpoints that somebody kept, in whatever form Consentry handed them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.ledger.model import SignedNote

__all__ = ["read_checkpoint_file"]


def read_checkpoint_file(path: Path) -> SignedNote:
    """Return the signed checkpoint in a file: the text that the site publishes, or a receipt or bundle that holds one. Its signature is not checked.

    Raises:
        InputError: ``input.file`` where the file cannot be read or holds no signed checkpoint.
    """
    from consentry.ledger.rules.bundles import read_bundle
    from consentry.ledger.rules.notes import read_checkpoint, read_note

    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("input.file", str(path), error.strerror or "it cannot be read", "Give a file that exists.") from error
    try:
        note = read_bundle(data).bundle.checkpoint if data.startswith(b"{") else read_note(data.decode())
        read_checkpoint(note.text)
    except (UnicodeDecodeError, ProofError) as error:
        mend = "Give the text that the site published, or a receipt or bundle of its log."
        raise InputError("input.file", str(path), "it holds no signed checkpoint", mend) from error
    return note
