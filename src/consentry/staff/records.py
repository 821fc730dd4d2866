"""Tables of staff. Every secret stands here as a hash or sealed; what the hashes are keyed with is in the site's keys, not in the database."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["AccountRow", "ApiKeyRow", "AttemptRow", "FactorRow", "LinkRow", "RecoveryCodeRow", "SessionRow", "TicketRow"]


def _account() -> Mapped[str]:
    return mapped_column(Text, ForeignKey("staff_account.id"), index=True)


class AccountRow(Base):
    """One account. ``name_key`` is what names are compared by; without ``password`` (an argon2id hash) nobody can sign in."""

    __tablename__ = "staff_account"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text, default="")
    password: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    last_sign_in: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FactorRow(Base):
    """One second factor in use: a sealed secret and the last time step used, or a security key's public key and signature count."""

    __tablename__ = "staff_factor"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = _account()
    kind: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(default=0)
    credential: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    signatures: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RecoveryCodeRow(Base):
    """One recovery code that was not used yet."""

    __tablename__ = "staff_recovery_code"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account: Mapped[str] = _account()


class SessionRow(Base):
    """One sign-in session, known by the keyed hash of its token."""

    __tablename__ = "staff_session"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account: Mapped[str] = _account()
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_until: Mapped[datetime] = mapped_column(UTCDateTime)


class TicketRow(Base):
    """Something begun and to be finished within minutes: signing in, or enrolling a factor (``challenge``, or a sealed ``secret``)."""

    __tablename__ = "staff_ticket"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account: Mapped[str] = _account()
    purpose: Mapped[str] = mapped_column(Text)
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)


class LinkRow(Base):
    """One one-time link that was not followed yet."""

    __tablename__ = "staff_link"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account: Mapped[str] = _account()
    purpose: Mapped[str] = mapped_column(Text)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)


class AttemptRow(Base):
    """Failures counted under one key: the keyed hash of a name, an address, both, or a session."""

    __tablename__ = "staff_attempt"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    last: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class ApiKeyRow(Base):
    """One API key, known by the keyed hash of its secret under the key epoch in which it was made."""

    __tablename__ = "staff_api_key"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text, unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    epoch: Mapped[int]
    account: Mapped[str] = _account()
    scopes: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked: Mapped[datetime | None] = mapped_column(UTCDateTime)
