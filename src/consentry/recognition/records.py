"""Tables of recognition in the main database: paired stations, captures under way, what the vault signed. No template, no picture, no score."""

from __future__ import annotations

import json
from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from sqlalchemy import Index, LargeBinary, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from consentry.consent.model import Purpose
from consentry.platform.database import Base, UTCDateTime
from consentry.recognition.answers import IncidentKind, OpenCapture, PairedStation, Review, ReviewDecision
from consentry.recognition.model import StationTicket, TicketKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

__all__ = [
    "AcceptanceRow",
    "CaptureRow",
    "ErasureRow",
    "PairingRow",
    "ReviewRow",
    "StationRow",
    "SuspensionRow",
    "VaultKeyRow",
    "VaultNumberRow",
    "add_review",
    "capture_of",
    "erasure_asked",
    "expect_number",
    "forget_captures",
    "forget_erasures",
    "forget_reviews",
    "missing_numbers",
    "newest_tombstone",
    "paired_station",
    "paired_stations",
    "pending_erasures",
    "review_of",
    "reviews",
    "save_capture",
    "settle_numbers",
    "take_number",
    "untold_suspensions",
    "vault_keys",
]

_ID = String(36)
_WORD = String(24)
_STATION = String(40)
_LABEL = String(80)
_MOST_MISSING = 1000


class StationRow(Base):
    """A paired station. ``registered``: what the vault was last told of it, as JSON."""

    __tablename__ = "recognition_station"

    station: Mapped[str] = mapped_column(_STATION, primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(65))
    paired: Mapped[datetime] = mapped_column(UTCDateTime)
    paired_by: Mapped[str] = mapped_column(_LABEL)
    registered: Mapped[str] = mapped_column(Text)
    stopped: Mapped[str | None] = mapped_column(_WORD)
    stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PairingRow(Base):
    """A code that was shown to staff, as a hash, and the station it is for."""

    __tablename__ = "recognition_pairing"

    code: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    station: Mapped[str] = mapped_column(_STATION)
    made_by: Mapped[str] = mapped_column(_LABEL)
    expires: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class CaptureRow(Base):
    """A ticket in use, until its capture ends."""

    __tablename__ = "recognition_capture"

    ticket: Mapped[str] = mapped_column(String(64), primary_key=True)
    station: Mapped[str] = mapped_column(_STATION)
    kind: Mapped[str] = mapped_column(_WORD)
    purpose: Mapped[str] = mapped_column(_WORD)
    expires: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    notice_sha256: Mapped[str] = mapped_column(String(64))
    consent: Mapped[str | None] = mapped_column(_ID)
    attended_by: Mapped[str | None] = mapped_column(_LABEL)


class AcceptanceRow(Base):
    """Who was recognised for a door with a ticket, for the seconds in which that door may ask, once."""

    __tablename__ = "recognition_acceptance"

    ticket: Mapped[str] = mapped_column(String(64), primary_key=True)
    station: Mapped[str] = mapped_column(_STATION)
    kind: Mapped[str] = mapped_column(_WORD)
    consent: Mapped[str] = mapped_column(_ID)
    began: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class VaultKeyRow(Base):
    """A public key of the vault, pinned when it was first seen."""

    __tablename__ = "recognition_vault_key"

    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    entry: Mapped[int]


class VaultNumberRow(Base):
    """A number that the vault gave; ``logged``: the log shows it. Those that are settled are dropped, but for the last."""

    __tablename__ = "recognition_vault_number"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    logged: Mapped[bool]


class ErasureRow(Base):
    """A consent whose template must go, or is gone: then ``sequence`` is the vault's number and ``entry`` the ledger's."""

    __tablename__ = "recognition_erasure"
    __table_args__ = (Index(None, "sequence"),)

    consent: Mapped[str] = mapped_column(_ID, primary_key=True)
    person: Mapped[str] = mapped_column(_ID)
    purpose: Mapped[str] = mapped_column(_WORD)
    asked: Mapped[datetime] = mapped_column(UTCDateTime)
    sequence: Mapped[int | None]
    entry: Mapped[int | None]


class SuspensionRow(Base):
    """A consent that began to rest, or to hold again, at ``changed``; the vault has not confirmed that it knows."""

    __tablename__ = "recognition_suspension"

    consent: Mapped[str] = mapped_column(_ID, primary_key=True)
    changed: Mapped[datetime] = mapped_column(UTCDateTime)


class ReviewRow(Base):
    """Two or more consents of one face, for a person to look at."""

    __tablename__ = "recognition_review"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    purpose: Mapped[str] = mapped_column(_WORD)
    consent: Mapped[str] = mapped_column(_ID)
    others: Mapped[str] = mapped_column(Text)
    found: Mapped[datetime] = mapped_column(UTCDateTime)
    decision: Mapped[str | None] = mapped_column(_WORD)
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    decided_by: Mapped[str | None] = mapped_column(_LABEL)


def paired_station(session: Session, station: str) -> PairedStation | None:
    """Return a paired station, or None."""
    row = session.get(StationRow, station)
    return _station(row) if row else None


def paired_stations(session: Session) -> dict[str, PairedStation]:
    """Return every paired station by its id."""
    return {row.station: _station(row) for row in session.scalars(select(StationRow))}


def _station(row: StationRow) -> PairedStation:
    stopped = IncidentKind(row.stopped) if row.stopped else None
    return PairedStation(row.station, row.public_key, row.paired, row.paired_by, row.registered, stopped, row.stopped_at)


def save_capture(session: Session, capture: OpenCapture) -> None:
    """Put down a ticket in use."""
    ticket = capture.ticket
    row = CaptureRow(ticket=ticket.id, station=ticket.station, kind=ticket.kind, purpose=ticket.purpose, expires=ticket.expires)
    row.notice_sha256, row.consent, row.attended_by = ticket.notice_sha256, ticket.consent, capture.attended_by
    session.add(row)


def capture_of(session: Session, ticket: str) -> OpenCapture | None:
    """Return a ticket in use, or None."""
    row = session.get(CaptureRow, ticket)
    if row is None:
        return None
    kind, purpose, attended = TicketKind(row.kind), Purpose(row.purpose), row.attended_by is not None
    return OpenCapture(StationTicket(row.ticket, row.station, kind, purpose, row.expires, row.notice_sha256, row.consent, attended), row.attended_by)


def forget_captures(session: Session, before: datetime) -> None:
    """Delete tickets, what was recognised with them, and pairing codes that ended before."""
    session.execute(delete(AcceptanceRow).where(AcceptanceRow.until < before))
    session.execute(delete(CaptureRow).where(CaptureRow.expires < before))
    session.execute(delete(PairingRow).where(PairingRow.expires < before))


def vault_keys(session: Session) -> dict[int, VaultKeyRow]:
    """Return the pinned public keys of the vault by epoch."""
    return {row.epoch: row for row in session.scalars(select(VaultKeyRow))}


def take_number(session: Session, number: int, at: datetime) -> bool:
    """Put down that the log shows a number of the vault's sequence; return whether it was not known yet. What lies below the lowest is known."""
    lowest = session.scalar(select(func.min(VaultNumberRow.number)))
    row = session.get(VaultNumberRow, number)
    if (lowest is not None and number < lowest) or (row is not None and row.logged):
        return False
    session.merge(VaultNumberRow(number=number, at=at, logged=True))
    session.flush()
    return True


def expect_number(session: Session, number: int, at: datetime) -> None:
    """Put down that the vault has come this far: the log must soon show everything up to there. The first number ever heard is where it begins."""
    lowest = session.scalar(select(func.min(VaultNumberRow.number)))
    if lowest is None or (number > lowest and session.get(VaultNumberRow, number) is None):
        session.add(VaultNumberRow(number=number, at=at, logged=lowest is None))
        session.flush()


def missing_numbers(session: Session, before: datetime) -> list[int]:
    """Return the numbers that the log does not show although the vault was past them ``before``; at most the first thousand."""
    rows = {row.number: row for row in session.scalars(select(VaultNumberRow))}
    reached = max((row.number for row in rows.values() if row.at < before), default=0)
    awaited = range(min(rows, default=0) + 1, reached + 1)
    return list(islice((number for number in awaited if number not in rows or not rows[number].logged), _MOST_MISSING))


def settle_numbers(session: Session, missing: Collection[int], at: datetime) -> None:
    """Count ``missing`` as known, since they are an incident by now, and drop what is below the newest number without a break."""
    for number in missing:
        session.merge(VaultNumberRow(number=number, at=at, logged=True))
    session.flush()
    numbers = sorted(session.scalars(select(VaultNumberRow.number).where(VaultNumberRow.logged)))
    newest = numbers[-1] if numbers else 0
    unbroken = next((low for low, high in pairwise(numbers) if high != low + 1), newest)
    session.execute(delete(VaultNumberRow).where(VaultNumberRow.number < unbroken))


def pending_erasures(session: Session) -> list[ErasureRow]:
    """Return the erasures that the vault has not confirmed, oldest first."""
    return list(session.scalars(select(ErasureRow).where(ErasureRow.sequence.is_(None)).order_by(ErasureRow.asked)))


def erasure_asked(session: Session, consent: str) -> datetime | None:
    """Return since when the template of a consent must go, or None."""
    return session.scalar(select(ErasureRow.asked).where(ErasureRow.consent == consent))


def forget_erasures(session: Session, before: datetime) -> None:
    """Delete what was asked before and is done; the newest stays, the vault's tombstones are counted from it."""
    newest = newest_tombstone(session)
    session.execute(delete(ErasureRow).where(ErasureRow.asked < before, ErasureRow.sequence < newest))


def untold_suspensions(session: Session) -> list[tuple[str, datetime]]:
    """Return the consents whose suspension or restoration the vault has not confirmed, oldest first, each with the instant of the change."""
    rows = session.scalars(select(SuspensionRow).order_by(SuspensionRow.changed))
    return [(row.consent, row.changed) for row in rows]


def newest_tombstone(session: Session) -> int:
    """Return the highest number of an erasure that is on record here, 0 before the first."""
    return session.scalar(select(func.max(ErasureRow.sequence))) or 0


def add_review(session: Session, review: Review) -> None:
    """Put down that somebody has to look."""
    others = json.dumps(review.others)
    session.add(ReviewRow(id=review.id, purpose=review.purpose, consent=review.consent, others=others, found=review.found))


def reviews(session: Session, limit: int) -> list[Review]:
    """Return what waits for a person, oldest first."""
    waiting = select(ReviewRow).where(ReviewRow.decided.is_(None)).order_by(ReviewRow.id).limit(limit)
    return [review_of(row) for row in session.scalars(waiting)]


def review_of(row: ReviewRow) -> Review:
    """Return a review as it stands."""
    decision = ReviewDecision(row.decision) if row.decision else None
    others = tuple(json.loads(row.others))
    return Review(row.id, Purpose(row.purpose), row.consent, others, row.found, decision, row.decided, row.decided_by)


def forget_reviews(session: Session, before: datetime) -> None:
    """Delete reviews that were decided before; the ledger keeps its entries."""
    session.execute(delete(ReviewRow).where(ReviewRow.decided < before))
