"""Backups of a site: one file with records, settings and encrypted templates, checked by hashes, encrypted if a passphrase is given.

Keys are never in it: neither those of the site, nor those of persons.
"""

from __future__ import annotations

from consentry.platform.backup.archive import Manifest, Opened, opened
from consentry.platform.backup.engines import holds_tables, load
from consentry.platform.backup.saving import back_up
from consentry.platform.backup.templates import load_templates
from consentry.platform.backup.unfinished import refuse_unfinished, restoring, unfinished

__all__ = ["Manifest", "Opened", "back_up", "holds_tables", "load", "load_templates", "opened", "refuse_unfinished", "restoring", "unfinished"]
