"""The tables of what happened at doors: people and credentials by pseudonym, each event once by its controller's device and number."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["EventRow", "UseRow"]

_ID = String(36)
_SLUG = String(64)


class EventRow(Base):
    """One event. ``id`` grows in the order of arrival. ``at``: by the controller's clock; ``took_ms``: first read to release, of one that was granted.

    ``door`` is one of its controller's own, or None; what it said of another's, or of one that the settings do not name, is ``claimed_door``.
    ``order``: what it was told and did, as the ledger names it. ``hash``: its place in the chain. ``alarm``: staff are still to be told of it.
    """

    __tablename__ = "access_event"
    __table_args__ = (
        UniqueConstraint("device", "seq"),
        Index(None, "door", "id"),
        Index(None, "person", "id"),
        Index(None, "credential", "id"),
        Index(None, "kind", "at"),
        Index(None, "alarm"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(_ID)
    seq: Mapped[int] = mapped_column(BigInteger)
    controller: Mapped[str] = mapped_column(_SLUG)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    received: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(48))
    door: Mapped[str | None] = mapped_column(_SLUG)
    claimed_door: Mapped[str | None] = mapped_column(_SLUG)
    reader: Mapped[str | None] = mapped_column(String(24))
    person: Mapped[str | None] = mapped_column(_SLUG)
    credential: Mapped[str | None] = mapped_column(_SLUG)
    reports: Mapped[list[str]] = mapped_column(JSON)
    took_ms: Mapped[int | None]
    order: Mapped[str | None] = mapped_column(_SLUG)
    hash: Mapped[str] = mapped_column(String(64))
    alarm: Mapped[bool] = mapped_column(default=False)


class UseRow(Base):
    """How often a credential whose uses are counted opened the doors of one device. It outlives the events, whose retention may be shorter."""

    __tablename__ = "access_use"

    credential: Mapped[str] = mapped_column(_ID, ForeignKey("access_credential.id", ondelete="CASCADE"), primary_key=True)
    device: Mapped[str] = mapped_column(_ID, primary_key=True)
    uses: Mapped[int]
