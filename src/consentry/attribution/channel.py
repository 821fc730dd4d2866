"""The nouns of agencies, agents and what they report, as others see them. None holds a telephone number in clear or a secret that is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from consentry.ledger.model import SealedBundle
    from consentry.platform.settings.projects import PhoneForm
    from consentry.platform.settings.values import Text

__all__ = [
    "Agency",
    "Agent",
    "AgentInvitation",
    "AgentLink",
    "AgentSession",
    "AgentState",
    "Announced",
    "BatchMode",
    "BatchResult",
    "BatchRow",
    "Clocks",
    "Contract",
    "ContractTerms",
    "Description",
    "Filed",
    "ListedReport",
    "OpenProject",
    "OwnReport",
    "PossibleDuplicate",
    "RefusalGround",
    "Replied",
    "Reply",
    "ReplyDraft",
    "ReplyKind",
    "ReportDraft",
    "ReportState",
    "ReportTerms",
    "Reveal",
    "RowProblem",
    "RowResult",
    "SignedInAgent",
]


class AgentState(StrEnum):
    """Where an agent's account is in its life; only an active one can sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class ReportState(StrEnum):
    """Where a report stands: waiting for the developer's reply, accepted (also by silence), refused in time, its client came, or it lapsed."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ARRIVED = "arrived"
    LAPSED = "lapsed"


class ReplyKind(StrEnum):
    """What the developer replies."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class RefusalGround(StrEnum):
    """Why the developer refuses: the client is known already, which an older entry of the ledger must show, or the report cannot be used."""

    DUPLICATE = "duplicate"
    UNUSABLE = "unusable"


class Reveal(StrEnum):
    """What came of opening a report's commitment when the client arrived: it fits, the number is another, or the mask showed another."""

    FITS = "fits"
    OTHER_NUMBER = "other-number"
    OTHER_MASK = "other-mask"
    ERASED = "erased"


class BatchMode(StrEnum):
    """What becomes of a batch in which some rows are wrong: nothing is filed, or the good rows are."""

    ALL_OR_NONE = "all-or-none"
    GOOD_ROWS = "good-rows"


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency that may bring visitors where a contract says so. ``disabled``: since when nobody of it may report."""

    id: str
    name: str
    added: datetime
    disabled: datetime | None


@dataclass(frozen=True, slots=True)
class Contract:
    """An agency may report for ``project`` from ``start`` to ``until``, both included. A change is a new contract that ``replaces`` this one."""

    id: str
    agency: str
    project: str
    start: datetime
    until: datetime
    recorded: datetime
    entry: int
    replaces: str | None
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What a contract says: ``agency`` may report for ``project`` from ``start`` to ``until``, both included."""

    agency: str
    project: str
    start: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Agent:
    """A person of an agency. ``name`` is what they sign in with and what clients are shown."""

    id: str
    agency: str
    name: str = field(repr=False)
    state: AgentState
    created: datetime
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True)
class AgentLink:
    """A one-time link to an agent's account, shown once: ``path`` is what follows the site's address."""

    agent: str
    path: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class AgentInvitation:
    """What a one-time link offers to whoever holds it. ``recovers``: the account was in use, and its passphrase was lost."""

    agency: str
    name: str = field(repr=False)
    recovers: bool
    expires: datetime


@dataclass(frozen=True, slots=True)
class SignedInAgent:
    """A new session. ``token`` goes into the cookie and is shown once; ``expires`` is its absolute end."""

    token: str = field(repr=False)
    agent: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class AgentSession:
    """Who is signed in, and for whom they act."""

    agent: str
    name: str = field(repr=False)
    agency: str
    agency_name: str


@dataclass(frozen=True, slots=True)
class OpenProject:
    """A project for which an agent may report now. ``left_today``: how many more visitors the agency may report until the site's day ends."""

    project: str
    name: Text
    form: PhoneForm
    lead: timedelta
    valid: timedelta
    reply_within: timedelta
    contract_until: datetime
    left_today: int


@dataclass(frozen=True, slots=True)
class ReportTerms:
    """What the agent's page needs to make commitments: one of ``nonces`` for each report, each good once and until ``expires``."""

    project: str
    origin: str
    agency: str
    form: PhoneForm
    lead: timedelta
    valid: timedelta
    nonces: tuple[str, ...] = field(repr=False)
    expires: datetime

    @property
    def nonce(self) -> str:
        """The first nonce, for whoever asked for one."""
        return self.nonces[0]


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """A report as the agent's page files it.

    ``alias``: the client's family name, or what the agent calls them, 1 to 20 characters. ``mask``: the telephone number with its middle hidden, as
    the project's form says, or all of it in E.164 where the form is ``full``. ``commitment``: 32 bytes (``consentry.attribution.commitment``).
    ``planned``: when the client means to come, None where that is open.
    """

    project: str
    nonce: str = field(repr=False)
    alias: str = field(repr=False)
    mask: str = field(repr=False)
    commitment: bytes = field(repr=False)
    planned: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """The instants that matter to a report. ``protected_until`` is None unless its client came in time and bound."""

    reply_due: datetime
    lead_reached: datetime
    valid_until: datetime
    protected_until: datetime | None


@dataclass(frozen=True, slots=True)
class Announced:
    """A report in the log: ``entry`` is its index in the ledger. ``outside_window``: the planned visit would be too early or too late to count."""

    report: str
    entry: int
    filed: datetime
    clocks: Clocks
    possible_duplicates: int
    outside_window: bool


@dataclass(frozen=True, slots=True)
class Filed:
    """A report, and the signed receipt of its entry."""

    announced: Announced
    receipt: SealedBundle

    @property
    def report(self) -> str:
        """The report's id."""
        return self.announced.report

    @property
    def entry(self) -> int:
        """The index of its entry in the ledger."""
        return self.announced.entry


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A row of a batch: ``number`` is where it stands in the agent's file, from 1."""

    number: int
    draft: ReportDraft


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was not filed."""

    code: str
    problem: str
    mend: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row: filed, wrong, or, where nothing was filed because of others, neither."""

    number: int
    announced: Announced | None
    problem: RowProblem | None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch; ``receipt`` proves every row that was filed, None where none was."""

    rows: tuple[RowResult, ...]
    receipt: SealedBundle | None


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """What the developer wants to reply; a refusal has a ground, one as a duplicate ``cites`` an entry, another one says why in ``reason``."""

    kind: ReplyKind
    ground: RefusalGround | None = None
    cites: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The developer's reply. ``cites``: the entry of the ledger that shows the client was known before. ``in_time``: whether it counts."""

    kind: ReplyKind
    at: datetime
    by: str
    entry: int
    ground: RefusalGround | None
    cites: int | None
    reason: str
    in_time: bool


@dataclass(frozen=True, slots=True)
class Replied:
    """A reply that was recorded, and the signed receipt of its entry."""

    reply: Reply
    receipt: SealedBundle


@dataclass(frozen=True, slots=True)
class Description:
    """What a report says of its client: None where that was erased."""

    alias: str | None = field(repr=False)
    mask: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListedReport:
    """A report as lists show it: nobody is named. ``client`` is a pseudonym; ``accepted_silently`` the entry that says that nobody replied in time."""

    id: str
    project: str
    agency: str
    agent: str
    client: str
    filed: datetime
    planned: datetime | None
    entry: int
    state: ReportState
    clocks: Clocks
    reply: Reply | None
    accepted_silently: int | None
    arrived: datetime | None
    erased: bool


@dataclass(frozen=True, slots=True)
class OwnReport:
    """A report as its agent sees it."""

    listed: ListedReport
    description: Description


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """Another live report whose client may be the same person: the family name and what is shown of the number are equal, which proves nothing."""

    report: str
    agency: str
    filed: datetime
    entry: int
