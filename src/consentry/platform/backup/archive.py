"""The file of a backup: a tar of a manifest, ``site.toml``, the records, and encrypted templates where there are any.

The manifest has the SHA-256 of every other member. What opens a template is in no backup.

Exactly the members it names are read, by their known names, so that no archive can put a file anywhere else.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import zlib
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from consentry.platform.backup.encryption import MAGIC, decrypt, encrypt
from consentry.platform.durable import sync_folder
from consentry.platform.errors import ConflictError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["RECORDS", "SETTINGS", "TEMPLATES", "Manifest", "Opened", "opened", "write_archive"]

FORMAT = 1
MANIFEST, SETTINGS, RECORDS, TEMPLATES = "manifest.json", "site.toml", "records", "templates"
_ALWAYS = frozenset({SETTINGS, RECORDS})
_LARGEST_MANIFEST = 2**20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of. ``engine``: sqlite or postgresql; ``version``: of the tables; ``checkpoint``: the ledger's newest, as a signed note."""

    site: str
    created: str
    engine: str
    version: str
    checkpoint: str | None
    hashes: Mapping[str, str]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Opened:
    """A backup that was checked: its manifest, and where its members lie for as long as it is open. ``templates``: None where it has none."""

    manifest: Manifest
    settings: Path
    records: Path
    templates: Path | None


def write_archive(target: Path, manifest: Manifest, contents: Mapping[str, Path], passphrase: bytes | None) -> Manifest:
    """Write a backup of ``contents``, files by the names of members, to ``target``, which does not exist yet; it appears whole, or not at all.

    Raises:
        ConflictError: ``backup.exists``.
    """
    if target.exists():
        raise ConflictError("backup.exists", str(target), "there is such a file", "Name another one.")
    with TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        complete = replace(manifest, hashes={name: _hash(path) for name, path in contents.items()})
        plain, ready = Path(folder) / "plain", Path(folder) / "ready"
        _pack(plain, complete, contents)
        if passphrase is None:
            ready = plain
        else:
            with plain.open("rb") as source, ready.open("wb") as sealed:
                encrypt(source, sealed, passphrase)
        _flush(ready)
        ready.rename(target)
    sync_folder(target.parent)
    return complete


@contextmanager
def opened(path: Path, folder: Path, passphrase: bytes | None) -> Iterator[Opened]:
    """Check a backup and give its members, which lie in a new folder inside ``folder`` until the end.

    Raises:
        InputError: ``backup.unreadable``, ``backup.damaged``, ``backup.passphrase`` or ``backup.encrypted``.
    """
    with TemporaryDirectory(prefix=".restore-", dir=folder) as name:
        inside = Path(name)
        try:
            plain = _plain(path, inside / "plain", passphrase)
            manifest = _unpack(plain, inside)
        except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(
                "backup.unreadable", str(path), f"it is no backup of Consentry ({error})", "Name the file that `consentry backup` wrote."
            ) from error
        for member, expected in manifest.hashes.items():
            if _hash(inside / member) != expected:
                raise InputError("backup.damaged", str(path), f"its {member} is not what was backed up", "Take another copy of the backup.")
        yield Opened(manifest, inside / SETTINGS, inside / RECORDS, inside / TEMPLATES if TEMPLATES in manifest.hashes else None)


def _pack(target: Path, manifest: Manifest, contents: Mapping[str, Path]) -> None:
    described = target.with_name(MANIFEST)
    described.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    with tarfile.open(target, "w:gz", compresslevel=6) as archive:
        for name, path in ((MANIFEST, described), *contents.items()):
            archive.add(path, name, filter=_without_owner)


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who owned the file: nobody else's business."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _plain(path: Path, target: Path, passphrase: bytes | None) -> Path:
    with path.open("rb") as source:
        if source.read(len(MAGIC)) != MAGIC:
            return path
        if passphrase is None:
            raise InputError("backup.encrypted", str(path), "it is encrypted", "Give the file that holds its passphrase with --passphrase-file.")
        with target.open("wb") as plain:
            decrypt(source, plain, passphrase)
    return target


def _unpack(path: Path, folder: Path) -> Manifest:
    with tarfile.open(path, "r:gz") as archive:
        document: dict[str, Any] = json.loads(_content(archive, archive.getmember(MANIFEST)).read(_LARGEST_MANIFEST))
        manifest = Manifest(**document)
        if manifest.format != FORMAT or not isinstance(manifest.hashes, dict) or set(manifest.hashes) - {TEMPLATES} != _ALWAYS:
            msg = f"format {manifest.format}"
            raise ValueError(msg)
        for name in manifest.hashes:
            with (folder / name).open("wb") as target:
                shutil.copyfileobj(_content(archive, archive.getmember(name)), target)
    return manifest


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Any:  # noqa: ANN401 - tarfile's own file object
    content = archive.extractfile(member)
    if content is None:
        msg = f"{member.name} is no file"
        raise ValueError(msg)
    return content


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())
