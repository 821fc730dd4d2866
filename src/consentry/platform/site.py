"""A running site as services see it: its settings, its records, its keys and the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consentry.platform.clock import Clock
    from consentry.platform.database import Database
    from consentry.platform.keys import SiteKeys
    from consentry.platform.settings.model import Settings
    from consentry.platform.settings.store import SettingsStore

__all__ = ["Site"]


@dataclass(frozen=True, slots=True)
class Site:
    """What a use case works with; every service function takes it first, and the actor second."""

    store: SettingsStore
    database: Database
    keys: SiteKeys
    clock: Clock

    @property
    def settings(self) -> Settings:
        """Return the settings in force now; a change takes effect with the next call."""
        return self.store.current
