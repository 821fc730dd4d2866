"""Backups of a site: one file with the records and the settings, checked by hashes, encrypted if a passphrase is given. Keys are never in it."""

from __future__ import annotations

from consentry.platform.backup.archive import Manifest, Opened, opened
from consentry.platform.backup.engines import holds_tables, load
from consentry.platform.backup.saving import back_up

__all__ = ["Manifest", "Opened", "back_up", "holds_tables", "load", "opened"]
