"""What staff's routes read and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from consentry.platform.actors import Permission
from consentry.staff.model import AccountState, FactorKind, LinkPurpose, OneTimeCode, Proof, RecoveryCode, Role, SecurityKeyAnswer
from consentry.staff.rules import SHORTEST_REASON

__all__ = [
    "AcceptanceIn",
    "AccountOut",
    "AnswerIn",
    "ApiKeyIn",
    "ApiKeyOut",
    "BeginCodesOut",
    "BeginKeyOut",
    "CodeIn",
    "DetailsOut",
    "EnrolledOut",
    "FactorOut",
    "InvitationIn",
    "InvitationOut",
    "IssuedLinkOut",
    "KeyQuestionOut",
    "LinkIn",
    "NewApiKeyOut",
    "NewPasswordIn",
    "NextStepOut",
    "PasswordIn",
    "ProofIn",
    "ReasonIn",
    "RecoveryCodesOut",
    "ReviewOut",
    "RoleIn",
    "SessionOut",
    "SignInIn",
    "StaffSessionOut",
    "TicketIn",
    "WhyIn",
]

Password = Annotated[str, Field(min_length=1, max_length=1024, description="The password.")]
Token = Annotated[str, Field(min_length=1, max_length=200, description="The ticket or token, as it was given.")]
Label = Annotated[str, Field(min_length=1, max_length=64, description="What tells it apart, such as blue phone.")]
Name = Annotated[str, Field(min_length=1, max_length=64, description="The name one signs in with.")]
Words = Annotated[str, Field(min_length=SHORTEST_REASON, max_length=200, description="Why, without names of persons; the ledger keeps it.")]
Answer = Annotated[str, Field(min_length=1, max_length=20_000, description="The browser's PublicKeyCredential as JSON text.")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class SignInIn(_In):
    """Name and password."""

    name: Name
    password: Password


class TicketIn(_In):
    """A sign-in that was begun."""

    ticket: Token


class ProofIn(_In):
    """A ticket and one proof of a second factor."""

    ticket: Token
    code: str | None = Field(default=None, max_length=16, description="Six digits of the authenticator.")
    recovery_code: str | None = Field(default=None, max_length=64, description="A recovery code that was not used yet.")
    answer: Answer | None = None

    def proof(self) -> Proof | None:
        """Return the one proof that was given, or None where there is none or more than one."""
        given: list[Proof] = []
        if self.code is not None:
            given.append(OneTimeCode(self.code))
        if self.recovery_code is not None:
            given.append(RecoveryCode(self.recovery_code))
        if self.answer is not None:
            given.append(SecurityKeyAnswer(self.answer))
        return given[0] if len(given) == 1 else None


class LinkIn(_In):
    """A one-time link."""

    token: Token


class AcceptanceIn(_In):
    """A one-time link, and the name and password that its holder chose."""

    token: Token
    name: Name
    password: Password


class PasswordIn(_In):
    """The present password."""

    password: Password


class NewPasswordIn(_In):
    """The present password and the next one."""

    password: Password
    new_password: Password


class CodeIn(_In):
    """The first code of a new authenticator."""

    ticket: Token
    label: Label
    code: str = Field(min_length=1, max_length=16, description="Six digits.")


class AnswerIn(_In):
    """The answer of a new security key."""

    ticket: Token
    label: Label
    answer: Answer


class InvitationIn(_In):
    """Whom to invite."""

    name: Name
    role: Role = Field(description="What they are here for.")
    unit: str = Field(default="", max_length=200, description="The organisation they belong to, where it is not the site's own.")


class RoleIn(_In):
    """Another role."""

    role: Role = Field(description="What they are here for from now on.")


class WhyIn(_In):
    """Why something is done to an account."""

    reason: Words


class ReasonIn(_In):
    """Why somebody looks at personal data."""

    reason: Words
    ticket: str = Field(min_length=1, max_length=64, description="The request or case it belongs to.")


class ApiKeyIn(_In):
    """A key to make."""

    label: Label
    scopes: frozenset[Permission] = Field(min_length=1, description="What the key may do; not more than you may.")
    expires: AwareDatetime = Field(description="When it ends: within a year.")


class NextStepOut(_Out):
    """How signing in goes on. Without a ticket it is done, and the answer brought the session's cookie."""

    ticket: str | None = Field(default=None, description="For the second step, with a proof of one of the ways.")
    ways: tuple[FactorKind, ...] = Field(default=(), description="The second factors that the account has.")
    expires: datetime = Field(description="When the ticket, or else the session, ends.")
    must_enrol: bool = Field(default=False, description="Nothing else is permitted before a second factor is enrolled.")


class SessionOut(_Out):
    """Who is signed in, and what they may do now."""

    account: str = Field(description="The account's id.")
    permissions: list[Permission] = Field(description="What is permitted now.")
    confirmed_until: datetime | None = Field(description="Until when acts that need the password again are permitted.")


class AccountOut(_Out):
    """One account."""

    id: str = Field(description="The account's id, which the ledger names.")
    name: str = Field(description="The name one signs in with.")
    role: Role = Field(description="What they are here for.")
    state: AccountState = Field(description="Whether they can sign in.")
    unit: str = Field(description="The organisation they belong to; empty: the site's own.")
    factors: int = Field(description="How many second factors there are.")
    created: datetime = Field(description="When the account was made.")
    last_sign_in: datetime | None = Field(description="When they last signed in.")


class FactorOut(_Out):
    """One second factor."""

    id: str = Field(description="Its id.")
    kind: FactorKind = Field(description="What it is.")
    label: str = Field(description="What tells it apart.")
    created: datetime = Field(description="When it was enrolled.")
    last_used: datetime | None = Field(description="When it was last used to sign in.")


class StaffSessionOut(_Out):
    """One session."""

    id: str = Field(description="Its id, which opens nothing.")
    created: datetime = Field(description="When it began.")
    last_seen: datetime = Field(description="When it was last used, to the minute.")
    expires: datetime = Field(description="When it ends at the latest.")


class DetailsOut(_Out):
    """What is kept about one member of staff."""

    account: AccountOut
    factors: tuple[FactorOut, ...] = Field(description="The second factors.")
    sessions: tuple[StaffSessionOut, ...] = Field(description="Where they are signed in.")


class InvitationOut(_Out):
    """What a one-time link offers."""

    purpose: LinkPurpose = Field(description="invite, or recover.")
    name: str = Field(description="The account's name.")
    role: Role = Field(description="Its role.")
    expires: datetime = Field(description="When the link ends.")


class IssuedLinkOut(_Out):
    """A one-time link, shown once."""

    account: str = Field(description="The account's id.")
    purpose: LinkPurpose = Field(description="invite, or recover.")
    path: str = Field(description="What follows the site's address.")
    expires: datetime = Field(description="When the link ends.")


class BeginCodesOut(_Out):
    """A secret for an authenticator."""

    ticket: str = Field(description="For the next step.")
    secret: str = Field(description="The secret in base 32.")
    address: str = Field(description="The same as an otpauth address, for a QR code.")


class BeginKeyOut(_Out):
    """What the browser needs to register a security key."""

    ticket: str = Field(description="For the next step.")
    options: str = Field(description="JSON text for navigator.credentials.create.")


class KeyQuestionOut(_Out):
    """What the browser needs to let a security key answer."""

    options: str = Field(description="JSON text for navigator.credentials.get.")


class EnrolledOut(_Out):
    """A second factor was added."""

    recovery_codes: tuple[str, ...] = Field(description="Shown once, with the first second factor.")


class RecoveryCodesOut(_Out):
    """New recovery codes."""

    recovery_codes: tuple[str, ...] = Field(description="Shown once; the ones before are void.")


class ApiKeyOut(_Out):
    """One API key, without its secret."""

    id: str = Field(description="Its id.")
    label: str = Field(description="What tells it apart.")
    prefix: str = Field(description="The part of its text that is no secret.")
    account: str = Field(description="The account that made it, for which it acts.")
    scopes: frozenset[Permission] = Field(description="What it may do at most.")
    created: datetime = Field(description="When it was made.")
    expires: datetime = Field(description="When it ends.")
    last_used: datetime | None = Field(description="When it was last used, to the minute.")
    revoked: datetime | None = Field(description="When it was revoked.")


class NewApiKeyOut(_Out):
    """A new API key."""

    key: ApiKeyOut
    text: str = Field(description="The key itself, shown once.")


class ReviewOut(_Out):
    """One account in the access review."""

    account: AccountOut
    permissions: frozenset[Permission] = Field(description="What it may do now.")
    factors: tuple[FactorKind, ...] = Field(description="Its second factors.")
    api_keys: int = Field(description="How many API keys act for it.")
    findings: tuple[str, ...] = Field(description="What to look at: no-second-factor, unused, not-accepted.")
