"""The two SQLite files of the vault: what is deleted is overwritten, what is committed is on the disk."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from consentry.platform.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["forget_log", "open_database", "transaction"]

_SETTINGS = (
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA foreign_keys = ON",
)


def open_database(path: Path, schema: str) -> sqlite3.Connection:
    """Return a connection to a file that only this process's user may read, with the tables of ``schema``. One thread at a time may use it.

    Raises:
        RecordsError: ``vault.database`` where the file cannot be used.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for setting in _SETTINGS:
            connection.execute(setting).fetchall()
        connection.executescript(schema)
    except (OSError, sqlite3.Error) as error:
        mend = "Give the file to the vault's account; docs/vault.md says what is lost where it has to be removed."
        raise RecordsError("vault.database", str(path), f"it cannot be used: {error}", mend) from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commit what the block did, durably; undo it where the block fails."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def forget_log(connection: sqlite3.Connection) -> None:
    """Bring the write-ahead log into the database and empty it, so that it holds no earlier page."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
