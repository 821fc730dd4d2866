"""A process that counts minute after minute, each with an entry in the ledger in the same transaction, and says when each is recorded.

Arguments: the database file, the first minute, how many, and how SQLite is to flush.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from sqlalchemy import event

from consentry.ledger.model import Act
from consentry.ledger.service import record
from consentry.platform.database import Database
from consentry.statistics.service import record_minute
from tests.statistics.shop import at, minute


def main(path: str, first: int, number: int, flushing: str) -> None:
    """Write."""
    database = Database(f"sqlite:///{path}")

    @event.listens_for(database.engine, "connect")
    def weaken(connection: object, _: object) -> None:
        connection.execute(f"PRAGMA synchronous={flushing}")  # type: ignore[attr-defined]

    for index in range(first, first + number):
        with database.transaction() as session:
            record_minute(session, "front", minute(at(index), 1))
            record(session, Act("system:test", "test.counted", f"minute:{index}", "testing"), datetime.now(UTC))
        sys.stdout.write(f"{index}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
