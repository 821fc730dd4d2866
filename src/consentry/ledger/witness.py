"""A witness: somebody else's machine that co-signs a checkpoint only where it continues every one it co-signed before.

A log that shows different stories to different people must fork in front of its witnesses, who then refuse. The witness keeps what it signed in a
file of its own, which is on the disk before the signature leaves the machine (C2SP tlog-cosignature and tlog-witness).
"""

from __future__ import annotations

import fcntl
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consentry.ledger.model import Checkpoint, SignedNote, VerifierKey
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.rules.bundles import read_bundle
from consentry.ledger.rules.entries import RESTORED
from consentry.ledger.rules.merkle import HASH_BYTES
from consentry.ledger.rules.notes import COSIGNATURE, KEY_BYTES, from_base64, to_base64
from consentry.ledger.signatures import cosign_text, public_bytes
from consentry.platform.durable import write_atomically
from consentry.platform.errors import ConflictError, InputError, KeyStoreError, ProofError
from consentry.platform.keys.key_file import read_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from consentry.ledger.model import Entry
    from consentry.ledger.offline import Verdict

__all__ = ["Witness"]

_FORMAT = "consentry-witness/1"
_KEY_FILE = "witness.key"
_NAME = re.compile(r"[^\s+]+")


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was co-signed for one log: root by size; ``successor``: the log that continues it after a restore."""

    roots: dict[int, bytes]
    successor: str | None = None

    @property
    def size(self) -> int:
        return max(self.roots)


class Witness:
    """Co-signs checkpoints of logs whose keys it was given."""

    def __init__(self, name: str, key: Ed25519PrivateKey, state: Path) -> None:
        """Take the witness's name and key, and the file in which it remembers."""
        self._name = name
        self._key = key
        self._state = state

    @classmethod
    def create(cls, folder: Path, name: str) -> Witness:
        """Make a witness with a new key in ``folder``.

        Raises:
            InputError: ``witness.name`` for a name with spaces or a plus sign.
            ConflictError: ``witness.exists`` where the folder holds one already.
        """
        if not _NAME.fullmatch(name):
            raise InputError("witness.name", name, "it is empty, or has spaces or a plus sign", "Write it as in `auditor.example/shop`.")
        path = folder / _KEY_FILE
        if path.exists():
            raise ConflictError("witness.exists", str(folder), "a witness lives here already", "Keep it: others pinned its key.")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        seed = Ed25519PrivateKey.generate().private_bytes_raw()
        write_atomically(path, f"{name} {to_base64(seed)}\n".encode(), mode=0o600)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Witness:
        """Return the witness that lives in ``folder``.

        Raises:
            KeyStoreError: where its key is missing, damaged, or readable by others.
        """
        path = folder / _KEY_FILE
        try:
            name, seed = read_guarded(path).decode().split()
            key = Ed25519PrivateKey.from_private_bytes(from_base64(seed, KEY_BYTES))
        except (ValueError, ProofError):
            # The cause would show the key in a traceback.
            raise KeyStoreError("witness.key", str(path), "it is not a witness's key", "Restore it from its copy.") from None
        return cls(name, key, folder / "state.json")

    @property
    def verifier_key(self) -> VerifierKey:
        """Return the public key that others pin."""
        return VerifierKey(self._name, COSIGNATURE, public_bytes(self._key))

    def newest(self) -> dict[str, int]:
        """Return the size co-signed last, by origin: what to ask the site to continue."""
        return {origin: memory.size for origin, memory in self._load().items() if memory.successor is None}

    def cosign(self, data: bytes, logs: tuple[VerifierKey, ...], now: datetime) -> SignedNote:
        """Return the checkpoint of a bundle (``service.consistency``) with the witness's line, if it continues all that was co-signed.

        Raises:
            ProofError: ``witness.fork``, ``witness.rollback``, ``witness.gap`` (the bundle does not start where the witness stands), ``witness.replaced``
                (a log that a restore ended), ``witness.hidden-loss`` (a restore that hides entries the witness saw), or what
                ``offline.verify_bundle`` finds.
        """
        verdict = verify_bundle(data, Trust(logs))
        note = read_bundle(data).bundle.checkpoint
        with self._locked():
            memories = self._load()
            memories = _followed(memories, verdict) if verdict.checkpoint.origin in memories else _begun(memories, verdict)
            self._save(memories)
        line = cosign_text(note.text, self._name, self._key, int(now.timestamp()))
        return SignedNote(note.text, (*note.signatures, line))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep a second witness process from signing a fork at the same time."""
        with self._state.with_name(f"{self._state.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _load(self) -> dict[str, _Memory]:
        if not self._state.exists():
            return {}
        try:
            document = json.loads(self._state.read_bytes())
            if document["format"] != _FORMAT:
                raise _damaged(self._state)
            return {origin: _memory(kept) for origin, kept in document["logs"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(self._state) from error

    def _save(self, memories: dict[str, _Memory]) -> None:
        logs = {origin: _document(memory) for origin, memory in memories.items()}
        write_atomically(self._state, json.dumps({"format": _FORMAT, "logs": logs}, indent=1).encode(), mode=0o600)


def _followed(memories: dict[str, _Memory], verdict: Verdict) -> dict[str, _Memory]:
    """Return the memories after a checkpoint of a log that is known."""
    now = verdict.checkpoint
    memory = memories[now.origin]
    if memory.successor:
        raise _refused("witness.replaced", now, f"{memory.successor} continues this log since a restore")
    if now.size < memory.size:
        raise _refused("witness.rollback", now, f"{memory.size} entries were co-signed before, and it has {now.size}")
    if now.size == memory.size and now.root != memory.roots[now.size]:
        raise _refused("witness.fork", now, f"another log of {now.size} entries was co-signed before")
    if now.size > memory.size:
        _require_continued(memory, memory.size, verdict, now.origin)
    return {**memories, now.origin: replace(memory, roots={**memory.roots, now.size: now.root})}


def _begun(memories: dict[str, _Memory], verdict: Verdict) -> dict[str, _Memory]:
    """Return the memories after the first checkpoint of a log: one that continues known ones after restores, or the first of its site."""
    now = verdict.checkpoint
    site = now.origin.rpartition("/")[0]
    open_ones = {origin for origin, memory in memories.items() if origin.rpartition("/")[0] == site and memory.successor is None}
    restores = {str(entry.act.details.get("previous")): entry for entry in verdict.entries if entry.act.action == RESTORED}
    for origin in open_ones:
        if origin not in restores:
            raise _refused("witness.fork", now, f"nothing says what became of {origin}, which was co-signed before")
        _require_declared(memories[origin], restores[origin], verdict, origin)
    ended = {origin: replace(memories[origin], successor=now.origin) for origin in open_ones}
    return {**memories, **ended, now.origin: _Memory({now.size: now.root})}


def _require_declared(memory: _Memory, restored: Entry, verdict: Verdict, origin: str) -> None:
    """Accept a restore that admits to every entry the witness saw, and keeps those from before the backup."""
    kept, lost_to = restored.act.details.get("kept"), restored.act.details.get("lost_to")
    if not isinstance(kept, int) or not isinstance(lost_to, int) or lost_to < memory.size:
        problem = f"it does not admit to the loss of all {memory.size} entries of {origin} that were co-signed"
        raise _refused("witness.hidden-loss", verdict.checkpoint, problem)
    if lost_to == memory.size and restored.act.details.get("last_root") != to_base64(memory.roots[memory.size]) and kept < memory.size:
        raise _refused("witness.fork", verdict.checkpoint, f"it names another last checkpoint of {origin} than the one that was co-signed")
    before = [size for size in memory.roots if size <= kept]
    if before:
        _require_continued(memory, max(before), verdict, origin)


def _require_continued(memory: _Memory, size: int, verdict: Verdict, origin: str) -> None:
    proven = {checkpoint.size: checkpoint.root for checkpoint in verdict.earlier if checkpoint.origin == origin}
    if size not in proven:
        raise _refused("witness.gap", verdict.checkpoint, f"nothing proves that it continues the {size} entries of {origin} co-signed before; ask for them")
    if proven[size] != memory.roots[size]:
        raise _refused("witness.fork", verdict.checkpoint, f"it continues another log of {size} entries than the one that was co-signed")


def _document(memory: _Memory) -> dict[str, object]:
    return {"roots": {str(size): to_base64(root) for size, root in memory.roots.items()}, "successor": memory.successor}


def _memory(document: dict[str, object]) -> _Memory:
    roots, successor = document["roots"], document["successor"]
    if not isinstance(roots, dict) or not roots or not isinstance(successor, str | None):
        msg = "not a memory"
        raise TypeError(msg)
    return _Memory({int(size): from_base64(root, HASH_BYTES) for size, root in roots.items()}, successor)


def _refused(code: str, checkpoint: Checkpoint, problem: str) -> ProofError:
    subject = f"{checkpoint.origin}, {checkpoint.size} entries"
    return ProofError(code, subject, problem, "Not co-signed. Ask the site why, and keep both checkpoints.")


def _damaged(path: Path) -> ProofError:
    mend = "Restore it from its copy; without it the witness cannot tell a fork."
    return ProofError("witness.state", str(path), "it is not what a witness remembers", mend)
