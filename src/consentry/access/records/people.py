"""Tables of people who pass doors, and of their groups. Names and units are encrypted; a unit is found by its keyed hash."""

from __future__ import annotations

import re
from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations of columns at run time
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["GROUP", "DoorGroupRow", "DoorPersonRow", "MembershipRow", "group_row"]

GROUP = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
"""How groups are named."""

_ID = String(36)
_WORD = String(24)
_SLUG = String(40)


class DoorPersonRow(Base):
    """Somebody by pseudonym. ``doors``: the only ones that anything of theirs opens, None for all; ``left``: since when they hold nothing.

    Who is here through somebody else has a ``host``. ``wrapped`` and ``sealed`` hold name and unit until they are erased.
    """

    __tablename__ = "access_person"
    __table_args__ = (CheckConstraint("kind = 'member' OR host IS NOT NULL", name="host"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    kind: Mapped[str] = mapped_column(_WORD)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    unit: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    host: Mapped[str | None] = mapped_column(_ID, ForeignKey("access_person.id"), index=True)
    valid_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    doors: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    suspended: Mapped[bool] = mapped_column(default=False)
    passback_exempt: Mapped[bool] = mapped_column(default=False)
    longer_release: Mapped[bool] = mapped_column(default=False)
    added: Mapped[datetime] = mapped_column(UTCDateTime)
    left: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)


class DoorGroupRow(Base):
    """A group of people that rules name, as it is called in both languages."""

    __tablename__ = "access_group"

    id: Mapped[str] = mapped_column(_SLUG, primary_key=True)
    zh: Mapped[str] = mapped_column(String(80))
    en: Mapped[str] = mapped_column(String(80))


class MembershipRow(Base):
    """That somebody belongs to a group."""

    __tablename__ = "access_membership"

    person: Mapped[str] = mapped_column(_ID, ForeignKey("access_person.id"), primary_key=True)
    group: Mapped[str] = mapped_column("group_id", _SLUG, ForeignKey("access_group.id"), primary_key=True, index=True)


def group_row(session: Session, name: str) -> DoorGroupRow | None:
    """Return the row of a group, or None, also for what cannot be an id and a database might choke on."""
    return session.get(DoorGroupRow, name) if GROUP.fullmatch(name) else None
