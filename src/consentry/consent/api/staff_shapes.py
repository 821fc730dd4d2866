"""What the routes of staff read and answer: people by pseudonym, unless a reason was given."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from consentry.consent.api.shapes import In, Out
from consentry.consent.model import Audience, ConsentState, Ending, Guardian, Method, NoticeTerms, NoticeText, Purpose, Relation, Verification
from consentry.consent.requests import Decision, RefusalGround, RequestKind  # noqa: TC001 - pydantic reads the annotations when the program runs
from consentry.consent.rules.asking import LONGEST_WORDS
from consentry.consent.rules.assessments import LONGEST_SECTION
from consentry.consent.rules.guardians import LONGEST_NAME
from consentry.consent.rules.notices import LANGUAGES, LONGEST_TEXT
from consentry.platform.http.times import Instant  # noqa: TC001 - pydantic reads the annotations when the program runs
from consentry.staff.rules import SHORTEST_REASON

__all__ = [
    "AnswerIn",
    "AssessmentIn",
    "AssessmentOut",
    "BlockerOut",
    "CheckedIn",
    "ConsentOut",
    "GuardianIn",
    "GuardianQuestionOut",
    "LookupIn",
    "NoticeIn",
    "NoticeOut",
    "ReasonIn",
    "RequestDetailsOut",
    "RequestOut",
    "TermsIn",
    "TextIn",
    "TextsIn",
]

Said = Annotated[str, Field(max_length=LONGEST_TEXT)]
Section = Annotated[str, Field(max_length=LONGEST_SECTION)]
Days = Annotated[int, Field(ge=1, le=365)]
Words = Annotated[str, Field(min_length=SHORTEST_REASON, max_length=200, description="Why, without names of persons; the ledger keeps it.")]


class TermsIn(In):
    """What a notice binds the site to."""

    method: Method
    model_family: str = Field(max_length=64)
    retention_days: Days
    validity_days: Days
    storage_device: str = Field(max_length=80, description="The machine that holds the templates.")
    recipients: tuple[Annotated[str, Field(max_length=80)], ...] = Field(default=(), max_length=20)

    def terms(self) -> NoticeTerms:
        """Return them as the service takes them."""
        days = {"retention": timedelta(days=self.retention_days), "validity": timedelta(days=self.validity_days)}
        return NoticeTerms(self.method, self.model_family, **days, recipients=self.recipients, storage_device=self.storage_device)


class TextIn(In):
    """What a notice says in one language; no field may be empty."""

    handler: Said
    contact: Said
    officer: Said
    purpose: Said
    method: Said
    data_types: Said
    retention: Said
    at_expiry: Said
    necessity: Said
    impact: Said
    alternatives: Said
    storage: Said
    recipients: Said
    automated_decision: Said
    rights: Said
    rights_channel: Said
    complaint: Said
    minors: Said
    special_rules: Said = Field(default="", description="In a notice for children alone: how their data are stored, used, transferred and disclosed.")

    def text(self) -> NoticeText:
        """Return it as the service takes it."""
        return NoticeText(**self.model_dump())


class TextsIn(In):
    """A notice in each language of the site."""

    chinese: TextIn | None = Field(default=None, alias="zh-CN")
    english: TextIn | None = Field(default=None, alias="en")

    def texts(self) -> dict[str, NoticeText]:
        """Return them as the service takes them."""
        said = dict(zip(LANGUAGES, (self.chinese, self.english), strict=True))
        return {language: text.text() for language, text in said.items() if text is not None}


class NoticeIn(In):
    """A notice to publish."""

    purpose: Purpose
    texts: TextsIn
    terms: TermsIn
    audience: Audience = Audience.EVERYBODY


class NoticeOut(Out):
    """A published notice."""

    purpose: Purpose
    audience: Audience
    version: int
    sha256: dict[str, str]
    published: datetime
    texts: dict[str, dict[str, str]]
    terms: dict[str, str | int | list[str]]


class AssessmentIn(In):
    """An impact assessment to sign: the four sections of the 2025 measures."""

    purpose: Purpose
    terms: TermsIn
    lawfulness: Section
    impact: Section
    risks: Section
    protection: Section
    why_no_code: Section = ""
    expires: Instant


class AssessmentOut(Out):
    """A signed assessment."""

    purpose: Purpose
    version: int
    lawfulness: str
    impact: str
    risks: str
    protection: str
    why_no_code: str
    signed_by: str
    signed: datetime
    expires: datetime


class BlockerOut(Out):
    """Why a purpose cannot run."""

    code: str
    zh: str
    en: str


class ConsentOut(Out):
    """A consent as staff see it: a pseudonym, no name. Of a child's neither pseudonym (empty) nor station is told."""

    id: str
    person: str
    purpose: Purpose
    audience: Audience
    state: ConsentState
    language: str
    notice_version: int
    station: str | None
    given: datetime
    expires: datetime
    last_visit: datetime
    suspended: datetime | None
    ended: datetime | None
    ending: Ending | None


class RequestOut(Out):
    """A request as staff list it."""

    id: str
    kind: RequestKind
    filed: datetime
    due: datetime
    person: str | None
    consent: str | None
    answered: datetime | None
    answered_by: str | None
    decision: Decision | None
    ground: RefusalGround | None


class RequestDetailsOut(Out):
    """A request with what the person wrote."""

    request: RequestOut
    contact: str
    words: str


class ReasonIn(In):
    """Why one looks at what names a person."""

    text: Words
    ticket: str = Field(min_length=1, max_length=64)


class LookupIn(ReasonIn):
    """A telephone number that somebody at the desk gave, and why one looks."""

    phone: str = Field(min_length=6, max_length=30)


class CheckedIn(In):
    """How a person without receipt was checked."""

    reason: Words


class GuardianIn(In):
    """Who decides for a child, as a member of staff who is present found out."""

    purpose: Purpose
    station: str = Field(max_length=40)
    name: str = Field(max_length=LONGEST_NAME)
    relation: Relation
    verification: Verification
    present: bool = Field(description="That the guardian is there.")

    def guardian(self) -> Guardian:
        """Return the guardian as the service takes them."""
        return Guardian(self.name, self.relation, self.verification)


class GuardianQuestionOut(Out):
    """An encrypted text, which the page of the station shows the notice for; it is of no other use, and stored nowhere."""

    question: str


class AnswerIn(In):
    """An answer to a request."""

    decision: Decision
    text: str = Field(max_length=LONGEST_WORDS)
    ground: RefusalGround | None = None
