"""Copies of a running database: SQLite's online backup, PostgreSQL's own programs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, inspect

from consentry.platform.errors import InputError, MissingPartError, RecordsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.platform.database import Database

__all__ = ["copy_sqlite", "holds_tables", "load", "save"]


def holds_tables(database: Database) -> bool:
    """Tell whether there is anything in a database."""
    with database.reading() as session:
        return bool(inspect(session.connection()).get_table_names())


def save(database: Database, target: Path) -> None:
    """Write a consistent copy of a database to ``target`` while others go on working with it.

    Raises:
        RecordsError: ``backup.failed``.
        MissingPartError: ``backup.no-program`` where PostgreSQL's programs are not installed.
    """
    target.touch(mode=0o600)
    if database.is_sqlite:
        copy_sqlite(Path(str(database.url.database)), target)
    else:
        _run(database, "pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"])


def load(database: Database, source: Path, engine: str) -> None:
    """Put what ``save`` wrote in the place of everything in a database: all of it, or nothing.

    Raises:
        InputError: ``backup.other-engine``.
        RecordsError: ``backup.failed``.
        MissingPartError: ``backup.no-program``.
    """
    own = database.url.get_backend_name()
    if engine != own:
        mend = f"Let [database] name a {engine} database, restore, and move from there."
        raise InputError("backup.other-engine", "the backup", f"it is of {engine}, and the settings name {own}", mend)
    if not database.is_sqlite:
        _run(database, "pg_restore", ["--clean", "--if-exists", "--single-transaction", "--no-owner", "--no-privileges", "--exit-on-error", str(source)])
        return
    with database.engine.connect():
        pass  # Opening it makes a new file as every other connection would: private, with a write-ahead log.
    copy_sqlite(source, Path(str(database.url.database)))


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy page by page; the target changes in one transaction.

    Raises:
        RecordsError: ``backup.failed``.
    """
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True)) as read, closing(sqlite3.connect(target)) as written:
            written.execute("PRAGMA synchronous=FULL")
            read.backup(written)
            problem = written.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        raise RecordsError("backup.failed", str(source), str(error), "Check the file and the room on the disk, then try again.") from error
    if problem != "ok":
        raise RecordsError("backup.failed", str(source), f"the copy is damaged: {problem}", "Run `consentry restore` with an older backup.")


def _run(database: Database, program: str, options: Sequence[str]) -> None:
    url = database.url
    # The whole address, so that what it demands of the connection, such as sslmode, holds here too; the password is nothing for a list of processes.
    where = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query).render_as_string()
    secret = {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run([_program(program), f"--dbname={where}", *options], capture_output=True, text=True, check=False, env={**os.environ, **secret})  # noqa: S603 - our own
    if done.returncode:
        raise RecordsError("backup.failed", program, done.stderr.strip() or f"it ended with {done.returncode}", "Check that the database runs, then try again.")


def _program(name: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = next((str(folder / name) for folder in reversed(folders) if (folder / name).exists()), shutil.which(name))
    if found is None:
        raise MissingPartError("backup.no-program", name, "it is not installed", "Install PostgreSQL's client programs.")
    return found
