"""Databases for tests: a fresh one a test, copied from a template that was created once, on SQLite and on a real PostgreSQL server.

The server (``bench.postgresql``) is started once a session. ``CONSENTRY_TEST_POSTGRESQL`` names another server instead, as an SQLAlchemy address
whose account may create databases.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bench.postgresql import programs, server
from consentry.platform.database import Database
from consentry.platform.errors import ConsentryError
from consentry.platform.migrations import tables
from consentry.platform.migrations.run import scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL

ADDRESS = "CONSENTRY_TEST_POSTGRESQL"
TEMPLATE = "consentry_template"


class Templates:
    """Hands out databases that hold every table and no row. Emptying one is twenty times as fast as copying the template, so one is used again."""

    def __init__(self, server: URL) -> None:
        """Create the template on ``server``, an address whose account may create databases."""
        self._server = server
        self._admin = create_engine(server, isolation_level="AUTOCOMMIT")
        self._made = 0
        self._empty: list[str] = []
        self._run(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        self._run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
        template = Database(server.set(database=TEMPLATE))
        create(template)
        self._shape = _shape(template)
        template.close()

    @contextmanager
    def lend(self) -> Iterator[Database]:
        """Give an empty database; whoever may still be connected afterwards is cut off."""
        name = self._empty.pop() if self._empty else self._copy()
        database = Database(self._server.set(database=name))
        try:
            yield database
        finally:
            database.close()
            self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608 - the name is our own
            if self._emptied(database):
                self._empty.append(name)
            else:
                self._run(f"DROP DATABASE {name} WITH (FORCE)")
            database.close()

    def close(self) -> None:
        """Drop what was made and disconnect."""
        for name in [*self._empty, TEMPLATE]:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")
        self._admin.dispose()

    def _copy(self) -> str:
        self._made += 1
        name = f"consentry_test_{os.getpid()}_{self._made}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def _emptied(self, database: Database) -> bool:
        """Delete every row, and tell whether the database is as new: a test may have changed its tables."""
        try:
            with database.transaction() as session:
                for table in reversed(tables().sorted_tables):
                    session.execute(table.delete())
                session.execute(text("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"))
            return _shape(database) == self._shape
        except ConsentryError:
            return False

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


def _shape(database: Database) -> list[tuple[object, ...]]:
    """Return what tells a database whose tables a test has changed from a new one."""
    columns = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
    with database.reading() as session:
        version = session.execute(text("SELECT version_num FROM alembic_version")).all()
        return sorted(map(tuple, [*session.execute(text(columns)), *version]))


def create(database: Database) -> None:
    """Give a database every table, as the newest version of the migrations would (tests/platform/test_migrations.py proves that it does)."""
    known = scripts()
    with database.transaction() as session:
        tables().create_all(session.connection())
        MigrationContext.configure(session.connection()).stamp(known, "head")


@contextmanager
def postgresql_server() -> Iterator[URL]:
    """Run a server of our own, or use the named one, and give its address.

    Where there is none, a run of CI fails and any other skips: a check that did not run must not look as if it had passed.
    """
    named = os.environ.get(ADDRESS)
    if named:
        yield make_url(named)
    elif programs():
        with server() as address:
            yield address
    else:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"reason: PostgreSQL is not installed (make system), and {ADDRESS} names no server")
