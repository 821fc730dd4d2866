"""What the routes of the doors' register read and answer: people by pseudonym, unless a reason was given; no number of a card, and a PIN once."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.register import (
    CardDraft,
    CardForm,
    Limits,
    LoanDraft,
    PersonDraft,
    PersonKind,
    PersonName,
    PersonTerms,
    PinDraft,
    Why,
)
from consentry.platform.errors import InputError
from consentry.platform.http.times import Instant
from consentry.staff.rules import SHORTEST_REASON

if TYPE_CHECKING:
    from consentry.access.register import CredentialView, Erasure, Loan, PersonView, StateChange

__all__ = [
    "CardIn",
    "CardReplacementIn",
    "CredentialOut",
    "CredentialStateIn",
    "CredentialStateOut",
    "DoorGroupIn",
    "DoorGroupOut",
    "DoorPassOut",
    "DoorPersonIn",
    "DoorPersonNameIn",
    "DoorPersonNameOut",
    "DoorPersonOut",
    "DoorPersonTermsIn",
    "DoorReasonIn",
    "DoorViewingIn",
    "ErasureOut",
    "ErasureScopeOut",
    "FaceLinkIn",
    "ListedLoanOut",
    "LoanIn",
    "LoanOut",
    "LookUpIn",
    "PinIn",
    "PinOut",
    "TelephoneIn",
    "UnitIn",
]

Identifier = Annotated[str, Field(min_length=1, max_length=36)]
Slug = Annotated[str, Field(min_length=1, max_length=40)]
Doors = Annotated[tuple[Slug, ...], Field(max_length=256)]
Reasoned = Annotated[str, Field(min_length=SHORTEST_REASON, max_length=200, description="Why, without names of persons; the ledger keeps it.")]
CardNumber = Annotated[str, Field(min_length=1, max_length=60, description="Hexadecimal; blanks, colons and hyphens do not matter.")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class DoorReasonIn(_In):
    """Why it is done."""

    reason: Reasoned


class UnitIn(_In):
    """A flat or office."""

    unit: str = Field(min_length=1, max_length=40)


class DoorViewingIn(_In):
    """Whose names are looked at, and why."""

    people: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=200)]
    text: str = Field(max_length=200, description="Why, in words, without names.")
    ticket: str = Field(max_length=64, description="What it belongs to.")


class DoorGroupIn(_In):
    """How a group is called."""

    zh: str = Field(min_length=1, max_length=80)
    en: str = Field(min_length=1, max_length=80)


class DoorGroupOut(_Out):
    """A group of people, which rules name by its id."""

    id: str
    zh: str
    en: str


class _Name(_In):
    name: str = Field(min_length=1, max_length=64)
    unit: str | None = Field(default=None, max_length=40, description="The flat or office, after which a PIN is entered.")

    def said(self) -> PersonName:
        return PersonName(self.name, self.unit)


class DoorPersonNameIn(_Name):
    """Another name or unit."""

    reason: Reasoned


class DoorPersonNameOut(_Out):
    """What names somebody."""

    person: str
    name: str
    unit: str | None


class _Terms(_In):
    groups: Annotated[tuple[Slug, ...], Field(max_length=64)] = ()
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    host: Identifier | None = Field(default=None, description="Through whom a contractor, guest or delegate is here.")
    doors: Doors | None = Field(default=None, description="The only doors that anything of theirs opens; null for all that their groups pass.")
    passback_exempt: bool = False
    longer_release: bool = False

    def terms(self) -> PersonTerms:
        return PersonTerms(**self.model_dump(include=set(_Terms.model_fields)))


class DoorPersonTermsIn(_Terms):
    """Other terms in the place of somebody's."""

    reason: Reasoned


class DoorPersonIn(_Name, _Terms):
    """Somebody who is entered."""

    kind: PersonKind

    def draft(self) -> PersonDraft:
        """Return what the service enters."""
        return PersonDraft(self.kind, self.said(), self.terms())


class DoorPersonOut(_Out):
    """Somebody by pseudonym; nobody is named."""

    id: str
    kind: PersonKind
    groups: tuple[str, ...]
    valid_from: datetime | None
    valid_until: datetime | None
    host: str | None
    doors: tuple[str, ...] | None
    passback_exempt: bool
    longer_release: bool
    suspended: bool
    added: datetime
    left: datetime | None = Field(description="Since when they hold nothing.")
    erased: bool = Field(description="Nothing names them any more.")

    @classmethod
    def of(cls, view: PersonView) -> DoorPersonOut:
        """Return a person as it is shown."""
        terms = {name: getattr(view.terms, name) for name in _Terms.model_fields}
        return cls(id=view.id, kind=view.kind, **terms, suspended=view.suspended, added=view.added, left=view.left, erased=view.erased)


class _Limits(_In):
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    doors: Doors | None = Field(default=None, description="The only doors that it opens; null for all those of its person.")

    def limits(self) -> Limits:
        return Limits(self.valid_from, self.valid_until, self.doors)


class CardIn(_Limits):
    """A card, typed or read."""

    uid: CardNumber
    form: CardForm = CardForm.UID

    def draft(self) -> CardDraft:
        """Return what the service enters."""
        return CardDraft(self.uid, self.form, self.limits())


class CardReplacementIn(CardIn):
    """Another card in the place of one."""

    reason: Reasoned


class LookUpIn(_In):
    """A card that was found."""

    uid: CardNumber
    form: CardForm = CardForm.UID


class PinIn(_Limits):
    """A PIN; without one the system makes it and answers it once."""

    with_card: Identifier | None = Field(default=None, description="The card that it is entered with; null for the person's unit.")
    pin: str | None = Field(default=None, max_length=12, description="As many digits as `[access] pin_digits` says.")
    with_duress: bool = Field(default=False, description="Make a second one, which opens and alarms silently.")
    duress: str | None = Field(default=None, max_length=12, description="The second one, as long, with another last digit.")

    def draft(self) -> PinDraft:
        """Return what the service enters."""
        return PinDraft(self.with_card, self.pin, self.with_duress, self.duress, self.limits())


class TelephoneIn(_In):
    """The key of a telephone."""

    holder: str = Field(max_length=96, description="P-256, uncompressed point of 65 bytes, base64.")

    def raw(self) -> bytes:
        """Return the point.

        Raises:
            InputError: ``pass.holder``.
        """
        try:
            return base64.b64decode(self.holder, validate=True)
        except binascii.Error as error:
            raise InputError("pass.holder", "phone pass", "its key is not base64", "Send the point in base64.") from error


class FaceLinkIn(_In):
    """The consent of somebody to be recognised at doors."""

    consent: Identifier


class LoanIn(_In):
    """Something that is lent, to whom, for which doors, until when."""

    credential: Identifier
    name: str = Field(min_length=1, max_length=64)
    unit: str | None = Field(default=None, max_length=40, description="After which the borrower's PIN is entered; null for the owner's.")
    doors: Annotated[Doors, Field(min_length=1)]
    valid_until: Instant
    reason: Reasoned

    def draft(self) -> LoanDraft:
        """Return what the service enters."""
        return LoanDraft(self.credential, PersonName(self.name, self.unit), self.doors, self.valid_until)


class CredentialStateIn(_In):
    """How a credential shall stand."""

    state: CredentialState
    reason: Reasoned


class CredentialOut(_Out):
    """A credential, without anything that opens a door."""

    id: str
    person: str
    kind: CredentialKind
    state: CredentialState
    why: Why | None
    form: CardForm | None
    valid_from: datetime | None
    valid_until: datetime | None
    doors: tuple[str, ...] | None
    uses: int | None
    needs_host: bool
    has_duress: bool
    with_card: str | None
    lent_from: str | None
    consent: str | None
    added: datetime
    ended: datetime | None

    @classmethod
    def of(cls, view: CredentialView) -> CredentialOut:
        """Return a credential as it is shown."""
        limits = {name: getattr(view.limits, name) for name in ("valid_from", "valid_until", "doors", "uses", "needs_host")}
        return cls(**limits, **{name: getattr(view, name) for name in cls.model_fields if name not in limits})


class CredentialStateOut(_Out):
    """A credential as it stands now, and the faces that rest since, or open again."""

    credential: CredentialOut
    faces_suspended: tuple[str, ...] = Field(description="Their person holds nothing else that opens a door.")
    faces_resumed: tuple[str, ...]

    @classmethod
    def of(cls, change: StateChange) -> CredentialStateOut:
        """Return a change as it is shown."""
        return cls(credential=CredentialOut.of(change.credential), faces_suspended=change.faces_suspended, faces_resumed=change.faces_resumed)


class PinOut(_Out):
    """A PIN that stands; the digits are answered this once, and only those that the system made."""

    credential: CredentialOut
    pin: str | None
    duress: str | None


class DoorPassOut(_Out):
    """A pass for a telephone, which adds door, time and its own signature."""

    credential: CredentialOut
    text: str
    expires: datetime
    replaced: str | None = Field(description="The credential that it took the place of.")


class ListedLoanOut(_Out):
    """Something that is lent. ``credential`` is what `…/return` takes; ``overdue``: a card that opens nothing for its owner, and nobody knows where it is."""

    owner: str
    borrower: str | None
    credential: str
    kind: CredentialKind
    doors: tuple[str, ...]
    lent: datetime | None
    until: datetime | None
    overdue: bool


class LoanOut(_Out):
    """A loan; the borrower's PIN, where they got one, is answered this once."""

    person: str
    credential: CredentialOut
    valid_until: datetime
    pin: str | None
    faces_suspended: tuple[str, ...]

    @classmethod
    def of(cls, loan: Loan) -> LoanOut:
        """Return a loan as it is shown."""
        credential = CredentialOut.of(loan.credential)
        return cls(person=loan.person, credential=credential, valid_until=loan.valid_until, pin=loan.pin, faces_suspended=loan.faces_suspended)


class ErasureScopeOut(_Out):
    """What erasing somebody deletes, and until when events have their pseudonym; ``left`` is null while they are here, and have to leave first."""

    people: int = Field(description="Name and unit of so many: theirs, and of whoever was here through them.")
    accounts: int
    guest_passes: int
    left: datetime | None
    erased: bool
    events_until: datetime | None


class ErasureOut(_Out):
    """An erasure that was carried out, and its certificate: the signed receipt of the ledger's entry, base64."""

    person: str
    at: datetime
    entry: int
    scope: ErasureScopeOut
    certificate: str

    @classmethod
    def of(cls, done: Erasure) -> ErasureOut:
        """Return an erasure as it is answered."""
        scope = ErasureScopeOut.model_validate(done.scope)
        return cls(person=done.person, at=done.at, entry=done.entry, scope=scope, certificate=base64.b64encode(done.certificate.data).decode())
