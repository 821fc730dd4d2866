"""The main database: SQLite by default, PostgreSQL by address. One transaction at a time writes; readers never wait for it.

SQLite runs with a write-ahead log and ``synchronous=FULL``: a transaction that was committed survives a power cut. On PostgreSQL writers take
one advisory lock, so that numbers given in a transaction are in the order of commits on both.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, MetaData, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from consentry.platform.errors import ConflictError, ConsentryError, MissingPartError, RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL, Dialect, Engine

__all__ = ["Base", "Database", "UTCDateTime"]

BUSY_TIMEOUT_MS = 10_000
WRITER_LOCK = 0x436F6E73
"""The key of PostgreSQL's advisory lock that a writer holds: "Cons"."""

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of every table of the main database; constraints have names that a migration can refer to."""

    metadata = MetaData(naming_convention=_NAMES)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: goes in with its zone, is stored as UTC, comes out as UTC. One without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Convert to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"an instant without a zone: {value!r}"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the instant in UTC; SQLite gives it back without its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """Opens transactions. Writers of this process queue up; those of other processes wait for each other in the engine."""

    def __init__(self, address: str | URL) -> None:
        """Take an SQLAlchemy address such as ``sqlite:////srv/site/main.db``; nothing is opened yet.

        Raises:
            MissingPartError: ``records.no-driver`` where PostgreSQL is named and its driver is not installed.
        """
        self.url = make_url(address)
        self.engine: Engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._writing = threading.Lock()
        self._writer: int | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def name(self) -> str:
        """Return the address as an error shows it, without a password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that may write; commit at the end, roll back on any error. ``begin_nested()`` makes a savepoint.

        Raises:
            ConflictError: ``records.conflict`` where it contradicts what is recorded (a key that exists, a reference to nothing).
            RecordsError: ``records.full``, ``records.busy``, ``records.damaged``, ``records.outdated`` or ``records.unavailable``.
            RuntimeError: this thread is in a transaction already, for which it would wait without end.
        """
        with self._only_writer(), self._session() as session:
            self._begin_writing(session)
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that reads one consistent state, from its first query on, and cannot write.

        Raises:
            RecordsError: as for :meth:`transaction`.
        """
        with self._session() as session:
            options = {"consentry_begin": "READ"} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            session.connection(execution_options=options)
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        if self._writer == threading.get_ident():
            msg = "a transaction inside a transaction of the same thread"
            raise RuntimeError(msg)
        with self._writing:
            self._writer = threading.get_ident()
            try:
                yield
            finally:
                self._writer = None

    def _begin_writing(self, session: Session) -> None:
        if self.is_sqlite:
            # Taking the write lock at once turns a deadlock between two readers that want to write into waiting.
            session.connection(execution_options={"consentry_begin": "IMMEDIATE"})
        else:
            session.execute(text(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}"))
            session.execute(text(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"))

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with self._sessions() as session:
            try:
                yield session
            except DBAPIError as error:
                session.rollback()
                raise _told(self.name, error) from error
            except BaseException:
                session.rollback()
                raise


_FULL = "records.full", "its disk is full", "Make room on the disk, then go on; nothing that was recorded is lost."
_BUSY = "records.busy", "another process held it for too long", "Try again; look for a backup or another Consentry that does not end."
_DAMAGED = "records.damaged", "its file is damaged", "Stop Consentry and restore the last backup (docs/recovery.md)."
_OUTDATED = "records.outdated", "it lacks a table or column that this release works with", "Run `consentry migrate`."
# SQLite's primary result codes and PostgreSQL's SQLSTATE classes or codes.
_KNOWN: dict[int | str, tuple[str, str, str]] = {
    **dict.fromkeys((5, 6, "55P03", "40P01"), _BUSY),
    **dict.fromkeys((11, 26, "XX001", "XX002"), _DAMAGED),
    **dict.fromkeys((13, "53100"), _FULL),
    **dict.fromkeys(("42P01", "42703"), _OUTDATED),
}
_PRIMARY = 0xFF


def _told(name: str, error: DBAPIError) -> ConsentryError:
    """Return what an error of the database means for whoever runs the site."""
    if isinstance(error, IntegrityError):
        return ConflictError("records.conflict", "the request", "it contradicts what is recorded", "Read the current state and try again.")
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY
    if str(error.orig).startswith(("no such table", "no such column")):
        return RecordsError(_OUTDATED[0], name, *_OUTDATED[1:])
    if code in _KNOWN:
        found, problem, mend = _KNOWN[code]
        return RecordsError(found, name, problem, mend)
    return RecordsError("records.unavailable", name, " ".join(str(error.orig).split()), "Check that the database runs and can be reached.")


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        mend = "Run: pip install 'consentry[postgresql]'"
        raise MissingPartError("records.no-driver", "[database] url", "PostgreSQL needs a package that is not installed", mend) from error


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "do_connect")
    def create_private(*_: object) -> None:
        # SQLite would let everyone read a new file; its log and shared memory take the mode of the file. A file that exists must not be
        # opened here: closing it again would drop every POSIX lock that this process holds on it, those of open connections too.
        if url.database and url.database != ":memory:":
            with suppress(FileExistsError):
                os.close(os.open(url.database, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection has no common type
        # The driver would open transactions behind SQLAlchemy's back; ``begin`` below does it instead.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401 - as above
        mode = connection.get_execution_options().get("consentry_begin", "DEFERRED")
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if mode == 'READ' else 'OFF'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if mode == "IMMEDIATE" else "BEGIN")

    return engine
