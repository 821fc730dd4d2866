"""What the judge reads of reports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.attribution.channel import RefusalGround, ReplyDraft, ReplyKind
from consentry.attribution.model import AgencyContract, Refusal, Report
from consentry.attribution.service import replies, report_views, reporting
from tests.attribution.reports.office import MANAGER, NINE, Office, mask, numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from consentry.attribution.model import Event


def events(office: Office, project: str = "garden", clients: Iterable[str] | None = None) -> list[Event]:
    with office.site.database.reading() as session:
        return [*reporting.report_events(session, project, clients)]


def client_of(office: Office, report: str) -> str:
    return report_views.report(office.site, MANAGER, report).client


def test_reports_refusals_and_contracts_of_a_project_are_read_as_they_were_received(office: Office) -> None:
    blue = office.agency("Blue sky", ("garden", "lake"))
    agent = office.agent(blue)
    office.pass_by(minutes=1)
    kept, refused = (office.file(agent, mask=mask(phone)).report for phone in numbers(2))
    office.file(agent, project="lake", mask="1381****678")
    office.pass_by(minutes=1)
    replies.reply_to_report(office.site, MANAGER, refused, ReplyDraft(ReplyKind.REFUSE, RefusalGround.UNUSABLE, reason="cannot be read"))
    replies.reply_to_report(office.site, MANAGER, kept, ReplyDraft(ReplyKind.ACCEPT))
    found = events(office)
    (contract,) = (event for event in found if isinstance(event, AgencyContract))
    assert (contract.agency, contract.start, contract.until) == (blue.id, NINE, NINE + timedelta(days=30))
    filed = NINE + timedelta(minutes=1)
    assert {event for event in found if isinstance(event, Report)} == {Report(report, blue.id, client_of(office, report), filed) for report in (kept, refused)}
    assert [event for event in found if isinstance(event, Refusal)] == [Refusal(refused, filed + timedelta(minutes=1), f"reply-{refused}")]


def test_of_some_clients_only_their_reports_are_read(sqlite_office: Office) -> None:
    agent = sqlite_office.agent(sqlite_office.agency())
    one, _ = (sqlite_office.file(agent, mask=mask(phone)).report for phone in numbers(2))
    found = events(sqlite_office, clients={client_of(sqlite_office, one), "nobody"})
    assert [event.id for event in found if isinstance(event, Report)] == [one]
    assert [event for event in events(sqlite_office, clients=()) if isinstance(event, Report)] == []
