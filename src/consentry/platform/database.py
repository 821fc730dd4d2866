"""The main database: SQLite by default, PostgreSQL by address. One transaction at a time writes; readers never wait for it.

SQLite runs with a write-ahead log and ``synchronous=FULL``: a transaction that was committed survives a power cut.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from consentry.platform.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL, Dialect, Engine

__all__ = ["Base", "Database", "UTCDateTime"]

BUSY_TIMEOUT_MS = 10_000

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
        """Take an SQLAlchemy address such as ``sqlite:////srv/site/main.db``; nothing is opened yet."""
        self.url = make_url(address)
        self.engine: Engine = _sqlite(self.url) if self.is_sqlite else create_engine(self.url, pool_pre_ping=True)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._writing = threading.RLock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that may write; commit at the end, roll back on any error.

        Raises:
            RecordsError: ``records.unavailable`` where the database cannot be reached or stays locked.
        """
        with self._writing, self._session() as session:
            if self.is_sqlite:
                # Taking the write lock at once turns a deadlock between two readers that want to write into waiting.
                session.connection(execution_options={"consentry_begin": "IMMEDIATE"})
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that reads one consistent state and writes nothing."""
        with self._session() as session:
            yield session
            session.rollback()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with self._sessions() as session:
            try:
                yield session
            except OperationalError as error:
                session.rollback()
                shown = self.url.render_as_string(hide_password=True)
                raise RecordsError("records.unavailable", shown, str(error.orig), "Check that the database runs and its disk has room.") from error
            except BaseException:
                session.rollback()
                raise

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection has no common type
        # The driver would open transactions behind SQLAlchemy's back; ``begin`` below does it instead.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401 - as above
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('consentry_begin', 'DEFERRED')}")

    return engine
