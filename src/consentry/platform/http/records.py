"""The table of answers that are remembered for repeated requests."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations of columns at run time

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["RepeatRow"]


class RepeatRow(Base):
    """A request that named an idempotency key: ``answer`` is None while it is being carried out.

    ``key`` is a SHA-256 of actor, route and idempotency key; ``request`` a keyed hash of its body. The answer is encrypted, because it may
    hold what is shown only once.
    """

    __tablename__ = "http_repeat"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary(32))
    begun: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    status: Mapped[int | None]
    content_type: Mapped[str | None] = mapped_column(String(200))
    answer: Mapped[bytes | None]
