"""The end of reports whose client never came: what they say of the person is deleted. What stays is that there was a report, when, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, delete, or_, select

from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.reports import ReportNonceRow, ReportRow
from consentry.attribution.records.visits import VisitCodeRow
from consentry.attribution.service import parties
from consentry.attribution.service.visit_retention import CODES_KEPT
from consentry.attribution.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["JOBS", "WITHOUT_PROJECT", "erase_lapsed", "forget_nonces"]

WITHOUT_PROJECT = timedelta(days=7)
"""How long lapsed reports of a project are kept that the settings no longer name."""
_AT_ONCE = 500


def erase_lapsed(site: Site) -> int:
    """Erase what lapsed reports say of people, ``lapsed_retention`` after they lapsed, and return how many reports; a job.

    A report whose visit code nobody has used waits until ``CODES_KEPT`` after the code's end: a desk that is cut off may hold an arrival with it.
    What reports say of people who were erased at their own request goes with it.

    Erased are alias, mask and hashes of the client, the commitment, and what was compared with other reports. Entries of the ledger hold a pseudonym and
    the commitment, which says nothing without the agent's salt; their own retention ends them.
    """
    return sum(_erase_of(site, project) for project in _projects(site))


def forget_nonces(site: Site) -> None:
    """Delete nonces that nobody used in time; a job."""
    with writing(site) as work:
        work.session.execute(delete(ReportNonceRow).where(ReportNonceRow.expires <= work.now))


JOBS: Final = (
    Job("retention-lapsed-reports", timedelta(hours=1), erase_lapsed),
    Job("retention-report-nonces", timedelta(hours=1), forget_nonces),
)
"""What is to run by itself while the site does."""


def _projects(site: Site) -> list[str]:
    with reading(site) as work:
        return list(work.session.scalars(select(ReportRow.project).where(ReportRow.erased.is_(None)).distinct()))


def _erase_of(site: Site, project: str) -> int:
    erased = 0
    while count := _erase_some(site, project):
        erased += count
    return erased


def _erase_some(site: Site, project: str) -> int:
    known = site.settings.project(project)
    kept = known.lapsed_retention if known else WITHOUT_PROJECT
    with writing(site) as work:
        unspent = (VisitCodeRow.report == ReportRow.id, VisitCodeRow.used.is_(None), VisitCodeRow.expires > work.now - CODES_KEPT)
        lapsed = and_(ReportRow.arrived.is_(None), ReportRow.valid_until < work.now - kept, ~select(VisitCodeRow.code).where(*unspent).exists())
        over = select(ReportRow).join(PartyRow, PartyRow.id == ReportRow.client).where(ReportRow.project == project, ReportRow.erased.is_(None))
        over = over.where(or_(lapsed, PartyRow.erased.is_not(None))).order_by(ReportRow.valid_until).limit(_AT_ONCE)
        rows = list(work.session.scalars(over))
        if rows:
            _erase(work, project, rows)
        return len(rows)


def _erase(work: UnitOfWork, project: str, rows: Sequence[ReportRow]) -> None:
    for row in rows:
        parties.erase(work, row.client)
        row.commitment, row.client_mark, row.likeness = None, None, None
        row.erased = work.now
    work.record(Act(ITSELF.label, "attribution.reports-erased", f"project:{project}", PURPOSE, "retention", {"reports": len(rows)}))
