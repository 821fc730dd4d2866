"""Who may read what where each process runs as a user of its own: the web process its key, secrets and data, the vault its key alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from consentry.platform.processes.accounts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from consentry.platform.processes.accounts import Account
    from consentry.platform.settings.store import Places

__all__ = ["give_to_processes"]

_SHARED = 0o1775
"""Of the site's folder: the web process puts new settings into it, and cannot move away what belongs to root, such as the keys."""


def give_to_processes(file: Path, places: Places, owners: Mapping[Part, Account]) -> None:
    """Give the settings ``file``, data and keys of a site to the accounts that work with them; for root alone."""
    web, vault = owners[Part.WEB], owners[Part.VAULT]
    for path in (file, places.main_key, *_within(places.data), *_within(places.secrets), *_within(places.tls)):
        os.chown(path, web.user, web.group, follow_symlinks=False)
    os.chown(places.vault_key, vault.user, vault.group, follow_symlinks=False)
    os.chown(places.keys, 0, 0)
    os.chown(places.root, 0, web.group)
    places.root.chmod(_SHARED)


def _within(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")
