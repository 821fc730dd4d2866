"""What a controller never forgets: its events in a hash chain and its state, in one SQLite file, so that both change together or not at all.

The file is bounded. Events that the server holds go first, oldest first. Those that it does not hold never go: a way in that cannot be written down is not
given, and what happens without anybody's leave (exit, fire, a forced door) has places of its own, space on the disk kept for it, and where even that is
used up, a count of what was lost. Refusals have a quota, so that nobody keeps others out by trying on and on; what is beyond it is counted as lost.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from consentry.access.controller.ballast import Ballast
from consentry.access.controller.sync_text import GENESIS, Chained, Happening, chained, event_kind, instant, milliseconds
from consentry.access.model import AccessEvent, DoorEvent, ReaderKind
from consentry.platform.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["Bounds", "Journal", "open_journal"]

_TABLES = """
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, door TEXT, reader TEXT, person TEXT, credential TEXT, reports TEXT NOT NULL,
    took_ms INTEGER, "order" TEXT, before TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_INSERT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ACKNOWLEDGED, _LOST = "acknowledged", "lost"
_NAMED = max(map(len, AccessEvent)) + 2 * 36
"""Characters of the longest kind and of two pseudonyms: with spaces after the reports a row is as long whoever it names, and writing it takes as long."""
_CHECKED = 1000
"""Newest events whose chain is checked at a start."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept: ``events`` in all, the last ``spared`` places only for what happens without anybody's leave; ``ballast`` bytes of disk for it."""

    events: int = 100_000
    spared: int = 5_000
    ballast: int = 1 << 20

    @property
    def refused(self) -> int:
        """Return how many refusals that the server does not hold are kept at most."""
        return self.events // 5


@dataclass(slots=True)
class Journal:
    """Events and state of one controller. Every call comes from one thread."""

    _database: sqlite3.Connection
    _ballast: Ballast
    _bounds: Bounds
    _last: int = 0
    _head: str = GENESIS
    _held: int = 0
    _acknowledged: int = 0
    _lost: int = 0
    _lost_kept: int = 0
    _refused: int = 0

    @property
    def last(self) -> int:
        """Return the number of the newest event, 0 where there is none."""
        return self._last

    @property
    def acknowledged(self) -> int:
        """Return up to which number the server holds every event."""
        return self._acknowledged

    @property
    def oldest(self) -> int:
        """Return the lowest number of an event that is still here, or that the next one gets."""
        (lowest,) = self._database.execute("SELECT min(seq) FROM event").fetchone()
        return int(lowest or self._last + 1)

    @property
    def level(self) -> float:
        """Return which share of its events the journal may not drop, 0 to 1."""
        return (self._last - self._acknowledged) / self._bounds.events

    @property
    def lost(self) -> int:
        """Return how many events could not be written and have not been told of yet."""
        return self._lost

    def write(self, events: Sequence[Happening], changes: Mapping[str, str | None] | None = None) -> tuple[Chained, ...]:
        """Write events and changes of state (None takes a name away); on return the disk holds them.

        Raises:
            RecordsError: ``door.journal-full`` or ``door.journal``; then nothing of it was written, and nobody may be let in on its account.
        """
        if not self._ballast.restore():
            raise _full()
        return self._commit(self._with_loss(events), changes or {}, self._bounds.events - self._bounds.spared)

    def refuse(self, event: Happening, changes: Mapping[str, str | None] | None = None) -> None:
        """Write a refusal and changes of state. Where refusals have no place left only the changes are written, and the refusal is counted as lost.

        Raises:
            RecordsError: ``door.journal`` where the disk takes nothing; the refusal is counted as lost then too.
        """
        if self._refused < self._bounds.refused:
            with suppress(RecordsError):
                self.write([event], changes)
                self._refused += 1
                return
        self._lose(1)
        self.write([], changes)

    def note(self, events: Sequence[Happening], changes: Mapping[str, str | None] | None = None) -> tuple[Chained, ...]:
        """Write what happened anyway. Where there is no room the space kept for it is used, then the loss is counted; returns what was written."""
        for attempt in (1, 2):
            with suppress(RecordsError):
                return self._commit(self._with_loss(events), changes or {}, self._bounds.events)
            if attempt == 1:
                self._ballast.release()
        self._lose(len(events))
        with suppress(RecordsError):
            self._commit([], {}, self._bounds.events)
        return ()

    def pending(self, most: int) -> tuple[Chained, ...]:
        """Return the oldest events that the server does not hold, in order, at most so many."""
        rows = self._database.execute("SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?", (self._acknowledged, most))
        return tuple(_event(row) for row in rows)

    def acknowledge(self, seq: int) -> None:
        """Take the server's word that it holds every event up to ``seq``. A smaller number than before (it was restored) has them sent again.

        Raises:
            RecordsError: ``door.journal`` where that cannot be written.
        """
        known = max(0, min(seq, self._last))
        if known != self._acknowledged:
            with self._transaction():
                self._keep(_ACKNOWLEDGED, str(known))
            self._acknowledged = known
            self._refused = self._count_refused()

    def kept(self, name: str) -> str | None:
        """Return a part of the state."""
        row = self._database.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def kept_under(self, prefix: str) -> dict[str, str]:
        """Return every part of the state whose name begins with ``prefix``."""
        rows = self._database.execute("SELECT name, value FROM kept WHERE name >= ? AND name < ?", (prefix, prefix + "\U0010ffff"))
        return dict(rows.fetchall())

    def forget(self, before: datetime) -> None:
        """Drop events from before an instant that the server holds.

        Raises:
            RecordsError: ``door.journal`` where that cannot be written.
        """
        with self._transaction():
            self._held -= self._drop("at < ? AND seq <= ?", (milliseconds(before), min(self._acknowledged, self._last - 1)))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _commit(self, events: Sequence[Happening], changes: Mapping[str, str | None], places: int) -> tuple[Chained, ...]:
        with self._transaction():
            freed = self._make_room(len(events), places)
            entries = tuple(self._chain(events))
            self._database.executemany(_INSERT, [_row(entry) for entry in entries])
            for name, value in changes.items():
                self._keep(name, value)
            lost = 0 if entries else self._lost
            if lost != self._lost_kept:
                self._keep(_LOST, str(lost))
        self._held += len(entries) - freed
        self._lost = self._lost_kept = lost
        if entries:
            self._last, self._head = entries[-1].event.seq, entries[-1].hash
        return entries

    def _lose(self, count: int) -> None:
        """Count what could not be written; the next commit keeps the count."""
        if count and not self._lost:
            log.error("the journal has no room: events are lost")
        self._lost += count

    def _with_loss(self, events: Sequence[Happening]) -> Sequence[Happening]:
        """Tell of what was lost before the next thing that is kept."""
        return (Happening(0, events[0].at, DoorEvent.EVENTS_LOST), *events) if self._lost and events else events

    def _make_room(self, wanted: int, places: int) -> int:
        missing = self._held + wanted - places
        if missing <= 0 or not wanted:
            return 0
        freed = self._drop("seq IN (SELECT seq FROM event WHERE seq <= ? ORDER BY seq LIMIT ?)", (self._acknowledged, missing))
        if freed < missing:
            raise _full()
        return freed

    def _drop(self, condition: str, values: tuple[int, int]) -> int:
        return self._database.execute(f"DELETE FROM event WHERE {condition}", values).rowcount  # noqa: S608 - conditions are literals of this file

    def _chain(self, events: Iterable[Happening]) -> Iterator[Chained]:
        seq, head = self._last, self._head
        for event in events:
            seq += 1
            entry = chained(head, replace(event, seq=seq))
            head = entry.hash
            yield entry

    def _keep(self, name: str, value: str | None) -> None:
        if value is None:
            self._database.execute("DELETE FROM kept WHERE name = ?", (name,))
        else:
            self._database.execute("INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Do all of it, or nothing. What a failed commit left is looked up, for a disk may have taken what it refused."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")
        except (sqlite3.Error, RecordsError) as error:
            self._recover()
            if isinstance(error, RecordsError):
                raise
            raise _unwritable(str(error)) from error

    def _recover(self) -> None:
        with suppress(sqlite3.Error):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            self.load()

    def load(self) -> None:
        """Read from the file where the chain stands."""
        row = self._database.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        self._last, self._head = row or (0, GENESIS)
        (self._held,) = self._database.execute("SELECT count(*) FROM event").fetchone()
        self._acknowledged = int(self.kept(_ACKNOWLEDGED) or 0)
        self._lost_kept = int(self.kept(_LOST) or 0)
        self._lost = max(self._lost, self._lost_kept)
        self._refused = self._count_refused()

    def _count_refused(self) -> int:
        asked = "SELECT count(*) FROM event WHERE seq > ? AND (kind LIKE 'denied-%' OR kind = ?)"
        (count,) = self._database.execute(asked, (self._acknowledged, AccessEvent.VERIFICATION_REQUIRED.value)).fetchone()
        return int(count)


def open_journal(file: Path, bounds: Bounds | None = None) -> Journal:
    """Open the journal of a controller, or begin one.

    Raises:
        RecordsError: ``door.journal`` where the file cannot be used, ``door.journal-damaged`` where it contradicts itself.
    """
    bounds = bounds or Bounds()
    try:
        file.touch(0o600)
        database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", f"journal_size_limit = {bounds.ballast}"):
            database.execute(f"PRAGMA {pragma}").fetchall()
        database.executescript(_TABLES)
        journal = Journal(database, Ballast(file.with_name(f"{file.name}-ballast"), bounds.ballast), bounds)
        journal.load()
        _require_sound(database)
    except (sqlite3.Error, OSError) as error:
        raise _unwritable(str(error)) from error
    return journal


def _require_sound(database: sqlite3.Connection) -> None:
    """Check the file's structure, and the chain of the newest events."""
    with closing(database.execute("PRAGMA quick_check(1)")) as found:
        if found.fetchone() != ("ok",):
            raise _damaged("its pages contradict each other")
    rows = database.execute("SELECT * FROM event ORDER BY seq DESC LIMIT ?", (_CHECKED,)).fetchall()
    later: Chained | None = None
    for entry in map(_event, rows):
        seq = entry.event.seq
        if chained(entry.before, entry.event) != entry:
            raise _damaged(f"event {seq} does not have its hash")
        if later is not None and (later.before, later.event.seq) != (entry.hash, seq + 1):
            raise _damaged(f"event {seq + 1} does not follow {seq}")
        later = entry


def _row(entry: Chained) -> tuple[int | str | None, ...]:
    event = entry.event
    reader = event.reader and event.reader.value
    known = (event.seq, milliseconds(event.at), event.kind.value, event.door, reader, event.person, event.credential)
    named = sum(len(one or "") for one in (event.kind, event.person, event.credential))
    return *known, " ".join(event.reports).ljust(_NAMED - named), event.took_ms, event.order, entry.before, entry.hash


def _event(row: tuple[Any, ...]) -> Chained:
    seq, at, kind, door, reader, person, credential, reports, took_ms, order, before, own = row
    try:
        told = tuple(AccessEvent(report) for report in reports.split())
        event = Happening(seq, instant(at), event_kind(kind), door, reader and ReaderKind(reader), person, credential, told, took_ms, order)
    except ValueError:
        raise _damaged(f"event {seq} cannot be read") from None
    return Chained(event, before, own)


def _full() -> RecordsError:
    return RecordsError("door.journal-full", "journal", "it is full of events that the server does not hold", "Connect the controller to its server.")


def _unwritable(problem: str) -> RecordsError:
    return RecordsError("door.journal", "journal", f"it cannot be written: {problem}", "Make room on the disk and check its health.")


def _damaged(problem: str) -> RecordsError:
    mend = "Keep the file for whoever investigates, and pair the controller anew with an empty data folder."
    return RecordsError("door.journal-damaged", "journal", problem, mend)
