"""What the routes of agents read and answer. Telephone numbers never pass here in clear, but where a project's form asks for the whole number."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from consentry.attribution.channel import BatchMode, BatchRow, RefusalGround, ReplyKind, ReportDraft, ReportState
from consentry.attribution.rules.reports import LONGEST_ALIAS
from consentry.attribution.service.importing import MOST_ROWS
from consentry.attribution.service.reporting import MOST_NONCES
from consentry.consent.api.shapes import Proof, to_text
from consentry.platform.http.times import Instant
from consentry.platform.settings.projects import PhoneForm

if TYPE_CHECKING:
    from consentry.attribution.channel import Announced, BatchResult, Clocks, Filed, ListedReport, OpenProject, OwnReport, ReportTerms, RowResult

__all__ = [
    "AgentInvitationOut",
    "AgentSessionOut",
    "BatchIn",
    "BatchOut",
    "ClocksOut",
    "FiledOut",
    "In",
    "LinkTokenIn",
    "OpenProjectOut",
    "Out",
    "OwnReportOut",
    "PassphraseIn",
    "ProjectName",
    "ReceiptOut",
    "ReplyOut",
    "ReportIn",
    "SignInIn",
    "SignedInOut",
    "TermsIn",
    "TermsOut",
    "WelcomedOut",
    "clocks_out",
    "reply_out",
]

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ProjectName = Annotated[str, Field(min_length=1, max_length=40, description="The project's id.")]
Passphrase = Annotated[str, Field(max_length=256, description="At least 12 characters.")]
LinkToken = Annotated[str, Field(min_length=1, max_length=200, description="What follows the number sign in the link.")]
Seconds = Annotated[float, Field(description="Seconds.")]


class In(BaseModel):
    """What a request brings: nothing else is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """What is answered."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class SignInIn(In):
    """Name and passphrase of an agent."""

    name: str = Field(max_length=200)
    passphrase: Passphrase


class SignedInOut(Out):
    """When a session that began ends at the latest."""

    expires: datetime


class LinkTokenIn(In):
    """A one-time link."""

    token: LinkToken


class PassphraseIn(LinkTokenIn):
    """A one-time link, and the passphrase that its holder chooses."""

    passphrase: Passphrase


class AgentInvitationOut(Out):
    """What a one-time link offers."""

    agency: str
    name: str
    recovers: bool = Field(description="The account was in use; its passphrase was lost.")
    expires: datetime


class WelcomedOut(Out):
    """The name to sign in with from now on."""

    name: str


class AgentSessionOut(Out):
    """Who is signed in."""

    agent: str
    name: str
    agency: str
    agency_name: str


class ProjectWords(Out):
    """What people call a project."""

    zh: str
    en: str


class OpenProjectOut(Out):
    """A project for which the agent may report now."""

    project: str
    name: ProjectWords
    form: PhoneForm
    lead_s: Seconds
    valid_s: Seconds
    reply_within_s: Seconds
    contract_until: datetime
    left_today: int = Field(description="How many more visitors the agency may report until the site's day ends.")

    @classmethod
    def of(cls, found: OpenProject) -> OpenProjectOut:
        """Return a project as it is answered."""
        lengths = {"lead_s": found.lead.total_seconds(), "valid_s": found.valid.total_seconds(), "reply_within_s": found.reply_within.total_seconds()}
        name = ProjectWords(zh=found.name.zh, en=found.name.en)
        return cls(project=found.project, name=name, form=found.form, contract_until=found.contract_until, left_today=found.left_today, **lengths)


class TermsIn(In):
    """For how many clients commitments are to be made."""

    project: ProjectName
    count: int = Field(default=1, ge=1, le=MOST_NONCES)


class TermsOut(Out):
    """What a commitment is made over, besides salt and number: docs/attribution-reports.md."""

    project: str
    origin: str
    agency: str
    form: PhoneForm
    lead_s: Seconds
    valid_s: Seconds
    nonces: tuple[str, ...]
    expires: datetime

    @classmethod
    def of(cls, terms: ReportTerms) -> TermsOut:
        """Return terms as they are answered."""
        said = {name: getattr(terms, name) for name in ("project", "origin", "agency", "form", "nonces", "expires")}
        return cls(**said, lead_s=terms.lead.total_seconds(), valid_s=terms.valid.total_seconds())


class RowDraftIn(In):
    """A client as the agent's page sends it: the page made the commitment, and keeps number and salt."""

    nonce: Hex
    alias: str = Field(min_length=1, max_length=4 * LONGEST_ALIAS, description="The family name, or what the agent calls the client.")
    mask: str = Field(min_length=1, max_length=40, description="The number as the project's form shows it.")
    commitment: Hex
    planned: Instant | None = None

    def draft(self, project: str) -> ReportDraft:
        """Return it as the service takes it."""
        return ReportDraft(project, self.nonce, self.alias, self.mask, bytes.fromhex(self.commitment), self.planned)


class ReportIn(RowDraftIn):
    """A report."""

    project: ProjectName


class NumberedRowIn(RowDraftIn):
    """A row of a batch."""

    number: int = Field(ge=1, le=1_000_000, description="Where it stands in the agent's file.")


class BatchIn(In):
    """A batch of reports."""

    project: ProjectName
    mode: BatchMode
    rows: tuple[NumberedRowIn, ...] = Field(min_length=1, max_length=MOST_ROWS)

    def drafts(self) -> list[BatchRow]:
        """Return the rows as the service takes them."""
        return [BatchRow(row.number, row.draft(self.project)) for row in self.rows]


class ClocksOut(Out):
    """The instants that matter to a report."""

    reply_due: datetime
    lead_reached: datetime = Field(description="A visit before this is too early to count.")
    valid_until: datetime = Field(description="A visit after this is too late to count.")
    protected_until: datetime | None


class AnnouncedOut(Out):
    """A report in the log."""

    report: str
    entry: int = Field(description="Its entry in the ledger.")
    filed: datetime
    clocks: ClocksOut
    possible_duplicates: int = Field(description="How many live reports of other agencies look alike; that proves nothing.")
    outside_window: bool = Field(description="The planned visit would be too early or too late to count.")


class FiledOut(AnnouncedOut):
    """A report, and its signed receipt."""

    receipt: Proof

    @classmethod
    def of(cls, filed: Filed) -> FiledOut:
        """Return a filed report as it is answered."""
        return cls(**_announced_out(filed.announced).model_dump(), receipt=to_text(filed.receipt))


class RowProblemOut(Out):
    """Why a row was not filed."""

    code: str
    problem: str
    mend: str


class RowResultOut(Out):
    """What became of a row."""

    number: int
    announced: AnnouncedOut | None
    problem: RowProblemOut | None


class BatchOut(Out):
    """What became of a batch; the receipt proves every row that was filed."""

    filed: int
    rows: list[RowResultOut]
    receipt: Proof | None

    @classmethod
    def of(cls, result: BatchResult) -> BatchOut:
        """Return the outcome of a batch as it is answered."""
        rows = [_row_out(row) for row in result.rows]
        receipt = to_text(result.receipt) if result.receipt else None
        return cls(filed=sum(row.announced is not None for row in rows), rows=rows, receipt=receipt)


class ReplyOut(Out):
    """The developer's reply."""

    kind: ReplyKind
    at: datetime
    entry: int
    ground: RefusalGround | None
    cites: int | None = Field(description="The entry of the ledger that shows that the client was known.")
    reason: str
    in_time: bool = Field(description="Whether it came within the window, so that it counts.")


class OwnReportOut(Out):
    """A report as its agent sees it."""

    id: str
    project: str
    alias: str | None
    mask: str | None
    filed: datetime
    planned: datetime | None
    state: ReportState
    clocks: ClocksOut
    reply: ReplyOut | None
    accepted_silently: int | None = Field(description="The entry of the ledger that says that nobody replied in time.")
    arrived: datetime | None
    erased: bool

    @classmethod
    def of(cls, own: OwnReport) -> OwnReportOut:
        """Return a report as it is answered."""
        names = ("id", "project", "filed", "planned", "state", "accepted_silently", "arrived", "erased")
        said = {name: getattr(own.listed, name) for name in names}
        return cls(**said, alias=own.description.alias, mask=own.description.mask, clocks=clocks_out(own.listed.clocks), reply=reply_out(own.listed))


class ReceiptOut(Out):
    """A signed receipt."""

    receipt: Proof


def clocks_out(clocks: Clocks) -> ClocksOut:
    """Return clocks as they are answered."""
    return ClocksOut.model_validate(clocks)


def reply_out(listed: ListedReport) -> ReplyOut | None:
    """Return the reply to a report as it is answered."""
    return ReplyOut.model_validate(listed.reply) if listed.reply else None


def _announced_out(announced: Announced) -> AnnouncedOut:
    return AnnouncedOut.model_validate(announced)


def _row_out(row: RowResult) -> RowResultOut:
    return RowResultOut.model_validate(row)
