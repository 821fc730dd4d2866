"""The nouns of contracts and what follows from them: deals, proposals, signed verdicts, appeals, fraud flags, commission."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from consentry.attribution.model import Explanation, VerdictKind
    from consentry.ledger.model import JSONValue

__all__ = [
    "Appeal",
    "AppealDecision",
    "AppealDraft",
    "BoardRow",
    "BoardTotals",
    "Buyer",
    "BuyerDraft",
    "CommissionBoard",
    "Deal",
    "DealDraft",
    "DealState",
    "Decision",
    "FraudKind",
    "KinDraft",
    "Ownership",
    "PayState",
    "Proposal",
    "RaisedFlag",
    "Ruling",
    "Side",
    "SignedVerdict",
    "VerdictView",
]


class DealState(StrEnum):
    """Where a contract stands on its way to commission."""

    WAITING = "waiting"
    """Its verdict is proposed and not signed."""
    SENT_BACK = "sent-back"
    SIGNED = "signed"
    """The verdict can still be appealed against."""
    APPEALED = "appealed"
    FINAL = "final"
    CANCELLED = "cancelled"


class Decision(StrEnum):
    """What a person makes of a proposal."""

    ACCEPT = "accept"
    SEND_BACK = "send-back"


class Side(StrEnum):
    """Who appeals."""

    AGENCY = "agency"
    DEVELOPER = "developer"
    BUYER = "buyer"


class AppealDecision(StrEnum):
    """What became of an appeal."""

    UPHELD = "upheld"
    """The verdict stands."""
    CHANGED = "changed"
    """A new verdict took its place."""


class FraudKind(StrEnum):
    """洗客, 飞单, 截客, 藏客 and 换号, by what can be seen of them."""

    WASHING = "washing"
    RELABELLING = "relabelling"
    INTERCEPTION = "interception"
    CONCEALMENT = "concealment"
    CHANGED_NUMBER = "changed-number"


class PayState(StrEnum):
    """What becomes of the commission of a contract."""

    DUE = "due"
    HELD = "held"
    PAID = "paid"
    NONE = "none"
    """It was nobody's client, or the contract was cancelled."""


@dataclass(frozen=True, slots=True)
class BuyerDraft:
    """A buyer as the office enters them: a family name, and a number or a document that passed. ``check``: the id of a reader's check, or None."""

    alias: str = field(repr=False)
    phone: str | None = field(default=None, repr=False)
    check: str | None = None


@dataclass(frozen=True, slots=True)
class KinDraft:
    """Buyer number ``buyer`` (from 0) is ``kind`` (such as ``spouse``) to a party that came before; ``proof``: which paper showed it."""

    buyer: int
    party: str
    kind: str
    proof: str


@dataclass(frozen=True, slots=True)
class DealDraft:
    """A contract to record. ``commission``: CNY, at most two decimals."""

    project: str
    unit: str
    signed: datetime
    commission: Decimal
    buyers: tuple[BuyerDraft, ...]
    kin: tuple[KinDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Buyer:
    """A buyer by pseudonym; who it is is told for a reason (``describe_people``). ``passed``: None where nobody checked; ``reader``: its serial number."""

    party: str
    passed: bool | None
    reader: str | None


@dataclass(frozen=True, slots=True)
class Deal:
    """A contract as it is kept."""

    id: str
    project: str
    unit: str
    signed: datetime
    recorded: datetime
    recorded_by: str
    commission: Decimal
    state: DealState
    entry: int
    buyers: tuple[Buyer, ...] = ()
    sent_back: str | None = None
    """Why the proposal was sent back, where it was."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """What counts: ``agencies`` is one for ``channel``, several for ``split``, none for ``natural``."""

    kind: VerdictKind
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules propose for a deal: ``document`` holds everything that it rests on, ``sha256`` names it, for whoever signs what they saw."""

    deal: str
    explanation: Explanation
    document: Mapping[str, JSONValue]
    sha256: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person decides on a proposal, and why. ``ownership``: theirs, where the proposal is ``manual``; else None."""

    proposal_sha256: str
    decision: Decision
    reason: str
    ownership: Ownership | None = None


@dataclass(frozen=True, slots=True)
class SignedVerdict:
    """A verdict in force: number ``number`` of its deal. ``sha256`` names its document."""

    id: str
    deal: str
    number: int
    ownership: Ownership
    flags: tuple[str, ...]
    signed: datetime
    signed_by: str
    appeal_until: datetime
    sha256: str
    entry: int


@dataclass(frozen=True, slots=True)
class VerdictView:
    """A verdict as those whom it concerns read it. ``reason``: by language; ``unit`` is told to buyers alone, ``appeals`` to everybody."""

    project: str
    verdict: SignedVerdict
    reason: Mapping[str, str]
    state: DealState
    appeals: tuple[Appeal, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class AppealDraft:
    """What somebody has to say against the verdict on a deal, and how the log names them.

    ``agency``: whose it is, where it is an agency's; ``report``: the one that it opened to show whom it had reported.
    """

    deal: str
    side: Side
    by: str
    words: str = field(repr=False)
    agency: str | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal. ``words``: None for a list, where they are not shown; ``agency``: whose it is, where it is an agency's."""

    id: str
    deal: str
    verdict: str
    side: Side
    by: str
    opened: datetime
    due: datetime
    entry: int
    decided: datetime | None = None
    decided_by: str | None = None
    decision: AppealDecision | None = None
    reason: str | None = None
    words: str | None = field(default=None, repr=False)
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A sign of manipulation: ``saw`` in plain values; ``having`` of ``among`` contracts of the site show it; ``innocent`` by language."""

    id: str
    deal: str
    kind: FraudKind
    saw: Mapping[str, JSONValue]
    having: int
    among: int
    innocent: Mapping[str, str]
    raised: datetime
    cleared: datetime | None = None
    cleared_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One agency's share of a contract's commission, or the contract alone where no agency has one. ``reasons``: why it is held, as codes."""

    deal: str
    project: str
    unit: str
    signed: datetime
    verdict: VerdictKind | None
    agency: str | None
    agency_name: str | None
    amount: Decimal
    state: PayState
    reasons: tuple[str, ...] = ()
    paid: datetime | None = None
    paid_by: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class BoardTotals:
    """CNY by state."""

    due: Decimal
    held: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True)
class CommissionBoard:
    """Rows, newest contract first, and what they sum up to."""

    rows: tuple[BoardRow, ...]
    totals: BoardTotals
