"""The nouns of the log: acts and entries, signed notes and checkpoints, receipts and bundles, what an audit found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

__all__ = [
    "Act",
    "AuditReport",
    "Bundle",
    "Checkpoint",
    "EarlierCheckpoint",
    "Entry",
    "EntryProof",
    "Finding",
    "JSONValue",
    "KeyChange",
    "ListedEntry",
    "NoteSignature",
    "Page",
    "SealedBundle",
    "SignedNote",
    "VerifierKey",
]

JSONValue: TypeAlias = "str | int | bool | Sequence[JSONValue] | Mapping[str, JSONValue] | None"
"""What an entry may hold: RFC 8785 without fractions."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done: by whom (``Actor.label``), what, to what, for which purpose, why, with small ``details``."""

    actor: str
    action: str
    object: str
    purpose: str
    reason: str = ""
    details: Mapping[str, JSONValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An act in its place in the log: ``index`` from 0, ``at`` in UTC, to the millisecond."""

    index: int
    at: datetime
    act: Act


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry as the log lists it; ``entry`` is None once it was erased. ``leaf``: 32 bytes."""

    index: int
    leaf: bytes
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first, and the index to ask for next with ``before``; None at the end."""

    entries: tuple[ListedEntry, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note: the key's name, its 4-byte id and the signature's bytes."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text ending in a newline, and the signatures under it (C2SP signed-note)."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits to: its ``origin``, how many entries, and the root (32 bytes) of the tree over them."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key someone relies on. ``kind``: 1 signs notes, 4 co-signs checkpoints with a time. ``public``: 32 bytes, Ed25519."""

    name: str
    kind: int
    public: bytes


@dataclass(frozen=True, slots=True)
class KeyChange:
    """The log's key changed from ``old`` to ``new`` (32 bytes each); both signed that (64 bytes each)."""

    site: str
    old: bytes
    new: bytes
    signed_by_old: bytes
    signed_by_new: bytes


@dataclass(frozen=True, slots=True)
class EntryProof:
    """An entry, the salt of its leaf (32 bytes), and the path (32 bytes a hash) from the leaf to the root."""

    entry: Entry
    salt: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class EarlierCheckpoint:
    """A checkpoint signed before, and the proof that the tree has only grown since."""

    note: SignedNote
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything proven against one checkpoint. A receipt is a bundle of one entry.

    ``document`` makes it a dossier: an object too large for the log, whose hash one of the entries states as ``document_sha256``.
    """

    checkpoint: SignedNote
    entries: tuple[EntryProof, ...] = ()
    earlier: tuple[EarlierCheckpoint, ...] = ()
    key_changes: tuple[KeyChange, ...] = ()
    document: Mapping[str, JSONValue] | None = None


@dataclass(frozen=True, slots=True)
class SealedBundle:
    """A bundle and the log's signature over all of it. ``data``: the file's bytes."""

    bundle: Bundle
    seal: bytes
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the log: the entry lies between ``first`` and ``last``, both included; ``code`` names the kind."""

    first: int
    last: int
    code: str
    problem: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit saw: how much it read, and everything that was wrong, by first index."""

    size: int
    checkpoints: int
    erased: int
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing was wrong."""
        return not self.findings

    @property
    def first_bad(self) -> int | None:
        """Return the first index that cannot be trusted, or None."""
        return min((finding.first for finding in self.findings), default=None)
