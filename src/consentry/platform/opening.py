"""Opening a site from its settings file: what every process and command that works on one begins with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from consentry.platform.clock import SystemClock
from consentry.platform.database import Database
from consentry.platform.errors import KeyStoreError
from consentry.platform.keys import SiteKeys
from consentry.platform.settings.addresses import database_address
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.platform.clock import Clock

__all__ = ["open_site"]


@contextmanager
def open_site(config: Path, clock: Clock | None = None) -> Iterator[Site]:
    """Give the site of a settings file: its settings, keys and database, which is closed at the end. Nothing is migrated.

    Raises:
        SettingsError: With every problem of the file.
        KeyStoreError: Where the keys are missing, exposed, damaged, or those of another site.
    """
    store = SettingsStore(config)
    keys = SiteKeys.open(store.places.main_key, data_folder=store.places.data)
    if keys.site != store.current.site.id:
        problem = f"they are the keys of the site {keys.site!r}, and the settings are of {store.current.site.id!r}"
        raise KeyStoreError("keys.other-site", str(store.places.main_key), problem, "Give this site its own keys, or its former id.")
    database = Database(database_address(store.current, store.places))
    try:
        yield Site(store, database, keys, clock or SystemClock())
    finally:
        database.close()
