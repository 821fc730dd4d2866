"""Tables of agencies, their contracts, and the accounts and sessions of their agents. Names of agents are encrypted; secrets stand as keyed hashes."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations of columns at run time

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["AgencyRow", "AgentLinkRow", "AgentRow", "AgentSessionRow", "ContractRow"]

_ID = String(36)
_WORD = String(24)
_SLUG = String(40)


def _agent() -> Mapped[str]:
    return mapped_column(_ID, ForeignKey("attribution_agent.id"), index=True)


class AgencyRow(Base):
    """An agency. ``name_key`` is what names are compared by."""

    __tablename__ = "attribution_agency"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    added: Mapped[datetime] = mapped_column(UTCDateTime)
    disabled: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ContractRow(Base):
    """A contract of an agency; nothing in it is ever changed but that another took its place."""

    __tablename__ = "attribution_contract"
    __table_args__ = (Index(None, "agency", "project"), Index(None, "project", "replaced_by"))

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    agency: Mapped[str] = mapped_column(_ID, ForeignKey("attribution_agency.id"))
    project: Mapped[str] = mapped_column(_SLUG)
    start: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded: Mapped[datetime] = mapped_column(UTCDateTime)
    entry: Mapped[int]
    replaces: Mapped[str | None] = mapped_column(_ID)
    replaced_by: Mapped[str | None] = mapped_column(_ID)


class AgentRow(Base):
    """A person of an agency; ``name_mark`` finds who signs in, and without ``passphrase`` (an argon2id hash) nobody can."""

    __tablename__ = "attribution_agent"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    agency: Mapped[str] = mapped_column(_ID, ForeignKey("attribution_agency.id"), index=True)
    state: Mapped[str] = mapped_column(_WORD)
    name_mark: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    passphrase: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    last_sign_in: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AgentLinkRow(Base):
    """A one-time link that was not followed yet."""

    __tablename__ = "attribution_agent_link"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    agent: Mapped[str] = _agent()
    expires: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class AgentSessionRow(Base):
    """A session of an agent, known by the keyed hash of its token."""

    __tablename__ = "attribution_agent_session"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    agent: Mapped[str] = _agent()
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)
