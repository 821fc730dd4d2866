from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.channel import RefusalGround, ReplyDraft, ReplyKind, ReportState
from consentry.attribution.model import Refusal
from consentry.attribution.service import arrivals, replies, report_views, reporting
from consentry.attribution.visiting import Arrival
from consentry.ledger import service as ledger
from consentry.ledger.offline import Trust, verify_bundle
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError
from consentry.staff.model import Reason
from tests.attribution.reports.office import MANAGER, MASK, NINE, OPERATOR, PHONE, Office, mask, numbers

if TYPE_CHECKING:
    from consentry.attribution.channel import ListedReport

LOOKER = Actor(ActorKind.STAFF, "auditor-1", frozenset({Permission.VIEW_ATTRIBUTION}))
ACCEPT = ReplyDraft(ReplyKind.ACCEPT)
UNUSABLE = ReplyDraft(ReplyKind.REFUSE, RefusalGround.UNUSABLE, reason="the number is incomplete")


def state(office: Office, report: str) -> ReportState:
    return report_views.report(office.site, LOOKER, report).state


def test_a_reply_is_entered_with_a_receipt_for_both_sides(office: Office) -> None:
    agent = office.agent(office.agency())
    filed = office.file(agent)
    office.pass_by(minutes=10)
    replied = replies.reply_to_report(office.site, MANAGER, filed.report, ACCEPT)
    trust = Trust((ledger.log_key(office.site),))
    (entry,) = verify_bundle(replied.receipt.data, trust).entries
    assert (entry.act.actor, entry.act.object, entry.act.details["in_time"]) == (MANAGER.label, f"report:{filed.report}", True)
    theirs = verify_bundle(report_views.own_receipt(office.site, agent, filed.report).data, trust).entries
    assert [one.act.action for one in theirs] == ["attribution.report-filed", "attribution.report-replied"]
    assert state(office, filed.report) is ReportState.ACCEPTED


@pytest.mark.parametrize(
    ("after", "in_time", "found"),
    [
        (timedelta(minutes=30), True, ReportState.REFUSED),
        (timedelta(minutes=30, microseconds=1), False, ReportState.ACCEPTED),
        (timedelta(days=3), False, ReportState.LAPSED),
    ],
)
def test_a_refusal_counts_until_the_very_end_of_the_window_and_is_kept_after_it(
    sqlite_office: Office, after: timedelta, found: ReportState, *, in_time: bool
) -> None:
    filed = sqlite_office.file(sqlite_office.agent(sqlite_office.agency()))
    sqlite_office.clock.advance(after)
    replied = replies.reply_to_report(sqlite_office.site, MANAGER, filed.report, UNUSABLE)
    assert replied.reply.in_time is in_time
    assert [act.details["in_time"] for act in sqlite_office.acts("attribution.report-replied")] == [in_time]
    assert state(sqlite_office, filed.report) is found
    with sqlite_office.site.database.reading() as session:
        refusals = [event for event in reporting.report_events(session, "garden", None) if isinstance(event, Refusal)]
    assert [event.at for event in refusals] == [NINE + after]


def test_a_report_is_replied_to_once(office: Office) -> None:
    filed = office.file(office.agent(office.agency()))

    def reply(draft: ReplyDraft) -> str:
        try:
            return replies.reply_to_report(office.site, MANAGER, filed.report, draft).reply.kind
        except ConflictError as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(reply, (ACCEPT, UNUSABLE)))
    assert answers.count("report.replied") == 1
    assert len(office.acts("attribution.report-replied")) == 1


def test_a_duplicate_is_refused_by_an_older_entry_about_a_client_of_the_project(sqlite_office: Office) -> None:
    blue = sqlite_office.agent(sqlite_office.agency("Blue sky", ("garden", "lake")))
    red = sqlite_office.agent(sqlite_office.agency("Red roof"), "zhao.min")
    first = sqlite_office.file(blue)
    elsewhere = sqlite_office.file(blue, project="lake", mask="1381****678")
    second = sqlite_office.file(red)
    later = sqlite_office.file(red, alias="Other", mask="139****0000")
    contract = next(index for index, act in enumerate(every_act(sqlite_office)) if act == "attribution.contract-added")
    for cites in (None, second.entry, later.entry, elsewhere.entry, contract, 10**6):
        with pytest.raises(InputError) as refused:
            replies.reply_to_report(sqlite_office.site, MANAGER, second.report, ReplyDraft(ReplyKind.REFUSE, RefusalGround.DUPLICATE, cites))
        assert refused.value.code == "report.cite"
    replied = replies.reply_to_report(sqlite_office.site, MANAGER, second.report, ReplyDraft(ReplyKind.REFUSE, RefusalGround.DUPLICATE, first.entry))
    assert replied.reply.cites == first.entry
    assert state(sqlite_office, second.report) is ReportState.REFUSED
    assert state(sqlite_office, first.report) is ReportState.WAITING


def test_a_duplicate_is_refused_by_the_entry_of_somebody_whose_number_can_be_the_reported_one(sqlite_office: Office, li_na: Actor) -> None:
    strange, unknown, same = (
        arrivals.record_arrival(sqlite_office.site, MANAGER, "garden", Arrival(phone=phone)).entry for phone in ("+8613900001111", None, PHONE)
    )
    filed = sqlite_office.file(li_na)
    for cites in (strange, unknown):
        with pytest.raises(InputError) as refused:
            replies.reply_to_report(sqlite_office.site, MANAGER, filed.report, ReplyDraft(ReplyKind.REFUSE, RefusalGround.DUPLICATE, cites))
        assert refused.value.code == "report.cite"
    assert replies.reply_to_report(sqlite_office.site, MANAGER, filed.report, ReplyDraft(ReplyKind.REFUSE, RefusalGround.DUPLICATE, same)).reply.cites == same


def every_act(office: Office) -> list[str]:
    page = ledger.browse(office.site, OPERATOR, limit=500)
    return [listed.entry.act.action for listed in reversed(page.entries) if listed.entry]


@pytest.mark.parametrize("draft", [ReplyDraft(ReplyKind.REFUSE), ReplyDraft(ReplyKind.REFUSE, RefusalGround.UNUSABLE)])
def test_a_refusal_says_why(sqlite_office: Office, draft: ReplyDraft) -> None:
    filed = sqlite_office.file(sqlite_office.agent(sqlite_office.agency()))
    with pytest.raises(InputError):
        replies.reply_to_report(sqlite_office.site, MANAGER, filed.report, draft)
    assert sqlite_office.acts("attribution.report-replied") == []


def test_who_may_only_look_replies_nothing_and_nobody_replies_to_nothing(sqlite_office: Office) -> None:
    agent = sqlite_office.agent(sqlite_office.agency())
    filed = sqlite_office.file(agent)
    for actor in (LOOKER, agent):
        with pytest.raises(DeniedError):
            replies.reply_to_report(sqlite_office.site, actor, filed.report, ACCEPT)
    with pytest.raises(NotFoundError):
        replies.reply_to_report(sqlite_office.site, MANAGER, "nothing", ACCEPT)


def test_silence_is_entered_once_when_the_window_is_over(office: Office) -> None:
    agent = office.agent(office.agency())
    silent, replied, late = (office.file(agent, mask=mask(phone)) for phone in numbers(3))
    replies.reply_to_report(office.site, MANAGER, replied.report, ACCEPT)
    office.pass_by(minutes=30)
    assert replies.accept_silently(office.site) == 0
    office.pass_by(seconds=1)
    assert not replies.reply_to_report(office.site, MANAGER, late.report, UNUSABLE).reply.in_time
    assert replies.accept_silently(office.site) == 2
    assert replies.accept_silently(office.site) == 0
    entered = office.acts("attribution.report-accepted-silently")
    assert {act.object for act in entered} == {f"report:{silent.report}", f"report:{late.report}"}
    assert state(office, late.report) is ReportState.ACCEPTED
    own = {one.listed.id: one.listed for one in report_views.own_reports(office.site, agent)}
    assert own[silent.report].accepted_silently is not None
    assert own[replied.report].accepted_silently is None


def test_the_most_urgent_report_is_the_first_of_those_that_wait(sqlite_office: Office) -> None:
    agent = sqlite_office.agent(sqlite_office.agency())
    filed: list[str] = []
    for phone in numbers(3):
        filed.append(sqlite_office.file(agent, mask=mask(phone)).report)
        sqlite_office.pass_by(minutes=10)
    replies.reply_to_report(sqlite_office.site, MANAGER, filed[1], ACCEPT)

    def waiting() -> list[str]:
        found: list[ListedReport] = report_views.waiting_reports(sqlite_office.site, LOOKER, "garden")
        return [one.id for one in found]

    assert waiting() == [filed[0], filed[2]]
    sqlite_office.pass_by(seconds=1)
    assert waiting() == [filed[2]]


def test_names_are_looked_at_with_a_reason_that_is_kept(sqlite_office: Office) -> None:
    filed = sqlite_office.file(sqlite_office.agent(sqlite_office.agency()))
    with pytest.raises(InputError):
        report_views.describe_reports(sqlite_office.site, LOOKER, [filed.report], Reason("", ""))
    assert sqlite_office.acts("attribution.reports-viewed") == []
    found = report_views.describe_reports(sqlite_office.site, LOOKER, [filed.report], Reason("checking for duplicates", "T-1"))
    assert (found[filed.report].alias, found[filed.report].mask) == ("王先生", MASK)
    (act,) = sqlite_office.acts("attribution.reports-viewed")
    assert (act.actor, act.reason, act.details["reports"]) == (LOOKER.label, "checking for duplicates", [filed.report])


def test_too_many_names_are_not_looked_at_for_one_reason(sqlite_office: Office) -> None:
    with pytest.raises(ConsentryError) as refused:
        report_views.describe_reports(sqlite_office.site, LOOKER, [str(number) for number in range(201)], Reason("all of them", "T-1"))
    assert refused.value.code == "report.too-many"


def test_staff_list_reports_of_a_project_or_agency_in_pages_without_names(sqlite_office: Office) -> None:
    blue, red = sqlite_office.agency(), sqlite_office.agency("Red roof")
    one, other = sqlite_office.agent(blue), sqlite_office.agent(red, "zhao.min")
    filed: list[str] = []
    for agent in (one, other, one):
        filed.append(sqlite_office.file(agent, mask=mask(numbers(9)[len(filed)])).report)
        sqlite_office.pass_by(seconds=1)
    site = sqlite_office.site
    assert [found.id for found in report_views.reports(site, LOOKER, "garden", limit=2)] == [filed[2], filed[1]]
    assert [found.id for found in report_views.reports(site, LOOKER, "garden", before=filed[1])] == [filed[0]]
    assert [found.id for found in report_views.reports(site, LOOKER, "garden", agency=blue.id)] == [filed[2], filed[0]]
    assert report_views.reports(site, LOOKER, "lake") == []
    with site.database.reading() as session:
        found = report_views.reports_between(session, "garden", NINE, NINE + timedelta(seconds=2), site.clock.now())
    assert [one.id for one in found] == filed[:2]
    with pytest.raises(InputError):
        report_views.reports(site, LOOKER, "garden", before="'; --")
