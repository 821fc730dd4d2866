"""An independent judge of consents: it walks the timeline hour by hour and knows nothing of how the product decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

HOUR = timedelta(hours=1)


class Happening(Enum):
    """What can happen to a consent."""

    VISIT = auto()
    WITHDRAW = auto()
    REPORT_LOST = auto()
    RESTORE = auto()
    CHANGE_TERMS = auto()


@dataclass
class Timeline:
    """A consent that was given at ``start``; ``happenings`` by the hour at which they happen."""

    start: datetime
    validity: timedelta
    retention: timedelta
    happenings: dict[int, list[Happening]] = field(default_factory=dict)

    def valid_hours(self, hours: int) -> list[bool]:
        """Return for each hour, from the first one on, whether the consent holds at its end."""
        over, resting_since, last_visit, reports_trusted_from = False, None, self.start, self.start
        found = []
        for hour in range(hours):
            now = self.start + hour * HOUR
            over = over or now - self.start >= self.validity or now - last_visit >= self.retention
            over = over or (resting_since is not None and now - resting_since >= timedelta(days=30))
            for happening in self.happenings.get(hour, []):
                if over:
                    break
                if happening in {Happening.WITHDRAW, Happening.CHANGE_TERMS}:
                    over = True
                elif happening is Happening.VISIT and resting_since is None:
                    last_visit = now
                elif happening is Happening.REPORT_LOST and now >= reports_trusted_from:
                    resting_since = resting_since or now
                elif happening is Happening.RESTORE and resting_since is not None:
                    resting_since, reports_trusted_from = None, now + timedelta(days=30)
            found.append(not over and resting_since is None)
        return found
