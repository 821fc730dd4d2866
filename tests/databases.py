"""Databases for tests: a fresh one a test, copied from a template that was created once, on SQLite and on a real PostgreSQL server.

The server is Debian's. It is started once a session under an account that is not root, listens on a Unix socket alone, and does not flush to
disk: what survives a power cut is proven elsewhere. ``CONSENTRY_TEST_POSTGRESQL`` names another server instead, as an SQLAlchemy address
whose account may create databases.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from consentry.platform.database import Database
from consentry.platform.migrations import tables
from consentry.platform.migrations.run import scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = "CONSENTRY_TEST_POSTGRESQL"
TEMPLATE = "consentry_template"
OWNER = "consentry"
PATIENCE = 60.0
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB", "max_connections": "200", "listen_addresses": ""}
ALONE = {"isolation_level": "AUTOCOMMIT"}


class Templates:
    """Hands out copies of one database that holds every table and no row."""

    def __init__(self, server: URL) -> None:
        """Create the template on ``server``, an address whose account may create databases."""
        self._server = server
        self._admin = create_engine(server, isolation_level="AUTOCOMMIT")
        self._made = 0
        self._run(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        self._run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
        template = Database(server.set(database=TEMPLATE))
        create(template)
        template.close()

    @contextmanager
    def copy(self) -> Iterator[Database]:
        """Give a fresh copy and drop it afterwards, whoever may still be connected."""
        self._made += 1
        name = f"consentry_test_{os.getpid()}_{self._made}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        database = Database(self._server.set(database=name))
        try:
            yield database
        finally:
            database.close()
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Disconnect."""
        self._admin.dispose()

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


def create(database: Database) -> None:
    """Give a database every table, as the newest version of the migrations would (tests/platform/test_migrations.py proves that it does)."""
    known = scripts()
    with database.transaction() as session:
        tables().create_all(session.connection())
        MigrationContext.configure(session.connection()).stamp(known, "head")


def postgresql_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server of this machine, or None where there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    return folders[-1] if folders else Path(on_path).parent if on_path else None


@contextmanager
def postgresql_server() -> Iterator[URL]:
    """Run a server of our own, or use the named one, and give its address.

    Where there is none, a run of CI fails and any other skips: a check that did not run must not look as if it had passed.
    """
    named = os.environ.get(ADDRESS)
    programs = postgresql_programs()
    if named:
        yield make_url(named)
    elif programs:
        with _own_server(programs) as address:
            yield address
    else:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"reason: PostgreSQL is not installed (make system), and {ADDRESS} names no server")


@contextmanager
def _own_server(programs: Path) -> Iterator[URL]:
    with tempfile.TemporaryDirectory(prefix="consentry-pg-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        _hand_over(home)
        data = home / "data"
        initdb = [str(programs / "initdb"), "--pgdata", str(data), "--username", OWNER, "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C"]
        subprocess.run([*_account(), *initdb], check=True, capture_output=True)
        options = [part for name, value in {**FAST, "unix_socket_directories": folder}.items() for part in ("-c", f"{name}={value}")]
        # Told to stop with its parent, so that a killed test run leaves no server behind.
        command = [*_account("--pdeathsig", "QUIT"), str(programs / "postgres"), "-D", str(data), *options]
        with (home / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
            try:
                address = URL.create("postgresql+psycopg", username=OWNER, database="postgres", query={"host": folder})
                _wait_for(address, server, home / "log")
                yield address
            finally:
                server.send_signal(signal.SIGINT)
                server.wait(PATIENCE)


def _hand_over(home: Path) -> None:
    """Let the server's account own its folder, and others (a process that a test starts under another account) reach the socket in it."""
    home.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")


def _account(*options: str) -> list[str]:
    as_postgres = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *as_postgres, *options, "--"]


def _wait_for(address: URL, server: subprocess.Popen[bytes], log: Path) -> None:
    engine = create_engine(address)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            engine.connect().close()
            break
        except OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start: {log.read_text(errors='replace')}")
            time.sleep(0.05)
    engine.dispose()
