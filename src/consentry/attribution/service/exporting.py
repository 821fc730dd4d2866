"""The commission board as a file for accounting: contracts, agencies and amounts; nobody who bought is in it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from consentry.attribution.service.board import board_of
from consentry.attribution.spreadsheet import csv_bytes, xlsx_bytes
from consentry.attribution.work import PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from consentry.attribution.deals import BoardRow
    from consentry.attribution.spreadsheet import Cell
    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["FileFormat", "export_board"]

COLUMNS = ("project", "contract", "unit", "signed", "verdict", "agency", "amount_cny", "state", "reasons", "paid", "paid_by", "reference")


class FileFormat(StrEnum):
    """As what the board can be had."""

    CSV = "csv"
    XLSX = "xlsx"


@permits(Permission.VIEW_COMMISSION)
def export_board(site: Site, actor: Actor, form: FileFormat, *, project: str | None = None) -> bytes:
    """Return the board as a file; the ledger keeps who took it."""
    with writing(site) as work:
        rows = board_of(work, project).rows
        details: dict[str, JSONValue] = {"format": form, "rows": len(rows), "project": project}
        work.record(Act(actor.label, "attribution.board-exported", "board", PURPOSE, details=details))
    table = list(_table(rows, ZoneInfo(site.settings.site.zone)))
    return csv_bytes(table) if form is FileFormat.CSV else xlsx_bytes(table)


def _table(rows: Sequence[BoardRow], zone: ZoneInfo) -> Iterator[Sequence[Cell]]:
    yield COLUMNS
    for row in rows:
        verdict, paid = (row.verdict.value if row.verdict else None), (_day(row.paid, zone) if row.paid else None)
        contract = (row.project, row.deal, row.unit, _day(row.signed, zone), verdict)
        yield (*contract, row.agency_name, row.amount, row.state.value, " ".join(row.reasons), paid, row.paid_by, row.reference)


def _day(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).date().isoformat()
