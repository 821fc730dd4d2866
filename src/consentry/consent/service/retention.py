"""What ends by itself: consents whose time is over, refusals, reports, and evidence three years after it last proved something (R8, R45, R51)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import defer

from consentry.consent.records import AssessmentRow, ConsentRow, LostReportRow, NoticeRow, PersonRow, RefusalRow, RequestRow, consent_of
from consentry.consent.rules.validity import EVIDENCE_KEPT, ending_due
from consentry.consent.service.endings import end_if_due
from consentry.consent.work import reading, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.consent.model import Consent
    from consentry.consent.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["JOBS", "expire", "forget_old", "lag"]

AT_ONCE = 500
"""Consents looked at in one transaction, so that nobody waits long."""

_DAY: Final = timedelta(days=1)


def expire(site: Site) -> int:
    """End every consent whose time is over: its validity, its retention without a visit, or the month that one reported lost may rest.

    Return how many. An hourly job: whoever asks whether a consent holds is told so in the meantime too.
    """
    ended, after = 0, ""
    while live := _live_after(site, after):
        ended += _end_due(site, live)
        after = live[-1].id
    return ended


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


JOBS: Final[tuple[tuple[str, Callable[[Site], object]], ...]] = (("consent-expiry", expire), ("retention-consent", forget_old))
"""What is to run hourly: the name of the job, and what it does."""


def _live_after(site: Site, after: str) -> list[Consent]:
    with reading(site) as work:
        live = select(ConsentRow).options(defer(ConsentRow.record)).where(ConsentRow.ended.is_(None), ConsentRow.id > after)
        return [consent_of(row) for row in work.session.scalars(live.order_by(ConsentRow.id).limit(AT_ONCE))]


def _end_due(site: Site, live: list[Consent]) -> int:
    now = site.clock.now()
    due = [consent.id for consent in live if ending_due(consent, now)]
    if not due:
        return 0
    with writing(site) as work:
        return sum(end_if_due(work, row) for row in work.session.scalars(select(ConsentRow).where(ConsentRow.id.in_(due))))


def _proven_by(notice: type[NoticeRow]) -> Any:  # noqa: ANN401 - SQLAlchemy's condition
    """Return the condition that a consent whose evidence is kept was given under a notice."""
    return select(ConsentRow.id).where(ConsentRow.purpose == notice.purpose, ConsentRow.notice_version == notice.version).exists()


def _overdue(work: UnitOfWork) -> Iterator[datetime]:
    """Yield since when the oldest row of each kind should be gone."""
    kept = (
        (select(func.min(ConsentRow.expires)).where(ConsentRow.ended.is_(None)), timedelta(0)),
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
