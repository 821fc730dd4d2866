"""What the routes of consent read and answer. No answer to staff names a person; no answer to a visitor holds a grant."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from consentry.consent.model import (
    ConsentState,
    Decision,
    Ending,
    Method,
    NoticeTerms,
    NoticeText,
    Purpose,
    RefusalGround,
    RequestKind,
)
from consentry.consent.rules.asking import LONGEST_WORDS
from consentry.consent.rules.assessments import LONGEST_SECTION
from consentry.consent.rules.notices import LANGUAGES, LONGEST_TEXT
from consentry.platform.http.times import Instant

if TYPE_CHECKING:
    from consentry.ledger.model import SealedBundle

__all__ = [
    "AnswerIn",
    "AskIn",
    "AskedOut",
    "AssessmentIn",
    "AssessmentOut",
    "BlockerOut",
    "CheckedIn",
    "ChoiceIn",
    "ConsentOut",
    "GivenOut",
    "HintIn",
    "LookupIn",
    "NoticeIn",
    "NoticeOut",
    "NumberIn",
    "PromptIn",
    "PromptOut",
    "ReasonIn",
    "RefusalIn",
    "RefusalOut",
    "ReportedOut",
    "RequestDetailsOut",
    "RequestOut",
    "RequestStateOut",
    "SecretIn",
    "ShownNoticeOut",
    "StateOut",
    "WithdrawalOut",
    "to_text",
]

Secret = Annotated[str, Field(min_length=1, max_length=80, description="The secret of a receipt, as it is printed.")]
Language = Annotated[str, Field(pattern=rf"^(?:{'|'.join(LANGUAGES)})$", description="zh-CN or en.")]
Said = Annotated[str, Field(max_length=LONGEST_TEXT)]
Section = Annotated[str, Field(max_length=LONGEST_SECTION)]
Days = Annotated[int, Field(ge=1, le=365)]
Words = Annotated[str, Field(min_length=4, max_length=200, description="Why, without names of persons; the ledger keeps it.")]
Proof = Annotated[str, Field(description="The receipt's file in Base64; anyone checks it with `consentry ledger verify`.")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class TermsIn(_In):
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


class TextIn(_In):
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

    def text(self) -> NoticeText:
        """Return it as the service takes it."""
        return NoticeText(**self.model_dump())


class NoticeIn(_In):
    """A notice to publish."""

    purpose: Purpose
    texts: dict[Language, TextIn] = Field(min_length=1, max_length=len(LANGUAGES))
    terms: TermsIn


class NoticeOut(_Out):
    """A published notice."""

    purpose: Purpose
    version: int
    sha256: dict[str, str]
    published: datetime
    texts: dict[str, dict[str, str]]
    terms: dict[str, str | int | list[str]]


class SectionOut(_Out):
    """A part of a notice."""

    heading: str
    body: str


class ShownNoticeOut(_Out):
    """A notice in one language: ``text`` is what the hash covers, ``sections`` the same in parts."""

    purpose: Purpose
    version: int
    language: str
    published: datetime
    sections: list[SectionOut]
    text: str
    sha256: str


class AssessmentIn(_In):
    """An impact assessment to sign: the four sections of the 2025 measures."""

    purpose: Purpose
    terms: TermsIn
    lawfulness: Section
    impact: Section
    risks: Section
    protection: Section
    why_no_code: Section = ""
    expires: Instant


class AssessmentOut(_Out):
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


class BlockerOut(_Out):
    """Why a purpose cannot run."""

    code: str
    zh: str
    en: str


class RefusalIn(_In):
    """A no."""

    purpose: Purpose
    language: Language
    refusal_token: Secret | None = None


class RefusalOut(_Out):
    """Until when nobody asks again, and what the telephone keeps to know it."""

    purpose: Purpose
    until: datetime
    token: str


class ChoiceIn(_In):
    """A yes to one purpose."""

    purpose: Purpose
    language: Language
    notice_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of the text that was shown.")
    action_id: str = Field(pattern=r"^[0-9A-Za-z-]{16,64}$", description="Random, new for each press of the button.")
    at_least_14: bool = Field(description="What the person declared.")
    alias: str | None = Field(default=None, max_length=40)
    phone: str | None = Field(default=None, max_length=30)
    earlier_secret: Secret | None = Field(default=None, description="Of an earlier consent, where the person gives it again.")


class GivenOut(_Out):
    """What a yes gave; ``withdraw_secret`` is shown once."""

    consent: str
    expires: datetime
    withdraw_secret: str
    receipt: Proof


class PromptIn(_In):
    """What a page knows before it asks."""

    purpose: Purpose
    refusal_token: Secret | None = None


class PromptOut(_Out):
    """Whether it may ask by itself."""

    may_ask: bool


class SecretIn(_In):
    """The secret of a receipt."""

    secret: Secret


class WithdrawalOut(_Out):
    """What ended, and the proof of it."""

    consent: str
    purpose: Purpose
    state: ConsentState
    ending: Ending
    at: datetime
    receipt: Proof


class HintIn(_In):
    """How to find a consent whose receipt is lost: its id, or the telephone number that was left."""

    hint: str = Field(min_length=1, max_length=80)


class ReportedOut(_Out):
    """The same answer to every report."""

    zh: str
    en: str


class StateOut(_Out):
    """Where a consent stands."""

    state: ConsentState


class AskIn(_In):
    """A request; with the secret it is known who asks."""

    kind: RequestKind
    secret: Secret | None = None
    contact: str = Field(default="", max_length=200)
    words: str = Field(default="", max_length=LONGEST_WORDS)


class AskedOut(_Out):
    """What a person gets for a request at once; the number is the key to the answer."""

    number: str
    kind: RequestKind
    filed: datetime
    due: datetime
    receipt: Proof


class NumberIn(_In):
    """The number of a request."""

    number: Secret


class RequestStateOut(_Out):
    """How a request stands."""

    kind: RequestKind
    filed: datetime
    due: datetime
    answered: datetime | None
    decision: Decision | None
    ground: RefusalGround | None
    text: str
    remedy: dict[str, str]


class ConsentOut(_Out):
    """A consent as staff see it: a pseudonym, no name."""

    id: str
    person: str
    purpose: Purpose
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


class RequestOut(_Out):
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


class RequestDetailsOut(_Out):
    """A request with what the person wrote."""

    request: RequestOut
    contact: str
    words: str


class ReasonIn(_In):
    """Why one looks at what names a person."""

    text: Words
    ticket: str = Field(min_length=1, max_length=64)


class LookupIn(ReasonIn):
    """A telephone number that somebody at the desk gave, and why one looks."""

    phone: str = Field(min_length=6, max_length=30)


class CheckedIn(_In):
    """How a person without receipt was checked."""

    reason: Words


class AnswerIn(_In):
    """An answer to a request."""

    decision: Decision
    text: str = Field(max_length=LONGEST_WORDS)
    ground: RefusalGround | None = None


def to_text(sealed: SealedBundle) -> str:
    """Return a receipt's file in Base64."""
    return base64.b64encode(sealed.data).decode()
