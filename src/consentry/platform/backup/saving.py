"""Making a backup of a site while it runs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from consentry.platform.backup.archive import RECORDS, SETTINGS, TEMPLATES, Manifest, write_archive
from consentry.platform.backup.engines import save
from consentry.platform.backup.templates import save_templates
from consentry.platform.errors import InputError
from consentry.platform.migrations.run import current_version

if TYPE_CHECKING:
    from consentry.platform.site import Site

__all__ = ["back_up"]


def back_up(site: Site, target: Path, checkpoint: str | None, passphrase: bytes | None) -> Manifest:
    """Write records, settings and encrypted templates to the new file ``target``; ``checkpoint`` is the ledger's newest, as a signed note.

    Raises:
        InputError: ``backup.no-folder``, or ``backup.in-data`` for a place that would be lost together with the records.
        ConflictError: ``backup.exists``.
        RecordsError: ``backup.failed``.
    """
    folder = target.resolve().parent
    if not folder.is_dir():
        raise InputError("backup.no-folder", str(folder), "there is no such folder", "Make it, or name another one.")
    if folder.is_relative_to(site.store.places.data):
        raise InputError("backup.in-data", str(target), "it would be lost together with the records", "Name a place on another disk.")
    with TemporaryDirectory(prefix=".backup-", dir=folder) as inside:
        contents = {SETTINGS: Path(inside) / SETTINGS, RECORDS: Path(inside) / RECORDS}
        contents[SETTINGS].write_bytes(site.store.text.encode())
        save(site.database, contents[RECORDS])
        if save_templates(site.store.places, Path(inside) / TEMPLATES):
            contents[TEMPLATES] = Path(inside) / TEMPLATES
        engine, version = site.database.url.get_backend_name(), current_version(site.database) or ""
        manifest = Manifest(site.settings.site.id, site.clock.now().isoformat(), engine, version, checkpoint, {})
        return write_archive(target, manifest, contents, passphrase)
