"""The nouns of staff: accounts, roles, sessions, second factors, links and API keys, as others see them. None holds a secret that is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.platform.actors import Permission

__all__ = [
    "Account",
    "AccountDetails",
    "AccountState",
    "ApiKey",
    "Enrolled",
    "FactorKind",
    "Invitation",
    "IssuedLink",
    "LinkPurpose",
    "NewApiKey",
    "OneTimeCode",
    "OneTimeCodeEnrolment",
    "Proof",
    "Reason",
    "RecoveryCode",
    "ReviewRow",
    "Role",
    "SecondFactor",
    "SecondFactorNeeded",
    "SecurityKeyAnswer",
    "SecurityKeyEnrolment",
    "SignedIn",
    "StaffSession",
]


class Role(StrEnum):
    """What a member of staff is here for; ``consentry.staff.rules.ROLES`` says what each may do."""

    ADMINISTRATOR = "administrator"
    STORE_MANAGER = "store-manager"
    FRONT_DESK = "front-desk"
    PROPERTY_MANAGER = "property-manager"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    AUDITOR = "auditor"
    INSPECTOR = "inspector"


class AccountState(StrEnum):
    """Where an account is in its life; only an active one can sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class FactorKind(StrEnum):
    """What a second factor is."""

    ONE_TIME_CODES = "one-time-codes"
    SECURITY_KEY = "security-key"


class LinkPurpose(StrEnum):
    """What a one-time link does when it is followed."""

    INVITE = "invite"
    RECOVER = "recover"


@dataclass(frozen=True, slots=True)
class Account:
    """An account: ``name`` is what one signs in with, ``unit`` the organisation its holder belongs to (empty: the site's own)."""

    id: str
    name: str = field(repr=False)
    role: Role
    state: AccountState
    unit: str
    factors: int
    created: datetime
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A second factor of an account, without its secret."""

    id: str
    kind: FactorKind
    label: str
    created: datetime
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A sign-in session; ``id`` is no secret. ``expires`` is its absolute end, ``last_seen`` is right to the minute."""

    id: str
    account: str
    created: datetime
    last_seen: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """Everything that is kept about one member of staff, for whoever gave a reason to look."""

    account: Account
    factors: tuple[SecondFactor, ...]
    sessions: tuple[StaffSession, ...]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. ``token`` goes into the cookie and is shown once; whoever must enrol can do nothing else before."""

    token: str = field(repr=False)
    session: str
    account: str
    expires: datetime
    must_enrol: bool


@dataclass(frozen=True, slots=True)
class SecondFactorNeeded:
    """The password was right; ``ticket`` and a proof of one of ``ways`` (or a recovery code) finish signing in within minutes."""

    ticket: str = field(repr=False)
    ways: tuple[FactorKind, ...]
    expires: datetime


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A proof: six digits of an authenticator (RFC 6238)."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """A proof: one of the codes that were printed when the first second factor was set up."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecurityKeyAnswer:
    """A proof: the browser's answer of a security key, as JSON text (WebAuthn ``PublicKeyCredential.toJSON``)."""

    answer: str = field(repr=False)


Proof = OneTimeCode | RecoveryCode | SecurityKeyAnswer


@dataclass(frozen=True, slots=True)
class OneTimeCodeEnrolment:
    """What an authenticator needs: the secret in base 32, and the same as an ``otpauth`` address for a QR code; ``ticket`` finishes it."""

    ticket: str = field(repr=False)
    secret: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecurityKeyEnrolment:
    """What the browser needs to register a security key (``options``: JSON for ``navigator.credentials.create``); ``ticket`` finishes it."""

    ticket: str = field(repr=False)
    options: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A second factor was added: the session goes on under a new token, and the first factor brings recovery codes, shown once."""

    signed_in: SignedIn
    recovery_codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A one-time link, shown once: ``path`` is what follows the site's address."""

    account: str
    purpose: LinkPurpose
    path: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a one-time link offers to whoever holds it."""

    purpose: LinkPurpose
    name: str = field(repr=False)
    role: Role
    expires: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret; ``prefix`` tells it apart, ``account`` made it and lends it its permissions."""

    id: str
    label: str
    prefix: str
    account: str
    scopes: frozenset[Permission]
    created: datetime
    expires: datetime
    last_used: datetime | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """An API key and its text, which is shown once."""

    key: ApiKey
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody looks at personal data: ``text`` in words, without names, and the ``ticket`` it belongs to (R74)."""

    text: str
    ticket: str


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One account in the access review (R77). ``findings`` say what a reviewer should look at."""

    account: Account
    permissions: frozenset[Permission]
    factors: tuple[FactorKind, ...]
    api_keys: int
    findings: tuple[str, ...]
