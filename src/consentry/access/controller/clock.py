"""The time as a door may believe it: never earlier than the latest that this controller ever saw, whatever becomes of the machine's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from consentry.platform.clock import Clock

__all__ = ["JUMP", "ClockMemory"]

JUMP = timedelta(minutes=1)
"""A clock that is set by more than this jumped; less is what keeping time does."""


@dataclass(slots=True)
class ClockMemory:
    """Judges a clock by the latest time ever seen and by how much time went by since.

    A clock that is set back is not followed: time goes on from where it was, so that what has expired stays so. One that is set forward is followed, for a
    machine without a battery starts years back; what has expired by it stays shut until the server and the clock agree on an earlier time.

    Attributes:
        clock: The machine's.
        elapsed: Seconds that went by, from any start; never set, and counting while the machine sleeps.
        latest: The latest time ever seen, kept over restarts.
        doubted: Whether the clock jumped and no server has agreed with it since.
    """

    clock: Clock
    elapsed: Callable[[], float]
    latest: datetime
    doubted: bool = False
    _seen: float | None = None
    _behind: bool = False

    def now(self) -> tuple[datetime, bool]:
        """Return the time to decide by, and whether the clock has just jumped."""
        wall, counted = self.clock.now(), self.elapsed()
        expected = self.latest if self._seen is None else self.latest + timedelta(seconds=counted - self._seen)
        behind, ahead = wall < expected - JUMP, self._seen is not None and wall > expected + JUMP
        jumped = ahead or (behind and not self._behind)
        self.latest = expected if behind else max(wall, self.latest)
        self._seen, self._behind, self.doubted = counted, behind, self.doubted or jumped
        return self.latest, jumped

    def agree(self, server: datetime) -> bool:
        """Hear the server's time. Where it and the clock agree, they are believed over the memory; return whether that set the time back."""
        wall = self.clock.now()
        if abs(wall - server) > JUMP:
            return False
        back = self.latest > wall + JUMP
        if back:
            self.latest, self._seen, self._behind = wall, self.elapsed(), False
        self.doubted = False
        return back
