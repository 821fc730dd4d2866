"""The nouns of arrivals: who arrived, on which code, what the desk is told, what both sides get, and what the visitor can say of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.ledger.model import SealedBundle
    from consentry.platform.settings.values import Text

__all__ = [
    "AgentVisit",
    "Answer",
    "Arrival",
    "Binding",
    "Claim",
    "ClaimedReport",
    "ClaimedStatement",
    "DeskEntry",
    "DeskFace",
    "DeskState",
    "EditField",
    "EntryOutcome",
    "Expected",
    "Hint",
    "HintKind",
    "OutageCause",
    "OutageSpan",
    "PairingCode",
    "PartyKind",
    "Reconciled",
    "Recorded",
    "SignedEntry",
    "StatementView",
    "VisitCode",
    "VisitEdit",
    "VisitView",
    "Voiced",
]


class PartyKind(StrEnum):
    """As what somebody appeared."""

    CLIENT = "client"
    VISITOR = "visitor"
    BUYER = "buyer"


class Binding(StrEnum):
    """What came of the visit code. Only the first two bind the visit to the report."""

    BOUND = "bound"
    """The code held, and the number that it revealed is the one that was committed to."""
    BOUND_UNREVEALED = "bound-unrevealed"
    """The code held, but no number was revealed, so that nothing shows yet who the client was."""
    NONE = "none"
    """Nobody showed a code."""
    MISMATCH = "mismatch"
    """The revealed number is not the one that was committed to (换号)."""
    USED = "used"
    EXPIRED = "expired"
    OTHER_PROJECT = "other-project"
    UNKNOWN = "unknown"

    @property
    def binds(self) -> bool:
        """Whether the visit is bound to the report by the code."""
        return self in {Binding.BOUND, Binding.BOUND_UNREVEALED}


class Answer(StrEnum):
    """What a visitor says who is asked who brought them."""

    CONFIRMED = "confirmed"
    NOBODY = "nobody"
    SOMEBODY_ELSE = "somebody-else"


class EditField(StrEnum):
    """What staff may want to be another value. The first one stands for every verdict."""

    AT = "at"
    REPORT = "report"
    PARTY_SIZE = "party_size"


class Voiced(StrEnum):
    """What a visitor can state of their own accord."""

    DISPUTE = "dispute"
    EARLIER_VISIT = "earlier_visit"


class OutageCause(StrEnum):
    """How an outage became known."""

    PROCESS = "process"
    LOGGED = "logged"


class HintKind(StrEnum):
    """What the desk is told at an arrival. A hint decides nothing."""

    LEAD_SHORT = "lead-short"
    REPORT_OVER = "report-over"
    REPORT_REFUSED = "report-refused"
    CODE_MISMATCH = "code-mismatch"
    CODE_USED = "code-used"
    CODE_EXPIRED = "code-expired"
    CODE_OTHER_PROJECT = "code-other-project"
    CODE_UNKNOWN = "code-unknown"
    NOT_REVEALED = "not-revealed"
    NOT_BOUND = "not-bound"
    RETURNING = "returning"
    PROTECTED = "protected"
    NATURAL_BEFORE = "natural-before"
    OTHER_NUMBER = "other-number"
    KIN_KNOWN = "kin-known"
    DOCUMENT_FAILED = "document-failed"


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that the desk should know: ``agency`` where it is about one, ``at`` where it happened before, ``minutes`` of a lead."""

    kind: HintKind
    agency: str | None = None
    at: datetime | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class VisitCode:
    """A visit code, shown once: ``text`` is ``CV1.<report>.<token>``; the agent's page adds salt and number behind it, each after a dot."""

    report: str
    text: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who stands at the desk.

    Args:
        alias: How they want to be called, at most a family name.
        report: The report that they name without a code; ``code`` names its own.
        code: What was scanned, ``CV1.…``.
        phone: Their number, as they typed it; it is hashed at once.
        check: Id of a check of their document.
        party_size: How many came together.
        link: SHA-256 (hex) of the secret of the visitor's link, where the desk made it, so that it can be shown without the network.
    """

    alias: str | None = field(default=None, repr=False)
    report: str | None = None
    code: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    check: str | None = None
    party_size: int = 1
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of an arrival. ``secret``: of the visitor's link, where it was made here, told once; ``returning``: when they were here before."""

    visit: str
    at: datetime
    claimed_at: datetime | None
    binding: Binding
    report: str | None
    agency: str | None
    hints: tuple[Hint, ...]
    entry: int
    secret: str | None = field(default=None, repr=False)
    receipt: SealedBundle | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """What a desk sends: canonical JSON of ``arrival``, ``at``, ``counter``, ``desk`` and ``project``, and its signature (base64 of r ‖ s)."""

    text: str = field(repr=False)
    signature: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EntryOutcome:
    """What came of one entry of a desk's queue: a visit, or the code of why not. Sending it again gives the same."""

    counter: int | None
    visit: str | None
    code: str | None
    problem: str | None = None
    recorded: Recorded | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of a queue, in its order. ``skew_s``: how far the desk's clock is behind ours, negative where it is ahead."""

    outcomes: tuple[EntryOutcome, ...]
    now: datetime
    skew_s: int


@dataclass(frozen=True, slots=True)
class PairingCode:
    """What is typed into a device, once, to make it a desk."""

    project: str
    name: str
    code: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class DeskFace:
    """What a device may know of the desk that it is; ``project_name`` is None where the settings no longer name the project."""

    desk: str
    name: str
    project: str
    project_name: Text | None


@dataclass(frozen=True, slots=True)
class DeskState:
    """A desk as staff list it. ``waiting``: entries that could not be accepted and that nobody has settled."""

    desk: str
    name: str
    project: str
    paired: datetime
    paired_by: str
    revoked: datetime | None
    seen: datetime | None
    skew_s: int
    waiting: int


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """An entry that could not be accepted, with what it said, for whoever settles it."""

    desk: str
    counter: int
    sha256: str
    received: datetime
    code: str
    at: datetime | None
    alias: str | None = field(default=None, repr=False)
    report: str | None = None
    party_size: int | None = None
    settled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """A report whose client may arrive now. ``lead_left``: minutes until its lead is kept, 0 once it is; ``clashes``: other live reports of the same mask."""

    report: str
    agency: str
    agency_name: str
    alias: str = field(repr=False)
    mask: str = field(repr=False)
    filed: datetime = field(kw_only=True)
    planned: datetime | None = field(kw_only=True)
    valid_until: datetime = field(kw_only=True)
    lead_left: int = field(kw_only=True)
    clashes: tuple[str, ...] = field(kw_only=True, default=())


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit as staff list it, with what was edited and what the visitor said. Who it was is told to nobody without a reason (``describe_people``)."""

    id: str
    project: str
    visitor: str
    report: str | None
    at: datetime
    claimed_at: datetime | None
    binding: Binding
    answer: Answer | None
    party_size: int
    desk: str | None
    received_by: str
    edits: int
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class VisitEdit:
    """That somebody wanted a value of a visit to be another; the first one stands."""

    visit: str
    field: EditField
    before: str | int | None
    after: str | int | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AgentVisit:
    """A visit as the agent sees it whose report it names."""

    visit: str
    at: datetime
    claimed_at: datetime | None
    binding: Binding
    answer: Answer | None
    answered: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimedReport:
    """The report that a visit names, as its visitor sees it."""

    report: str
    agency: str
    agent: str | None
    filed: datetime
    binding: Binding


@dataclass(frozen=True, slots=True)
class ClaimedStatement:
    """What the visitor stated, and what was found."""

    kind: Voiced
    at: datetime
    credible: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a visitor sees of their visit: who says that they brought them, on what evidence, and what they said themselves.

    ``evidence``: kinds of link with grades, such as ``phone:A``; ``face`` stands there where a face was used. ``number_known``: they left a telephone number.
    """

    visit: str
    project: str
    project_name: Text | None
    at: datetime
    claimed_at: datetime | None
    party_size: int
    report: ClaimedReport | None
    answer: Answer | None
    answered: datetime | None
    number_known: bool
    evidence: tuple[str, ...]
    statements: tuple[ClaimedStatement, ...]


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement as staff list it; ``words`` are shown to whoever decides."""

    id: str
    project: str
    visit: str
    person: str
    kind: Voiced
    at: datetime
    credible: bool | None
    decided: datetime | None
    decided_by: str | None
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OutageSpan:
    """A time in which nothing could be received."""

    id: str
    start: datetime
    until: datetime
    cause: OutageCause
    reason: str
    by: str
    logged: datetime
