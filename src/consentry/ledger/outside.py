"""Checkpoints that come back from outside: whether this site signed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.ledger.checkpoints import KEY_PURPOSE
from consentry.ledger.model import VerifierKey
from consentry.ledger.rules.notes import SIGNATURE, read_checkpoint
from consentry.ledger.signatures import public_bytes, signed_by
from consentry.platform.errors import ProofError

if TYPE_CHECKING:
    from consentry.ledger.model import Checkpoint, SignedNote
    from consentry.platform.site import Site

__all__ = ["own_checkpoint", "own_keys"]


def own_keys(site: Site) -> frozenset[bytes]:
    """Return the public keys with which this site signs and signed its log."""
    return frozenset(public_bytes(site.keys.signing_key(KEY_PURPOSE, epoch=epoch)) for epoch in site.keys.epochs)


def own_checkpoint(site: Site, note: SignedNote) -> Checkpoint:
    """Return what a note from outside says, which any key of this site may have signed.

    Raises:
        ProofError: ``proof.signature`` where this site did not sign it.
    """
    found = read_checkpoint(note.text)
    if not any(signed_by(note, VerifierKey(found.origin, SIGNATURE, key)) for key in own_keys(site)):
        raise ProofError("proof.signature", "checkpoint", "this site did not sign it", "Give a checkpoint of this site.")
    return found
