"""The vault's templates in a backup: encrypted under keys of persons that no backup holds, so that one who withdrew is gone from all of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from consentry.platform.backup.engines import copy_sqlite
from consentry.platform.errors import RecordsError

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.platform.settings.store import Places

__all__ = ["load_templates", "save_templates"]

_PRIVATE = 0o600


def save_templates(places: Places, target: Path) -> bool:
    """Copy the templates while the vault works with them, and return whether there are any.

    Raises:
        RecordsError: ``backup.templates`` where this user may not read them, ``backup.failed``.
    """
    try:
        if not places.template_database.exists():
            return False
    except PermissionError as error:
        mend = "Run the backup as root; the templates belong to the vault's user."
        raise RecordsError("backup.templates", str(places.template_database), "this user may not read the vault's templates", mend) from error
    target.touch(mode=_PRIVATE)
    copy_sqlite(places.template_database, target)
    return True


def load_templates(places: Places, source: Path) -> None:
    """Put the templates of a backup in the place of those that are there. Those whose person's key was destroyed since stay closed for ever.

    Raises:
        RecordsError: ``backup.failed``.
    """
    target = places.template_database
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=_PRIVATE)
    owner = target.parent.stat()
    os.chown(target, owner.st_uid, owner.st_gid)
    target.chmod(_PRIVATE)
    copy_sqlite(source, target)
