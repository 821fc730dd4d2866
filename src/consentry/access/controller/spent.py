"""Codes that were shown once, so that none is taken twice: kept with the events, in the same breath."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from consentry.access.controller.sync_text import instant, milliseconds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["SPENT", "SpentCodes", "spent_codes"]

SPENT = "spent/"
"""What the names of spent codes begin with in the journal."""
_MOST = 200_000
"""Ten thousand people who each show a telephone ten times a day leave half of that."""
_AFTER = timedelta(days=1)
"""How long a code is kept after it ended by itself: a clock that was wrong by hours must not bring it back."""


@dataclass(slots=True)
class SpentCodes:
    """The replay cache of a controller. ``changes`` are what the journal must keep before anybody is let in on their account."""

    _until: dict[str, datetime]
    changes: dict[str, str | None] = field(default_factory=dict)
    _now: datetime | None = None

    def first_use(self, key: str, until: datetime) -> bool:
        """Return whether a code never came before, and remember it. Where no more can be remembered, it came before."""
        name = SPENT + sha256(key.encode()).hexdigest()
        if name in self._until or (len(self._until) >= _MOST and not self._make_room()):
            return False
        self._until[name] = until
        self.changes[name] = str(milliseconds(until))
        return True

    def drop_ended(self, now: datetime) -> None:
        """Forget codes that ended long ago."""
        self._now = now
        for name in [name for name, until in self._until.items() if until + _AFTER < now]:
            del self._until[name]
            self.changes[name] = None

    def _make_room(self) -> bool:
        if self._now is not None:
            self.drop_ended(self._now)
        return len(self._until) < _MOST

    def settle(self, kept: Mapping[str, str | None]) -> None:
        """Hear that the journal kept these changes."""
        for name in kept:
            self.changes.pop(name, None)


def spent_codes(kept: Mapping[str, str]) -> SpentCodes:
    """Return the replay cache that the journal kept."""
    return SpentCodes({name: instant(int(until)) for name, until in kept.items()})
