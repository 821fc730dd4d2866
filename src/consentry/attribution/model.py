"""The nouns of visit attribution: what the log received, the rules that were in force, and the verdict that is proposed.

Times are aware and in UTC. ``at`` is when the log first received an event, whatever a device says. Ids name events; people are pseudonyms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from consentry.ledger.model import JSONValue

__all__ = [
    "AgencyContract",
    "Case",
    "Clock",
    "Edit",
    "Event",
    "Evidence",
    "Explanation",
    "Finding",
    "Flag",
    "Grade",
    "IdentityKind",
    "Link",
    "Mode",
    "Outage",
    "Outcome",
    "Reason",
    "Refusal",
    "Report",
    "RuleId",
    "Rulebook",
    "RulebookVersion",
    "Signing",
    "Statement",
    "StatementKind",
    "Step",
    "Verdict",
    "VerdictKind",
    "Visit",
]


class IdentityKind(StrEnum):
    """The kinds of link that speak of one person. Every other kind (``spouse``, ``sibling``) names how two people are related."""

    ID = "id"
    PHONE = "phone"
    FACE = "face"
    NOT_SAME = "not_same"


class Grade(StrEnum):
    """How good a piece of evidence is: confirmed by both sides, logged by one, a consented face that a person confirmed, inadmissible."""

    TWO_SIDED = "A"
    LOGGED = "B"
    CONSENTED_FACE = "C"
    INADMISSIBLE = "X"


class Mode(StrEnum):
    """What comes first among live claims: the visit or the report."""

    VISIT_FIRST = "visit_first"
    REPORT_FIRST = "report_first"


class StatementKind(StrEnum):
    """What a client can state."""

    EARLIER_VISIT = "earlier_visit"


class VerdictKind(StrEnum):
    """Whose client it was: one agency's, nobody's, several agencies' at once, or for people to decide."""

    CHANNEL = "channel"
    NATURAL = "natural"
    SPLIT = "split"
    MANUAL = "manual"


class Flag(StrEnum):
    """What the rules raise. A flag holds payment and never decides."""

    CONTRADICTION = "CONTRADICTION"
    EXPIRED = "EXPIRED"
    HIDDEN_VISIT = "HIDDEN_VISIT"
    LATE = "LATE"
    MASK_ONLY = "MASK_ONLY"
    MISMATCH = "MISMATCH"
    NO_CONTRACT = "NO_CONTRACT"
    OUTAGE = "OUTAGE"
    PHONE_CHANGE = "PHONE_CHANGE"
    REFUSED = "REFUSED"
    TIME_EDITED = "TIME_EDITED"
    UNDER_PROTECTION = "UNDER_PROTECTION"
    WASHING = "WASHING"


class RuleId(StrEnum):
    """The rules by the numbers of the specification."""

    R0 = "R0"
    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"
    R6 = "R6"
    R7 = "R7"
    R8 = "R8"
    R9 = "R9"
    R10 = "R10"


@dataclass(frozen=True, slots=True)
class Report:
    """报备: an agency announced ``client`` (a pseudonym)."""

    id: str
    agency: str
    client: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """The developer refused a report."""

    report: str
    at: datetime
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """到访: ``person`` arrived.

    ``report``: the one that the visit names, or None. ``bound``: the one-time code was scanned, or the visitor confirmed the agent. ``claimed_at``:
    the desk's own signed clock, where it was cut off when the visitor came.
    """

    id: str
    person: str
    at: datetime
    report: str | None = None
    bound: bool = False
    claimed_at: datetime | None = None
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody wanted the ``field`` of the event ``of`` to be ``to`` (any JSON value). The first value stands."""

    of: str
    field: str
    to: object
    at: datetime
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """``a`` and ``b`` are one person (``id``, ``phone``, ``face``), are not (``not_same``), or are kin (any other kind). Neither end comes first."""

    a: str
    b: str
    kind: str
    grade: Grade
    at: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class AgencyContract:
    """An agency's contract, both ends included. An agency of which no contract is known is taken to have one."""

    agency: str
    start: datetime
    until: datetime
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """The log could not receive, both ends included."""

    start: datetime
    until: datetime
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A client stated a visit that was not recorded."""

    person: str
    kind: StatementKind
    at: datetime
    credible: bool
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Signing:
    """签约: the contract of sale. ``buyers``: pseudonyms, at least one."""

    at: datetime
    buyers: tuple[str, ...]
    id: str | None = None


Event = Report | Refusal | Visit | Edit | Link | AgencyContract | Outage | Statement | Signing


@dataclass(frozen=True, slots=True)
class RulebookVersion:
    """One version of the rules; the defaults are those of the specification. ``start``: since when it is in force, None for always."""

    start: datetime | None = None
    lead: timedelta = timedelta(minutes=30)
    report_valid: timedelta = timedelta(days=2)
    visit_protection: timedelta = timedelta(days=30)
    natural_protection: timedelta = timedelta(days=30)
    kin: tuple[str, ...] = ("self", "spouse", "parent", "child")
    mode: Mode = Mode.VISIT_FIRST
    reply_within: timedelta = timedelta(minutes=30)
    appeal_within: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The versions of the rules, oldest first. ``rulebook.py`` reads, orders and hashes them; ``rules.in_force`` finds one."""

    versions: tuple[RulebookVersion, ...] = (RulebookVersion(),)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one verdict rests on; ``events`` without the signing and in any order.

    ``offset``: in which the reason names times; a fixed one, so that a replay says the same. ``names``: how it names agencies, by their id; one that
    has no name here is named by its id.
    """

    signing: Signing
    events: tuple[Event, ...] = ()
    rulebook: Rulebook = field(default_factory=Rulebook)
    name: str = ""
    offset: tzinfo = UTC
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event that counted: its id (None where it has none), its type, and the SHA-256 (hex) of its canonical JSON with times in UTC."""

    id: str | None
    type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in plain sentences."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verdict says: whose client, and what was flagged.

    ``agencies``: the winner, or all that share a split, sorted; empty otherwise. ``flags``: sorted.
    """

    kind: VerdictKind
    agencies: tuple[str, ...]
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules propose; a person signs it.

    ``agencies``, ``flags``: as in :class:`Outcome`. ``rules``: those applied, in order. ``evidence``: the events that counted, oldest first.
    """

    kind: VerdictKind
    agencies: tuple[str, ...]
    flags: tuple[Flag, ...]
    rules: tuple[RuleId, ...]
    evidence: tuple[Evidence, ...]
    reason: Reason

    @property
    def agency(self) -> str | None:
        """The agency whose client it was, or None."""
        return self.agencies[0] if self.kind is VerdictKind.CHANNEL else None

    @property
    def outcome(self) -> Outcome:
        """What the verdict says, without how it came about."""
        return Outcome(self.kind, self.agencies, self.flags)


class Clock(StrEnum):
    """By which clock the visits were judged: when the log received them, or what a desk that was cut off claims."""

    RECEIVED = "received"
    CLAIMED = "claimed"


class Finding(StrEnum):
    """What one step of a rule concluded."""

    INADMISSIBLE = "inadmissible"
    RECEIVED_LATER = "received-later"
    EDIT_IGNORED = "edit-ignored"
    CLUSTER = "cluster"
    NUMBER_CHANGED = "number-changed"
    CONTRADICTED = "contradicted"
    VISITS = "visits"
    CLAIM = "claim"
    NO_CLAIM = "no-claim"
    UNDECIDED = "undecided"
    NATURAL_CONTACT = "natural-contact"
    LOST = "lost"
    ENDED = "ended"
    FIRST = "first"
    NONE_LIVE = "none-live"
    STATED = "stated"
    CLOCKS_AGREE = "clocks-agree"
    CLOCKS_DIFFER = "clocks-differ"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a rule concluded from ``events`` (ids, or hashes where an event has no id).

    ``values``: what it rests on, by name: an agency, an instant (RFC 3339, UTC), a length of time (ISO 8601), the
    hash of the version of the rules. ``clock``: ``claimed`` where the desk's
    own clock was judged by, ``received`` otherwise.
    """

    rule: RuleId
    finding: Finding
    events: tuple[str, ...] = ()
    flag: Flag | None = None
    values: Mapping[str, JSONValue] = field(default_factory=dict)
    clock: Clock = Clock.RECEIVED


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with the case it was judged from and each step on the way; ``rules.replay`` finds the verdict again."""

    case: Case
    steps: tuple[Step, ...]
    verdict: Verdict
