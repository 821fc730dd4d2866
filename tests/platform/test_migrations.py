from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect, text

from bench.postgresql import programs
from consentry.platform.database import Database
from consentry.platform.errors import RecordsError
from consentry.platform.migrations import check_current, current_version, migrate, newest_version, tables
from consentry.platform.migrations.draft import FIRST, draft

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return a database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
    else:
        database = request.getfixturevalue("postgresql_database")
        with database.transaction() as session:
            session.execute(text("DROP SCHEMA public CASCADE"))
            session.execute(text("CREATE SCHEMA public"))
        yield database


def definition(database: Database) -> list[str]:
    """Return everything that the engine itself says of the tables, in an order of its own."""
    if database.is_sqlite:
        with database.reading() as session:
            made = list(session.scalars(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")))
        # The constraints of a table come in one order or another, which means nothing.
        return sorted(part.strip(" ,)") for sql in made for part in re.split(r"(?=CONSTRAINT)", re.sub(r"\s+", " ", sql)))
    folder = programs()
    assert folder
    host, name, user = database.url.query["host"], database.url.database, database.url.username
    dump = [str(folder / "pg_dump"), "--schema-only", "--host", str(host), "--username", str(user), str(name)]
    done = subprocess.run(dump, capture_output=True, text=True, check=True, env={**os.environ, "PGPASSWORD": database.url.password or ""})
    return sorted(line for line in done.stdout.splitlines() if line and not line.startswith(("--", "\\")))


def test_a_migrated_database_has_exactly_the_tables_that_the_slices_declare(empty_database: Database) -> None:
    migrate(empty_database)
    migrated = definition(empty_database)
    with empty_database.transaction() as session:
        tables().drop_all(session.connection())
        assert inspect(session.connection()).get_table_names() == ["alembic_version"]
        tables().create_all(session.connection())
    assert migrated == definition(empty_database)
    assert len(migrated) > len(tables().tables)


def test_migrating_twice_changes_nothing(empty_database: Database) -> None:
    migrate(empty_database)
    before = definition(empty_database)
    migrate(empty_database)
    assert definition(empty_database) == before
    assert current_version(empty_database) == newest_version()


def test_a_current_database_passes(database: Database) -> None:
    check_current(database)


def test_an_empty_database_is_told_to_be_migrated(empty_database: Database) -> None:
    with pytest.raises(RecordsError, match="Run `consentry migrate`") as told:
        check_current(empty_database)
    assert told.value.code == "records.outdated"


def test_an_older_database_is_backed_up_before_it_is_moved_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentry.platform.migrations.run.newest_version", lambda: "9999")
    with pytest.raises(RecordsError, match="consentry backup") as told:
        check_current(database)
    assert told.value.code == "records.outdated"


@pytest.mark.parametrize("act", [check_current, migrate])
def test_a_database_of_a_later_release_is_left_alone(database: Database, act: object) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert callable(act)
    with pytest.raises(RecordsError) as told:
        act(database)
    assert told.value.code == "records.newer"


def test_a_migration_that_fails_leaves_nothing_behind(empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alembic.op.create_index", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        migrate(empty_database)
    assert current_version(empty_database) is None
    with empty_database.reading() as session:
        assert inspect(session.connection()).get_table_names() == []


def test_the_first_version_is_what_the_draft_would_write_now() -> None:
    def statements(code: str) -> str:
        return re.sub(r"[\s,]+", "", code.replace("'", '"'))

    assert statements(FIRST.read_text(encoding="utf-8")) == statements(draft())
