"""What the routes of staff about agencies, agents and reports read and answer: clients by pseudonym, unless a reason was given."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the annotations when the program runs
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from consentry.attribution.api.agent_shapes import ClocksOut, In, Out, ProjectName, ReplyOut, clocks_out, reply_out
from consentry.attribution.channel import AgentState, RefusalGround, ReplyDraft, ReplyKind, ReportState
from consentry.attribution.service.report_views import MOST_DESCRIBED
from consentry.consent.api.shapes import Proof, to_text
from consentry.platform.http.times import Instant  # noqa: TC001 - pydantic reads the annotations when the program runs
from consentry.staff.rules import SHORTEST_REASON

if TYPE_CHECKING:
    from consentry.attribution.channel import ListedReport, Replied

__all__ = [
    "AgencyIn",
    "AgencyOut",
    "AgentIn",
    "AgentLinkOut",
    "AgentOut",
    "ContractChangeIn",
    "ContractIn",
    "ContractOut",
    "DescriptionOut",
    "ListedReportOut",
    "PossibleDuplicateOut",
    "RepliedOut",
    "ReplyIn",
    "ViewingIn",
    "WhyIn",
]

Identifier = Annotated[str, Field(min_length=1, max_length=36)]
Why = Annotated[str, Field(min_length=SHORTEST_REASON, max_length=200, description="Why, without names of persons; the ledger keeps it.")]


class WhyIn(In):
    """Why it is done."""

    reason: Why


class AgencyIn(In):
    """An agency."""

    name: str = Field(min_length=1, max_length=80)


class AgencyOut(Out):
    """An agency."""

    id: str
    name: str
    added: datetime
    disabled: datetime | None = Field(description="Since when nobody of it may report; its agents still read and appeal.")


class ContractIn(In):
    """A contract; both ends are included."""

    agency: Identifier
    project: ProjectName
    start: Instant
    until: Instant


class ContractChangeIn(WhyIn):
    """Another end of a contract, now at the earliest."""

    until: Instant


class ContractOut(Out):
    """A contract as it was recorded; a change is a new one."""

    id: str
    agency: str
    project: str
    start: datetime
    until: datetime
    recorded: datetime
    entry: int
    replaces: str | None
    replaced_by: str | None


class AgentIn(In):
    """Somebody of an agency."""

    agency: Identifier
    name: str = Field(min_length=1, max_length=64, description="What they sign in with, and what clients are shown.")


class AgentOut(Out):
    """Somebody of an agency."""

    id: str
    agency: str
    name: str
    state: AgentState
    created: datetime
    last_sign_in: datetime | None


class AgentLinkOut(Out):
    """A one-time link, shown once; the path follows the site's address."""

    agent: str
    path: str
    expires: datetime


class ListedReportOut(Out):
    """A report; nobody is named."""

    id: str
    project: str
    agency: str
    agent: str
    client: str = Field(description="A pseudonym.")
    filed: datetime
    planned: datetime | None
    entry: int
    state: ReportState
    clocks: ClocksOut
    reply: ReplyOut | None
    accepted_silently: int | None
    arrived: datetime | None
    erased: bool

    @classmethod
    def of(cls, listed: ListedReport) -> ListedReportOut:
        """Return a report as it is answered."""
        names = ("id", "project", "agency", "agent", "client", "filed", "planned", "entry", "state", "accepted_silently", "arrived", "erased")
        return cls(**{name: getattr(listed, name) for name in names}, clocks=clocks_out(listed.clocks), reply=reply_out(listed))


class PossibleDuplicateOut(Out):
    """Another live report whose client may be the same person."""

    report: str
    agency: str
    filed: datetime
    entry: int = Field(description="What a refusal can cite, where it is older than the refused report.")


class ReplyIn(In):
    """The developer's reply to a report."""

    kind: ReplyKind
    ground: RefusalGround | None = Field(default=None, description="Of a refusal.")
    cites: int | None = Field(default=None, ge=0, le=2**53, description="The entry of the ledger that shows that the client was known.")
    reason: str = Field(default="", max_length=200, description="In a few words, without names; the agent reads it.")

    def draft(self) -> ReplyDraft:
        """Return it as the service takes it."""
        return ReplyDraft(self.kind, self.ground, self.cites, self.reason)


class RepliedOut(Out):
    """A reply, and its signed receipt."""

    reply: ReplyOut
    receipt: Proof

    @classmethod
    def of(cls, replied: Replied) -> RepliedOut:
        """Return a reply as it is answered."""
        return cls(reply=ReplyOut.model_validate(replied.reply), receipt=to_text(replied.receipt))


class ViewingIn(In):
    """Whose names one looks at, and why."""

    reports: tuple[Identifier, ...] = Field(min_length=1, max_length=MOST_DESCRIBED)
    text: Why
    ticket: str = Field(min_length=1, max_length=64)


class DescriptionOut(Out):
    """What a report says of its client; nothing where it was erased."""

    report: str
    alias: str | None
    mask: str | None
