"""Tables of the log. What makes it trustworthy are the hashes and signatures in them: ``audit`` recomputes every one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, String, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from consentry.ledger.rules.merkle import Span
from consentry.platform.database import Base

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

__all__ = ["AttestationRow", "CheckpointRow", "EntryRow", "HeadRow", "NodeRow", "read_nodes", "write_rows"]

# SQLite takes only an INTEGER primary key as the number of the row itself.
_Counter = BigInteger().with_variant(Integer, "sqlite")


class HeadRow(Base):
    """The one row that appenders lock: the size of the tree, its right edge, and the entry that opened the log of the present origin."""

    __tablename__ = "ledger_head"
    __table_args__ = (CheckConstraint("one = 1", name="one"),)

    one: Mapped[int] = mapped_column(primary_key=True, default=1)
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    genesis: Mapped[int] = mapped_column(BigInteger)


class EntryRow(Base):
    """An entry: its leaf stays for ever; body (canonical JSON), salt, and the two columns to search by go when it is erased."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index(None, "action", "number"),)

    number: Mapped[int] = mapped_column(_Counter, primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    action: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[int | None] = mapped_column(BigInteger)


class NodeRow(Base):
    """The hash of a complete subtree of two leaves or more, numbered in the order in which they were completed (``Span.number``)."""

    __tablename__ = "ledger_node"

    number: Mapped[int] = mapped_column(_Counter, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointRow(Base):
    """A checkpoint as the log signed it; entry ``size - 1`` announces it."""

    __tablename__ = "ledger_checkpoint"

    size: Mapped[int] = mapped_column(_Counter, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)


class AttestationRow(Base):
    """What an outsider signed about a checkpoint: a witness's line or a time-stamp token. Entry ``number`` holds its hash."""

    __tablename__ = "ledger_attestation"

    number: Mapped[int] = mapped_column(_Counter, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger, index=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[bytes] = mapped_column(LargeBinary)


def read_nodes(session: Session, spans: Collection[Span]) -> Mapping[Span, bytes]:
    """Return the hashes of complete subtrees, single leaves included; those that the tables lack are left out."""
    leaves = [span.position for span in spans if span.level == 0]
    numbers = {span.number: span for span in spans if span.level}
    found = {Span(0, row.number): row.leaf for row in session.execute(select(EntryRow.number, EntryRow.leaf).where(EntryRow.number.in_(leaves)))}
    rows = session.execute(select(NodeRow.number, NodeRow.hash).where(NodeRow.number.in_(numbers)))
    return found | {numbers[row.number]: row.hash for row in rows}


def write_rows(session: Session, entries: list[dict[str, object]], nodes: list[dict[str, object]]) -> None:
    """Write rows of :class:`EntryRow` and :class:`NodeRow` in as few statements as the driver allows."""
    session.execute(insert(EntryRow), entries)
    if nodes:
        session.execute(insert(NodeRow), nodes)
