"""The tables of the main database: finding them, moving a database forward to them, telling whether it has them (Alembic)."""

from __future__ import annotations

from consentry.platform.migrations.run import check_current, current_version, migrate, newest_version, prepare
from consentry.platform.migrations.tables import tables

__all__ = ["check_current", "current_version", "migrate", "newest_version", "prepare", "tables"]
