"""The table of modes that two people set: lockdown and free access."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import TYPE_CHECKING

from sqlalchemy import JSON, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

__all__ = ["ModeRow", "standing"]

_LABEL = String(80)


class ModeRow(Base):
    """A mode of some doors: proposed by one person, until ``expires`` to be confirmed by another, and ended by either or a third."""

    __tablename__ = "access_mode"
    __table_args__ = (Index(None, "confirmed", "ended"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    mode: Mapped[str] = mapped_column(String(24))
    doors: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(_LABEL)
    proposed: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(_LABEL)
    confirmed: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by: Mapped[str | None] = mapped_column(_LABEL)
    ended: Mapped[datetime | None] = mapped_column(UTCDateTime)


def standing(session: Session) -> Sequence[ModeRow]:
    """Return the modes that hold now, oldest first."""
    return session.scalars(select(ModeRow).where(ModeRow.confirmed.is_not(None), ModeRow.ended.is_(None)).order_by(ModeRow.confirmed)).all()
