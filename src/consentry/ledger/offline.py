"""Checks receipts, bundles and checkpoints without the site that issued them: nothing is needed but the keys one relies on.

``scripts/verify_receipt.py`` does the same in one file with nothing but Python; a test holds the two to the same verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.ledger.model import Checkpoint, VerifierKey
from consentry.ledger.rules.bundles import DOCUMENT_SHA256, MAX_BYTES, document_sha256, read_bundle, sealed_message
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.rules.entries import RESTORED, entry_document
from consentry.ledger.rules.merkle import leaf_hash, verify_consistency, verify_inclusion
from consentry.ledger.rules.notes import SIGNATURE, is_origin_of, read_checkpoint, read_note
from consentry.ledger.rules.receipt_code import PREFIX, from_code
from consentry.ledger.signatures import is_signature, key_change_holds, signed_by
from consentry.platform.errors import ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from consentry.ledger.model import Bundle, EarlierCheckpoint, Entry, EntryProof, JSONValue, KeyChange, SignedNote

__all__ = ["Trust", "Verdict", "check_agreement", "log_keys", "verify_bundle", "verify_checkpoint", "verify_file"]


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader relies on: keys of logs, keys of witnesses, and how many of these must have co-signed."""

    logs: tuple[VerifierKey, ...]
    witnesses: tuple[VerifierKey, ...] = ()
    quorum: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was proven: the entries, the checkpoint they stand under, earlier ones it continues, the witnesses who co-signed it, a dossier's document."""

    checkpoint: Checkpoint
    entries: tuple[Entry, ...] = ()
    earlier: tuple[Checkpoint, ...] = ()
    witnesses: tuple[str, ...] = ()
    document: Mapping[str, JSONValue] | None = None


def verify_file(data: bytes, trust: Trust) -> Verdict:
    """Verify what a file holds: a receipt or bundle, the text of a receipt's QR code, or a signed checkpoint.

    Raises:
        ProofError: naming the first claim that does not hold.
    """
    if len(data) > MAX_BYTES:
        raise _refused("proof.too-large", "file", f"it has more than {MAX_BYTES} bytes")
    try:
        if data.startswith(PREFIX.encode()):
            data = from_code(data.decode("ascii").rstrip("\r\n"))
        return verify_bundle(data, trust) if data.startswith(b"{") else verify_checkpoint(data.decode(), trust)
    except UnicodeDecodeError as error:
        raise _refused("proof.unknown", "file", "it is no receipt, bundle or checkpoint") from error


def verify_bundle(data: bytes, trust: Trust) -> Verdict:
    """Verify every claim of a receipt or bundle.

    Raises:
        ProofError: naming the first claim that does not hold.
    """
    sealed = read_bundle(data)
    bundle = sealed.bundle
    checkpoint = read_checkpoint(bundle.checkpoint.text)
    keys = log_keys(checkpoint.origin, trust.logs, bundle.key_changes)
    signers = _signers(bundle.checkpoint, keys)
    if not any(is_signature(key.public, sealed.seal, sealed_message(bundle)) for key in signers):
        raise _refused("proof.seal", "receipt or bundle", "the signature over the whole file is not that of the log")
    leaves = [_prove_entry(proof, checkpoint) for proof in bundle.entries]
    predecessors = _predecessors(bundle, leaves, checkpoint.origin)
    earlier = tuple(_prove_earlier(past, checkpoint, predecessors, trust, bundle.key_changes) for past in bundle.earlier)
    _prove_document(bundle)
    return Verdict(checkpoint, tuple(proof.entry for proof in bundle.entries), earlier, _witnesses(bundle.checkpoint, trust), bundle.document)


def verify_checkpoint(text: str, trust: Trust) -> Verdict:
    """Verify a signed checkpoint that stands alone.

    Raises:
        ProofError: where no log that is relied on signed it, or too few witnesses did.
    """
    note = read_note(text)
    checkpoint = read_checkpoint(note.text)
    _signers(note, log_keys(checkpoint.origin, trust.logs, ()))
    return Verdict(checkpoint, witnesses=_witnesses(note, trust))


def check_agreement(checkpoints: Iterable[Checkpoint]) -> None:
    """Compare checkpoints from different files.

    Raises:
        ProofError: ``proof.fork`` where two of the same log and size have different roots: the log told two stories.
    """
    roots: dict[tuple[str, int], bytes] = {}
    for checkpoint in checkpoints:
        if roots.setdefault((checkpoint.origin, checkpoint.size), checkpoint.root) != checkpoint.root:
            problem = f"two checkpoints of size {checkpoint.size} have different roots: the log was forked"
            raise ProofError("proof.fork", checkpoint.origin, problem, "Keep both files: together they are the evidence.")


def log_keys(origin: str, pinned: Iterable[VerifierKey], changes: Iterable[KeyChange]) -> list[VerifierKey]:
    """Return the keys that may sign for ``origin``: pinned ones, and those that took over from them in turn.

    Raises:
        ProofError: ``proof.key`` where no pinned key is for this log, ``proof.key-change`` where a change is not signed by both keys.
    """
    pins = [key for key in pinned if key.kind == SIGNATURE and is_origin_of(key, origin)]
    if not pins:
        raise _refused("proof.key", origin, "no pinned key is for this log")
    trusted = [key.public for key in pins]
    for change in changes:
        if not is_origin_of(VerifierKey(change.site, SIGNATURE, change.old), origin) or not key_change_holds(change):
            raise _refused("proof.key-change", origin, "a change of its key is not signed by both keys")
        if change.old in trusted:
            trusted.append(change.new)
    return [VerifierKey(origin, SIGNATURE, public) for public in dict.fromkeys(trusted)]


def _signers(note: SignedNote, keys: list[VerifierKey]) -> list[VerifierKey]:
    """Return the keys that signed ``note``: at least one, and none whose signature is damaged."""
    verdicts = {key: signed_by(note, key) for key in keys}
    signers = [key for key, verdict in verdicts.items() if verdict]
    if not signers or False in verdicts.values():
        raise _refused("proof.signature", "checkpoint", "it is not signed by a pinned key of the log")
    return signers


def _prove_entry(proof: EntryProof, checkpoint: Checkpoint) -> bytes:
    leaf = leaf_hash(canonical(entry_document(proof.entry)), proof.salt)
    if not verify_inclusion(leaf, proof.entry.index, checkpoint.size, proof.path, checkpoint.root):
        raise _refused("proof.inclusion", f"entry {proof.entry.index}", "it is not in the log that the checkpoint commits to")
    return leaf


def _prove_document(bundle: Bundle) -> None:
    if bundle.document is None:
        return
    stated = document_sha256(bundle.document)
    if not any(proof.entry.act.details.get(DOCUMENT_SHA256) == stated for proof in bundle.entries):
        raise _refused("proof.document", "dossier", "no entry of the log states the hash of its document")


def _predecessors(bundle: Bundle, leaves: list[bytes], origin: str) -> dict[str, int]:
    """Return the origins that the log continues, with the number of entries it kept of each.

    A restored log is named after the leaf of its ``ledger.restored`` entry, and that entry names the log before it.
    """
    restores: dict[str, Mapping[str, JSONValue]] = {}
    for proof, leaf in zip(bundle.entries, leaves, strict=True):
        if proof.entry.act.action == RESTORED:
            restores[leaf.hex()[:8]] = proof.entry.act.details
    kept = {origin: 2**53}
    found = restores.get(origin[-8:])
    while found:
        previous, size = found.get("previous"), found.get("kept")
        if not isinstance(previous, str) or not isinstance(size, int) or previous in kept:
            break
        kept[previous] = size
        found = restores.get(previous[-8:])
    return kept


def _prove_earlier(past: EarlierCheckpoint, now: Checkpoint, predecessors: Mapping[str, int], trust: Trust, changes: tuple[KeyChange, ...]) -> Checkpoint:
    before = read_checkpoint(past.note.text)
    if before.size > predecessors.get(before.origin, -1):
        raise _refused("proof.origin", before.origin, f"nothing shows that {now.origin} continues it up to {before.size} entries")
    _signers(past.note, log_keys(before.origin, trust.logs, changes))
    if not verify_consistency(before.size, now.size, past.path, before.root, now.root):
        raise _refused("proof.consistency", f"checkpoint of size {before.size}", f"the one of size {now.size} does not continue it")
    return before


def _witnesses(note: SignedNote, trust: Trust) -> tuple[str, ...]:
    verdicts = {key: signed_by(note, key) for key in trust.witnesses}
    if False in verdicts.values():
        raise _refused("proof.witness", "checkpoint", "the co-signature of a pinned witness is wrong")
    names = tuple(key.name for key, verdict in verdicts.items() if verdict)
    if len({key.public for key, verdict in verdicts.items() if verdict}) < trust.quorum:
        raise _refused("proof.quorum", "checkpoint", f"{len(names)} pinned witnesses co-signed it, and {trust.quorum} must")
    return names


def _refused(code: str, subject: str, problem: str) -> ProofError:
    return ProofError(code, subject, problem, "Do not rely on it; ask the site for it again, and keep this file.")
