"""Tables of residents: accounts, their links and sessions, and the guest passes they give. Names are encrypted; secrets stand as keyed hashes."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations of columns at run time

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["GuestRow", "ResidentLinkRow", "ResidentRow", "ResidentSessionRow"]

_ID = String(36)
_WORD = String(24)


def _resident() -> Mapped[str]:
    return mapped_column(_ID, ForeignKey("access_resident.id"), index=True)


class ResidentRow(Base):
    """An account of somebody at the doors; ``name_mark`` finds who signs in, and without ``passphrase`` (an argon2id hash) nobody can."""

    __tablename__ = "access_resident"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person: Mapped[str] = mapped_column(_ID, ForeignKey("access_person.id"), unique=True)
    state: Mapped[str] = mapped_column(_WORD)
    name_mark: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    passphrase: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    last_sign_in: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ResidentLinkRow(Base):
    """A one-time link that was not followed yet."""

    __tablename__ = "access_resident_link"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    resident: Mapped[str] = _resident()
    expires: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class ResidentSessionRow(Base):
    """A session of a resident, known by the keyed hash of its token."""

    __tablename__ = "access_resident_session"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    resident: Mapped[str] = _resident()
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)


class GuestRow(Base):
    """A guest pass: who lets whom in, through which doors, when. ``person`` and ``credential`` are what the doors know; name and code are encrypted.

    ``digest`` finds it by the secret of its link, for as long as the row stands.
    """

    __tablename__ = "access_guest"
    __table_args__ = (Index(None, "host", "until"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    host: Mapped[str] = mapped_column(_ID, ForeignKey("access_person.id"))
    person: Mapped[str] = mapped_column(_ID, ForeignKey("access_person.id"), unique=True)
    credential: Mapped[str] = mapped_column(_ID, ForeignKey("access_credential.id"), unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    doors: Mapped[list[str]] = mapped_column(JSON)
    starts: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    uses: Mapped[int | None]
    needs_host: Mapped[bool]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    issued: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked: Mapped[datetime | None] = mapped_column(UTCDateTime)
