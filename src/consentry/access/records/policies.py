"""Tables of what was decided about doors: versions of the policy and the draft of the next, how often the register changed, what controllers were given."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations of columns at run time
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["ControllerSnapshotRow", "PolicyDraftRow", "PolicyRow", "RevisionRow"]


class PolicyRow(Base):
    """A version of the policy as it was applied, canonical JSON; never changed, the newest is in force."""

    __tablename__ = "access_policy"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300))
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
    applied: Mapped[datetime] = mapped_column(UTCDateTime)
    applied_by: Mapped[str] = mapped_column(String(80))
    entry: Mapped[int]


class PolicyDraftRow(Base):
    """The draft of the next version, canonical JSON: one row, so that a site has one. ``edit``: a name of its own for each state that it was in."""

    __tablename__ = "access_policy_draft"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    document: Mapped[str] = mapped_column(Text)
    edit: Mapped[str] = mapped_column(String(36))
    version: Mapped[int]
    begun: Mapped[datetime] = mapped_column(UTCDateTime)
    begun_by: Mapped[str] = mapped_column(String(80))
    edited: Mapped[datetime] = mapped_column(UTCDateTime)
    edited_by: Mapped[str] = mapped_column(String(80))


class RevisionRow(Base):
    """How often anything changed that a snapshot holds: one row, so that nothing is gathered again that did not change."""

    __tablename__ = "access_revision"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


class ControllerSnapshotRow(Base):
    """What a controller was last given. ``device``: for whose secret it was made; ``content``: hash of what it was made from.

    ``looked``: revision of the register, settings and modes when that was last looked at, so that nothing is gathered again that did not change.
    """

    __tablename__ = "access_snapshot"

    controller: Mapped[str] = mapped_column(String(64), primary_key=True)
    device: Mapped[str] = mapped_column(String(36))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(String(64))
    looked: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text, deferred=True)
    issued: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)
