from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consentry.attribution.channel import Description
from consentry.attribution.service import agencies, contracts, report_views, reporting
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError, TooManyError
from tests.attribution.reports.office import DAY, MANAGER, MASK, NINE, PHONE, Kept, Office, mask, numbers

if TYPE_CHECKING:
    from consentry.attribution.channel import Agency
    from consentry.platform.actors import Actor


def test_a_report_is_in_the_log_with_a_receipt_that_proves_it_offline(office: Office) -> None:
    agency = office.agency()
    agent = office.agent(agency)
    draft = office.draft(agent)
    filed = reporting.file_report(office.site, agent, draft)
    (entry,) = verify_bundle(filed.receipt.data, Trust((log_key(office.site),))).entries
    assert (entry.index, entry.act.actor, entry.act.object) == (filed.entry, agent.label, f"report:{filed.report}")
    said = entry.act.details
    assert (said["project"], said["agency"], said["nonce"], said["commitment"]) == ("garden", agency.id, draft.nonce, draft.commitment.hex())


def test_the_log_and_the_records_name_nobody(sqlite_office: Office, li_na: Actor) -> None:
    filed = sqlite_office.file(li_na)
    assert not {"王先生", "王", MASK, PHONE} & {str(value) for act in sqlite_office.acts() for value in act.details.values()}
    content = b"".join(file.read_bytes() for file in Path(str(sqlite_office.site.database.url.database)).parent.glob("main.db*"))
    assert filed.report.encode() in content
    assert "王先生".encode() not in content
    assert PHONE.encode() not in content


def test_its_clocks_are_those_of_the_rules_in_force(sqlite_office: Office, li_na: Actor) -> None:
    clocks = sqlite_office.file(li_na).announced.clocks
    assert (clocks.reply_due, clocks.lead_reached) == (NINE + timedelta(minutes=30), NINE + timedelta(minutes=30))
    assert (clocks.valid_until, clocks.protected_until) == (NINE + 2 * DAY, None)


def test_the_agent_sees_own_reports_alone_newest_first_and_in_pages(sqlite_office: Office, blue: Agency, li_na: Actor) -> None:
    colleague = sqlite_office.agent(blue, "wang.wei")
    sqlite_office.file(colleague, alias="Other", mask="139****0000")
    first = sqlite_office.file(li_na)
    sqlite_office.pass_by(seconds=1)
    second = sqlite_office.file(li_na, alias="Smith", mask="137****1111")
    shown = report_views.own_reports(sqlite_office.site, li_na)
    assert [one.listed.id for one in shown] == [second.report, first.report]
    assert shown[1].description == Description("王先生", MASK)
    assert [one.listed.id for one in report_views.own_reports(sqlite_office.site, li_na, before=second.report)] == [first.report]


UNFIT: tuple[tuple[dict[str, Any], str], ...] = (
    ({"alias": ""}, "report.alias"),
    ({"alias": "王" * 21}, "report.alias"),
    ({"alias": "Wang\x00"}, "report.alias"),
    ({"alias": "王13812345678"}, "report.alias"),
    ({"mask": "138****567"}, "report.mask"),
    ({"mask": "13812345678"}, "report.mask"),
    ({"mask": "1381****678"}, "report.mask"),
    ({"mask": "128****5678"}, "report.mask"),
    ({"commitment": b"short"}, "report.commitment"),
    ({"planned": NINE - DAY}, "report.planned"),
    ({"planned": NINE + 61 * DAY}, "report.planned"),
)


def test_what_is_not_of_the_form_is_refused_and_the_nonce_is_still_good(sqlite_office: Office, li_na: Actor) -> None:
    terms = reporting.begin_report(sqlite_office.site, li_na, "garden")
    for changes, code in UNFIT:
        with pytest.raises(InputError) as refused:
            reporting.file_report(sqlite_office.site, li_na, sqlite_office.draft(li_na, terms=terms, **changes))
        assert refused.value.code == code, changes
    assert reporting.file_report(sqlite_office.site, li_na, sqlite_office.draft(li_na, terms=terms)).report


@pytest.mark.parametrize(
    ("project", "written", "shown"),
    [
        ("garden", "138 **** 5678", "138****5678"),
        ("garden", "+85*****4567", "+85*****4567"),
        ("lake", "1381****678", "1381****678"),
        ("tower", "+86 138 1234 5678", "138****5678"),
    ],
)
def test_each_project_has_its_form_and_no_number_is_kept_whole(sqlite_office: Office, li_na: Actor, project: str, written: str, shown: str) -> None:
    sqlite_office.file(li_na, project=project, mask=written)
    (own,) = report_views.own_reports(sqlite_office.site, li_na)
    assert own.description.mask == shown
    content = b"".join(file.read_bytes() for file in Path(str(sqlite_office.site.database.url.database)).parent.glob("main.db*"))
    assert shown.encode() in content
    assert PHONE.removeprefix("+86").encode() not in content


def test_a_planned_visit_that_would_not_count_is_told(sqlite_office: Office, li_na: Actor) -> None:
    cases = ((29, True), (30, False), (2 * 24 * 60, False), (2 * 24 * 60 + 1, True), (None, False))
    for project, (after, outside) in zip(("garden", "garden", "garden", "lake", "lake"), cases, strict=True):
        planned = None if after is None else NINE + timedelta(minutes=after)
        shown = f"138****{after or 0:04d}" if project == "garden" else f"1381****{(after or 0) % 1000:03d}"
        filed = sqlite_office.file(li_na, project=project, planned=planned, mask=shown)
        assert filed.announced.outside_window is outside, after


def test_the_same_draft_filed_again_is_the_same_report(office: Office) -> None:
    agent = office.agent(office.agency())
    draft = office.draft(agent)
    filed = [reporting.file_report(office.site, agent, draft) for _ in range(2)]
    assert filed[0].announced == filed[1].announced
    assert len(office.acts("attribution.report-filed")) == 1


def test_an_agency_reports_a_client_once_while_the_report_lives(sqlite_office: Office, blue: Agency, li_na: Actor) -> None:
    colleague = sqlite_office.agent(blue, "wang.wei")
    sqlite_office.file(li_na, alias="王 先生")
    with pytest.raises(ConflictError) as refused:
        sqlite_office.file(colleague)
    assert refused.value.code == "report.duplicate"
    sqlite_office.file(colleague, alias="李先生")
    sqlite_office.pass_by(days=2)
    with pytest.raises(ConflictError):
        sqlite_office.file(colleague)
    sqlite_office.pass_by(seconds=1)
    assert sqlite_office.file(colleague).report


def test_between_agencies_a_likeness_is_possible_and_no_more(sqlite_office: Office, li_na: Actor) -> None:
    red = sqlite_office.agent(sqlite_office.agency("Red roof"), "zhao.min")
    first = sqlite_office.file(li_na, alias="王先生")
    second = sqlite_office.file(red, Kept("+8613888885678"), alias="王女士")
    third = sqlite_office.file(red, alias="李女士")
    assert [one.announced.possible_duplicates for one in (first, second, third)] == [0, 1, 0]
    found = report_views.possible_duplicates(sqlite_office.site, MANAGER, second.report)
    assert [(one.report, one.entry) for one in found] == [(first.report, first.entry)]


def test_the_cap_is_an_agencys_for_the_sites_day(sqlite_office: Office) -> None:
    agency = sqlite_office.agency()
    one, other = sqlite_office.agent(agency), sqlite_office.agent(agency, "wang.wei")
    red = sqlite_office.agent(sqlite_office.agency("Red roof"), "zhao.min")
    for agent, phone in zip((one, other, one), numbers(3), strict=True):
        sqlite_office.file(agent, mask=mask(phone))
    with pytest.raises(TooManyError) as refused:
        sqlite_office.file(other, mask="139****0000")
    assert (refused.value.code, refused.value.retry_after) == ("report.cap", 15 * 3600)
    assert sqlite_office.file(red).report
    sqlite_office.pass_by(hours=14, minutes=59, seconds=59)
    with pytest.raises(TooManyError):
        sqlite_office.file(other, mask="139****0000")
    sqlite_office.pass_by(seconds=1)
    assert sqlite_office.file(other, mask="139****0000").report


def test_who_has_no_contract_now_reports_nothing(sqlite_office: Office) -> None:
    agency = sqlite_office.agency(lasts=DAY)
    agent = sqlite_office.agent(agency)
    draft = sqlite_office.draft(agent)
    for project, code in (("lake", "report.no-contract"), ("moon", "project.unknown")):
        with pytest.raises(ConsentryError) as refused:
            reporting.begin_report(sqlite_office.site, agent, project)
        assert refused.value.code == code
    assert [one.project for one in reporting.open_projects(sqlite_office.site, agent)] == ["garden"]
    sqlite_office.pass_by(hours=24, seconds=1)
    agent = sqlite_office.signed_in("li.na")
    assert reporting.open_projects(sqlite_office.site, agent) == ()
    with pytest.raises(ConflictError) as over:
        reporting.file_report(sqlite_office.site, agent, draft)
    assert over.value.code == "report.no-contract"


def test_a_contract_holds_at_its_very_end(sqlite_office: Office) -> None:
    agent = sqlite_office.agent(sqlite_office.agency(lasts=timedelta(hours=2)))
    sqlite_office.pass_by(hours=2)
    assert sqlite_office.file(agent).report
    (known,) = contracts.contracts(sqlite_office.site, MANAGER)
    assert known.until == sqlite_office.clock.now()


def test_staff_report_nothing(sqlite_office: Office, li_na: Actor) -> None:
    draft = sqlite_office.draft(li_na)
    with pytest.raises(DeniedError):
        reporting.file_report(sqlite_office.site, MANAGER, draft)


def test_an_agent_whose_agency_was_disabled_meanwhile_files_nothing(sqlite_office: Office, blue: Agency, li_na: Actor) -> None:
    draft = sqlite_office.draft(li_na)
    agencies.disable_agency(sqlite_office.site, MANAGER, blue.id, "contract broken")
    with pytest.raises(DeniedError):
        reporting.file_report(sqlite_office.site, li_na, draft)


def test_nonces_are_not_hoarded(sqlite_office: Office, li_na: Actor) -> None:
    reporting.begin_report(sqlite_office.site, li_na, "garden", reporting.MOST_NONCES)
    with pytest.raises(TooManyError) as refused:
        reporting.begin_report(sqlite_office.site, li_na, "garden")
    assert refused.value.code == "report.too-many-begun"
    sqlite_office.pass_by(hours=24)
    assert reporting.begin_report(sqlite_office.site, sqlite_office.signed_in("li.na"), "garden").nonce


def test_an_agents_receipt_is_theirs_alone(sqlite_office: Office, blue: Agency, li_na: Actor) -> None:
    filed = sqlite_office.file(li_na)
    colleague = sqlite_office.agent(blue, "wang.wei")
    (entry,) = verify_bundle(report_views.own_receipt(sqlite_office.site, li_na, filed.report).data, Trust((log_key(sqlite_office.site),))).entries
    assert entry.index == filed.entry
    for name in (filed.report, "nothing", "\x00"):
        with pytest.raises(NotFoundError):
            report_views.own_receipt(sqlite_office.site, colleague, name)
