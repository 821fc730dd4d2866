"""What the routes of residents and their guests read and answer. A PIN and a pass are answered to whom they belong, and kept nowhere on the way."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from consentry.access.model import AccessEvent, CredentialKind, CredentialState, ReaderKind
from consentry.access.register import LoanDraft, PersonName, Why
from consentry.access.residence import GuestDraft, GuestState, LoggedWho, ResidentState
from consentry.consent.api.shapes import to_text
from consentry.platform.errors import InputError
from consentry.platform.http.times import Instant

if TYPE_CHECKING:
    from consentry.access.register import Loan
    from consentry.access.residence import GuestCode, IssuedGuest
    from consentry.consent.model import Withdrawal

__all__ = [
    "DelegateIn",
    "DelegateOut",
    "FaceOffOut",
    "GuestCodeIn",
    "GuestCodeOut",
    "GuestPassIn",
    "GuestPassOut",
    "HostAnswerIn",
    "HostRequestOut",
    "IssuedGuestOut",
    "LentOut",
    "LoggedPassOut",
    "OwnPinIn",
    "OwnWayOut",
    "PhoneKeyIn",
    "PhonePassOut",
    "ResidentIn",
    "ResidentInvitationOut",
    "ResidentLinkIn",
    "ResidentLinkOut",
    "ResidentOut",
    "ResidentPassphraseIn",
    "ResidentReasonIn",
    "ResidentSessionOut",
    "ResidentSignInIn",
    "ResidentSignedInOut",
    "ResidentWelcomedOut",
    "StaffGuestPassIn",
]

DoorId = Annotated[str, Field(min_length=1, max_length=40, description="The door's id.")]
Id = Annotated[str, Field(min_length=1, max_length=36)]
Passphrase = Annotated[str, Field(max_length=256, description="At least 12 characters.")]
LinkToken = Annotated[str, Field(min_length=1, max_length=200, description="What follows the number sign in the link.")]
Digits = Annotated[str, Field(min_length=1, max_length=20, description="As many digits as `[access] pin_digits` says.")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class ResidentSignInIn(_In):
    """Name and passphrase of a resident."""

    name: str = Field(max_length=200)
    passphrase: Passphrase


class ResidentSignedInOut(_Out):
    """When a session that began ends at the latest."""

    expires: datetime


class ResidentLinkIn(_In):
    """A one-time link."""

    token: LinkToken


class ResidentPassphraseIn(ResidentLinkIn):
    """A one-time link, and the passphrase that its holder chooses."""

    passphrase: Passphrase


class ResidentInvitationOut(_Out):
    """What a one-time link offers."""

    name: str
    recovers: bool = Field(description="The account was in use; its passphrase was lost.")
    expires: datetime


class ResidentWelcomedOut(_Out):
    """The name to sign in with from now on."""

    name: str


class OwnDoorOut(_Out):
    """A door by its names, and what stands beside it."""

    id: str
    zh: str
    en: str
    readers: tuple[ReaderKind, ...]


class ResidentSessionOut(_Out):
    """Who is signed in, what their PIN is entered after (``typed``: at a keypad), how many digits it has, and the doors that they may pass at some time."""

    resident: str
    person: str
    name: str
    unit: str | None
    typed: str | None
    pin_digits: int
    doors: tuple[OwnDoorOut, ...]


class OwnWayOut(_Out):
    """One of the resident's ways in."""

    id: str
    kind: CredentialKind
    state: CredentialState
    over: bool = Field(description="Its time has ended.")
    why: Why | None = Field(description="Why it opens nothing.")
    since: datetime
    until: datetime | None
    with_card: bool = Field(description="A PIN that goes with a card.")
    pass_id: str | None = Field(description="By which a telephone knows its own pass.")
    renew: bool = Field(description="The telephone should ask for a new pass: it ends soon, or the site's key was replaced since it was signed.")


class OwnPinIn(_In):
    """A PIN, and another one that opens as it does and alarms in silence; the passphrase proves who chooses."""

    passphrase: Annotated[str, Field(max_length=256, description="The resident's own, given again.")]
    pin: Digits
    duress: Digits | None = Field(default=None, description="As long as the PIN, with another last digit.")


class PhoneKeyIn(_In):
    """The public half of a telephone's key."""

    key: str = Field(max_length=100, description="A point of P-256, uncompressed (65 bytes), in base64.")

    def point(self) -> bytes:
        """Return the bytes of the point."""
        try:
            return base64.b64decode(self.key, validate=True)
        except binascii.Error as error:
            raise InputError("pass.holder", "key", "it is no base64", "Send the uncompressed point of a P-256 key in base64.") from error


class PhonePassOut(_Out):
    """A pass, to which the telephone adds door, step and its own signature."""

    id: str
    text: str
    expires: datetime
    server_time: datetime


class GuestPassIn(_In):
    """A guest pass that is asked for."""

    name: str | None = Field(default=None, max_length=80, description="What the host calls the guest; nobody else reads it.")
    doors: tuple[DoorId, ...] = Field(min_length=1, max_length=16)
    starts: Instant
    until: Instant
    uses: int | None = Field(default=1, description="How often it opens; null without limit.")
    needs_host: bool = Field(default=False, description="Each use waits for the host's yes. A pass for several doors always does.")

    def draft(self) -> GuestDraft:
        """Return what the service takes."""
        return GuestDraft(self.name, self.doors, self.starts, self.until, self.uses, self.needs_host)


class StaffGuestPassIn(GuestPassIn):
    """A guest pass that staff give on the word of a host."""

    host: Id = Field(description="The person whose guest it is.")


class GuestPassOut(_Out):
    """A guest pass. ``name`` is null where nobody who reads this may know it."""

    id: str
    host: str
    name: str | None
    doors: tuple[OwnDoorOut, ...]
    starts: datetime
    until: datetime
    uses: int | None
    used: int
    needs_host: bool
    state: GuestState
    issued: datetime


class IssuedGuestOut(_Out):
    """A new guest pass, and the path of its guest's page; it is shown this once."""

    guest: GuestPassOut
    path: str

    @classmethod
    def of(cls, issued: IssuedGuest) -> IssuedGuestOut:
        """Return it as it is answered."""
        return cls(guest=GuestPassOut.model_validate(issued.guest), path=issued.path)


class GuestCodeIn(_In):
    """The secret of a guest's link."""

    token: LinkToken


class GuestCodeOut(_Out):
    """What a guest is shown; ``code`` is null where the pass opens nothing any more."""

    doors: tuple[OwnDoorOut, ...]
    starts: datetime
    until: datetime
    uses: int | None
    used: int
    needs_host: bool
    state: GuestState
    code: str | None

    @classmethod
    def of(cls, found: GuestCode) -> GuestCodeOut:
        """Return it as it is answered: without name and host."""
        one = found.guest
        doors = tuple(OwnDoorOut.model_validate(door) for door in one.doors)
        return cls(
            doors=doors,
            starts=one.starts,
            until=one.until,
            uses=one.uses,
            used=one.used,
            needs_host=one.needs_host,
            state=one.state,
            code=found.code,
        )


class HostRequestOut(_Out):
    """A guest who stands at a door and waits."""

    guest: str
    name: str | None
    door: OwnDoorOut
    at: datetime
    expires: datetime


class HostAnswerIn(_In):
    """At which door the guest is let in."""

    door: DoorId


class DelegateIn(_In):
    """Something of one's own for somebody else, for a time."""

    credential: Id = Field(description="A card that changes hands, or a PIN or telephone in whose place they get a PIN of their own.")
    name: str = Field(min_length=1, max_length=64)
    doors: tuple[DoorId, ...] = Field(min_length=1, max_length=256)
    until: Instant

    def draft(self) -> LoanDraft:
        """Return what the service takes."""
        return LoanDraft(self.credential, PersonName(self.name), self.doors, self.until)


class DelegateOut(_Out):
    """Somebody to whom the resident gave something for a time."""

    person: str
    name: str | None
    doors: tuple[OwnDoorOut, ...]
    since: datetime
    until: datetime | None
    way: CredentialKind | None
    standing: bool


class LentOut(_Out):
    """A loan; ``pin`` is shown this once, where one was made."""

    person: str
    way: CredentialKind
    until: datetime
    pin: str | None

    @classmethod
    def of(cls, loan: Loan) -> LentOut:
        """Return it as it is answered."""
        return cls(person=loan.person, way=loan.credential.kind, until=loan.valid_until, pin=loan.pin)


class LoggedPassOut(_Out):
    """One event at a door, by the resident's own credentials or those of their guests and delegates."""

    id: int
    at: datetime
    door: OwnDoorOut
    event: AccessEvent
    who: LoggedWho
    name: str | None
    way: ReaderKind | None


class FaceOffOut(_Out):
    """The end of the consent behind a face, with the proof of it."""

    consent: str
    at: datetime
    receipt: str = Field(description="A sealed bundle; consentry ledger verify checks it.")

    @classmethod
    def of(cls, ended: Withdrawal) -> FaceOffOut:
        """Return it as it is answered."""
        return cls(consent=ended.consent, at=ended.at, receipt=to_text(ended.receipt))


class ResidentIn(_In):
    """An account for somebody at the doors."""

    person: Id
    name: str = Field(min_length=1, max_length=200, description="What they sign in with.")


class ResidentReasonIn(_In):
    """Why it is done."""

    reason: str = Field(max_length=200)


class ResidentOut(_Out):
    """An account of a resident, by pseudonyms: who ``person`` is, the register tells for a reason."""

    id: str
    person: str
    state: ResidentState
    created: datetime
    last_sign_in: datetime | None


class ResidentLinkOut(_Out):
    """A one-time link; it is shown this once."""

    resident: str
    path: str
    expires: datetime
