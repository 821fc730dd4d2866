"""Checks checkpoints, changes of key, what outsiders attested, and checkpoints that were kept elsewhere."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.ledger.model import Checkpoint, VerifierKey
from consentry.ledger.records import AttestationRow, CheckpointRow
from consentry.ledger.rules.bundles import read_key_change
from consentry.ledger.rules.entries import ATTESTED, CHECKPOINT, KEY_ROTATED, OPENED, RESTORED
from consentry.ledger.rules.notes import KEY_BYTES, SIGNATURE, checkpoint_text, from_base64, origin_of, read_note
from consentry.ledger.signatures import key_change_holds, signed_by
from consentry.platform.errors import ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from consentry.ledger.audit.findings import Findings, Seen
    from consentry.ledger.model import JSONValue

__all__ = ["AttestationCheck", "CheckpointCheck", "OutsideCheck"]


class CheckpointCheck:
    """Every announced checkpoint is there, was signed with the log's key of its time, and commits to the tree as it is."""

    def __init__(self, session: Session, site: str, keys: frozenset[bytes], findings: Findings) -> None:
        """Read all checkpoints; ``keys`` are the public keys that this site has or had."""
        self._findings = findings
        self._site = site
        self._keys = keys
        self._notes = {row.size: row.note for row in session.execute(select(CheckpointRow.size, CheckpointRow.note))}
        self.checked = 0
        self._origin = ""
        self._key: bytes | None = None
        self._covered = 0

    def see(self, seen: Seen) -> None:
        """Check a checkpoint where it is announced, and follow origin and key."""
        act = seen.entry.act if seen.entry else None
        if act is None:
            return
        if act.action in (OPENED, RESTORED):
            self._origin, self._key = origin_of(self._site, seen.leaf), None
        elif act.action == KEY_ROTATED:
            self._change_key(seen, act.details)
        elif act.action == CHECKPOINT:
            self._check(seen, act.details)

    def finish(self, size: int) -> None:
        """Find checkpoints that no entry announces, and a log signed with foreign keys."""
        for unannounced in sorted(self._notes):
            first = min(max(unannounced - 1, 0), size)
            self._findings.add_unless_explained(first, first, "checkpoint.extra", f"no entry announces the checkpoint of size {unannounced}")
        if self._key is not None and self._key not in self._keys:
            last = max(self._covered - 1, 0)
            self._findings.add(last, last, "checkpoint.foreign-key", "the last checkpoint is signed with a key that this site does not have")

    def _change_key(self, seen: Seen, details: Mapping[str, JSONValue]) -> None:
        try:
            change = read_key_change(details)
        except ProofError:
            change = None
        if change is None or not key_change_holds(change) or self._key not in (None, change.old):
            self._findings.add(seen.index, seen.index, "key.change", "a change of the log's key is not signed by the old and the new key")
            return
        self._key = change.new

    def _check(self, seen: Seen, details: Mapping[str, JSONValue]) -> None:
        size = seen.index + 1
        stored = self._notes.pop(size, None)
        if stored is None:
            self._findings.add(seen.index, seen.index, "checkpoint.missing", f"the checkpoint of size {size} is gone")
            return
        key = self._announced_key(details)
        if key is None or not self._signed(stored, key):
            self._findings.add(seen.index, seen.index, "checkpoint.signature", f"the checkpoint of size {size} is not as the log signed it")
            return
        self._key = key
        if read_note(stored).text == checkpoint_text(Checkpoint(self._origin, size, seen.tree.root)):
            self.checked += 1
        else:
            problem = f"the entries {self._covered} to {seen.index} are not those that the checkpoint of size {size} commits to"
            self._findings.add_unless_explained(self._covered, seen.index, "checkpoint.root", problem)
        self._covered = size

    def _announced_key(self, details: Mapping[str, JSONValue]) -> bytes | None:
        """Return the key that the entry before a checkpoint names, or None where the log had another."""
        try:
            key = from_base64(str(details.get("key")), KEY_BYTES)
        except ProofError:
            return None
        return key if self._key in (None, key) else None

    def _signed(self, stored: str, key: bytes) -> bool:
        """Say whether the note has exactly one signature, that of ``key``."""
        try:
            note = read_note(stored)
        except ProofError:
            return False
        return len(note.signatures) == 1 and signed_by(note, VerifierKey(note.text.split("\n", 1)[0], SIGNATURE, key)) is True


class AttestationCheck:
    """What outsiders signed is there as it was when its entry was written."""

    def __init__(self, session: Session, findings: Findings) -> None:
        """Read what is kept, as the details that its entries must have."""
        self._findings = findings
        rows = session.execute(select(AttestationRow.number, AttestationRow.size, AttestationRow.kind, AttestationRow.value))
        self._kept = {row.number: {"size": row.size, "kind": row.kind, "sha256": sha256(row.value).hexdigest()} for row in rows}

    def see(self, seen: Seen) -> None:
        """Compare one with its entry."""
        if seen.entry is None or seen.entry.act.action != ATTESTED:
            return
        if self._kept.pop(seen.index, None) != seen.entry.act.details:
            problem = f"what was attested in entry {seen.index} is gone or was changed"
            self._findings.add(seen.index, seen.index, "attestation.changed", problem)

    def finish(self, size: int) -> None:
        """Find attestations that no entry names."""
        for index in sorted(self._kept):
            first = min(max(index, 0), size)
            self._findings.add_unless_explained(first, first, "attestation.extra", f"no entry names the attestation {index}")


class OutsideCheck:
    """The log continues every checkpoint that somebody kept elsewhere, or says in a ``ledger.restored`` entry that it lost those entries."""

    def __init__(self, outside: Iterable[Checkpoint], findings: Findings) -> None:
        """Take the checkpoints, whose signatures were verified."""
        self._findings = findings
        self._by_size: dict[int, list[Checkpoint]] = {}
        for checkpoint in outside:
            self._by_size.setdefault(checkpoint.size, []).append(checkpoint)
        self._declared: dict[str, int] = {}

    def see(self, seen: Seen) -> None:
        """Compare the checkpoints of the size that the tree has now."""
        act = seen.entry.act if seen.entry else None
        if act and act.action == RESTORED:
            self._declare(act.details)
        for checkpoint in self._by_size.pop(seen.index + 1, []):
            if checkpoint.root != seen.tree.root and not self._lost(checkpoint):
                problem = f"the first {checkpoint.size} entries are not those that the log once signed"
                self._findings.add_unless_explained(0, seen.index, "outside.root", problem)

    def finish(self, size: int) -> None:
        """Find checkpoints of entries that are no more."""
        for checkpoint in (checkpoint for _, group in sorted(self._by_size.items()) for checkpoint in group):
            if not self._lost(checkpoint):
                problem = f"the log once signed {checkpoint.size} entries, and {size} are left"
                self._findings.add(min(size, checkpoint.size), checkpoint.size - 1, "outside.missing", problem)

    def _declare(self, details: Mapping[str, JSONValue]) -> None:
        previous, lost = details.get("previous"), details.get("lost_to")
        if isinstance(previous, str) and isinstance(lost, int):
            self._declared[previous] = lost

    def _lost(self, checkpoint: Checkpoint) -> bool:
        return checkpoint.size <= self._declared.get(checkpoint.origin, -1)
