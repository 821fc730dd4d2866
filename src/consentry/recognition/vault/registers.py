"""What the vault must not forget and no backup may bring back: numbers given, consents revoked or resting, stations, tickets, epochs of transforms.

It lies beside the persons' keys, outside the data folder.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from consentry.consent.model import Purpose
from consentry.recognition.codec import from_text, to_text
from consentry.recognition.messages import RegisterStation, Tombstone
from consentry.recognition.model import StationTicket
from consentry.recognition.rules import HeldTicket, StationRights
from consentry.recognition.vault.database import open_database, transaction

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["Registers"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS numbering (one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO numbering VALUES (1, 0);
CREATE TABLE IF NOT EXISTS tombstone (
    consent TEXT PRIMARY KEY, sequence INTEGER NOT NULL UNIQUE, at TEXT NOT NULL, person TEXT NOT NULL, purpose TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS suspension (consent TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS station (id TEXT PRIMARY KEY, registration TEXT NOT NULL, counter INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ticket (id TEXT PRIMARY KEY, document TEXT NOT NULL, expires REAL NOT NULL, used INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS transform (purpose TEXT PRIMARY KEY, number INTEGER NOT NULL, epoch INTEGER NOT NULL) STRICT;
"""
_KEPT_AFTER = timedelta(minutes=5)
"""How long a ticket is still known to have been used or to have expired."""


class Registers:
    """The rows of ``registers.db``."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            RecordsError: ``vault.database``.
        """
        self._connection = open_database(path, _SCHEMA)
        self.revoked: set[str] = {consent for (consent,) in self._connection.execute("SELECT consent FROM tombstone")}
        self.suspended: set[str] = {consent for (consent,) in self._connection.execute("SELECT consent FROM suspension")}

    # Numbers

    @property
    def sequence(self) -> int:
        """The last number given to an outcome or erasure."""
        (found,) = self._connection.execute("SELECT sequence FROM numbering").fetchone()
        return int(found)

    def next_sequence(self) -> int:
        """Return the next number; it is never given again."""
        with transaction(self._connection):
            return self._advance()

    def _advance(self) -> int:
        (found,) = self._connection.execute("UPDATE numbering SET sequence = sequence + 1 RETURNING sequence").fetchone()
        return int(found)

    # Revoked consents

    def bury(self, person: str, consent: str, purpose: Purpose, now: datetime) -> Tombstone:
        """Revoke a consent and return its tombstone: the first, where it was revoked before."""
        with transaction(self._connection) as connection:
            row = connection.execute("SELECT sequence, at, person, consent, purpose FROM tombstone WHERE consent = ?", (consent,)).fetchone()
            if row is None:
                row = (self._advance(), now.isoformat(), person, consent, str(purpose))
                connection.execute("INSERT INTO tombstone (sequence, at, person, consent, purpose) VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("DELETE FROM suspension WHERE consent = ?", (consent,))
        self.revoked.add(consent)
        self.suspended.discard(consent)
        return _tombstone(row)

    def tombstones(self, since: int, most: int) -> list[Tombstone]:
        """Return at most ``most`` tombstones numbered above ``since``, the oldest first."""
        rows = self._connection.execute(
            "SELECT sequence, at, person, consent, purpose FROM tombstone WHERE sequence > ? ORDER BY sequence LIMIT ?", (since, most)
        )
        return [_tombstone(row) for row in rows.fetchall()]

    def forget_tombstones(self, before: datetime) -> None:
        """Delete the tombstones made before an instant (UTC); what they ended has been over everywhere for long."""
        with transaction(self._connection) as connection:
            gone = connection.execute("DELETE FROM tombstone WHERE at < ? RETURNING consent", (before.isoformat(),)).fetchall()
        self.revoked.difference_update(consent for (consent,) in gone)

    # Consents that rest

    def suspend(self, consent: str) -> None:
        """Let a consent rest; one that was revoked is over already."""
        if consent not in self.revoked:
            with transaction(self._connection) as connection:
                connection.execute("INSERT OR IGNORE INTO suspension VALUES (?)", (consent,))
            self.suspended.add(consent)

    def resume(self, consent: str) -> None:
        """Let a consent rest no more."""
        with transaction(self._connection) as connection:
            connection.execute("DELETE FROM suspension WHERE consent = ?", (consent,))
        self.suspended.discard(consent)

    # Stations

    def put_station(self, station: RegisterStation) -> None:
        """Register a station or change it. Its counter begins anew with another key, for only its holder can have used the one before."""
        before = self.station(station.station)
        counter = before[1].counter if before and before[0].public_key == station.public_key else 0
        with transaction(self._connection) as connection:
            connection.execute("INSERT OR REPLACE INTO station VALUES (?, ?, ?)", (station.station, to_text(station), counter))

    def remove_station(self, station: str) -> None:
        """Forget a station."""
        with transaction(self._connection) as connection:
            connection.execute("DELETE FROM station WHERE id = ?", (station,))

    def station(self, station: str) -> tuple[RegisterStation, StationRights] | None:
        """Return how a station was registered, and its rights; None where it was not."""
        found = self._connection.execute("SELECT registration, counter FROM station WHERE id = ?", (station,)).fetchone()
        if found is None:
            return None
        registered = from_text(RegisterStation, found[0])
        return registered, StationRights(frozenset(registered.purposes), registered.may_enrol, registered.attested, int(found[1]))

    def station_count(self) -> int:
        """Return how many stations there are."""
        (found,) = self._connection.execute("SELECT count(*) FROM station").fetchone()
        return int(found)

    # Tickets

    def issue(self, ticket: StationTicket, counter: int, now: datetime) -> None:
        """Keep a new ticket together with the counter of the activation it was minted on; forget tickets long expired."""
        with transaction(self._connection) as connection:
            connection.execute("UPDATE station SET counter = ? WHERE id = ?", (counter, ticket.station))
            connection.execute("INSERT INTO ticket VALUES (?, ?, ?, 0)", (ticket.id, to_text(ticket), ticket.expires.timestamp()))
            connection.execute("DELETE FROM ticket WHERE expires < ?", ((now - _KEPT_AFTER).timestamp(),))

    def ticket(self, number: str) -> HeldTicket | None:
        """Return a ticket; None where it is not known, or no more."""
        found = self._connection.execute("SELECT document, used FROM ticket WHERE id = ?", (number,)).fetchone()
        return None if found is None else HeldTicket(from_text(StationTicket, found[0]), bool(found[1]))

    def use(self, number: str) -> None:
        """Mark a ticket as used, durably."""
        with transaction(self._connection) as connection:
            connection.execute("UPDATE ticket SET used = 1 WHERE id = ?", (number,))

    # Transforms

    def transforms(self, purposes: Collection[Purpose], epoch: int) -> dict[Purpose, tuple[int, int]]:
        """Return, by purpose, number and root epoch of its keyed transform; new ones are of ``epoch``."""
        with transaction(self._connection) as connection:
            connection.executemany("INSERT OR IGNORE INTO transform VALUES (?, 1, ?)", [(str(purpose), epoch) for purpose in purposes])
        rows = self._connection.execute("SELECT purpose, number, epoch FROM transform").fetchall()
        return {Purpose(purpose): (number, made) for purpose, number, made in rows}

    def renew_transform(self, purpose: Purpose, epoch: int) -> tuple[int, int]:
        """Give a purpose the next number, in ``epoch``, and return both."""
        with transaction(self._connection) as connection:
            connection.execute("UPDATE transform SET number = number + 1, epoch = ? WHERE purpose = ?", (epoch, str(purpose)))
        return self.transforms([purpose], epoch)[purpose]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _tombstone(row: tuple[int, str, str, str, str]) -> Tombstone:
    sequence, at, person, consent, purpose = row
    return Tombstone(sequence, datetime.fromisoformat(at).astimezone(UTC), person, consent, Purpose(purpose))
