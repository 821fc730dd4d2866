"""Settings put in force, and the ledger told of it: turning a camera on, or moving its lines, is a decision about privacy.

The ledger gets a hash of the file and which keys changed, never a value.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from consentry.cameras import records
from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.actors import system
from consentry.platform.errors import SettingsError
from consentry.platform.events import Event, EventName, publish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from consentry.ledger.model import JSONValue
    from consentry.platform.settings.changes import Change
    from consentry.platform.site import Site

__all__ = ["note_settings", "reload_settings", "replace_settings"]

MOST_NAMED = 50
"""Changed keys that an entry names; beyond that it says how many there were."""

_logger = logging.getLogger(__name__)


def note_settings(site: Site) -> None:
    """Tell the ledger of the settings in force, where it does not know them: the file may have been edited while nothing ran."""
    with site.database.transaction() as session:
        _note(site, session, system("settings").label, "", ())


def reload_settings(site: Site) -> None:
    """Read the file again after somebody edited it. A file with a problem changes nothing."""
    try:
        changes = site.store.reload()
    except SettingsError as error:
        _logger.warning("the settings were not read anew: %s", error)
        return
    with site.database.transaction() as session:
        _note(site, session, system("settings").label, "the file was edited", changes)


def replace_settings(site: Site, label: str, text: str, expected: str, reason: str) -> list[Change]:
    """Write another text into the file, put it in force and tell the ledger that the actor called ``label`` did.

    ``expected``: the digest of the text that the new one was made from.

    Raises:
        SettingsError: with every problem of the text; nothing changed.
        StaleError: ``settings.stale``.
    """
    with site.database.transaction() as session:
        changes = site.store.replace(text, expected=expected)
        _note(site, session, label, reason, changes)
    return changes


def _note(site: Site, session: Session, label: str, reason: str, changes: Sequence[Change]) -> None:
    now, digest = site.clock.now(), site.store.digest
    if records.applied_digest(session) == digest:
        return
    records.save_applied_digest(session, digest, now)
    named = [change.path for change in changes[:MOST_NAMED]]
    details: dict[str, JSONValue] = {"settings": digest, "changed": named, "changes": len(changes)}
    record(session, Act(label, "settings.applied", f"site:{site.settings.site.id}", "operation", reason, details), now)
    publish(session, Event(EventName.SETTINGS_APPLIED, {"settings": digest}), now)
