from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from consentry.attribution.channel import Description, ReportState, Reveal
from consentry.attribution.records.reports import ReportNonceRow, ReportRow
from consentry.attribution.service import codes, lapsing, parties, report_views, reporting, revealing
from consentry.ledger.work import writing
from consentry.platform.settings.store import SettingsStore
from consentry.platform.site import Site
from tests.attribution.reports.office import DAY, MANAGER, MASK, NINE, PHONE, SETTINGS, Kept, Office, mask, numbers

if TYPE_CHECKING:
    from consentry.platform.actors import Actor

KEPT = 2 * DAY + 7 * DAY
"""A report's validity and the default of ``lapsed_retention``."""


def test_what_a_lapsed_report_says_of_a_person_is_erased_when_its_time_is_over(office: Office) -> None:
    kept = Kept(PHONE)
    agent = office.agent(office.agency())
    filed = office.file(agent, kept)
    office.clock.advance(KEPT)
    assert lapsing.erase_lapsed(office.site) == 0
    office.pass_by(seconds=1)
    assert lapsing.erase_lapsed(office.site) == 1
    assert lapsing.erase_lapsed(office.site) == 0
    (own,) = report_views.own_reports(office.site, office.signed_in("li.na"))
    assert (own.listed.erased, own.listed.state, own.description) == (True, ReportState.LAPSED, Description(None, None))
    with writing(office.site) as work:
        assert revealing.reveal(work, filed.report, kept.salt, PHONE) is Reveal.ERASED
    assert [act.details for act in office.acts("attribution.reports-erased")] == [{"reports": 1}]


def test_nothing_of_the_person_is_left_in_any_column(sqlite_office: Office, li_na: Actor) -> None:
    draft = sqlite_office.draft(li_na)
    reporting.file_report(sqlite_office.site, li_na, draft)
    before = _personal_values(sqlite_office)
    assert len(before) == 6
    sqlite_office.clock.advance(KEPT + timedelta(seconds=1))
    lapsing.erase_lapsed(sqlite_office.site)
    with sqlite_office.site.database.transaction() as session:
        left = [value for table in ("attribution_report", "attribution_party") for row in session.execute(text(f"SELECT * FROM {table}")) for value in row]  # noqa: S608 - our own names
    assert not set(before) & set(left)


def _personal_values(office: Office) -> list[object]:
    """Return mask, sealed alias and its key, commitment and the two marks as they stand in the database."""
    with office.site.database.reading() as session:
        report = session.execute(text("SELECT commitment, client_mark, likeness FROM attribution_report")).one()
        party = session.execute(text("SELECT wrapped, sealed, mask FROM attribution_party")).one()
    return [value for value in (*report, *party) if value is not None]


def test_what_a_report_says_goes_with_the_person_who_asked_for_it(sqlite_office: Office, li_na: Actor) -> None:
    filed, other = sqlite_office.file(li_na), sqlite_office.file(li_na, alias="李女士", mask="139****0000")
    client = report_views.report(sqlite_office.site, MANAGER, filed.report).client
    with writing(sqlite_office.site) as work:
        parties.erase(work, client)
    assert lapsing.erase_lapsed(sqlite_office.site) == 1
    erased = {one.listed.id: one.listed.erased for one in report_views.own_reports(sqlite_office.site, li_na)}
    assert erased == {filed.report: True, other.report: False}
    with sqlite_office.site.database.reading() as session:
        left = session.execute(select(ReportRow.commitment, ReportRow.client_mark, ReportRow.likeness).where(ReportRow.id == filed.report)).one()
    assert tuple(left) == (None, None, None)


def test_a_report_whose_client_came_is_kept(sqlite_office: Office, li_na: Actor) -> None:
    filed = sqlite_office.file(li_na)
    with writing(sqlite_office.site) as work:
        revealing.note_arrival(work, filed.report, NINE + timedelta(hours=1), bound=True)
    sqlite_office.clock.advance(KEPT + DAY)
    assert lapsing.erase_lapsed(sqlite_office.site) == 0
    listed = report_views.report(sqlite_office.site, MANAGER, filed.report)
    assert (listed.state, listed.erased, listed.clocks.protected_until) == (ReportState.ARRIVED, False, NINE + timedelta(hours=1) + 30 * DAY)


@pytest.mark.parametrize(("came", "bound", "protects"), [(29, True, False), (30, True, True), (30, False, False), (2 * 24 * 60 + 1, True, False)])
def test_an_arrival_protects_where_it_is_bound_and_in_time(sqlite_office: Office, li_na: Actor, came: int, *, bound: bool, protects: bool) -> None:
    filed = sqlite_office.file(li_na)
    with writing(sqlite_office.site) as work:
        revealing.note_arrival(work, filed.report, NINE + timedelta(minutes=came), bound=bound)
    until = report_views.report(sqlite_office.site, MANAGER, filed.report).clocks.protected_until
    assert (until is not None) == protects


def test_a_visit_that_is_bound_later_by_the_visitors_tap_protects_from_the_visit(sqlite_office: Office, li_na: Actor) -> None:
    filed, came = sqlite_office.file(li_na), NINE + timedelta(hours=1)
    with writing(sqlite_office.site) as work:
        revealing.note_arrival(work, filed.report, came, bound=False)
        revealing.note_arrival(work, filed.report, came, bound=True)
        revealing.note_arrival(work, filed.report, came + DAY, bound=True)
    listed = report_views.report(sqlite_office.site, MANAGER, filed.report)
    assert (listed.arrived, listed.clocks.protected_until) == (came, came + 30 * DAY)


def test_each_project_has_its_retention_and_what_no_project_names_has_a_week(sqlite_office: Office, li_na: Actor) -> None:
    for project, shown in (("garden", MASK), ("lake", "1381****678")):
        sqlite_office.file(li_na, project=project, mask=shown)
    without_lake = SETTINGS.replace("daily_cap = 3", 'daily_cap = 3\nlapsed_retention = "1 day"').split('[[project]]\nid = "lake"')[0]
    path = Path(str(sqlite_office.site.database.url.database)).parent / "later.toml"
    path.write_text(without_lake, encoding="utf-8")
    site = Site(SettingsStore(path), sqlite_office.site.database, sqlite_office.site.keys, sqlite_office.clock)
    erased = []
    for after in (3 * DAY, timedelta(seconds=1), 6 * DAY - timedelta(seconds=1), timedelta(seconds=1)):
        sqlite_office.clock.advance(after)
        erased.append(lapsing.erase_lapsed(site))
    assert erased == [0, 1, 0, 1]


def test_more_than_one_transaction_takes_are_all_erased(sqlite_office: Office, li_na: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lapsing, "_AT_ONCE", 1)
    for phone in numbers(3):
        sqlite_office.file(li_na, mask=mask(phone))
    sqlite_office.clock.advance(KEPT + timedelta(seconds=1))
    assert lapsing.erase_lapsed(sqlite_office.site) == 3


def test_nonces_that_nobody_used_are_deleted(sqlite_office: Office, li_na: Actor) -> None:
    reporting.begin_report(sqlite_office.site, li_na, "garden", 2)
    sqlite_office.pass_by(hours=23)
    kept = reporting.begin_report(sqlite_office.site, sqlite_office.signed_in("li.na"), "garden").nonce
    sqlite_office.pass_by(hours=1)
    lapsing.forget_nonces(sqlite_office.site)
    with sqlite_office.site.database.reading() as session:
        assert list(session.scalars(select(ReportNonceRow.nonce))) == [kept]


def test_a_report_waits_for_a_code_that_a_desk_may_hold_which_is_cut_off(sqlite_office: Office, li_na: Actor) -> None:
    filed = sqlite_office.file(li_na)
    sqlite_office.clock.advance(2 * DAY)
    ends = codes.issue_code(sqlite_office.site, sqlite_office.signed_in("li.na"), filed.report).expires
    sqlite_office.clock.advance(ends + 7 * DAY - sqlite_office.site.clock.now() - timedelta(seconds=1))
    assert lapsing.erase_lapsed(sqlite_office.site) == 0
    sqlite_office.pass_by(seconds=1)
    assert lapsing.erase_lapsed(sqlite_office.site) == 1
