"""The file of a root key: one line a kind and site, then one line an epoch. Replaced as a whole, so that no rotation can lose a root.

consentry-keys 1 main shop-1
1 2026-01-31T10:00:00+00:00 <32 bytes in base64>
2 2027-01-31T10:00:00+00:00 <32 bytes in base64>
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from consentry.platform.durable import write_atomically, write_new
from consentry.platform.errors import KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ROOT_BYTES", "KeyKind", "StoredKeys", "add_epoch", "create_key_file", "read_guarded", "read_key_file"]

ROOT_BYTES = 32
"""Length of a root key."""

OWN_ONLY = 0o600

_MAGIC = "consentry-keys 1"
_LONGEST = 65536
_RESTORE = "Restore it from its copy; docs/recovery.md says what is lost without one."


class KeyKind(StrEnum):
    """Whose root it is; the two are independent of each other."""

    MAIN = "main"
    VAULT = "vault"


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """What a key file holds: ``roots`` and ``made`` (when) by epoch."""

    kind: KeyKind
    site: str
    roots: Mapping[int, bytes] = field(repr=False)
    made: Mapping[int, datetime]


def create_key_file(path: Path, kind: KeyKind, site: str, now: datetime) -> None:
    """Write a new root key that only its owner may read; refuse to overwrite one.

    Raises:
        KeyStoreError: ``keys.exists`` where there is one already.
    """
    stored = StoredKeys(kind, site, {1: secrets.token_bytes(ROOT_BYTES)}, {1: now})
    try:
        write_new(path, _written(stored), mode=OWN_ONLY)
    except FileExistsError as error:
        raise KeyStoreError("keys.exists", str(path), "there is a key already", "Keep it: what it encrypted cannot be read without it.") from error


def add_epoch(path: Path, now: datetime, *, data_folder: Path) -> StoredKeys:
    """Make a new root in a new epoch, keep the older ones, and return all of them.

    Raises:
        KeyStoreError: As :func:`read_key_file`.
    """
    stored = read_key_file(path, data_folder=data_folder)
    epoch = max(stored.roots) + 1
    renewed = StoredKeys(stored.kind, stored.site, {**stored.roots, epoch: secrets.token_bytes(ROOT_BYTES)}, {**stored.made, epoch: now})
    write_atomically(path, _written(renewed), mode=OWN_ONLY)
    return renewed


def read_key_file(path: Path, *, data_folder: Path) -> StoredKeys:
    """Return what a key file holds.

    Raises:
        KeyStoreError: ``keys.missing``, ``keys.in-data``, ``keys.link``, ``keys.not-a-file``, ``keys.owner``, ``keys.exposed``,
            ``keys.folder-exposed``, ``keys.damaged`` or ``keys.length``.
    """
    if path.resolve().is_relative_to(data_folder.resolve()):
        mend = "Move the keys folder out of the data folder and change [keys] folder."
        raise KeyStoreError("keys.in-data", str(path), "the key lies inside the data folder, where every copy of the data takes it along", mend)
    return _parsed(read_guarded(path), path)


def read_guarded(path: Path) -> bytes:
    """Return the content of a file that only its owner may read; no content is ever part of an error.

    Raises:
        KeyStoreError: As :func:`read_key_file`, less ``keys.in-data`` and what is said of the content.
    """
    _check_folder(path.parent)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise KeyStoreError("keys.missing", str(path), "there is no such file", "Run `consentry keys init`, or restore the file from its copy.") from error
    except OSError as error:
        if path.is_symlink():
            raise KeyStoreError("keys.link", str(path), "it is a link, which may point anywhere", "Put the file itself there.") from error
        raise KeyStoreError("keys.unreadable", str(path), error.strerror or str(error), "Give the file to the account that needs it.") from error
    try:
        # What was opened is looked at, not what the name stands for by then.
        _check_guard(os.fstat(descriptor), path)
        return os.read(descriptor, _LONGEST)
    finally:
        os.close(descriptor)


def _check_guard(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyStoreError("keys.not-a-file", str(path), "it is not a plain file", "Put the file itself there.")
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        raise KeyStoreError("keys.owner", str(path), "it belongs to another account", "Give it to the account that runs this process: chown ACCOUNT FILE.")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise KeyStoreError("keys.exposed", str(path), "others than its owner may read or write it", f"Run: chmod 600 {path}")


def _check_folder(folder: Path) -> None:
    try:
        status = folder.stat()
    except FileNotFoundError:
        return
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise KeyStoreError("keys.folder-exposed", str(folder), "others may put files into the folder of the keys", f"Run: chmod go-w {folder}")


def _written(stored: StoredKeys) -> bytes:
    lines = [f"{_MAGIC} {stored.kind} {stored.site}"]
    lines += [f"{epoch} {stored.made[epoch].isoformat()} {base64.b64encode(stored.roots[epoch]).decode()}" for epoch in sorted(stored.roots)]
    return ("\n".join(lines) + "\n").encode()


def _parsed(content: bytes, path: Path) -> StoredKeys:
    try:
        head, *lines = content.decode("ascii").splitlines()
        magic, kind, site = head.rsplit(" ", 2)
        rows = [line.split(" ") for line in lines]
        roots = {int(epoch): base64.b64decode(root, validate=True) for epoch, _, root in rows}
        made = {int(epoch): datetime.fromisoformat(when) for epoch, when, _ in rows}
        stored = StoredKeys(KeyKind(kind), site, roots, made)
    except (ValueError, binascii.Error):
        # The cause would show a line of the file in a traceback.
        raise KeyStoreError("keys.damaged", str(path), "it is not a key file", _RESTORE) from None
    if magic != _MAGIC or not roots or len(rows) != len(roots):
        raise KeyStoreError("keys.damaged", str(path), "it is not a key file", _RESTORE)
    if any(len(root) != ROOT_BYTES for root in roots.values()):
        raise KeyStoreError("keys.length", str(path), f"a root key in it is not {ROOT_BYTES} bytes long", _RESTORE)
    return stored
