"""Settings put in force, and the ledger told of it: turning a camera on, or moving its lines, is a decision about privacy.

The ledger gets a hash of the file and which keys changed, never a value.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import system
from consentry.platform.errors import SettingsError
from consentry.platform.events import Event, EventName, publish
from consentry.platform.settings.applied import ACTION, mark_applied, pending

if TYPE_CHECKING:
    from consentry.platform.settings.changes import Change
    from consentry.platform.site import Site

__all__ = ["note_settings", "reload_settings", "replace_settings"]

_PART = system("settings").label
_logger = logging.getLogger(__name__)


def note_settings(site: Site) -> None:
    """Tell the ledger of the settings in force, where it does not know them: the file may have been edited while nothing ran."""
    _note(site, _PART, "")


def reload_settings(site: Site) -> None:
    """Read the file again after somebody edited it. A file with a problem changes nothing."""
    try:
        site.store.reload()
    except SettingsError as error:
        _logger.warning("the settings were not read anew: %s", error)
        return
    _note(site, _PART, "the file was edited")


def replace_settings(site: Site, label: str, text: str, expected: str, reason: str) -> list[Change]:
    """Write another text into the file, put it in force and tell the ledger that the actor called ``label`` did.

    ``expected``: the digest of the text that the new one was made from.

    Raises:
        SettingsError: with every problem of the text; nothing changed.
        StaleError: ``settings.stale``.
    """
    changes = site.store.replace(text, expected=expected)
    _note(site, label, reason)
    return changes


def _note(site: Site, label: str, reason: str) -> None:
    applied = pending(site.store)
    if applied is None:
        return
    now = site.clock.now()
    with site.database.transaction() as session:
        record(session, Act(label, ACTION, f"site:{site.settings.site.id}", "operation", reason, applied.details()), now)
        publish(session, Event(EventName.SETTINGS_APPLIED, {"settings": applied.digest}), now)
    mark_applied(site.store)
