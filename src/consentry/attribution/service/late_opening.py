"""Opening a report after the contract: how an agency appeals whose client bought without anybody having opened its report.

Until then nothing joins the report to the buyer, the case holds nothing of it, and the verdict does not concern the agency.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.channel import Reveal
from consentry.attribution.deals import AppealDraft, Side
from consentry.attribution.numbers import phone_hash
from consentry.attribution.records.deals import BuyerRow, DealRow, VerdictRow
from consentry.attribution.records.people import PartyRow
from consentry.attribution.service.agent_sessions import signed_in_agent
from consentry.attribution.service.appeals import open_appeal
from consentry.attribution.service.revealing import report_row, reveal
from consentry.ledger.work import UnitOfWork, reading
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from consentry.attribution.deals import Appeal
    from consentry.attribution.records.reports import ReportRow
    from consentry.ledger.model import SealedBundle
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["appeal_by_report"]


@permits(Permission.REPORT_VISITORS)
def appeal_by_report(  # noqa: PLR0913 - what opens a report, and an appeal
    site: Site, actor: Actor, report: str, words: str, *, salt: bytes, phone: str
) -> tuple[Appeal, SealedBundle]:
    """Open an appeal against the newest verdict on a contract of the client whom a report of the agent's agency was about.

    The report has to be older than the contract. With any other, a number that does not open it, or a client who did not buy, the answer is the same.

    Args:
        site: The site.
        actor: The agent.
        report: Id of the report.
        words: What the agency says.
        salt: 32 bytes, of the agent's own receipt file.
        phone: The client's number, E.164.

    Raises:
        NotFoundError: ``appeal.report`` where the report opens no verdict.
        InputError: ``appeal.words``, ``commitment.salt`` or ``commitment.phone``.
        ConflictError: ``appeal.late`` after the window, ``appeal.open`` while one of the agency is undecided, ``deal.cancelled``.
    """
    with reading(site) as work:
        agency = signed_in_agent(work, actor).agency
        deal = _bought(work, _own_report(work, agency, report, salt, phone), phone)
    return open_appeal(site, AppealDraft(deal, Side.AGENCY, actor.label, words, agency, report))


def _own_report(work: UnitOfWork, agency: str, report: str, salt: bytes, phone: str) -> ReportRow:
    """Return the agency's report that salt and number open."""
    try:
        row = report_row(work.session, report)
    except NotFoundError:
        raise _none() from None
    if row.agency != agency or reveal(work, report, salt, phone) is not Reveal.FITS:
        raise _none()
    return row


def _bought(work: UnitOfWork, report: ReportRow, phone: str) -> str:
    """Return the newest contract with a verdict of whoever has that number, signed after the report was received."""
    known = phone_hash(work.keys, report.project, phone).known_as
    bought = select(DealRow.id).join(BuyerRow, BuyerRow.deal == DealRow.id).join(PartyRow, PartyRow.id == BuyerRow.party)
    judged = select(VerdictRow.id).where(VerdictRow.deal == DealRow.id).exists()
    wanted = bought.where(DealRow.project == report.project, DealRow.signed >= report.filed, PartyRow.phone.in_(known), judged)
    deal = work.session.scalar(wanted.order_by(DealRow.signed.desc(), DealRow.id.desc()).limit(1))
    if deal is None:
        raise _none()
    return deal


def _none() -> NotFoundError:
    mend = "Compare number and receipt file, or ask the office; a report later than the contract opens nothing."
    return NotFoundError("appeal.report", "report", "it opens no verdict", mend)
