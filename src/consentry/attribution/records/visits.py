"""Tables of arrivals: desks and what they sent, visit codes, visits, what visitors said of them, and when nothing could be received."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = [
    "DeskEntryRow",
    "DeskPairingRow",
    "DeskRow",
    "DocumentCheckRow",
    "EditRow",
    "HeartbeatRow",
    "OutageRow",
    "StatementRow",
    "VisitCodeRow",
    "VisitRow",
]

_ID = String(36)
_WORD = String(24)
_PROJECT = String(64)
_LABEL = String(80)
_HASH = LargeBinary(32)


class DeskRow(Base):
    """A device at the front desk. ``skew_s``: by how many seconds its clock was behind ours (negative: ahead) when it last sent something."""

    __tablename__ = "attribution_desk"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project: Mapped[str] = mapped_column(_PROJECT)
    name: Mapped[str] = mapped_column(String(80))
    public_key: Mapped[bytes] = mapped_column(LargeBinary(65), unique=True)
    paired: Mapped[datetime] = mapped_column(UTCDateTime)
    paired_by: Mapped[str] = mapped_column(_LABEL)
    revoked: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seen: Mapped[datetime | None] = mapped_column(UTCDateTime)
    skew_s: Mapped[int] = mapped_column(default=0)


class DeskPairingRow(Base):
    """A code that was shown to staff, as a hash, and which desk it makes."""

    __tablename__ = "attribution_desk_pairing"

    code: Mapped[bytes] = mapped_column(_HASH, primary_key=True)
    project: Mapped[str] = mapped_column(_PROJECT)
    name: Mapped[str] = mapped_column(String(80))
    made_by: Mapped[str] = mapped_column(_LABEL)
    expires: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class DeskEntryRow(Base):
    """What a desk signed under one number of its counter, and what came of it: a visit, or the code of why not.

    ``signed``: when by the desk's own clock; None where that could not be read.
    What could not be accepted is kept encrypted, so that whoever runs the office can still enter it; ``settled`` is when they did.
    """

    __tablename__ = "attribution_desk_entry"
    __table_args__ = (Index(None, "code", "settled"),)

    desk: Mapped[str] = mapped_column(_ID, primary_key=True)
    counter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[bytes] = mapped_column(_HASH, primary_key=True)
    received: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    signed: Mapped[datetime | None] = mapped_column(UTCDateTime)
    visit: Mapped[str | None] = mapped_column(_ID)
    code: Mapped[str | None] = mapped_column(String(64))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    settled: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None] = mapped_column(_LABEL)


class VisitCodeRow(Base):
    """A visit code as a keyed hash. ``visit``: the one that it was used for."""

    __tablename__ = "attribution_visit_code"

    code: Mapped[bytes] = mapped_column(_HASH, primary_key=True)
    report: Mapped[str] = mapped_column(_ID, index=True)
    agency: Mapped[str] = mapped_column(_ID)
    project: Mapped[str] = mapped_column(_PROJECT)
    issued: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used: Mapped[datetime | None] = mapped_column(UTCDateTime)
    visit: Mapped[str | None] = mapped_column(_ID)


class DocumentCheckRow(Base):
    """That a reader checked a document: passed or not, and which reader. ``document``: the keyed hashes of the number, 32 bytes each, the newest first."""

    __tablename__ = "attribution_document_check"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project: Mapped[str] = mapped_column(_PROJECT)
    desk: Mapped[str] = mapped_column(_ID)
    passed: Mapped[bool]
    reader: Mapped[str] = mapped_column(String(64))
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    visit: Mapped[str | None] = mapped_column(_ID)


class VisitRow(Base):
    """An arrival as it was first received; nothing here is ever changed but by the visitor's own answer.

    ``binding``: what came of the code (``arrivals.Binding``). ``answered``, ``answer``: when the visitor said who brought them, and what.
    ``secret``: the mark of the link that the visitor holds.
    """

    __tablename__ = "attribution_visit"
    __table_args__ = (Index(None, "project", "at"), Index(None, "desk", "counter"))

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project: Mapped[str] = mapped_column(_PROJECT)
    visitor: Mapped[str] = mapped_column(_ID, index=True)
    report: Mapped[str | None] = mapped_column(_ID, index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    binding: Mapped[str] = mapped_column(_WORD)
    party_size: Mapped[int]
    desk: Mapped[str | None] = mapped_column(_ID)
    counter: Mapped[int | None]
    received_by: Mapped[str] = mapped_column(_LABEL)
    secret: Mapped[bytes] = mapped_column(_HASH, unique=True)
    entry: Mapped[int]
    answer: Mapped[str | None] = mapped_column(_WORD)
    answered: Mapped[datetime | None] = mapped_column(UTCDateTime)
    entry_answered: Mapped[int | None]


class EditRow(Base):
    """That somebody wanted a value of a visit to be another. The first value stands; both are JSON."""

    __tablename__ = "attribution_edit"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    visit: Mapped[str] = mapped_column(_ID, index=True)
    field: Mapped[str] = mapped_column(_WORD)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(_LABEL)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    entry: Mapped[int]


class StatementRow(Base):
    """What a visitor stated or disputes; the words are encrypted. ``credible``: what a named person found, None before."""

    __tablename__ = "attribution_statement"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project: Mapped[str] = mapped_column(_PROJECT, index=True)
    person: Mapped[str] = mapped_column(_ID, index=True)
    visit: Mapped[str] = mapped_column(_ID)
    kind: Mapped[str] = mapped_column(_WORD)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    credible: Mapped[bool | None]
    decided: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[str | None] = mapped_column(_LABEL)
    reason: Mapped[str | None] = mapped_column(String(300))
    entry: Mapped[int]


class OutageRow(Base):
    """A time in which nothing could be received: noticed by the server itself, or logged by staff. ``logged``: when it became known."""

    __tablename__ = "attribution_outage"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    start: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    cause: Mapped[str] = mapped_column(_WORD)
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(_LABEL)
    logged: Mapped[datetime] = mapped_column(UTCDateTime)
    entry: Mapped[int]


class HeartbeatRow(Base):
    """When this site last could receive: one row."""

    __tablename__ = "attribution_heartbeat"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
