"""Tables of the platform itself: the outbox of domain events."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations of columns at run time
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["OutboxRow"]


class OutboxRow(Base):
    """An event that was published and not yet delivered, or given up (``dead``)."""

    __tablename__ = "outbox"
    # A number is never used again, also after its row was deleted: handlers tell repeated deliveries by it.
    __table_args__ = (Index(None, "name", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    published: Mapped[datetime] = mapped_column(UTCDateTime)
    due: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    dead: Mapped[bool] = mapped_column(default=False)
