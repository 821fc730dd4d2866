"""Tables of people: one row for each appearance of somebody, and what joins two of them. Names are encrypted, numbers are keyed hashes."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["LinkRow", "PartyRow"]

_ID = String(36)
_WORD = String(24)
_PROJECT = String(64)
_LABEL = String(80)


class PartyRow(Base):
    """Somebody as they appeared once: a report's client, a visit's visitor, a contract's buyer.

    ``phone`` and ``document`` find the same number again without telling it; ``erased``: since when nothing names the person any more.
    ``restricted_until``: they asked to be erased, and their hashes are kept until then for the claim that lives.
    """

    __tablename__ = "attribution_party"
    __table_args__ = (Index(None, "project", "phone"), Index(None, "project", "document"), Index(None, "project", "mask"))

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project: Mapped[str] = mapped_column(_PROJECT)
    kind: Mapped[str] = mapped_column(_WORD)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    mask: Mapped[str | None] = mapped_column(String(32))
    phone: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    document: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    added: Mapped[datetime] = mapped_column(UTCDateTime)
    erased: Mapped[datetime | None] = mapped_column(UTCDateTime)
    restricted_until: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)


class LinkRow(Base):
    """That two parties are one person, are not, or are kin; ``a`` < ``b``. ``proof``: which paper staff saw, never what it says."""

    __tablename__ = "attribution_link"
    __table_args__ = (UniqueConstraint("a", "b", "kind", "grade"), Index(None, "b"))

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project: Mapped[str] = mapped_column(_PROJECT, index=True)
    a: Mapped[str] = mapped_column(_ID)
    b: Mapped[str] = mapped_column(_ID)
    kind: Mapped[str] = mapped_column(_WORD)
    grade: Mapped[str] = mapped_column(String(1))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by: Mapped[str] = mapped_column(_LABEL)
    proof: Mapped[str | None] = mapped_column(String(200))
    entry: Mapped[int]
