"""Tables of contracts and what follows from them: rulebooks, verdicts, what was sent back, appeals, flags, payments."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations of columns at run time
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["AppealRow", "BuyerRow", "DealRow", "FlagRow", "PaymentRow", "RulebookRow", "SentBackRow", "VerdictRow"]

_ID = String(36)
_SLUG = String(40)
_WORD = String(24)
_LABEL = String(80)
_SHA256 = String(64)


class RulebookRow(Base):
    """A version of a project's rules as it was first applied. ``start``: since when it is in force, RFC 3339."""

    __tablename__ = "attribution_rulebook"

    project: Mapped[str] = mapped_column(_SLUG, primary_key=True)
    start: Mapped[str] = mapped_column(String(40), primary_key=True)
    sha256: Mapped[str] = mapped_column(_SHA256)
    text: Mapped[str] = mapped_column(Text)
    applied: Mapped[datetime] = mapped_column(UTCDateTime)
    entry: Mapped[int]


class DealRow(Base):
    """A contract of sale. ``signed``: when the buyers signed; ``commission``: in fen (a hundredth of CNY); ``screened``: when it was looked at for flags."""

    __tablename__ = "attribution_deal"
    __table_args__ = (Index(None, "project", "signed"), Index(None, "signed"))

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project: Mapped[str] = mapped_column(_SLUG)
    unit: Mapped[str] = mapped_column(String(80))
    signed: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(_LABEL)
    commission: Mapped[int] = mapped_column(BigInteger)
    entry: Mapped[int]
    cancelled: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancelled_by: Mapped[str | None] = mapped_column(_LABEL)
    cancelled_why: Mapped[str | None] = mapped_column(String(200))
    screened: Mapped[datetime | None] = mapped_column(UTCDateTime)


class BuyerRow(Base):
    """Who bought: a party, and how that was checked. ``passed`` is None where nobody checked; ``reader``: the serial number of the device."""

    __tablename__ = "attribution_buyer"

    deal: Mapped[str] = mapped_column(_ID, ForeignKey(DealRow.id, ondelete="CASCADE"), primary_key=True)
    party: Mapped[str] = mapped_column(_ID, primary_key=True, index=True)
    place: Mapped[int]
    passed: Mapped[bool | None]
    reader: Mapped[str | None] = mapped_column(String(64))


class VerdictRow(Base):
    """A signed verdict: its document as canonical JSON, and what lists show of it. It is never changed; an appeal makes a further one.

    ``concerned``: every agency whose reports the case holds.
    """

    __tablename__ = "attribution_verdict"
    __table_args__ = (UniqueConstraint("deal", "number"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    deal: Mapped[str] = mapped_column(_ID, ForeignKey(DealRow.id, ondelete="CASCADE"))
    number: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(_SHA256)
    kind: Mapped[str] = mapped_column(_WORD)
    agencies: Mapped[list[str]] = mapped_column(JSON)
    concerned: Mapped[list[str]] = mapped_column(JSON)
    flags: Mapped[list[str]] = mapped_column(JSON)
    signed: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_by: Mapped[str] = mapped_column(_LABEL)
    appeal_until: Mapped[datetime] = mapped_column(UTCDateTime)
    entry: Mapped[int]


class SentBackRow(Base):
    """That somebody did not sign a proposal, and why."""

    __tablename__ = "attribution_sent_back"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    deal: Mapped[str] = mapped_column(_ID, ForeignKey(DealRow.id, ondelete="CASCADE"), index=True)
    proposal_sha256: Mapped[str] = mapped_column(_SHA256)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by: Mapped[str] = mapped_column(_LABEL)
    reason: Mapped[str] = mapped_column(String(200))
    entry: Mapped[int]


class AppealRow(Base):
    """Words against a verdict, encrypted, from a side (``agency``, ``developer``, ``buyer``), and what a second person decided.

    ``agency``: whose appeal it is, where it is an agency's.
    """

    __tablename__ = "attribution_appeal"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    deal: Mapped[str] = mapped_column(_ID, ForeignKey(DealRow.id, ondelete="CASCADE"), index=True)
    verdict: Mapped[str] = mapped_column(_ID, ForeignKey(VerdictRow.id, ondelete="CASCADE"))
    side: Mapped[str] = mapped_column(_WORD)
    agency: Mapped[str | None] = mapped_column(_ID)
    by: Mapped[str] = mapped_column(_LABEL)
    opened: Mapped[datetime] = mapped_column(UTCDateTime)
    due: Mapped[datetime] = mapped_column(UTCDateTime)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    entry: Mapped[int]
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    decided_by: Mapped[str | None] = mapped_column(_LABEL)
    decision: Mapped[str | None] = mapped_column(_WORD)
    reason: Mapped[str | None] = mapped_column(String(500))
    entry_decided: Mapped[int | None]


class FlagRow(Base):
    """A sign of manipulation at a contract: what was seen, how common that is here. It holds payment until a person clears it."""

    __tablename__ = "attribution_flag"
    __table_args__ = (UniqueConstraint("deal", "kind"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    deal: Mapped[str] = mapped_column(_ID, ForeignKey(DealRow.id, ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(_WORD)
    saw: Mapped[dict[str, Any]] = mapped_column(JSON)
    having: Mapped[int]
    among: Mapped[int]
    raised: Mapped[datetime] = mapped_column(UTCDateTime)
    entry: Mapped[int]
    cleared: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cleared_by: Mapped[str | None] = mapped_column(_LABEL)
    reason: Mapped[str | None] = mapped_column(String(200))
    entry_cleared: Mapped[int | None]


class PaymentRow(Base):
    """Commission that was paid to an agency for a contract, in fen."""

    __tablename__ = "attribution_payment"

    deal: Mapped[str] = mapped_column(_ID, ForeignKey(DealRow.id, ondelete="CASCADE"), primary_key=True)
    agency: Mapped[str] = mapped_column(_ID, primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    paid: Mapped[datetime] = mapped_column(UTCDateTime)
    paid_by: Mapped[str] = mapped_column(_LABEL)
    reference: Mapped[str] = mapped_column(String(64))
    entry: Mapped[int]
