"""What somebody gains who cheats: nothing. Each test is one way in which an agent, another agency or the office might try."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from consentry.attribution.channel import Announced, Reveal
from consentry.attribution.service import reporting, revealing
from consentry.ledger.work import writing
from consentry.platform.errors import ConsentryError, InputError, TooManyError
from tests.attribution.reports.office import MASK, OTHER_PHONE, PHONE, Kept, Office, committed, mask, numbers

if TYPE_CHECKING:
    from consentry.attribution.channel import Agency, ReportDraft
    from consentry.platform.actors import Actor


def opened(office: Office, report: str, salt: bytes, phone: str) -> Reveal:
    with writing(office.site) as work:
        return revealing.reveal(work, report, salt, phone)


def refusal(office: Office, agent: Actor, draft: ReportDraft) -> str:
    with pytest.raises(InputError) as refused:
        reporting.file_report(office.site, agent, draft)
    return refused.value.code


def test_the_number_that_was_reported_opens_the_report(sqlite_office: Office) -> None:
    kept = Kept(PHONE)
    filed = sqlite_office.file(sqlite_office.agent(sqlite_office.agency()), kept)
    assert opened(sqlite_office, filed.report, kept.salt, PHONE) is Reveal.FITS


def test_an_agent_cannot_swap_the_number_at_the_desk(sqlite_office: Office, li_na: Actor) -> None:
    """The mask fits both numbers; that is why a mask is no evidence."""
    kept = Kept(PHONE)
    filed = sqlite_office.file(li_na, kept)
    same_mask = "+8613800005678"
    assert mask(same_mask) == mask(PHONE) == MASK
    assert opened(sqlite_office, filed.report, kept.salt, same_mask) is Reveal.OTHER_NUMBER
    assert opened(sqlite_office, filed.report, bytes(32), PHONE) is Reveal.OTHER_NUMBER


def test_a_forged_mask_shows_at_the_desk(sqlite_office: Office, li_na: Actor) -> None:
    """An agent who reports under another mask, so that nobody sees the likeness, opens the commitment and still does not fit."""
    kept = Kept(PHONE)
    filed = sqlite_office.file(li_na, kept, mask=mask("+8613900000000"))
    assert opened(sqlite_office, filed.report, kept.salt, PHONE) is Reveal.OTHER_MASK


def test_where_the_number_is_given_whole_it_is_that_very_number(sqlite_office: Office, li_na: Actor) -> None:
    """The other number has the same mask: without its hash the whole number would say no more than a mask does."""
    honest, forger = Kept(PHONE), Kept("+8613800005678")
    opens = [sqlite_office.file(li_na, kept, project="tower", alias=alias, mask=PHONE) for kept, alias in ((honest, "王"), (forger, "李"))]
    assert opened(sqlite_office, opens[0].report, honest.salt, honest.phone) is Reveal.FITS
    assert opened(sqlite_office, opens[1].report, forger.salt, forger.phone) is Reveal.OTHER_MASK


@pytest.mark.parametrize("changes", [{}, {"origin": "https://elsewhere.lan"}, {"project": "lake"}, {"agency": "another"}, {"nonce": "00" * 32}])
def test_a_commitment_made_for_something_else_opens_nothing(sqlite_office: Office, li_na: Actor, changes: dict[str, Any]) -> None:
    kept, terms = Kept(PHONE), reporting.begin_report(sqlite_office.site, li_na, "garden")
    made_for = {"nonce": terms.nonce, **changes}
    nonce = made_for.pop("nonce")
    forged = committed(replace(terms, **made_for), nonce, kept.salt, PHONE)
    filed = reporting.file_report(sqlite_office.site, li_na, sqlite_office.draft(li_na, kept, terms, commitment=forged))
    assert opened(sqlite_office, filed.report, kept.salt, PHONE) is (Reveal.OTHER_NUMBER if changes else Reveal.FITS)


def test_a_nonce_is_good_once(sqlite_office: Office, li_na: Actor) -> None:
    terms = reporting.begin_report(sqlite_office.site, li_na, "garden")
    first = sqlite_office.draft(li_na, terms=terms)
    reporting.file_report(sqlite_office.site, li_na, first)
    for changed in (replace(first, alias="李女士"), replace(first, mask=mask(numbers(1)[0]))):
        assert refusal(sqlite_office, li_na, changed) == "report.nonce"
    for changes in ({"alias": "李女士"}, {"mask": mask(OTHER_PHONE)[:-1] + "0"}, {"commitment": bytes(32)}):
        assert refusal(sqlite_office, li_na, sqlite_office.draft(li_na, Kept(OTHER_PHONE), terms, **changes)) == "report.nonce"


def test_a_commitment_is_good_once(sqlite_office: Office, li_na: Actor) -> None:
    draft = sqlite_office.draft(li_na)
    reporting.file_report(sqlite_office.site, li_na, draft)
    copied = sqlite_office.draft(li_na, commitment=draft.commitment, mask=mask(numbers(1)[0]))
    assert refusal(sqlite_office, li_na, copied) == "report.commitment"


def test_nobody_files_with_a_nonce_of_somebody_else(sqlite_office: Office, blue: Agency, li_na: Actor) -> None:
    colleague = sqlite_office.agent(blue, "wang.wei")
    stranger = sqlite_office.agent(sqlite_office.agency("Red roof", ("garden", "lake")), "zhao.min")
    draft = sqlite_office.draft(li_na)
    for thief in (colleague, stranger):
        assert refusal(sqlite_office, thief, draft) == "report.nonce"
    assert refusal(sqlite_office, li_na, replace(draft, project="lake", mask="1381****678")) == "report.nonce"
    filed = reporting.file_report(sqlite_office.site, li_na, draft)
    for thief in (colleague, stranger):
        assert refusal(sqlite_office, thief, draft) == "report.nonce"
    assert filed.report


@pytest.mark.parametrize("nonce", ["", "00" * 32, "\x00", "é" * 64], ids=["none", "zero", "control", "letters"])
def test_a_nonce_is_not_made_up(office: Office, nonce: str) -> None:
    agent = office.agent(office.agency())
    assert refusal(office, agent, replace(office.draft(agent), nonce=nonce)) == "report.nonce"


def test_a_nonce_is_good_for_a_day(sqlite_office: Office, li_na: Actor) -> None:
    draft = sqlite_office.draft(li_na)
    sqlite_office.pass_by(hours=24)
    assert refusal(sqlite_office, sqlite_office.signed_in("li.na"), draft) == "report.nonce"


def raced(office: Office, drafts: list[tuple[Actor, ReportDraft]]) -> list[str]:
    """File all drafts at once, and return a code or ``filed`` for each, sorted."""

    def file(one: tuple[Actor, ReportDraft]) -> str:
        try:
            reporting.file_report(office.site, *one)
        except ConsentryError as refused:
            return refused.code
        return "filed"

    with ThreadPoolExecutor(len(drafts)) as pool:
        return sorted(pool.map(file, drafts))


def test_two_who_file_at_once_do_not_pass_the_cap_together(office: Office) -> None:
    agency = office.agency()
    members = [office.agent(agency, name) for name in ("li.na", "wang.wei")]
    shown = [mask(phone) for phone in numbers(6)]
    drafts = [(members[index % 2], office.draft(members[index % 2], mask=one)) for index, one in enumerate(shown)]
    assert raced(office, drafts) == ["filed"] * 3 + ["report.cap"] * 3


def test_two_who_file_one_client_at_once_file_one_report(office: Office) -> None:
    agency = office.agency()
    members = [office.agent(agency, name) for name in ("li.na", "wang.wei")]
    assert raced(office, [(member, office.draft(member)) for member in members]) == ["filed", "report.duplicate"]


def test_one_nonce_sent_twice_at_once_is_one_report(office: Office) -> None:
    agent = office.agent(office.agency())
    draft = office.draft(agent)
    assert raced(office, [(agent, draft), (agent, draft)]) == ["filed", "filed"]
    assert len(office.acts("attribution.report-filed")) == 1


def test_an_agency_learns_of_another_that_there_may_be_one_and_nothing_else(sqlite_office: Office, li_na: Actor) -> None:
    red = sqlite_office.agency("Red roof")
    theirs = sqlite_office.file(sqlite_office.agent(red, "zhao.min"))
    mine = sqlite_office.file(li_na)
    told: dict[str, Any] = {one.name: getattr(mine.announced, one.name) for one in fields(Announced)}
    assert told.pop("possible_duplicates") == 1
    assert not {red.id, red.name, "zhao.min", theirs.report, str(theirs.entry)} & {str(value) for value in told.values()}
    receipt = mine.receipt.data.decode()
    assert not [secret for secret in (red.id, red.name, "zhao.min", theirs.report) if secret in receipt]


def test_guessing_clients_of_other_agencies_costs_a_report_each(sqlite_office: Office, li_na: Actor) -> None:
    """The count of possible duplicates is told for filed reports alone, which the cap limits and the log keeps."""
    sqlite_office.file(sqlite_office.agent(sqlite_office.agency("Red roof"), "zhao.min"))
    *free, beyond = (mask(phone) for phone in numbers(4))
    for shown in free:
        sqlite_office.file(li_na, mask=shown)
    with pytest.raises(TooManyError):
        sqlite_office.file(li_na, mask=beyond)
    assert len(sqlite_office.acts("attribution.report-filed")) == 1 + 3
