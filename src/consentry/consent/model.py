"""The nouns of consent: purposes, notices, assessments, what a person chooses, consents, grants."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from consentry.ledger.model import SealedBundle
    from consentry.platform.actors import Actor
    from consentry.platform.settings.faces import Profile

__all__ = [
    "Assessment",
    "AssessmentDraft",
    "Audience",
    "Blocker",
    "Choice",
    "Consent",
    "ConsentGrant",
    "ConsentState",
    "Ending",
    "Given",
    "Guardian",
    "GuardianQuestion",
    "Method",
    "Notice",
    "NoticeTerms",
    "NoticeText",
    "Purpose",
    "Refusal",
    "Relation",
    "Verification",
    "Via",
    "Withdrawal",
]


class Purpose(StrEnum):
    """What a face may be recognised for. The list is closed (R15); ``greeting`` is ``greeting_revisit`` of the law notes."""

    GREETING = "greeting"
    DOOR_ACCESS = "door_access"
    SALE_ATTRIBUTION = "sale_attribution"


class Method(StrEnum):
    """How a face is compared: with the one record that a token names, or with the records of everyone who agreed to it."""

    ONE_TO_ONE = "1:1"
    ONE_TO_MANY = "1:N"


class Audience(StrEnum):
    """Whom a notice is for: everybody of age, or children, for whom a guardian reads it (PIPL 31)."""

    EVERYBODY = "everybody"
    CHILDREN = "children"


class Relation(StrEnum):
    """What a guardian is to the child. The list is closed."""

    PARENT = "parent"
    OTHER_GUARDIAN = "other-guardian"


class Verification(StrEnum):
    """How a member of staff found that somebody is the guardian. The list is closed; no copy of anything is kept."""

    DOCUMENT = "document-seen"
    RESIDENT = "resident-record"
    PAPER = "court-or-committee-paper"


class ConsentState(StrEnum):
    """Where a consent stands, in the terms of DPV 2.3. Only the first two are valid."""

    GIVEN = "ConsentGiven"
    RENEWED = "RenewedConsentGiven"
    REFUSED = "ConsentRefused"
    WITHDRAWN = "ConsentWithdrawn"
    EXPIRED = "ConsentExpired"
    INVALIDATED = "ConsentInvalidated"
    REVOKED = "ConsentRevoked"

    @property
    def is_valid(self) -> bool:
        """Whether a consent in this state may be relied on while it lasts."""
        return self in {ConsentState.GIVEN, ConsentState.RENEWED}


class Via(StrEnum):
    """How a consent was withdrawn."""

    RECEIPT = "receipt"
    KIOSK = "kiosk"
    PHONE = "phone"
    STAFF = "staff"
    DESK = "desk"
    """The receipt was lost, and the person was checked at the desk or by telephone."""
    ACCOUNT = "account"
    """The person is signed in with an account of their own, and the consent is known to be theirs."""
    RESTORE = "restore"
    """A backup was restored that did not know of the withdrawal yet."""


class Ending(StrEnum):
    """Why a consent is over."""

    WITHDRAWN = "withdrawn"
    VALIDITY = "validity"
    INACTIVITY = "inactivity"
    NOT_ENROLLED = "not-enrolled"
    """Nobody came to enrol a face for it in time."""
    TERMS = "terms"
    """The notice it rests on was changed (R7)."""
    RENEWED = "renewed"
    """The same person gave a newer one for the same purpose."""
    PURPOSE_ENDED = "purpose-ended"
    """The site does this no more: its settings do not name the purpose (PIPL 47)."""
    UNRESOLVED = "unresolved"
    """Its receipt was reported lost, and nobody cleared that up in time."""
    UNDER_AGE = "under-age"
    """The person is a child, and no guardian agreed (R70)."""


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What a notice says in one language: every field that must not be empty (PIPL 17 and 30; FRT-M 5; 网数条例 21).

    ``special_rules``: in a notice for children, and only there, how their data are stored, used, transferred and disclosed (PIPL 31).
    """

    handler: str
    contact: str
    officer: str
    purpose: str
    method: str
    data_types: str
    retention: str
    at_expiry: str
    necessity: str
    impact: str
    alternatives: str
    storage: str
    recipients: str
    automated_decision: str
    rights: str
    rights_channel: str
    complaint: str
    minors: str
    special_rules: str = ""


@dataclass(frozen=True, slots=True)
class NoticeTerms:
    """What a notice binds the site to. A change of any of these makes the consents given under it invalid (PIPL 14, R7).

    ``retention``: how long a template is kept without a visit. ``validity``: how long a consent holds. ``recipients``: who else gets the data.
    ``storage_device``: the machine that holds the templates.
    """

    method: Method
    model_family: str
    retention: timedelta
    validity: timedelta
    recipients: tuple[str, ...] = ()
    storage_device: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A published notice. ``sha256``: by language, the hash (hex) of the text exactly as shown. ``profile``: the site's when it was published."""

    purpose: Purpose
    version: int
    texts: Mapping[str, NoticeText]
    terms: NoticeTerms
    sha256: Mapping[str, str]
    published: datetime
    profile: Profile
    audience: Audience = Audience.EVERYBODY


@dataclass(frozen=True, slots=True)
class Assessment:
    """A signed impact assessment of one purpose (PIPL 55 and 56; FRT-M 9): its four sections, who signed it, how long it holds.

    ``why_no_code``: why a card, a code or a telephone does not suffice; ``sale_attribution`` cannot start without it (R18). ``terms_sha256``: of
    the terms that it was made for.
    """

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
    terms_sha256: str = ""


@dataclass(frozen=True, slots=True)
class AssessmentDraft:
    """An assessment that somebody is about to sign. ``terms``: of the notice that it was made for; it holds for no other ones (R82)."""

    purpose: Purpose
    terms: NoticeTerms
    lawfulness: str
    impact: str
    risks: str
    protection: str
    expires: datetime
    why_no_code: str = ""


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why a purpose cannot run now: a stable ``code`` and a sentence for people in each language."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who decides for a child: a name, kept encrypted like an alias and never logged, and what a member of staff found out."""

    name: str = field(repr=False)
    relation: Relation
    verification: Verification


@dataclass(frozen=True, slots=True)
class GuardianQuestion:
    """What a member of staff opened for a guardian at a station; the guardian's yes or no is the act named ``action``."""

    purpose: Purpose
    station: str
    guardian: Guardian
    staff: Actor
    action: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """A yes or a no to one purpose.

    ``at_least_14``: whether the person declared the age that ``service.least_age`` names, 14, or 16 under the EU profile. ``notice_sha256``: of the
    text that was shown in ``language``. ``action_id``: names the one act of the person (a press of the button), new for each; no two consents have
    the same. ``station``: the kiosk or door, None for a person's own telephone. ``staff``: who stood by. ``person``: the pseudonym, where an earlier
    consent or token told it. ``alias``, ``phone``: only what the person wants to leave. ``refusal_token``: what :class:`Refusal` gave earlier.
    ``guardian``: who chose for a child, at a station and with staff.
    """

    purpose: Purpose
    language: str
    notice_sha256: str
    action_id: str
    at_least_14: bool
    station: str | None = None
    staff: Actor | None = None
    person: str | None = None
    alias: str | None = None
    refusal_token: str | None = None
    phone: str | None = None
    guardian: Guardian | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What a yes gave. ``withdraw_secret`` is shown once and stands on the receipt apart from its verification code; ``grant`` is for the vault alone."""

    consent: str
    person: str
    grant: bytes = field(repr=False)
    receipt: SealedBundle = field(repr=False)
    withdraw_secret: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a no gave: until when nobody may ask again, and the token by which an unknown person's telephone is known not to be asked."""

    purpose: Purpose
    until: datetime
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal did; the same one answers every repetition. ``receipt`` proves the end of the consent, whatever ended it."""

    consent: str
    person: str
    purpose: Purpose
    state: ConsentState
    ending: Ending
    at: datetime
    receipt: SealedBundle = field(repr=False)


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it stands: what decides whether it is valid, and nothing of who gave it but a pseudonym.

    ``last_visit``: the last time it was used, at first when it was given. ``retention``: how long it holds without a visit. ``suspended``: since when
    it rests because its receipt was reported lost. ``enrol_by``: when it ends unless a face was enrolled for it, None once one was. ``ended``: since when
    it is over, and why. ``audience``: whose notice it was given under; a guardian gave one under that for children.
    """

    id: str
    person: str
    purpose: Purpose
    state: ConsentState
    language: str
    notice_version: int
    notice_sha256: str
    station: str | None
    given: datetime
    expires: datetime
    retention: timedelta
    last_visit: datetime
    suspended: datetime | None = None
    enrol_by: datetime | None = None
    ended: datetime | None = None
    ending: Ending | None = None
    audience: Audience = Audience.EVERYBODY


@dataclass(frozen=True, slots=True)
class ConsentGrant:
    """The only key to recognition: what the vault needs to know of one valid consent. Travels signed (``consent.grants``).

    ``person`` is a pseudonym. ``notice_sha256``: the text that was shown. ``epoch``: of the site's keys that signed it.
    """

    consent: str
    person: str
    site: str
    purpose: Purpose
    model_family: str
    notice_sha256: str
    issued: datetime
    expires: datetime
    epoch: int
    may_enrol_for_doors: bool = field(default=False)
