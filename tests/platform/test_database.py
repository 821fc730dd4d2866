from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from consentry.platform.database import Database
from consentry.platform.errors import ConflictError, MissingPartError, RecordsError
from consentry.platform.records import OutboxRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(name: str, number: int | None = None, at: datetime = NOON) -> dict[str, object]:
    """Return a row of the outbox, the one table that every database has."""
    found: dict[str, object] = {"name": name, "payload": {}, "published": at, "due": at, "attempts": 0, "dead": False}
    return found if number is None else {**found, "id": number}


def names(database: Database) -> list[str]:
    """Return the names in the outbox in order."""
    with database.reading() as session:
        return list(session.scalars(select(OutboxRow.name).order_by(OutboxRow.id)))


def add(database: Database, *rows: dict[str, object]) -> None:
    """Write rows in a transaction."""
    with database.transaction() as session:
        session.execute(insert(OutboxRow), list(rows))


def test_a_transaction_is_kept_at_its_end_and_undone_by_an_error(database: Database) -> None:
    add(database, row("kept"))

    def fail() -> None:
        with database.transaction() as session:
            session.execute(insert(OutboxRow), [row("lost")])
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert names(database) == ["kept"]


def test_a_savepoint_is_undone_alone(database: Database) -> None:
    with database.transaction() as session:
        session.execute(insert(OutboxRow), [row("before")])
        savepoint = session.begin_nested()
        session.execute(insert(OutboxRow), [row("inside")])
        savepoint.rollback()
        session.execute(insert(OutboxRow), [row("after")])
    assert names(database) == ["before", "after"]


def test_a_reader_sees_one_state_while_a_writer_commits_and_waits_for_nobody(database: Database) -> None:
    add(database, row("first"))
    with database.reading() as reader:
        count = select(func.count()).select_from(OutboxRow)
        assert reader.scalar(count) == 1
        with database.transaction() as writer:
            writer.execute(insert(OutboxRow), [row("second")])
            assert reader.scalar(count) == 1
        assert reader.scalar(count) == 1
    assert names(database) == ["first", "second"]


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(RecordsError), database.reading() as session:
        session.execute(insert(OutboxRow), [row("sneaked in")])
    add(database, row("written after the same connection had read"))
    assert len(names(database)) == 1


def test_writers_take_turns_from_the_start_of_their_transactions(database: Database) -> None:
    """Each adds one to the highest number; without turns two would read the same highest."""

    def count_up() -> None:
        for _ in range(10):
            with database.transaction() as session:
                highest = session.scalar(select(func.max(OutboxRow.attempts))) or 0
                session.execute(insert(OutboxRow), [{**row("n"), "attempts": highest + 1}])

    threads = [threading.Thread(target=count_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert sorted(session.scalars(select(OutboxRow.attempts))) == list(range(1, 31))


COUNT_UP = """
import sys
from sqlalchemy import func, insert, select
from consentry.platform.database import Database
from consentry.platform.records import OutboxRow
from tests.platform.test_database import row
database = Database(sys.argv[1])
for _ in range(10):
    with database.transaction() as session:
        highest = session.scalar(select(func.max(OutboxRow.attempts))) or 0
        session.execute(insert(OutboxRow), [{**row("n"), "attempts": highest + 1}])
"""


def test_writers_of_different_processes_take_turns_too(database: Database) -> None:
    address = database.url.render_as_string(hide_password=False)
    counting = [subprocess.Popen([sys.executable, "-c", COUNT_UP, address]) for _ in range(2)]
    assert [process.wait() for process in counting] == [0, 0]
    with database.reading() as session:
        assert sorted(session.scalars(select(OutboxRow.attempts))) == list(range(1, 21))


def test_a_transaction_inside_a_transaction_is_refused_and_does_not_wait_for_itself(database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="inside a transaction"), database.transaction():
        pass
    add(database, row("and the next one works"))


def test_a_key_that_exists_is_a_conflict(database: Database) -> None:
    add(database, row("first", 1))
    with pytest.raises(ConflictError) as told:
        add(database, row("again", 1))
    assert (told.value.code, names(database)) == ("records.conflict", ["first"])


def test_a_database_without_its_tables_is_outdated(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("DROP TABLE outbox"))
    with pytest.raises(RecordsError) as told:
        names(database)
    assert told.value.code == "records.outdated"
    assert "consentry migrate" in told.value.mend


def test_instants_are_stored_as_utc_and_one_without_a_zone_is_refused(database: Database) -> None:
    add(database, row("east", at=NOON.astimezone(timezone(timedelta(hours=8)))))
    with database.reading() as session:
        found = session.scalars(select(OutboxRow.published)).one()
    assert (found, found.utcoffset()) == (NOON, timedelta(0))
    with pytest.raises(StatementError, match="without a zone"):
        add(database, row("naive", at=NOON.replace(tzinfo=None)))


def test_postgresql_that_is_not_there_is_unavailable_and_no_password_is_shown() -> None:
    database = Database("postgresql+psycopg://someone:very-secret@127.0.0.1:1/nothing")
    with pytest.raises(RecordsError) as told, database.reading():
        pass
    assert told.value.code == "records.unavailable"
    assert "very-secret" not in str(told.value)


def test_a_full_disk_is_told_as_one_and_what_was_recorded_stays(sqlite_database: Database) -> None:
    add(sqlite_database, row("before"))

    def fill() -> None:
        with sqlite_database.transaction() as session:
            pages = session.execute(text("PRAGMA page_count")).scalar_one()
            session.execute(text(f"PRAGMA max_page_count = {pages}"))
            session.execute(insert(OutboxRow), [row("x" * 60) for _ in range(2000)])

    with pytest.raises(RecordsError) as told:
        fill()
    assert told.value.code == "records.full"
    assert names(sqlite_database) == ["before"]


def test_a_database_that_another_process_holds_is_busy(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentry.platform.database.BUSY_TIMEOUT_MS", 50)
    impatient = Database(sqlite_database.url)
    with sqlite_database.transaction(), pytest.raises(RecordsError) as told, impatient.transaction():
        pass
    impatient.close()
    assert told.value.code == "records.busy"


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "main.db"
    path.write_bytes(b"not a database, but long enough to be read as the head of one" * 20)
    with pytest.raises(RecordsError) as told, Database(f"sqlite:///{path}").reading():
        pass
    assert told.value.code == "records.damaged"


def test_sqlite_flushes_every_commit_and_keeps_its_files_to_itself(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'main.db'}")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))
        pragmas = [session.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert pragmas == ["wal", 2, 1]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("main.db", "main.db-wal", "main.db-shm"), 0o600)
    database.close()


def test_closing_leaves_one_file_that_holds_everything(sqlite_database: Database) -> None:
    add(sqlite_database, row("kept"))
    sqlite_database.close()
    path = Path(str(sqlite_database.url.database))
    assert [found.name for found in path.parent.glob("main.db*")] == ["main.db"]
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT name FROM outbox").fetchall() == [("kept",)]
    plain.close()


def test_an_error_of_the_database_inside_a_transaction_can_still_be_caught_there(database: Database) -> None:
    add(database, row("first", 1))
    with database.transaction() as session:
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(insert(OutboxRow), [row("again", 1)])
        session.execute(insert(OutboxRow), [row("second", 2)])
    assert names(database) == ["first", "second"]


VISIT = """
import sys
from sqlalchemy import func, select
from consentry.platform.database import Database
from consentry.platform.records import OutboxRow

database = Database(sys.argv[1])
with database.reading() as session:
    print(session.scalar(select(func.count()).select_from(OutboxRow)))
database.close()
"""


def test_a_visitor_who_opens_and_closes_the_file_leaves_the_log_of_a_running_process_alone(sqlite_database: Database) -> None:
    address = sqlite_database.url.render_as_string(hide_password=False)

    def seen() -> str:
        return subprocess.run([sys.executable, "-c", VISIT, address], capture_output=True, text=True, check=True).stdout.strip()

    with sqlite_database.reading() as one, sqlite_database.reading() as two:
        one.execute(text("select 1"))
        two.execute(text("select 1"))
    counts = []
    for number in range(3):
        add(sqlite_database, row("a", number))
        counts.append(seen())
    assert counts == ["1", "2", "3"], "a visitor that takes itself for the last one would delete the log that the next commits go into"


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingPartError) as caught:
        Database("postgresql+psycopg://u@h/d")
    assert (caught.value.code, "consentry[postgresql]" in caught.value.mend) == ("records.no-driver", True)
