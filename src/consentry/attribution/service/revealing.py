"""What an arrival does to its report: opening the commitment, and noting that the client came, so that the report does not lapse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.channel import Reveal
from consentry.attribution.commitment import Ground, is_opened
from consentry.attribution.numbers import phone_hash
from consentry.attribution.records.people import PartyRow
from consentry.attribution.records.reports import ReplyRow, ReportRow
from consentry.attribution.rules.reports import mask_fits, protection_of
from consentry.attribution.service import rulebooks
from consentry.attribution.service.agencies import IDENTIFIER
from consentry.attribution.service.reporting import facts_of
from consentry.platform.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from consentry.ledger.work import UnitOfWork

__all__ = ["note_arrival", "report_row", "reveal"]


def reveal(work: UnitOfWork, report: str, salt: bytes, phone: str) -> Reveal:
    """Return whether ``salt`` (32 bytes) and ``phone`` (E.164) are what the report's agent committed to and showed.

    Shown is a mask, which several numbers fit, or, where the project's form asks for the whole number, that very number.

    Raises:
        NotFoundError: ``report.unknown``.
        InputError: ``commitment.salt`` or ``commitment.phone``.
    """
    row = report_row(work.session, report)
    client = work.session.get(PartyRow, row.client)
    if row.commitment is None or client is None or client.mask is None:
        return Reveal.ERASED
    if not is_opened(row.commitment, Ground(row.origin, row.project, row.agency, row.nonce), salt, phone):
        return Reveal.OTHER_NUMBER
    stated = client.phone is None or client.phone in phone_hash(work.keys, row.project, phone).known_as
    return Reveal.FITS if stated and mask_fits(client.mask, phone) else Reveal.OTHER_MASK


def note_arrival(work: UnitOfWork, report: str, at: datetime, *, bound: bool) -> None:
    """Note that a visit at ``at`` names the report: the first one counts. ``bound``: by code or tap, then or later, so that it may protect.

    Raises:
        NotFoundError: ``report.unknown``.
    """
    row = report_row(work.session, report)
    row.arrived = at if row.arrived is None else min(row.arrived, at)
    if bound and row.protected_until is None:
        facts = facts_of(row, work.session.get(ReplyRow, report))
        row.protected_until = protection_of(facts, at, rulebooks.in_force(work, row.project, row.filed))


def report_row(session: Session, report: str) -> ReportRow:
    """Return a report's row.

    Raises:
        NotFoundError: ``report.unknown``.
    """
    row = session.get(ReportRow, report) if IDENTIFIER.fullmatch(report) else None
    if row is None:
        raise NotFoundError("report.unknown", "report", "there is none of that id", "List the reports.")
    return row
