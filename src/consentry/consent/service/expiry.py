"""Ending consents that are over: by their own time, and because the site does no more what they were given for (R8, R45, R47)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from consentry.consent.model import Ending, Purpose
from consentry.consent.records import ConsentRow, PurposeOffRow
from consentry.consent.rules.validity import LONGEST_ABSENCE
from consentry.consent.service.endings import Author, end, end_if_due, reckon
from consentry.consent.work import ITSELF
from consentry.ledger.work import reading, writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.ledger.work import UnitOfWork
    from consentry.platform.site import Site

__all__ = ["expire"]

AT_ONCE = 500
"""Consents ended in one transaction, so that nobody waits long."""


def expire(site: Site) -> int:
    """End every consent that is over, and return how many.

    Over is what its validity, its retention without a visit, or the month that one reported lost may rest has ended; and what was given to a purpose
    that the settings have not named for a day. A job of every minute, because the vault keeps a template until it hears of the end: it finds what is
    due by an index, and writes nothing where nothing is. Whoever asks whether a consent holds is told so in the meantime too.
    """
    ended = _end_where(site, ConsentRow.due <= site.clock.now(), _end_or_reckon)
    for purpose in _purposes_gone(site):
        ended += _end_where(site, ConsentRow.purpose == purpose, _end_with_purpose)
    return ended


def _end_where(site: Site, condition: Any, end_one: Callable[[UnitOfWork, ConsentRow], bool]) -> int:  # noqa: ANN401 - SQLAlchemy's condition
    """End what is not over and fits, some at a time, and return how many."""
    ended, fitting = 0, select(ConsentRow.id).where(ConsentRow.ended.is_(None), condition).limit(AT_ONCE)
    while names := _names(site, fitting):
        with writing(site) as work:
            rows = work.session.scalars(select(ConsentRow).where(ConsentRow.id.in_(names), ConsentRow.ended.is_(None)))
            ended += sum(end_one(work, row) for row in list(rows))
    return ended


def _names(site: Site, wanted: Any) -> list[str]:  # noqa: ANN401 - SQLAlchemy's selection
    with reading(site) as work:
        return list(work.session.scalars(wanted))


def _end_or_reckon(work: UnitOfWork, row: ConsentRow) -> bool:
    """End one whose time is over; one that was visited in this moment is due later, and not found again."""
    over = end_if_due(work, row)
    if not over:
        reckon(row)
    return over


def _end_with_purpose(work: UnitOfWork, row: ConsentRow) -> bool:
    end(work, row, Ending.PURPOSE_ENDED, Author(ITSELF.label))
    return True


def _purposes_gone(site: Site) -> list[Purpose]:
    """Return the purposes that the settings have not named for longer than a day, and note since when they do not."""
    off = {purpose for purpose in Purpose if site.settings.purpose(purpose) is None}
    with reading(site) as work:
        noted = {Purpose(row.purpose): row.since for row in work.session.scalars(select(PurposeOffRow))}
    if off != noted.keys():
        _note(site, off)
    return sorted(purpose for purpose in off & noted.keys() if site.clock.now() - noted[purpose] > LONGEST_ABSENCE)


def _note(site: Site, off: set[Purpose]) -> None:
    with writing(site) as work:
        noted = {Purpose(row.purpose): row for row in work.session.scalars(select(PurposeOffRow))}
        for purpose in noted.keys() - off:
            work.session.delete(noted[purpose])
        work.session.add_all([PurposeOffRow(purpose=purpose, since=work.now) for purpose in off - noted.keys()])
