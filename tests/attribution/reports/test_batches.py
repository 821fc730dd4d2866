from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.attribution.channel import BatchMode, BatchResult, BatchRow
from consentry.attribution.service import importing, report_views, reporting
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.errors import InputError
from tests.attribution.reports.office import Kept, Office, mask, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.platform.actors import Actor

BOTH = pytest.mark.parametrize("mode", BatchMode)


def rows(office: Office, agent: Actor, masks: Sequence[str]) -> list[BatchRow]:
    """Return a batch with one row for each mask, numbered like lines of a file under its heading."""
    terms = reporting.begin_report(office.site, agent, "garden", len(masks))
    kept = Kept("+8613800000000")
    return [
        BatchRow(number, office.draft(agent, kept, terms, nonce=nonce, mask=shown))
        for number, (nonce, shown) in enumerate(zip(terms.nonces, masks, strict=True), 2)
    ]


def file(office: Office, agent: Actor, batch: Sequence[BatchRow], mode: BatchMode) -> BatchResult:
    return importing.file_batch(office.site, agent, "garden", batch, mode)


@BOTH
def test_a_good_batch_is_filed_whole_with_one_receipt(office: Office, mode: BatchMode) -> None:
    agent = office.agent(office.agency())
    result = file(office, agent, rows(office, agent, [mask(phone) for phone in numbers(3)]), mode)
    assert [row.number for row in result.rows] == [2, 3, 4]
    assert all(row.problem is None for row in result.rows)
    assert result.receipt is not None
    proven = verify_bundle(result.receipt.data, Trust((log_key(office.site),))).entries
    assert [entry.index for entry in proven] == [row.announced.entry for row in result.rows if row.announced]
    assert len(report_views.own_reports(office.site, agent)) == 3


def bad_batch(office: Office, agent: Actor) -> list[BatchRow]:
    """Return good, bad mask, good, the first again, one beyond the cap of three after a fourth good one."""
    first, second, third, fourth = (mask(phone) for phone in numbers(4))
    return rows(office, agent, [first, "138", second, first, third, fourth])


CODES = [None, "report.mask", None, "report.duplicate", None, "report.cap"]


def test_the_good_rows_are_filed_and_each_other_says_what_is_wrong(sqlite_office: Office) -> None:
    agent = sqlite_office.agent(sqlite_office.agency())
    result = file(sqlite_office, agent, bad_batch(sqlite_office, agent), BatchMode.GOOD_ROWS)
    assert [row.problem.code if row.problem else None for row in result.rows] == CODES
    assert [row.announced is not None for row in result.rows] == [code is None for code in CODES]
    assert all(row.problem.mend for row in result.rows if row.problem)
    assert len(sqlite_office.acts("attribution.report-filed")) == 3


def test_nothing_is_filed_where_all_or_none_was_asked_for(office: Office) -> None:
    agent = office.agent(office.agency())
    batch = bad_batch(office, agent)
    result = file(office, agent, batch, BatchMode.ALL_OR_NONE)
    assert [row.problem.code if row.problem else None for row in result.rows] == CODES
    assert (result.receipt, [row.announced for row in result.rows]) == (None, [None] * 6)
    assert report_views.own_reports(office.site, agent) == []
    assert office.acts("attribution.report-filed") == []
    mended = [batch[0], batch[2], batch[4]]
    assert all(row.announced for row in file(office, agent, mended, BatchMode.ALL_OR_NONE).rows)


@BOTH
def test_a_batch_sent_again_finds_the_same_reports(office: Office, mode: BatchMode) -> None:
    agent = office.agent(office.agency())
    batch = rows(office, agent, [mask(phone) for phone in numbers(3)])
    once, again = (file(office, agent, batch, mode) for _ in range(2))
    assert [row.announced.report for row in once.rows if row.announced] == [row.announced.report for row in again.rows if row.announced]
    assert len(office.acts("attribution.report-filed")) == 3


def test_a_batch_that_was_cut_off_in_the_middle_is_finished_by_sending_it_whole(sqlite_office: Office, li_na: Actor) -> None:
    batch = rows(sqlite_office, li_na, [mask(phone) for phone in numbers(3)])
    reporting.file_report(sqlite_office.site, li_na, batch[0].draft)
    assert all(row.announced for row in file(sqlite_office, li_na, batch, BatchMode.ALL_OR_NONE).rows)
    assert len(sqlite_office.acts("attribution.report-filed")) == 3


@pytest.mark.parametrize("count", [0, importing.MOST_ROWS + 1])
def test_an_empty_or_endless_batch_is_refused(sqlite_office: Office, li_na: Actor, count: int) -> None:
    draft = sqlite_office.draft(li_na)
    with pytest.raises(InputError) as refused:
        file(sqlite_office, li_na, [BatchRow(number, draft) for number in range(count)], BatchMode.GOOD_ROWS)
    assert refused.value.code == "report.batch"


def test_a_row_of_another_project_is_told(sqlite_office: Office, li_na: Actor) -> None:
    stray = sqlite_office.draft(li_na, project="lake", mask="1381****678")
    (row,) = file(sqlite_office, li_na, [BatchRow(7, stray)], BatchMode.GOOD_ROWS).rows
    assert row.number == 7
    assert row.problem is not None
    assert row.problem.code == "report.project"


def test_a_batch_needs_no_number_in_clear(sqlite_office: Office, li_na: Actor) -> None:
    sent = repr(rows(sqlite_office, li_na, [mask(numbers(1)[0])]))
    assert numbers(1)[0] not in sent
    assert "****" not in sent
