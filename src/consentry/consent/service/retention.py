"""What is deleted by itself: refusals, reports, and evidence three years after it last proved something (R45, R51)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import CursorResult, delete, func, select

from consentry.consent.records import AssessmentRow, ConsentRow, LostReportRow, NoticeRow, PersonRow, RefusalRow, RequestRow
from consentry.consent.rules.validity import EVIDENCE_KEPT
from consentry.consent.service.expiry import expire
from consentry.ledger.work import reading, writing
from consentry.platform.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["JOBS", "forget_old", "lag"]

_DAY: Final = timedelta(days=1)


def forget_old(site: Site) -> int:
    """Delete what has no time left: refusals, reports of lost receipts, and evidence. Return how many rows. An hourly job."""
    with writing(site) as work:
        session, old = work.session, work.now - EVIDENCE_KEPT
        deleted = [
            _count(session, delete(RefusalRow).where(RefusalRow.until <= work.now)),
            _count(session, delete(LostReportRow).where(LostReportRow.at <= work.now - _DAY)),
            _count(session, delete(RequestRow).where(RequestRow.answered <= old)),
            _count(session, delete(ConsentRow).where(ConsentRow.ended <= old)),
            _count(session, delete(AssessmentRow).where(AssessmentRow.expires <= old)),
            _count(session, delete(NoticeRow).where(NoticeRow.superseded <= old, ~_proven_by(NoticeRow))),
            _count(session, delete(PersonRow).where(PersonRow.id.not_in(select(ConsentRow.person)))),
        ]
        return sum(deleted)


def lag(site: Site) -> timedelta:
    """Return how long the record that is longest overdue has outlived its time, zero if none has; for whoever watches retention."""
    with reading(site) as work:
        return max([timedelta(0), *(work.now - due for due in _overdue(work))])


JOBS: Final = (Job("consent-expiry", timedelta(minutes=1), expire), Job("retention-consent", timedelta(hours=1), forget_old))
"""What is to run by itself while the site does."""


def _proven_by(notice: type[NoticeRow]) -> Any:  # noqa: ANN401 - SQLAlchemy's condition
    """Return the condition that a consent whose evidence is kept was given under a notice."""
    return select(ConsentRow.id).where(ConsentRow.purpose == notice.purpose, ConsentRow.notice_version == notice.version).exists()


def _overdue(work: UnitOfWork) -> Iterator[datetime]:
    """Yield since when the oldest row of each kind should be gone."""
    kept = (
        (select(func.min(ConsentRow.due)).where(ConsentRow.ended.is_(None)), timedelta(0)),
        (select(func.min(RefusalRow.until)), timedelta(0)),
        (select(func.min(LostReportRow.at)), _DAY),
        (select(func.min(ConsentRow.ended)), EVIDENCE_KEPT),
        (select(func.min(RequestRow.answered)), EVIDENCE_KEPT),
        (select(func.min(AssessmentRow.expires)), EVIDENCE_KEPT),
    )
    for oldest, length in kept:
        found: datetime | None = work.session.scalar(oldest)
        if found is not None:
            yield found + length


def _count(session: Session, statement: Any) -> int:  # noqa: ANN401 - deletions of several tables
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
