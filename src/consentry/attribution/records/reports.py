"""Tables of reports and the developer's replies. What a report says of a person stands with its party; here are pseudonyms, instants and keyed hashes."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations of columns at run time

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["ReplyRow", "ReportNonceRow", "ReportRow"]

_ID = String(36)
_WORD = String(24)
_SLUG = String(40)
_HEX = String(64)


class ReportNonceRow(Base):
    """A nonce that was handed to an agent for one report and not used yet, with what the commitment is made over."""

    __tablename__ = "attribution_report_nonce"
    __table_args__ = (Index(None, "agent", "expires"),)

    nonce: Mapped[str] = mapped_column(_HEX, primary_key=True)
    agent: Mapped[str] = mapped_column(_ID)
    agency: Mapped[str] = mapped_column(_ID)
    project: Mapped[str] = mapped_column(_SLUG)
    origin: Mapped[str] = mapped_column(String(255))
    expires: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class ReportRow(Base):
    """A report. ``client``: the party. What is None once ``erased``: the commitment, the marks of the client and of whoever looks alike.

    The instants are those of the rules in force when it was received; ``protected_until`` is set when its client came in time and bound.
    ``reply_open``: neither a reply in time nor the entry ``accepted_silently`` is on record yet.
    """

    __tablename__ = "attribution_report"
    __table_args__ = (
        Index(None, "agency", "project", "filed"),
        Index(None, "project", "filed"),
        Index(None, "agent", "id"),
        Index(None, "project", "likeness"),
        Index(None, "agency", "client_mark"),
        Index(None, "reply_open", "reply_due"),
        Index(None, "erased", "valid_until"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project: Mapped[str] = mapped_column(_SLUG)
    agency: Mapped[str] = mapped_column(_ID, ForeignKey("attribution_agency.id"))
    agent: Mapped[str] = mapped_column(_ID, ForeignKey("attribution_agent.id"))
    client: Mapped[str] = mapped_column(_ID, unique=True)
    filed: Mapped[datetime] = mapped_column(UTCDateTime)
    planned: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lead_reached: Mapped[datetime] = mapped_column(UTCDateTime)
    reply_due: Mapped[datetime] = mapped_column(UTCDateTime)
    valid_until: Mapped[datetime] = mapped_column(UTCDateTime)
    origin: Mapped[str] = mapped_column(String(255))
    nonce: Mapped[str] = mapped_column(_HEX, unique=True)
    commitment: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    client_mark: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    likeness: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    entry: Mapped[int] = mapped_column(unique=True)
    reply_open: Mapped[bool] = mapped_column(default=True)
    accepted_silently: Mapped[int | None]
    arrived: Mapped[datetime | None] = mapped_column(UTCDateTime)
    protected_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    erased: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ReplyRow(Base):
    """The developer's one reply to a report, in time or not."""

    __tablename__ = "attribution_reply"

    report: Mapped[str] = mapped_column(_ID, ForeignKey("attribution_report.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(_WORD)
    ground: Mapped[str | None] = mapped_column(_WORD)
    cites: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by: Mapped[str] = mapped_column(String(80))
    entry: Mapped[int] = mapped_column(unique=True)
