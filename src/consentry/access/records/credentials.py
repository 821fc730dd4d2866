"""The table of credentials: cards, numbers, telephones, guest passes and links to the consent to be recognised. No template and no number in clear."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations of columns at run time

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consentry.platform.database import Base, UTCDateTime

__all__ = ["CredentialRow"]

_ID = String(36)
_WORD = String(24)
_KEYED = LargeBinary(32)


class CredentialRow(Base):
    """One thing that a person shows at a door.

    ``mark`` finds a card by its keyed hash, ``number`` the unit or card that a PIN goes with; what the controllers compare is encrypted in ``sealed``.
    ``pin_digits`` and ``unit_digits`` are how many a PIN and the unit before it have, so that a keypad can tell where they end.
    ``holder`` is the telephone's public key; of one that was lost, stolen or suspended its SHA-256 stays when the row ends. ``signed_in`` is the epoch of the
    site's keys in which the pass of a telephone or a guest was signed.

    Nobody's only credential is a face, and the database sees to it (FRT measures art. 10; R61). ``bears`` says of a row that it is active and no face,
    and a CHECK keeps it true. An active face names another row of its person, ``beside``, and the foreign key (beside, person, true) holds
    only while that row bears: whoever ends it must first name another one, or suspend the face.
    """

    __tablename__ = "access_credential"
    __table_args__ = (
        UniqueConstraint("id", "person", "bears"),
        ForeignKeyConstraint(
            ["beside", "person", "beside_bears"],
            ["access_credential.id", "access_credential.person", "access_credential.bears"],
            name="fk_access_credential_beside_access_credential",
        ),
        CheckConstraint("bears = (kind <> 'face' AND state = 'active')", name="bears"),
        CheckConstraint("beside_bears IS NULL OR beside_bears", name="beside_bears"),
        CheckConstraint("kind <> 'face' OR state <> 'active' OR (beside IS NOT NULL AND beside_bears IS NOT NULL)", name="face_alone"),
        CheckConstraint("(kind = 'face') = (consent IS NOT NULL)", name="face_consent"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person: Mapped[str] = mapped_column(_ID, ForeignKey("access_person.id"), index=True)
    kind: Mapped[str] = mapped_column(_WORD)
    state: Mapped[str] = mapped_column(_WORD)
    why: Mapped[str | None] = mapped_column(_WORD)
    form: Mapped[str | None] = mapped_column(_WORD)
    valid_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    doors: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    uses: Mapped[int | None]
    needs_host: Mapped[bool] = mapped_column(default=False)
    mark: Mapped[bytes | None] = mapped_column(_KEYED, unique=True)
    number: Mapped[bytes | None] = mapped_column(_KEYED, index=True)
    has_duress: Mapped[bool] = mapped_column(default=False)
    pin_digits: Mapped[int | None]
    unit_digits: Mapped[int | None]
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    pass_id: Mapped[str | None] = mapped_column(_ID, unique=True)
    holder: Mapped[bytes | None] = mapped_column(LargeBinary(65))
    signed_in: Mapped[int | None]
    consent: Mapped[str | None] = mapped_column(_ID, index=True)
    with_card: Mapped[str | None] = mapped_column(_ID, ForeignKey("access_credential.id"), index=True)
    lent_from: Mapped[str | None] = mapped_column(_ID, ForeignKey("access_credential.id"), index=True)
    bears: Mapped[bool]
    beside: Mapped[str | None] = mapped_column(_ID)
    beside_bears: Mapped[bool | None]
    added: Mapped[datetime] = mapped_column(UTCDateTime)
    ended: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
