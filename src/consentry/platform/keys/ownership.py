"""Who may read what where each process runs as a user of its own: the web process its key, secrets and data, the vault its own key and folders."""

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
_PASSED_BY_GROUP = 0o710
"""Of the data folder: the vault reaches its own folder in it by its name, and can neither list nor change what else is there."""
_PRIVATE = 0o700


def give_to_processes(file: Path, places: Places, owners: Mapping[Part, Account]) -> None:
    """Give the settings ``file``, data and keys of a site to the accounts that work with them; for root alone."""
    web, vault = owners[Part.WEB], owners[Part.VAULT]
    templates = set(_within(places.templates))
    for path in (file, places.main_key, *_within(places.data), *_within(places.secrets), *_within(places.tls)):
        if path not in templates:
            os.chown(path, web.user, web.group, follow_symlinks=False)
    os.chown(places.data, web.user, vault.group)
    places.data.chmod(_PASSED_BY_GROUP)
    for path in (places.vault_key, *templates, *_within(places.person_keys)):
        os.chown(path, vault.user, vault.group, follow_symlinks=False)
    for folder in (places.templates, places.person_keys):
        folder.chmod(_PRIVATE)
    os.chown(places.keys, 0, 0)
    os.chown(places.root, 0, web.group)
    places.root.chmod(_SHARED)


def _within(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")
