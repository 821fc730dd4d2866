"""What the routes of visitors read and answer. No answer holds a grant."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from consentry.consent.model import Audience, ConsentState, Ending, Purpose
from consentry.consent.requests import Decision, RefusalGround, RequestKind
from consentry.consent.rules.asking import LONGEST_WORDS
from consentry.consent.rules.notices import LANGUAGES

if TYPE_CHECKING:
    from consentry.ledger.model import SealedBundle

__all__ = [
    "AskIn",
    "AskedOut",
    "ChoiceIn",
    "GivenOut",
    "HintIn",
    "In",
    "NumberIn",
    "Out",
    "PromptIn",
    "PromptOut",
    "RefusalIn",
    "RefusalOut",
    "ReportedOut",
    "RequestStateOut",
    "SecretIn",
    "SectionOut",
    "ShownNoticeOut",
    "StateOut",
    "WithdrawalOut",
    "to_text",
]

Secret = Annotated[str, Field(min_length=1, max_length=80, description="The secret of a receipt, as it is printed.")]
Language = Annotated[str, Field(pattern=rf"^(?:{'|'.join(LANGUAGES)})$", description="zh-CN or en.")]
Proof = Annotated[str, Field(description="The receipt's file in Base64; anyone checks it with `consentry ledger verify`.")]


class In(BaseModel):
    """What a request brings: nothing else is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """What is answered."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class SectionOut(Out):
    """A part of a notice."""

    heading: str
    body: str


class ShownNoticeOut(Out):
    """A notice in one language: ``text`` is what the hash covers, ``sections`` the same in parts."""

    purpose: Purpose
    audience: Audience
    version: int
    language: str
    published: datetime
    sections: list[SectionOut]
    text: str
    sha256: str


class RefusalIn(In):
    """A no."""

    purpose: Purpose
    language: Language
    refusal_token: Secret | None = None


class RefusalOut(Out):
    """Until when nobody asks again, and what the telephone keeps to know it."""

    purpose: Purpose
    until: datetime
    token: str


class ChoiceIn(In):
    """A yes to one purpose."""

    purpose: Purpose
    language: Language
    notice_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of the text that was shown.")
    action_id: str = Field(pattern=r"^[0-9A-Za-z-]{16,64}$", description="Random, new for each press of the button.")
    at_least_14: bool = Field(description="Whether the person declared the age that the site asks for: 14, or 16 under the EU profile.")
    alias: str | None = Field(default=None, max_length=40)
    phone: str | None = Field(default=None, max_length=30)
    earlier_secret: Secret | None = Field(default=None, description="Of an earlier consent, where the person gives it again.")


class GivenOut(Out):
    """What a yes gave; ``withdraw_secret`` is shown once."""

    consent: str
    expires: datetime
    withdraw_secret: str
    receipt: Proof


class PromptIn(In):
    """What a page knows before it asks."""

    purpose: Purpose
    refusal_token: Secret | None = None


class PromptOut(Out):
    """Whether it may ask by itself."""

    may_ask: bool


class SecretIn(In):
    """The secret of a receipt."""

    secret: Secret


class WithdrawalOut(Out):
    """What ended, and the proof of it."""

    consent: str
    purpose: Purpose
    state: ConsentState
    ending: Ending
    at: datetime
    receipt: Proof


class HintIn(In):
    """How to find a consent whose receipt is lost: its id, or the telephone number that was left."""

    hint: str = Field(min_length=1, max_length=80)


class ReportedOut(Out):
    """The same answer to every report."""

    zh: str
    en: str


class StateOut(Out):
    """Where a consent stands."""

    state: ConsentState


class AskIn(In):
    """A request; with the secret it is known who asks."""

    kind: RequestKind
    secret: Secret | None = None
    contact: str = Field(default="", max_length=200)
    words: str = Field(default="", max_length=LONGEST_WORDS)


class AskedOut(Out):
    """What a person gets for a request at once; the number is the key to the answer."""

    number: str
    kind: RequestKind
    filed: datetime
    due: datetime
    receipt: Proof


class NumberIn(In):
    """The number of a request."""

    number: Secret


class RequestStateOut(Out):
    """How a request stands."""

    kind: RequestKind
    filed: datetime
    due: datetime
    answered: datetime | None
    decision: Decision | None
    ground: RefusalGround | None
    text: str
    remedy: dict[str, str]


def to_text(sealed: SealedBundle) -> str:
    """Return a receipt's file in Base64."""
    return base64.b64encode(sealed.data).decode()
