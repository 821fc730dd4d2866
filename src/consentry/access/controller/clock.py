"""The time as a door may believe it: the server's and the seconds that went by since, over a clock that contradicts them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.controller.sync_text import instant, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from consentry.platform.clock import Clock

__all__ = ["JUMP", "ClockMemory", "Counts", "read_counts"]

JUMP = timedelta(minutes=1)
"""A clock that is set by more than this jumped; less is what keeping time does."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is kept of the time over restarts.

    Attributes:
        at: The time by which was decided.
        least: The earliest that it may be.
        latest: The latest time that was ever claimed.
        seconds: What the machine had counted then.
        boot: Of which start of the machine that is counted.
    """

    at: datetime
    least: datetime
    latest: datetime
    seconds: float
    boot: str

    def text(self) -> str:
        """Return the counts as the journal keeps them."""
        return f"{milliseconds(self.latest)} {milliseconds(self.at)} {milliseconds(self.least)} {round(self.seconds * 1000)} {self.boot}"


def read_counts(text: str) -> Counts:
    """Return the counts that the journal kept; of an earlier release only the latest time."""
    latest, at, least, seconds, boot = (*text.split(), *("",) * 4)[:5]
    return Counts(instant(int(at or latest)), instant(int(least or latest)), instant(int(latest)), int(seconds or 0) / 1000, boot)


@dataclass(slots=True)
class ClockMemory:
    """Judges a clock by what the server said last and by how many seconds went by since.

    A clock that is set is not followed, back or forward: time goes on by the seconds that are counted. What a clock that was set forward makes expire
    stays shut all the same, and after the machine was off, for how long nobody counted, the time before that must allow a way in too: see :attr:`others`.
    The server's word ends every doubt, and so does that of a person who looked at the clock.

    Attributes:
        clock: The machine's.
        elapsed: Seconds that went by, from any start; never set, and counting while the machine sleeps.
        latest: The latest time that was claimed since the server spoke, kept over restarts.
        least: The earliest that it may be: the time kept last, and what went by since. None where nothing was kept: then a clock is believed at a start.
        boot: Of which start of the machine ``elapsed`` counts.
        doubted: Whether the clock jumped, or the server contradicted it, and the two have not agreed since.
    """

    clock: Clock
    elapsed: Callable[[], float]
    latest: datetime
    least: datetime | None = None
    boot: str = ""
    doubted: bool = False
    _at: datetime | None = None
    _wall: datetime | None = None
    _seen: float | None = None

    def resume(self, kept: Counts) -> None:
        """Go on from what was kept; what was counted meanwhile is known unless the machine started anew."""
        self.latest = max(self.latest, kept.latest)
        if kept.boot and kept.boot == self.boot:
            self._at, self.least, self._seen = kept.at, kept.least, kept.seconds
        else:
            self.least = kept.least if self.least is None else max(self.least, kept.least)

    def now(self) -> tuple[datetime, bool]:
        """Return the time to decide by, and whether the clock has just jumped."""
        wall, counted = self.clock.now(), self.elapsed()
        passed = None if self._seen is None else timedelta(seconds=counted - self._seen)
        jumped = self._begin(wall) if passed is None else self._go_on(wall, passed, self._time)
        self._wall, self._seen = wall, counted
        return self._time, jumped

    @property
    def others(self) -> tuple[datetime, ...]:
        """Return which other times it may be since :meth:`now` was asked: nobody is let in who may not pass at these too."""
        return tuple({self.latest, self.least or self._time} - {self._time})

    def counts(self) -> Counts:
        """Return what is to be kept over restarts."""
        return Counts(self._time, self.least or self._time, self.latest, self._seen or 0.0, self.boot)

    def agree(self, server: datetime) -> bool:
        """Hear the server's time: it is believed over the memory, and over a clock that differs by more than a jump. Return whether that set the time."""
        self.now()
        wall = self.clock.now()
        self.doubted = abs(wall - server) > JUMP
        believed = server if self.doubted else wall
        changed = any(abs(one - believed) > JUMP for one in (self._time, self.latest))
        self._set(believed if changed else self._time)
        return changed

    def reach(self, issued: datetime) -> None:
        """Hear of something that the server signed: it is not earlier than that."""
        self.latest, self.least = max(self.latest, issued), self.least and max(self.least, issued)
        self._at = self._at and max(self._at, issued)

    @property
    def _time(self) -> datetime:
        return self._at or self.latest

    def _set(self, at: datetime) -> None:
        self._at = self.latest = self.least = at

    def _begin(self, wall: datetime) -> bool:
        """Begin after the machine was off: time went by that nobody counted."""
        jumped = wall < self.latest - JUMP
        self.doubted = self.doubted or jumped
        self._at = self.latest = max(wall, self.latest)
        if self.least is None or self._at - self.least <= JUMP:
            self.least = self._at
        return jumped

    def _go_on(self, wall: datetime, passed: timedelta, before: datetime) -> bool:
        at, latest, least = before + passed, self.latest + passed, (self.least or before) + passed
        claimed = self._wall + passed if self.doubted and self._wall is not None else at
        jumped = abs(wall - claimed) > JUMP
        self.doubted = self.doubted or jumped
        if self.doubted:
            self._at, self.latest, self.least = at, max(latest, wall) if jumped else latest, least
        else:
            # Small steps are followed, though never back.
            self._at = max(wall, before)
            corrected = self._at - at
            self.latest, self.least = max(latest + corrected, self._at), least + corrected
        return jumped
