"""The key of each person's template, in files that a destroyed key leaves at once (``docs/vault.md``).

Keys are spread over 256 files by their consent. A file holds its keys encrypted under a random key of its own (the store key), and that wrapped by
the vault's root. To destroy a key the others are written anew under a fresh store key, and the file before is overwritten with zeros and
removed: whoever has any earlier copy of the templates has nothing that opens this one.

``magic (8) ‖ epoch of the root (4, big endian) ‖ sealed store key (60) ‖ sealed entries``; an entry is ``consent (16, its UUID) ‖ key (32)``.
"""

from __future__ import annotations

import hashlib
import os
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from consentry.platform.durable import sync_folder
from consentry.platform.errors import KeyStoreError
from consentry.recognition.vault.buffers import KEY_BYTES, SEAL_BYTES, bound, open_sealed, random_buffer, seal, wiped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from consentry.platform.keys import SiteKeys

    Buffer = NDArray[np.uint8]

__all__ = ["PersonKeys"]

_PURPOSE = "person-keys"
_MAGIC = b"CNSTKEY1"
_EPOCH_BYTES = 4
_HEAD = len(_MAGIC) + _EPOCH_BYTES
_BODY_AT = _HEAD + KEY_BYTES + SEAL_BYTES
_CONSENT_BYTES = 16
_ENTRY = _CONSENT_BYTES + KEY_BYTES
_OWN_ONLY = 0o600


class PersonKeys:
    """The keys in a folder that only this process's user may enter. Keys leave it as buffers, which the caller overwrites."""

    def __init__(self, folder: Path, keys: SiteKeys) -> None:
        """Take the folder and the vault's root; finish what a crash interrupted.

        Raises:
            KeyStoreError: ``keys.missing`` where there is no such folder.
        """
        if not folder.is_dir():
            mend = "Start the server with `consentry serve`, which makes it."
            raise KeyStoreError("keys.missing", str(folder), "the folder of the persons' keys is not there", mend)
        self._folder = folder
        self._keys = keys
        for left in (*folder.glob("*.keys.old"), *folder.glob("*.keys.new")):
            _destroy_file(left)
        sync_folder(folder)

    def create(self, consent: str) -> Buffer:
        """Make the key of a consent, durably, in place of one that it had, and return it."""
        key = random_buffer(KEY_BYTES)
        shard = _shard(consent)
        table = self._load(shard)
        kept = table[~_is_of(table, [consent])]
        entry = np.concatenate([np.frombuffer(UUID(consent).bytes, np.uint8), key])[None]
        grown = np.concatenate([kept, entry])
        with wiped(table, kept, entry, grown):
            self._save(shard, grown)
        return key

    def find(self, consent: str) -> Buffer | None:
        """Return a consent's key; None where it has none."""
        return next((key for _, key in self.read([consent])), None)

    def read(self, consents: Collection[str]) -> Iterator[tuple[str, Buffer]]:
        """Yield those of ``consents`` that have a key, with it; each file is read once."""
        for shard, group in groupby(sorted(consents, key=_shard), _shard):
            table = self._load(shard)
            with wiped(table):
                places = {table[row, :_CONSENT_BYTES].tobytes(): row for row in range(len(table))}
                for consent in group:
                    row = places.get(UUID(consent).bytes)
                    if row is not None:
                        yield consent, table[row, _CONSENT_BYTES:].copy()

    def destroy(self, consents: Collection[str]) -> None:
        """Destroy the keys of ``consents``, durably; those without one are passed over."""
        for shard, group in groupby(sorted(consents, key=_shard), _shard):
            table = self._load(shard)
            kept = table[~_is_of(table, list(group))]
            with wiped(table, kept):
                if len(kept) < len(table):
                    self._save(shard, kept)

    def _path(self, shard: int) -> Path:
        return self._folder / f"{shard:02x}.keys"

    def _load(self, shard: int) -> Buffer:
        """Return the entries of a file, uint8 [N, 48]; the caller overwrites them."""
        try:
            content = self._path(shard).read_bytes()
        except FileNotFoundError:
            return np.zeros((0, _ENTRY), np.uint8)
        if not content.startswith(_MAGIC) or len(content) < _BODY_AT + SEAL_BYTES:
            raise KeyStoreError("keys.damaged", str(self._path(shard)), "it is no file of persons' keys", "Those in it have to enrol again: remove it.")
        epoch = int.from_bytes(content[len(_MAGIC) : _HEAD], "big")
        root = np.frombuffer(bytearray(self._keys.derive(_PURPOSE, epoch=epoch)), np.uint8)
        store_key = open_sealed(root, content[_HEAD:_BODY_AT], _belongs_to("store", shard))
        with wiped(root, store_key):
            return open_sealed(store_key, content[_BODY_AT:], _belongs_to("entries", shard)).reshape(-1, _ENTRY)

    def _save(self, shard: int, table: Buffer) -> None:
        """Put entries into a file under a fresh store key, and overwrite the file before."""
        path = self._path(shard)
        fresh, old = path.with_suffix(".keys.new"), path.with_suffix(".keys.old")
        _write(fresh, self._content(shard, table))
        if path.exists():
            os.link(path, old)
        fresh.rename(path)
        sync_folder(self._folder)
        if old.exists():
            _destroy_file(old)
            sync_folder(self._folder)

    def _content(self, shard: int, table: Buffer) -> bytes:
        root = np.frombuffer(bytearray(self._keys.derive(_PURPOSE)), np.uint8)
        store_key = random_buffer(KEY_BYTES)
        with wiped(root, store_key):
            wrapped = seal(root, store_key, _belongs_to("store", shard))
            entries = seal(store_key, table.reshape(-1), _belongs_to("entries", shard))
        return _MAGIC + self._keys.epoch.to_bytes(_EPOCH_BYTES, "big") + wrapped + entries


def _shard(consent: str) -> int:
    return hashlib.sha256(UUID(consent).bytes).digest()[0]


def _is_of(table: Buffer, consents: Collection[str]) -> NDArray[np.bool_]:
    """Return which entries are of ``consents``, bool [N]."""
    wanted = {UUID(consent).bytes for consent in consents}
    return np.array([row[:_CONSENT_BYTES].tobytes() in wanted for row in table], np.bool_)


def _belongs_to(what: str, shard: int) -> bytes:
    return bound([_MAGIC.decode(), what, f"{shard:02x}"])


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _OWN_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _destroy_file(path: Path) -> None:
    """Overwrite a file with zeros and remove it; flash may remember (docs/vault.md)."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
