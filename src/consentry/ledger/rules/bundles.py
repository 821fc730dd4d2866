"""Bundles as documents: one canonical JSON file whose last word is the log's signature over all the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from consentry.ledger.model import Bundle, EarlierCheckpoint, EntryProof, KeyChange, SealedBundle
from consentry.ledger.rules.canonical import canonical, parse
from consentry.ledger.rules.entries import entry_document, read_entry
from consentry.ledger.rules.merkle import HASH_BYTES
from consentry.ledger.rules.notes import KEY_BYTES, SIGNATURE_BYTES, from_base64, note_text, read_note, to_base64
from consentry.platform.errors import ProofError

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.ledger.model import JSONValue, SignedNote

__all__ = [
    "DOCUMENT_SHA256",
    "DOSSIER",
    "FORMAT",
    "MAX_BYTES",
    "SALT_BYTES",
    "document_sha256",
    "key_change_details",
    "key_change_message",
    "read_bundle",
    "read_key_change",
    "seal_bundle",
    "sealed_message",
]

FORMAT = "consentry-evidence/1"
DOSSIER = "consentry-dossier/1"
"""The format of a bundle that holds a document besides."""
DOCUMENT_SHA256 = "document_sha256"
"""Under which name the entry of a dossier states the hash of its document."""
SALT_BYTES = 32
MAX_BYTES = 16 * 2**20
_LONGEST_PATH = 128
_FIELDS = ("checkpoint", "earlier", "entries", "format", "key_changes", "seal")


def seal_bundle(bundle: Bundle, sign: Callable[[bytes], bytes]) -> SealedBundle:
    """Return the bundle as a file, signed by ``sign``, which turns a message into a 64-byte signature."""
    document = _document(bundle)
    seal = sign(_message(document))
    return SealedBundle(bundle, seal, canonical({**document, "seal": to_base64(seal)}))


def read_bundle(data: bytes) -> SealedBundle:
    """Return the bundle of a file; nothing in it is verified but its form.

    Raises:
        ProofError: where ``data`` is not byte for byte what ``seal_bundle`` would write.
    """
    if len(data) > MAX_BYTES:
        raise _damaged(f"it has more than {MAX_BYTES} bytes")
    found = parse(data)
    is_dossier = isinstance(found, Mapping) and found.get("format") == DOSSIER
    document = _object(found, tuple(sorted((*_FIELDS, "document"))) if is_dossier else _FIELDS)
    if document["format"] not in {FORMAT, DOSSIER}:
        raise _damaged(f"its format is not {FORMAT}")
    bundle = Bundle(
        _note(document["checkpoint"]),
        tuple(map(_entry_proof, _list(document["entries"]))),
        tuple(map(_earlier, _list(document["earlier"]))),
        tuple(map(read_key_change, _list(document["key_changes"]))),
        _mapping(document["document"]) if is_dossier else None,
    )
    return SealedBundle(bundle, _bytes(document["seal"], SIGNATURE_BYTES), data)


def sealed_message(bundle: Bundle) -> bytes:
    """Return what the seal signs. No signed note can begin like it: notes hold no zero byte."""
    return _message(_document(bundle))


def document_sha256(document: Mapping[str, JSONValue]) -> str:
    """Return the hash that an entry states of a dossier's document: SHA-256 of its canonical bytes, in hexadecimal."""
    return sha256(canonical(document)).hexdigest()


def key_change_message(site: str, old: bytes, new: bytes) -> bytes:
    """Return what the old and the new key sign when the one takes over from the other."""
    return b"consentry-key-change/1\x00" + canonical({"new": to_base64(new), "old": to_base64(old), "site": site})


def key_change_details(change: KeyChange) -> dict[str, JSONValue]:
    """Return a change of key as the details of its entry."""
    return {
        "new": to_base64(change.new),
        "old": to_base64(change.old),
        "signed_by_new": to_base64(change.signed_by_new),
        "signed_by_old": to_base64(change.signed_by_old),
        "site": change.site,
    }


def read_key_change(document: JSONValue) -> KeyChange:
    """Return the change of key that ``key_change_details`` wrote, its signatures not yet verified.

    Raises:
        ProofError: ``proof.bundle`` or ``proof.base64``.
    """
    found = _object(document, ("new", "old", "signed_by_new", "signed_by_old", "site"))
    old, new = (_bytes(found[name], KEY_BYTES) for name in ("old", "new"))
    by_old, by_new = (_bytes(found[f"signed_by_{name}"], SIGNATURE_BYTES) for name in ("old", "new"))
    return KeyChange(_text(found["site"]), old, new, by_old, by_new)


def _message(document: dict[str, JSONValue]) -> bytes:
    return str(document["format"]).encode() + b"\x00" + canonical(document)


def _document(bundle: Bundle) -> dict[str, JSONValue]:
    proofs = _proofs(bundle)
    return proofs if bundle.document is None else {**proofs, "document": bundle.document, "format": DOSSIER}


def _proofs(bundle: Bundle) -> dict[str, JSONValue]:
    return {
        "checkpoint": note_text(bundle.checkpoint),
        "earlier": [{"checkpoint": note_text(earlier.note), "path": _texts(earlier.path)} for earlier in bundle.earlier],
        "entries": [{"entry": entry_document(proof.entry), "path": _texts(proof.path), "salt": to_base64(proof.salt)} for proof in bundle.entries],
        "format": FORMAT,
        "key_changes": [key_change_details(change) for change in bundle.key_changes],
    }


def _entry_proof(document: JSONValue) -> EntryProof:
    found = _object(document, ("entry", "path", "salt"))
    return EntryProof(read_entry(found["entry"]), _bytes(found["salt"], SALT_BYTES), _path(found["path"]))


def _earlier(document: JSONValue) -> EarlierCheckpoint:
    found = _object(document, ("checkpoint", "path"))
    return EarlierCheckpoint(_note(found["checkpoint"]), _path(found["path"]))


def _path(value: JSONValue) -> tuple[bytes, ...]:
    steps = _list(value)
    if len(steps) > _LONGEST_PATH:
        raise _damaged(f"a path has more than {_LONGEST_PATH} steps")
    return tuple(_bytes(step, HASH_BYTES) for step in steps)


def _note(value: JSONValue) -> SignedNote:
    return read_note(_text(value))


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return list(map(to_base64, hashes))


def _mapping(value: JSONValue) -> Mapping[str, JSONValue]:
    if not isinstance(value, Mapping):
        raise _damaged("something is no object")
    return value


def _object(value: JSONValue, names: tuple[str, ...]) -> Mapping[str, JSONValue]:
    if not isinstance(value, Mapping) or sorted(value) != list(names):
        raise _damaged(f"an object does not have exactly the fields {', '.join(names)}")
    return value


def _list(value: JSONValue) -> Sequence[JSONValue]:
    if not isinstance(value, list):
        raise _damaged("something is no list")
    return value


def _text(value: JSONValue) -> str:
    if not isinstance(value, str):
        raise _damaged("something is no text")
    return value


def _bytes(value: JSONValue, length: int) -> bytes:
    return from_base64(_text(value), length)


def _damaged(problem: str) -> ProofError:
    return ProofError("proof.bundle", "receipt or bundle", problem, "Ask the site for it again.")
