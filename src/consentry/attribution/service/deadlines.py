"""What is due, and what is over: verdicts and appeals that nobody decided in time are told, old contracts are deleted with everything of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from consentry.alarms import service as alarms
from consentry.alarms.model import AlarmKind, Sighting
from consentry.attribution.records.deals import AppealRow, BuyerRow, DealRow, VerdictRow
from consentry.attribution.service import flags, parties, rulebooks
from consentry.attribution.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import reading, writing
from consentry.platform.jobs import Job
from consentry.platform.settings.projects import Project

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["JOBS", "forget_old", "watch"]

APPEAL_WARNING = timedelta(days=1)
"""How long before an appeal must be decided staff are told."""
AT_ONCE = 100
"""Contracts deleted in one transaction."""
_KEPT: Final[timedelta] = Project.model_fields["deal_retention"].default
"""How long a contract is kept whose project the settings no longer name."""


def watch(site: Site) -> None:
    """Raise an alarm for each verdict and each appeal that waits too long, and close it once that is decided. A job."""
    with reading(site) as work:
        late = {AlarmKind.VERDICT_DUE: _late_verdicts(work), AlarmKind.APPEAL_DUE: _late_appeals(work)}
        now = work.now
    raised = {(alarm.kind, alarm.subject) for alarm in alarms.live(site) if alarm.kind in late}
    for kind, subject in sorted(raised | {(kind, subject) for kind, subjects in late.items() for subject in subjects}):
        alarms.observe(site, Sighting(kind, subject, subject in late[kind], now))


def forget_old(site: Site) -> int:
    """Delete contracts whose retention is over, with verdicts, appeals and what names their buyers; return how many. A job."""
    deleted = 0
    while names := _expired(site):
        with writing(site) as work:
            for row in list(work.session.scalars(select(DealRow).where(DealRow.id.in_(names)))):
                _forget(work, row)
            work.record(Act(ITSELF.label, "attribution.deals-expired", "deals", PURPOSE, details={"deals": len(names)}))
            deleted += len(names)
    return deleted


JOBS: Final = (
    Job("attribution-rulebooks", timedelta(minutes=1), rulebooks.follow),
    Job("attribution-deadlines", timedelta(minutes=1), watch),
    Job("attribution-flags", timedelta(minutes=1), flags.screen),
    Job("retention-deals", timedelta(hours=1), forget_old),
)
"""What is to run by itself while the site does."""


def _late_verdicts(work: UnitOfWork) -> set[str]:
    unsigned = select(DealRow).where(DealRow.cancelled.is_(None), ~select(VerdictRow.id).where(VerdictRow.deal == DealRow.id).exists())
    within = {project.id: project.verdict_within for project in work.site.settings.projects}
    return {row.id for row in work.session.scalars(unsigned) if row.project in within and work.now - row.recorded >= within[row.project]}


def _late_appeals(work: UnitOfWork) -> set[str]:
    return set(work.session.scalars(select(AppealRow.id).where(AppealRow.decided.is_(None), AppealRow.due <= work.now + APPEAL_WARNING)))


def _expired(site: Site) -> list[str]:
    """Return some contracts whose time is over."""
    kept = {project.id: project.deal_retention for project in site.settings.projects}
    with reading(site) as work:
        projects = work.session.scalars(select(DealRow.project).distinct())
        found = [name for project in projects for name in _signed_before(work.session, project, work.now - kept.get(project, _KEPT))]
    return found[:AT_ONCE]


def _signed_before(session: Session, project: str, instant: datetime) -> list[str]:
    return list(session.scalars(select(DealRow.id).where(DealRow.project == project, DealRow.signed <= instant).limit(AT_ONCE)))


def _forget(work: UnitOfWork, row: DealRow) -> None:
    for party in list(work.session.scalars(select(BuyerRow.party).where(BuyerRow.deal == row.id))):
        parties.erase(work, party)
    work.session.delete(row)
