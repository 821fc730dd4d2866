"""What the register of people and credentials is asked and answers: drafts of what is entered, and views in which nobody is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from consentry.access.model import CredentialKind, CredentialState
    from consentry.access.rules.compare import Change, DoorChange
    from consentry.ledger.model import JSONValue, SealedBundle

__all__ = [
    "AppliedPolicy",
    "CardDraft",
    "CardForm",
    "CredentialView",
    "Erasure",
    "ErasureScope",
    "Group",
    "GuestPassDraft",
    "IssuedPass",
    "IssuedPin",
    "KeptDraft",
    "Limits",
    "ListedLoan",
    "Loan",
    "LoanDraft",
    "PersonDraft",
    "PersonKind",
    "PersonName",
    "PersonTerms",
    "PersonView",
    "PinDraft",
    "PolicyDraft",
    "PolicyPreview",
    "SealedSnapshot",
    "StateChange",
    "Why",
]


class PersonKind(StrEnum):
    """Why somebody is in the register: they live or work here, work here for somebody, visit somebody, or act for somebody."""

    MEMBER = "member"
    CONTRACTOR = "contractor"
    GUEST = "guest"
    DELEGATE = "delegate"


class CardForm(StrEnum):
    """What a card is told by, as readers name it: the chip's number, which anybody can copy, or as it is sent over two wires.

    ``desfire``: the number of a card that proved a key of its own (AN10922).
    """

    UID = "uid"
    DIVERSIFIED = "desfire"
    WIEGAND26 = "wiegand26"
    WIEGAND34 = "wiegand34"


class Why(StrEnum):
    """Why a credential is not active."""

    STAFF = "staff"
    HOLDER = "holder"
    EXPIRED = "expired"
    REPLACED = "replaced"
    LEFT = "left"
    LENT = "lent"
    RETURNED = "returned"
    CARD_ENDED = "card-ended"
    LAST_OTHER = "last-other"
    """A face rests: its person holds nothing else that opens a door."""
    CONSENT_ENDED = "consent-ended"
    CONSENT_RESTS = "consent-rests"


@dataclass(frozen=True, slots=True)
class Group:
    """People whom rules name together; ``id`` as rules write it."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PersonName:
    """What names somebody. ``unit``: the flat or office, which is also what a PIN is entered after."""

    name: str = field(repr=False)
    unit: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PersonTerms:
    """What somebody may: their groups, from when until before when, through whom, and what is made easier for them.

    ``doors``: the only ones that anything of theirs opens, None for all that their groups pass.
    """

    groups: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    host: str | None = None
    doors: tuple[str, ...] | None = None
    passback_exempt: bool = False
    longer_release: bool = False


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """Somebody who is entered."""

    kind: PersonKind
    name: PersonName
    terms: PersonTerms = PersonTerms()


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody by pseudonym. ``left``: since when they hold nothing; ``erased``: nothing names them any more."""

    id: str
    kind: PersonKind
    terms: PersonTerms
    suspended: bool
    added: datetime
    left: datetime | None
    erased: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What a credential is confined to; see :class:`consentry.access.model.Credential`."""

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    doors: tuple[str, ...] | None = None
    uses: int | None = None
    needs_host: bool = False


@dataclass(frozen=True, slots=True)
class CredentialView:
    """A credential without anything that opens a door. ``with_card``: the card that a PIN goes with; ``lent_from``: the owner's own credential."""

    id: str
    person: str
    kind: CredentialKind
    state: CredentialState
    why: Why | None
    form: CardForm | None
    limits: Limits
    has_duress: bool
    with_card: str | None
    lent_from: str | None
    consent: str | None
    pass_id: str | None
    added: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class StateChange:
    """A credential as it stands now, and the faces that rest since because their person holds nothing else, or open again."""

    credential: CredentialView
    faces_suspended: tuple[str, ...] = ()
    faces_resumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardDraft:
    """A card: its number in hexadecimal, typed or read; blanks, colons and hyphens do not matter."""

    uid: str = field(repr=False)
    form: CardForm = CardForm.UID
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class PinDraft:
    """A number of at least six digits. Without ``pin`` the system makes one, and ``duress`` too where ``with_duress``.

    It is entered after the person's unit, or with the card ``with_card``.
    """

    with_card: str | None = None
    pin: str | None = field(default=None, repr=False)
    with_duress: bool = False
    duress: str | None = field(default=None, repr=False)
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class IssuedPin:
    """A PIN that stands; ``pin`` and ``duress`` are shown this once, and only where the system made them."""

    credential: CredentialView
    pin: str | None = field(default=None, repr=False)
    duress: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class IssuedPass:
    """A signed pass for a telephone (``CP1``) or a guest (``CG1``); ``text`` is what its holder gets. ``replaced``: the credential it took the place of."""

    credential: CredentialView
    text: str = field(repr=False)
    expires: datetime
    replaced: str | None = None


@dataclass(frozen=True, slots=True)
class GuestPassDraft:
    """A pass that names one door, or waits for the host's word at each use."""

    doors: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    uses: int | None = None
    needs_host: bool = False


@dataclass(frozen=True, slots=True)
class LoanDraft:
    """A credential of one's own given to somebody for a time, and for these doors alone. A card changes hands; for the rest the borrower gets a PIN."""

    credential: str
    to: PersonName
    doors: tuple[str, ...]
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan: the borrower's pseudonym, what they hold, and the PIN that is shown this once where they got one."""

    person: str
    credential: CredentialView
    valid_until: datetime
    pin: str | None = field(default=None, repr=False)
    faces_suspended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedLoan:
    """What was lent and is not back yet: by whom to whom (``borrower`` is None where nothing of them is kept any more), for which doors, until when.

    ``kind``: what the borrower got; ``overdue``: a card whose time is over, which opens nothing for its owner until they have it back.
    """

    owner: str
    borrower: str | None
    credential: str
    kind: CredentialKind
    doors: tuple[str, ...]
    lent: datetime | None
    until: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class ErasureScope:
    """What erasing somebody deletes: name and unit of so many people (them, and whoever was here through them), accounts, guest passes.

    ``left`` is None where they are here still, which comes first; ``events_until`` is when the last event that has their pseudonym is deleted at the latest.
    """

    people: int
    accounts: int
    guest_passes: int
    left: datetime | None
    erased: bool
    events_until: datetime | None

    @property
    def empty(self) -> bool:
        """Tell whether nothing is left to delete. Names go by themselves before guest passes do: those wait for their own end."""
        return not (self.people or self.accounts or self.guest_passes)


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure that was carried out: the entry of the ledger that says so, and its signed receipt, which is handed to whoever asked."""

    person: str
    at: datetime
    entry: int
    scope: ErasureScope
    certificate: SealedBundle = field(repr=False)


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A policy as people edit it: the JSON of ``policy_text`` without version, zone and what the settings say of doors."""

    document: Mapping[str, JSONValue]


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """The draft of a site: how it is called, who began it, who changed it last. ``by`` are labels of the ledger.

    ``edit`` names this state of it: whoever changes or applies it names the state that they saw. ``version``: the one in force when it was begun.
    """

    name: str
    draft: PolicyDraft
    edit: str
    version: int
    begun: datetime
    begun_by: str
    edited: datetime
    edited_by: str


@dataclass(frozen=True, slots=True)
class PolicyPreview:
    """What a draft would change: who gains or loses which door when, and which doors deal otherwise with everybody.

    ``version`` is the one it was compared with.
    """

    version: int
    sha256: str
    changes: Sequence[Change]
    doors: Sequence[DoorChange]


@dataclass(frozen=True, slots=True)
class AppliedPolicy:
    """A version of the policy that was applied; ``entry``: of the ledger. ``gains`` and ``loses``: how many people pass more, or less."""

    version: int
    sha256: str
    document: Mapping[str, JSONValue]
    reason: str
    applied: datetime
    applied_by: str
    entry: int
    gains: int
    loses: int


@dataclass(frozen=True, slots=True)
class SealedSnapshot:
    """The signed snapshot of one controller."""

    number: int
    text: str = field(repr=False)
    issued: datetime
    expires: datetime
