"""Tables of consent. What names a person is encrypted and in two places alone, ``consent_person`` and ``consent_request``; no biometrics anywhere."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Index, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from consentry.consent.model import Assessment, Audience, Consent, ConsentState, Ending, Method, Notice, NoticeTerms, NoticeText, Purpose
from consentry.consent.requests import Decision, RefusalGround, Request, RequestKind
from consentry.platform.database import Base, UTCDateTime
from consentry.platform.settings.faces import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

__all__ = [
    "IDENTIFIER",
    "AssessmentRow",
    "ConsentRow",
    "LostReportRow",
    "NoticeRow",
    "PersonRow",
    "PurposeOffRow",
    "RefusalRow",
    "RequestRow",
    "assessment_of",
    "by_secret",
    "consent_of",
    "live_of_person",
    "newest_assessment",
    "newest_notice",
    "notice_of",
    "one_by_id",
    "request_of",
]

IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""How consents, people and requests are named."""

_ID = String(36)
_WORD = String(24)
_LABEL = String(80)


class NoticeRow(Base):
    """A published notice: its texts by language and its terms; ``superseded`` is when a newer one took its place."""

    __tablename__ = "consent_notice"

    purpose: Mapped[str] = mapped_column(_WORD, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[dict[str, str]] = mapped_column(JSON)
    published: Mapped[datetime] = mapped_column(UTCDateTime)
    profile: Mapped[str] = mapped_column(_WORD)
    audience: Mapped[str] = mapped_column(_WORD)
    superseded: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AssessmentRow(Base):
    """A signed assessment."""

    __tablename__ = "consent_assessment"

    purpose: Mapped[str] = mapped_column(_WORD, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lawfulness: Mapped[str] = mapped_column(Text)
    impact: Mapped[str] = mapped_column(Text)
    risks: Mapped[str] = mapped_column(Text)
    protection: Mapped[str] = mapped_column(Text)
    why_no_code: Mapped[str] = mapped_column(Text)
    signed_by: Mapped[str] = mapped_column(_LABEL)
    signed: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)
    terms_sha256: Mapped[str] = mapped_column(String(64))


class PersonRow(Base):
    """A pseudonym, and, encrypted, what the person wanted to leave besides. ``phone`` finds a number without telling it."""

    __tablename__ = "consent_person"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)


class ConsentRow(Base):
    """A consent: where it stands, its record as canonical JSON, the mark of its secret, and its entries of the ledger.

    ``due``: when it is over if nothing happens, as :func:`consentry.consent.rules.validity.due_at` says, so that the job finds it at once.
    """

    __tablename__ = "consent"
    __table_args__ = (Index(None, "person", "purpose"), Index(None, "ended", "due"), Index(None, "purpose", "ended"), Index(None, "station", "given"))

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person: Mapped[str] = mapped_column(_ID)
    purpose: Mapped[str] = mapped_column(_WORD)
    state: Mapped[str] = mapped_column(_WORD)
    language: Mapped[str] = mapped_column(String(8))
    notice_version: Mapped[int]
    notice_sha256: Mapped[str] = mapped_column(String(64))
    station: Mapped[str | None] = mapped_column(String(40))
    audience: Mapped[str] = mapped_column(_WORD)
    given: Mapped[datetime] = mapped_column(UTCDateTime)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)
    retention_days: Mapped[int]
    last_visit: Mapped[datetime] = mapped_column(UTCDateTime)
    due: Mapped[datetime] = mapped_column(UTCDateTime)
    suspended: Mapped[datetime | None] = mapped_column(UTCDateTime)
    restored: Mapped[datetime | None] = mapped_column(UTCDateTime)
    enrol_by: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ending: Mapped[str | None] = mapped_column(_WORD)
    action: Mapped[str] = mapped_column(String(64), unique=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    record: Mapped[str] = mapped_column(Text)
    entry_given: Mapped[int]
    entry_ended: Mapped[int | None]


class PurposeOffRow(Base):
    """That the settings do not name a purpose, and since when."""

    __tablename__ = "consent_purpose_off"

    purpose: Mapped[str] = mapped_column(_WORD, primary_key=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class RefusalRow(Base):
    """A no that is remembered for two days: by person, or by the mark of a token that a telephone holds."""

    __tablename__ = "consent_refusal"
    __table_args__ = (Index(None, "person", "purpose"),)

    token: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(_WORD, primary_key=True)
    person: Mapped[str | None] = mapped_column(_ID)
    until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class LostReportRow(Base):
    """That a receipt was reported lost by some telephone number, for a day, to count how often."""

    __tablename__ = "consent_lost_report"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class RequestRow(Base):
    """What somebody asked for; the words, the way to reach them and the answer are encrypted. ``number`` is the mark of what the person holds."""

    __tablename__ = "consent_request"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    number: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    kind: Mapped[str] = mapped_column(_WORD)
    filed: Mapped[datetime] = mapped_column(UTCDateTime)
    due: Mapped[datetime] = mapped_column(UTCDateTime)
    person: Mapped[str | None] = mapped_column(_ID, index=True)
    consent: Mapped[str | None] = mapped_column(_ID)
    answered: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    answered_by: Mapped[str | None] = mapped_column(_LABEL)
    decision: Mapped[str | None] = mapped_column(_WORD)
    ground: Mapped[str | None] = mapped_column(_WORD)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answer_wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


def newest_notice(session: Session, purpose: Purpose, audience: Audience = Audience.EVERYBODY) -> Notice | None:
    """Return the notice in force for an audience."""
    said = NoticeRow.purpose == purpose, NoticeRow.audience == audience
    row = session.scalar(select(NoticeRow).where(*said).order_by(NoticeRow.version.desc()).limit(1))
    return notice_of(row) if row else None


def notice_of(row: NoticeRow) -> Notice:
    """Return a notice as it was published."""
    said = row.terms
    terms = NoticeTerms(
        method=Method(said["method"]),
        model_family=said["model_family"],
        retention=timedelta(days=said["retention_days"]),
        validity=timedelta(days=said["validity_days"]),
        recipients=tuple(said["recipients"]),
        storage_device=said["storage_device"],
    )
    texts = {language: NoticeText(**text) for language, text in row.texts.items()}
    return Notice(Purpose(row.purpose), row.version, texts, terms, row.sha256, row.published, Profile(row.profile), Audience(row.audience))


def newest_assessment(session: Session, purpose: Purpose, terms_sha256: str | None) -> Assessment | None:
    """Return the assessment that was signed last for these terms; where none was, the last one of the purpose.

    Who plans other terms may sign for them beforehand: what runs goes on running.
    """
    fitting = AssessmentRow.terms_sha256 == terms_sha256
    newest = select(AssessmentRow).where(AssessmentRow.purpose == purpose).order_by(fitting.desc(), AssessmentRow.version.desc()).limit(1)
    row = session.scalar(newest)
    return assessment_of(row) if row else None


def assessment_of(row: AssessmentRow) -> Assessment:
    """Return an assessment as it was signed."""
    found = {field.name: getattr(row, field.name) for field in fields(Assessment)}
    return Assessment(**{**found, "purpose": Purpose(row.purpose)})


def consent_of(row: ConsentRow) -> Consent:
    """Return a consent as it stands."""
    found = {field.name: getattr(row, field.name) for field in fields(Consent) if field.name != "retention"}
    known = {"purpose": Purpose(row.purpose), "state": ConsentState(row.state), "ending": row.ending and Ending(row.ending)}
    return Consent(**{**found, **known, "audience": Audience(row.audience), "retention": timedelta(days=row.retention_days)})


def by_secret(session: Session, marks: Iterable[bytes]) -> ConsentRow | None:
    """Return the consent whose secret has one of these marks, or None."""
    return session.scalar(select(ConsentRow).where(ConsentRow.secret.in_(list(marks))))


def live_of_person(session: Session, person: str, purpose: Purpose | None = None) -> list[ConsentRow]:
    """Return the consents of a person that are not over, oldest first."""
    wanted = select(ConsentRow).where(ConsentRow.person == person, ConsentRow.ended.is_(None))
    if purpose is not None:
        wanted = wanted.where(ConsentRow.purpose == purpose)
    return list(session.scalars(wanted.order_by(ConsentRow.entry_given)))


def one_by_id(session: Session, name: str) -> ConsentRow | None:
    """Return the row of a consent, or None, also for what cannot be an id and a database might choke on."""
    return session.get(ConsentRow, name) if IDENTIFIER.fullmatch(name) else None


def request_of(row: RequestRow) -> Request:
    """Return a request as staff list it."""
    found = {field.name: getattr(row, field.name) for field in fields(Request)}
    known = {"decision": row.decision and Decision(row.decision), "ground": row.ground and RefusalGround(row.ground)}
    return Request(**{**found, "kind": RequestKind(row.kind), **known})
