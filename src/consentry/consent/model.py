"""The nouns of consent: purposes, notices, assessments, consents, grants, receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

__all__ = [
    "Assessment",
    "ConsentGrant",
    "ConsentState",
    "Method",
    "Notice",
    "NoticeTerms",
    "NoticeText",
    "Purpose",
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


class ConsentState(StrEnum):
    """Where a consent stands, in the terms of DPV 2.3. Only the first two are valid."""

    GIVEN = "ConsentGiven"
    RENEWED = "RenewedConsentGiven"
    REFUSED = "ConsentRefused"
    WITHDRAWN = "ConsentWithdrawn"
    EXPIRED = "ConsentExpired"
    INVALIDATED = "ConsentInvalidated"
    REVOKED = "ConsentRevoked"


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What a notice says in one language: every field that must not be empty (PIPL 17 and 30; FRT-M 5; 网数条例 21)."""

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
    """A published notice. ``sha256``: by language, the hash (hex) of the text exactly as it is shown."""

    purpose: Purpose
    version: int
    texts: Mapping[str, NoticeText]
    terms: NoticeTerms
    sha256: Mapping[str, str]
    published: datetime


@dataclass(frozen=True, slots=True)
class Assessment:
    """A signed impact assessment of one purpose (PIPL 55 and 56; FRT-M 9): its four sections, who signed it, how long it holds.

    ``why_no_code``: why a card, a code or a telephone does not suffice; ``sale_attribution`` cannot start without it (R18).
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
