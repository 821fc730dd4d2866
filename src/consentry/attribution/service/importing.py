"""Filing the batch of the day before: every row is checked, and either all are filed or the good ones are. Which number stands where only the page knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.channel import BatchMode, BatchResult, RowProblem, RowResult
from consentry.attribution.service.reporting import announce, intake_of
from consentry.attribution.work import ITSELF
from consentry.ledger.service import receipts
from consentry.ledger.work import writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import ConsentryError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.attribution.channel import BatchRow
    from consentry.attribution.service.reporting import Intake
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["MOST_ROWS", "file_batch"]

MOST_ROWS = 500


@permits(Permission.REPORT_VISITORS)
def file_batch(site: Site, actor: Actor, project: str, rows: Sequence[BatchRow], mode: BatchMode) -> BatchResult:
    """File a batch, and return what became of each row. The same batch filed again finds the same reports, so that nobody files twice.

    Raises:
        NotFoundError: ``project.unknown``.
        ConflictError: ``report.no-contract``.
        InputError: ``report.batch`` for no row, or too many.
    """
    if not 1 <= len(rows) <= MOST_ROWS:
        raise InputError("report.batch", "batch", f"it has {len(rows)} rows", f"Send 1 to {MOST_ROWS} rows at a time.")
    with writing(site) as work:
        intake = intake_of(work, actor, project)
        together = work.session.begin_nested()
        results = tuple(_file_row(intake, row) for row in rows)
        if mode is BatchMode.ALL_OR_NONE and any(result.problem for result in results):
            together.rollback()
            return BatchResult(tuple(RowResult(result.number, None, result.problem) for result in results), None)
    entries = [result.announced.entry for result in results if result.announced]
    return BatchResult(results, receipts(site, ITSELF, entries) if entries else None)


def _file_row(intake: Intake, row: BatchRow) -> RowResult:
    """File one row. ``announce`` writes nothing before everything was checked, so that a refused row leaves nothing behind."""
    try:
        if row.draft.project != intake.project.id:
            raise InputError("report.project", "report", "it is of another project than the batch", "File it in a batch of its project.")
        return RowResult(row.number, announce(intake, row.draft), None)
    except ConsentryError as error:
        return RowResult(row.number, None, RowProblem(error.code, error.problem, error.mend))
