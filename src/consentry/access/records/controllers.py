"""Tables of controllers: codes that pair one, the devices that are or were one, how their doors stand, orders to them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import TYPE_CHECKING

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["ControllerPairingRow", "ControllerRow", "DoorStateRow", "FaceStopRow", "OrderRow", "paired_controller", "paired_controllers", "stopped_faces"]

_ID = String(36)
_SLUG = String(64)
_LABEL = String(80)
_HASH = LargeBinary(32)
_WORD = String(24)


class ControllerPairingRow(Base):
    """A code that was shown to staff, as a keyed hash, and the controller it makes of a device."""

    __tablename__ = "access_controller_pairing"

    code: Mapped[bytes] = mapped_column(_HASH, primary_key=True)
    controller: Mapped[str] = mapped_column(_SLUG)
    made_by: Mapped[str] = mapped_column(_LABEL)
    expires: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class ControllerRow(Base):
    """A device that was made a controller. Another device of the same controller is another row, with a secret and a log of its own.

    ``epoch``: of the site's keys from which its secret was made. ``counter``: of its last report. ``acknowledged``, ``head``: number and hash of the last
    event that is here without a gap. ``skew_ms``: by how much its clock was behind ours when it reported last.
    """

    __tablename__ = "access_controller"
    __table_args__ = (Index(None, "controller", "revoked"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    controller: Mapped[str] = mapped_column(_SLUG)
    signing_key: Mapped[bytes] = mapped_column(_HASH, unique=True)
    exchange_key: Mapped[bytes] = mapped_column(_HASH)
    epoch: Mapped[int]
    paired: Mapped[datetime] = mapped_column(UTCDateTime)
    paired_by: Mapped[str] = mapped_column(_LABEL)
    revoked: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seen: Mapped[datetime | None] = mapped_column(UTCDateTime)
    counter: Mapped[int] = mapped_column(BigInteger, default=0)
    snapshot: Mapped[int] = mapped_column(BigInteger, default=0)
    acknowledged: Mapped[int] = mapped_column(BigInteger, default=0)
    head: Mapped[str] = mapped_column(String(64))
    skew_ms: Mapped[int] = mapped_column(BigInteger, default=0)


class DoorStateRow(Base):
    """How a door stands, as its controller told it last; ``readers``: by way, ``ok`` or ``fault``."""

    __tablename__ = "access_door_state"

    door: Mapped[str] = mapped_column(_SLUG, primary_key=True)
    controller: Mapped[str] = mapped_column(_SLUG)
    contact: Mapped[str] = mapped_column(_WORD)
    mode: Mapped[str] = mapped_column(_WORD)
    readers: Mapped[dict[str, str]] = mapped_column(JSON)
    told: Mapped[datetime] = mapped_column(UTCDateTime)


class FaceStopRow(Base):
    """A door whose face reader is out of service, since when and why."""

    __tablename__ = "access_face_stop"

    door: Mapped[str] = mapped_column(_SLUG, primary_key=True)
    code: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class OrderRow(Base):
    """Something that a device is told to do once, before ``expires``; until ``open_until`` somebody may be let in by it."""

    __tablename__ = "access_order"
    __table_args__ = (Index(None, "device", "expires"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    device: Mapped[str] = mapped_column(_ID)
    door: Mapped[str] = mapped_column(_SLUG)
    what: Mapped[str] = mapped_column(_WORD)
    credential: Mapped[str | None] = mapped_column(_ID)
    by: Mapped[str] = mapped_column(_LABEL)
    expires: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    open_until: Mapped[datetime] = mapped_column(UTCDateTime)


def paired_controller(session: Session, controller: str) -> ControllerRow | None:
    """Return the device that is a controller now, or None."""
    return session.scalar(select(ControllerRow).where(ControllerRow.controller == controller, ControllerRow.revoked.is_(None)))


def paired_controllers(session: Session) -> dict[str, ControllerRow]:
    """Return every device that is a controller now, by the controller's id."""
    return {row.controller: row for row in session.scalars(select(ControllerRow).where(ControllerRow.revoked.is_(None)))}


def stopped_faces(session: Session) -> frozenset[str]:
    """Return the doors whose face reader is out of service: their snapshots name no face reader."""
    return frozenset(session.scalars(select(FaceStopRow.door)))
