"""What the routes of contracts, verdicts, appeals, flags and the board read and answer."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the annotations when the program runs
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from consentry.attribution.api.agent_shapes import In, Out
from consentry.attribution.deals import (
    AppealDecision,
    BuyerDraft,
    DealDraft,
    DealState,
    Decision,
    FraudKind,
    KinDraft,
    Ownership,
    PayState,
    Ruling,
    Side,
)
from consentry.attribution.model import VerdictKind  # noqa: TC001 - pydantic reads the annotations when the program runs
from consentry.attribution.service.appeals import LONGEST_REASON, LONGEST_WORDS
from consentry.attribution.service.deals import MOST_BUYERS
from consentry.platform.http.times import Instant  # noqa: TC001 - as above
from consentry.staff.rules import SHORTEST_REASON

if TYPE_CHECKING:
    from consentry.attribution.deals import Proposal, VerdictView
    from consentry.attribution.service.rulebooks import RecordedVersion

__all__ = [
    "AppealIn",
    "AppealOpenedOut",
    "AppealOut",
    "AppealWithWordsOut",
    "BoardOut",
    "CancelIn",
    "ClearIn",
    "DealIn",
    "DealOut",
    "DecisionIn",
    "FlagOut",
    "PaymentIn",
    "ProposalOut",
    "RulebookOut",
    "RulingIn",
    "RulingOut",
    "ShareOut",
    "VerdictOut",
]

Identifier = Annotated[str, Field(min_length=1, max_length=36)]
Slug = Annotated[str, Field(min_length=1, max_length=40, description="The project's id.")]
Why = Annotated[str, Field(min_length=SHORTEST_REASON, max_length=200, description="Why, without names of persons; the ledger keeps it.")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class BuyerIn(In):
    """Who bought."""

    alias: str = Field(min_length=1, max_length=40, description="A family name.", repr=False)
    phone: str | None = Field(default=None, max_length=30, description="Hashed at once; only its mask is kept.", repr=False)
    check: Identifier | None = Field(default=None, description="The id of a reader's check of the document; without it the identity was not checked.")


class KinIn(In):
    """That a buyer is kin to somebody who was reported or came."""

    buyer: int = Field(ge=0, lt=MOST_BUYERS, description="The buyer's place in the list, from 0.")
    party: Identifier
    kind: str = Field(pattern=r"^[a-z][a-z_]{2,23}$", description="spouse, parent, child, sibling, ...")
    proof: str = Field(min_length=2, max_length=200, description="Which paper showed it; not what it says.")


class DealIn(In):
    """A contract to record."""

    project: Slug
    unit: str = Field(min_length=1, max_length=80)
    signed: Instant
    # As text, because JSON's numbers are not decimal.
    commission: str = Field(pattern=r"^(0|[1-9][0-9]{0,8})([.][0-9]{1,2})?$", description="CNY, such as 46080.00.")
    buyers: tuple[BuyerIn, ...] = Field(min_length=1, max_length=MOST_BUYERS)
    kin: tuple[KinIn, ...] = Field(default=(), max_length=16)

    def draft(self) -> DealDraft:
        """Return it as the service takes it."""
        buyers = tuple(BuyerDraft(**one.model_dump()) for one in self.buyers)
        kin = tuple(KinDraft(**one.model_dump()) for one in self.kin)
        return DealDraft(self.project, self.unit, self.signed, Decimal(self.commission), buyers, kin)


class BuyerOut(Out):
    """A buyer by pseudonym; `/attribution/people/viewing` says who it is, for a reason."""

    party: str
    passed: bool | None = Field(description="What the reader found; null where nobody checked.")
    reader: str | None


class DealOut(Out):
    """A contract."""

    id: str
    project: str
    unit: str
    signed: datetime
    recorded: datetime
    recorded_by: str
    commission: Decimal
    state: DealState
    entry: int
    buyers: tuple[BuyerOut, ...]
    sent_back: str | None


class CancelIn(In):
    """Why a contract is no more."""

    reason: Why


class ReasonOut(Out):
    """Why, in two languages."""

    zh: str
    en: str


class ProposalOut(Out):
    """What the rules propose; ``sha256`` goes back with the decision."""

    deal: str
    sha256: str
    verdict: VerdictKind
    agencies: tuple[str, ...]
    flags: tuple[str, ...]
    rules: tuple[str, ...]
    reason: ReasonOut
    document: dict[str, object] = Field(description="Everything that it rests on: case, steps, rules, entries of the ledger.")

    @classmethod
    def of(cls, found: Proposal) -> ProposalOut:
        """Return a proposal as it is answered."""
        verdict = found.explanation.verdict
        named = {"agencies": verdict.agencies, "flags": tuple(verdict.flags), "rules": tuple(verdict.rules)}
        reason = ReasonOut(zh=verdict.reason.zh, en=verdict.reason.en)
        return cls(deal=found.deal, sha256=found.sha256, verdict=verdict.kind, **named, reason=reason, document=dict(found.document))


class OwnershipIn(In):
    """Whose client it was, where a person decides."""

    verdict: VerdictKind
    agencies: tuple[Identifier, ...] = Field(default=(), max_length=16)

    def ownership(self) -> Ownership:
        """Return it as the service takes it."""
        return Ownership(self.verdict, self.agencies)


class RulingIn(In):
    """What somebody decides on a proposal that they saw."""

    proposal_sha256: Sha256
    decision: Decision
    reason: Why
    ownership: OwnershipIn | None = Field(default=None, description="Where the rules leave it to you: whose client it was.")

    def ruling(self) -> Ruling:
        """Return it as the service takes it."""
        return Ruling(self.proposal_sha256, self.decision, self.reason, self.ownership.ownership() if self.ownership else None)


class AppealOut(Out):
    """An appeal without its words."""

    id: str
    deal: str
    verdict: str
    side: Side
    by: str
    opened: datetime
    due: datetime
    entry: int
    decided: datetime | None
    decided_by: str | None
    decision: AppealDecision | None
    reason: str | None


class AppealWithWordsOut(AppealOut):
    """An appeal as whoever decides it reads it."""

    words: str | None


class VerdictOut(Out):
    """A signed verdict."""

    id: str
    deal: str
    project: str
    number: int
    verdict: VerdictKind
    agencies: tuple[str, ...]
    flags: tuple[str, ...]
    signed: datetime
    signed_by: str
    appeal_until: datetime
    sha256: str
    entry: int
    state: DealState
    reason: ReasonOut
    appeals: tuple[AppealOut, ...]
    unit: str | None = Field(default=None, description="Told to its buyers alone.")

    @classmethod
    def of(cls, view: VerdictView) -> VerdictOut:
        """Return a verdict as it is answered."""
        found = view.verdict
        kept = {name: getattr(found, name) for name in ("id", "deal", "number", "flags", "signed", "signed_by", "appeal_until", "sha256", "entry")}
        owned = {"verdict": found.ownership.kind, "agencies": found.ownership.agencies}
        shown = {name: getattr(view, name) for name in ("project", "state", "reason", "appeals", "unit")}
        return cls.model_validate(kept | owned | shown)


class RulingOut(Out):
    """What a decision led to: the number of the verdict, null where the proposal was sent back."""

    deal: str
    number: int | None


class AppealIn(In):
    """Words against a verdict; ``side`` is whose they are, where the office takes them down for somebody who came in person."""

    words: str = Field(min_length=4, max_length=LONGEST_WORDS, repr=False)
    side: Side = Side.DEVELOPER
    agency: Identifier | None = Field(default=None, description="Which agency's it is, for an appeal of that side.")


class AppealOpenedOut(Out):
    """An appeal, and its signed receipt."""

    appeal: AppealOut
    receipt: str = Field(description="The receipt's file in Base64; anyone checks it with `consentry ledger verify`.")


class DecisionIn(In):
    """What a second person decides; without ``ownership`` the verdict stands."""

    proposal_sha256: str | None = Field(default=None, max_length=64, description="Of the proposal that you saw; another one is refused.")
    reason: str = Field(min_length=SHORTEST_REASON, max_length=LONGEST_REASON)
    ownership: OwnershipIn | None = None


class FlagOut(Out):
    """A sign of manipulation: what was seen, how common that is here, and what may be behind it without anybody having done wrong."""

    id: str
    deal: str
    kind: FraudKind
    saw: dict[str, object]
    having: int = Field(description="So many contracts (or hours, where the door tells) of the site look like this one,")
    among: int = Field(description="among so many.")
    innocent: ReasonOut
    raised: datetime
    cleared: datetime | None
    cleared_by: str | None
    reason: str | None


class ClearIn(In):
    """What a flag turned out to be."""

    reason: Why


class ShareOut(Out):
    """One agency's share of a contract's commission, or the contract alone where no agency has one."""

    deal: str
    project: str
    unit: str
    signed: datetime
    verdict: VerdictKind | None
    agency: str | None
    agency_name: str | None
    amount: Decimal
    state: PayState
    reasons: tuple[str, ...]
    paid: datetime | None
    paid_by: str | None
    reference: str | None


class TotalsOut(Out):
    """CNY by state."""

    due: Decimal
    held: Decimal
    paid: Decimal


class BoardOut(Out):
    """The commission board."""

    rows: tuple[ShareOut, ...]
    totals: TotalsOut


class PaymentIn(In):
    """That an agency's share was paid."""

    agency: Identifier
    reference: str = Field(min_length=1, max_length=64, description="Of the transfer, for accounting.")


class RulebookOut(Out):
    """A version of a project's rules as it was first applied."""

    project: str
    start: datetime | None = Field(description="Since when it is in force.")
    sha256: str
    text: str = Field(description="Its canonical JSON, of which the SHA-256 is made.")
    applied: datetime
    entry: int

    @classmethod
    def of(cls, found: RecordedVersion) -> RulebookOut:
        """Return a version as it is answered."""
        return cls(project=found.project, start=found.version.start, sha256=found.sha256, text=found.text, applied=found.applied, entry=found.entry)
