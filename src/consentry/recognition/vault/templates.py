"""``vault.db``: encrypted templates under pseudonyms. Nothing in it can be read without the persons' keys, which lie elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.consent.model import Purpose
from consentry.recognition.vault.database import forget_log, open_database, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["NewTemplate", "StoredTemplate", "TemplateStore"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS template (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    consent TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    purpose TEXT NOT NULL,
    family TEXT NOT NULL,
    transform INTEGER NOT NULL,
    grant_bytes BLOB NOT NULL,
    expires REAL NOT NULL,
    sealed BLOB
) STRICT;
"""
_COLUMNS = "row, consent, person, purpose, family, transform, grant_bytes, expires, sealed"


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """A template to be stored.

    ``transform``: the number of the keyed transform that it passed. ``grant``: the signed consent, which ``expires`` (seconds since 1970).
    ``sealed``: the encrypted vector (fp16 [D]); None where the person's token holds it.
    """

    consent: str
    person: str
    purpose: Purpose
    family: str
    transform: int
    grant: bytes
    expires: float
    sealed: bytes | None

    def names(self, site: str) -> tuple[str, ...]:
        """Return what the encrypted vector belongs to."""
        return site, self.person, self.consent, self.purpose, self.family, str(self.transform)


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A template and its row, which no other template ever has."""

    row: int
    template: NewTemplate


class TemplateStore:
    """The rows of ``vault.db``."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            RecordsError: ``vault.database``.
        """
        self._connection = open_database(path, _SCHEMA)

    def add(self, new: NewTemplate) -> int:
        """Store a template durably and return its row; the consent must have none."""
        values = (new.consent, new.person, new.purpose, new.family, new.transform, new.grant, new.expires, new.sealed)
        with transaction(self._connection) as connection:
            cursor = connection.execute(
                "INSERT INTO template (consent, person, purpose, family, transform, grant_bytes, expires, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values
            )
        return int(cursor.lastrowid or 0)

    def find(self, consent: str) -> StoredTemplate | None:
        """Return the template of a consent, if there is one."""
        found = self._connection.execute(f"SELECT {_COLUMNS} FROM template WHERE consent = ?", (consent,)).fetchone()  # noqa: S608 - our columns
        return None if found is None else _read(found)

    def at(self, row: int) -> StoredTemplate | None:
        """Return the template of a row, if it is still there."""
        found = self._connection.execute(f"SELECT {_COLUMNS} FROM template WHERE row = ?", (row,)).fetchone()  # noqa: S608 - our columns
        return None if found is None else _read(found)

    def all(self) -> Iterator[StoredTemplate]:
        """Yield every template."""
        yield from map(_read, self._connection.execute(f"SELECT {_COLUMNS} FROM template ORDER BY row").fetchall())  # noqa: S608 - our columns

    def delete(self, consents: Iterable[str]) -> None:
        """Delete the templates of ``consents``, durably, from the file and its log."""
        with transaction(self._connection) as connection:
            connection.executemany("DELETE FROM template WHERE consent = ?", [(consent,) for consent in consents])
        forget_log(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _read(found: tuple[int, str, str, str, str, int, bytes, float, bytes | None]) -> StoredTemplate:
    row, consent, person, purpose, family, transform, grant, expires, sealed = found
    return StoredTemplate(row, NewTemplate(consent, person, Purpose(purpose), family, transform, grant, expires, sealed))
