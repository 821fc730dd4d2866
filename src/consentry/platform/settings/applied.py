"""The version of the settings that was applied last, kept in the data folder, so that each version enters the ledger once.

A version is written down here after its ledger entry was committed: a power cut between the two repeats the entry and loses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.platform.durable import write_atomically
from consentry.platform.errors import SettingsError
from consentry.platform.settings.changes import diff
from consentry.platform.settings.reading import read_settings
from consentry.platform.settings.store import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.platform.settings.changes import Change
    from consentry.platform.settings.store import Places, SettingsStore

__all__ = ["ACTION", "AppliedSettings", "last_applied", "mark_applied", "pending"]

ACTION = "settings.applied"
"""What the ledger calls it."""

_NAME = "settings-applied.toml"
_MODE = 0o600
_MOST_KEYS = 200


@dataclass(frozen=True, slots=True)
class AppliedSettings:
    """A version of the settings that is put in force: SHA-256 of its text and of the one before (empty for the first), and the changes."""

    digest: str
    before: str
    changes: Sequence[Change]

    def details(self) -> Mapping[str, str | int | list[str]]:
        """Return what the ledger keeps: both hashes and the changed keys, without a value of any."""
        keys = [change.path for change in self.changes]
        return {"sha256": self.digest, "before": self.before, "changed": keys[:_MOST_KEYS], "changes": len(keys)}


def last_applied(places: Places) -> str | None:
    """Return the text of the version applied last, or None before the first."""
    path = places.data / _NAME
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        mend = "Let the account of the web process read it; if it is damaged, remove it: the next start enters the settings as a first version."
        raise SettingsError("settings.applied-unreadable", str(path), str(error), mend) from error


def pending(store: SettingsStore) -> AppliedSettings | None:
    """Return the settings in force where they are not the version applied last, or None where they are.

    Of a first version, and of one that follows a version that this program no longer reads, no changes are listed.
    """
    earlier = last_applied(store.places)
    if earlier == store.text:
        return None
    if earlier is None:
        return AppliedSettings(store.digest, "", ())
    try:
        changes = diff(read_settings(earlier, _NAME), store.current)
    except SettingsError:
        changes = []
    return AppliedSettings(store.digest, digest_of(earlier), changes)


def mark_applied(store: SettingsStore) -> None:
    """Write down that the settings in force were applied; the ledger has them by now."""
    write_atomically(store.places.data / _NAME, store.text.encode(), mode=_MODE)
