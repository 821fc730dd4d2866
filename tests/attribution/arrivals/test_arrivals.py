"""Arrivals at the desk: who is awaited, what the desk is told, edits that change nothing, and what the judge reads."""

from __future__ import annotations

import base64
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consentry.attribution.channel import RefusalGround, ReplyDraft, ReplyKind
from consentry.attribution.identity import SimulatedCard, SimulatedReader, hasher_for
from consentry.attribution.model import Edit, Grade
from consentry.attribution.service import arrivals, deals, parties
from consentry.attribution.service.documents import check_visitor
from consentry.attribution.service.replies import reply_to_report
from consentry.attribution.visiting import Arrival, EditField, Hint, HintKind
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.errors import ConsentryError, DeniedError, InputError, NotFoundError
from tests.attribution.arrivals.reception import FRONT, NOBODY, Device, Reception, kinds
from tests.attribution.reports.office import MANAGER, NINE, OTHER_PHONE, PHONE, mask

if TYPE_CHECKING:
    from consentry.attribution.channel import Agency
    from consentry.platform.actors import Actor


def test_a_walk_in_gets_a_receipt_that_anybody_can_check(reception: Reception) -> None:
    recorded = reception.arrive(alias="王", phone=PHONE, party_size=3)
    assert recorded.receipt is not None
    verify_bundle(recorded.receipt.data, Trust((log_key(reception.site),)))
    (proven,) = recorded.receipt.bundle.entries
    assert proven.entry.act.object == f"visit:{recorded.visit}"
    assert proven.entry.act.details["party_size"] == 3
    again = arrivals.visit_receipt(reception.site, FRONT, recorded.visit)
    assert again.bundle.entries[0].entry == proven.entry


def refuse(reception: Reception, report: str) -> None:
    reply_to_report(reception.site, MANAGER, report, ReplyDraft(ReplyKind.REFUSE, RefusalGround.UNUSABLE, reason="cannot be read"))


@pytest.mark.parametrize(("minutes", "told"), [(29, [HintKind.LEAD_SHORT]), (30, []), (31, [])])
def test_a_report_29_minutes_before_the_arrival_is_told(reception: Reception, li_na: Actor, minutes: int, told: list[HintKind]) -> None:
    filed, kept = reception.reported(li_na)
    reception.office.pass_by(minutes=minutes)
    recorded = reception.arrive(code=reception.code(li_na, filed, kept))
    assert kinds(recorded) == told
    assert [hint.minutes for hint in recorded.hints] == [29] * len(told)


def test_a_report_that_is_over_or_refused_is_told(reception: Reception, li_na: Actor) -> None:
    over, _ = reception.reported(li_na)
    refused, _ = reception.reported(li_na, "+8613700001111")
    refuse(reception, refused.report)
    reception.office.pass_by(hours=1)
    assert HintKind.REPORT_REFUSED in kinds(reception.arrive(report=refused.report))
    reception.office.pass_by(days=2)
    assert HintKind.REPORT_OVER in kinds(reception.arrive(report=over.report))


def test_another_agencys_client_and_whoever_was_here_before_are_told(reception: Reception, li_na: Actor, blue: Agency) -> None:
    red = reception.office.agent(reception.office.agency("Red hill"), "wang.wei")
    first, kept = reception.reported(li_na)
    reception.office.pass_by(hours=1)
    reception.arrive(code=reception.code(li_na, first, kept))
    bound_at = reception.site.clock.now()
    second, other = reception.reported(red)
    reception.office.pass_by(hours=1)
    recorded = reception.arrive(code=reception.code(red, second, other))
    assert recorded.hints == (Hint(HintKind.RETURNING, at=bound_at), Hint(HintKind.PROTECTED, blue.id, bound_at + timedelta(days=30)))


def test_a_walk_in_before_the_report_is_told(reception: Reception, li_na: Actor) -> None:
    reception.arrive(phone=PHONE)
    reception.office.pass_by(days=1)
    filed, kept = reception.reported(li_na)
    reception.office.pass_by(hours=1)
    assert reception.arrive(code=reception.code(li_na, filed, kept)).hints == (Hint(HintKind.RETURNING, at=NINE), Hint(HintKind.NATURAL_BEFORE, at=NINE))


def test_a_walk_in_long_before_or_after_the_report_is_no_natural_contact(reception: Reception) -> None:
    reception.arrive(phone=PHONE)
    reception.office.pass_by(days=30, seconds=1)
    agent = reception.office.agent(reception.office.agency("New"), "new.one")
    filed, kept = reception.reported(agent)
    reception.office.pass_by(minutes=10)
    reception.arrive(phone=PHONE)
    reception.office.pass_by(hours=1)
    assert kinds(reception.arrive(code=reception.code(agent, filed, kept))) == [HintKind.RETURNING]


def checked(reception: Reception, number: str, *, passes: bool = True, actor: Actor = FRONT) -> str:
    reader = SimulatedReader(hasher_for(reception.site.keys, reception.project))
    reader.lay(SimulatedCard(number, passes=passes))
    return check_visitor(reception.site, actor, reception.project, reader)[0]


def test_the_same_document_with_another_number_is_told(reception: Reception) -> None:
    reception.arrive(phone=PHONE, check=checked(reception, "11010119900101001X"))
    recorded = reception.arrive(phone=OTHER_PHONE, check=checked(reception, "110101 19900101 001x"))
    assert kinds(recorded) == [HintKind.RETURNING, HintKind.OTHER_NUMBER]
    (link,) = reception.links()
    assert (link.kind, link.grade) == ("id", Grade.TWO_SIDED)


def test_a_document_whose_bearer_did_not_pass_joins_nobody(reception: Reception) -> None:
    reception.arrive(check=checked(reception, "11010119900101001X"))
    recorded = reception.arrive(check=checked(reception, "11010119900101001X", passes=False))
    assert kinds(recorded) == [HintKind.DOCUMENT_FAILED]
    assert reception.links() == []


def test_a_check_serves_one_arrival_and_none_that_is_of_a_contract_or_another_project(reception: Reception, desk: Device) -> None:
    mine = checked(reception, "11010119900101001X")
    reader = SimulatedReader(hasher_for(reception.site.keys, "garden"))
    reader.lay(SimulatedCard("11010119900101001X"))
    of_contract, _ = deals.check_buyer(reception.site, MANAGER, "garden", reader)
    elsewhere = checked(Reception(reception.office, "lake"), "11010119900101001X")
    assert [desk.one(desk.entry(check=check)).code for check in (mine, mine, of_contract, elsewhere)] == [None, *["identity.unknown"] * 3]


def test_kin_of_somebody_else_s_client_are_told(reception: Reception, li_na: Actor, blue: Agency) -> None:
    filed, kept = reception.reported(li_na)
    reception.office.pass_by(hours=1)
    husband = reception.arrive(code=reception.code(li_na, filed, kept))
    wife = reception.arrive(phone=OTHER_PHONE)
    people = {visit.id: visit.person for visit in reception.visits()}
    parties.relate(reception.site, MANAGER, people[husband.visit], people[wife.visit], "spouse", proof="marriage certificate", reason="both came")
    again = reception.arrive(phone=OTHER_PHONE)
    assert kinds(again) == [HintKind.RETURNING, HintKind.KIN_KNOWN]
    assert again.hints[1].agency == blue.id


def test_whoever_is_awaited_stands_in_the_list_until_they_came(reception: Reception, li_na: Actor) -> None:
    red = reception.office.agent(reception.office.agency("Red hill"), "wang.wei")
    late, _ = reception.reported(li_na, "+8613900001111", alias="李", planned=NINE + timedelta(hours=8))
    soon, kept = reception.reported(li_na, alias="王", planned=NINE + timedelta(hours=2))
    reception.reported(red, alias="王")
    refused, _ = reception.reported(red, "+8613700001111")
    refuse(reception, refused.report)
    listed = arrivals.expected_today(reception.site, FRONT, "garden")
    assert [(one.alias, len(one.clashes), one.lead_left) for one in listed] == [("王", 1, 30), ("李", 0, 30), ("王", 1, 30)]
    assert [one.report for one in listed[:2]] == [soon.report, late.report]
    reception.office.pass_by(minutes=29, seconds=30)
    assert {one.lead_left for one in arrivals.expected_today(reception.site, FRONT, "garden")} == {1}
    reception.office.pass_by(hours=1)
    reception.arrive(code=reception.code(li_na, soon, kept))
    assert soon.report not in {one.report for one in arrivals.expected_today(reception.site, FRONT, "garden")}
    reception.office.pass_by(days=2)
    assert arrivals.expected_today(reception.site, FRONT, "garden") == ()


def test_a_visit_by_name_alone_leaves_its_report_awaited(reception: Reception, li_na: Actor) -> None:
    filed, _ = reception.reported(li_na)
    assert kinds(reception.arrive(report=filed.report)) == [HintKind.NOT_BOUND, HintKind.LEAD_SHORT]
    assert [one.report for one in arrivals.expected_today(reception.site, FRONT, "garden")] == [filed.report]


def test_an_edit_is_noted_and_the_first_value_stands(reception: Reception, li_na: Actor) -> None:
    filed, _ = reception.reported(li_na)
    recorded = reception.arrive(phone=PHONE)
    wanted = "2026-03-02T08:00:00+08:00"
    for field, to in ((EditField.AT, wanted), (EditField.REPORT, filed.report), (EditField.REPORT, None), (EditField.PARTY_SIZE, 4)):
        arrivals.edit_visit(reception.site, FRONT, recorded.visit, field, to, reason="the visitor says so")
    (visit,) = reception.visits()
    assert (visit.at, visit.report) == (NINE, None)
    edits = [event for event in reception.events() if isinstance(event, Edit)]
    assert [(edit.of, edit.field, edit.to) for edit in edits] == [
        (recorded.visit, "at", wanted),
        (recorded.visit, "report", filed.report),
        (recorded.visit, "report", None),
    ], "how many came is nothing that the judge reads"
    (listed,) = arrivals.visits(reception.site, MANAGER, "garden")
    assert (listed.edits, listed.party_size) == (4, 1)
    first = arrivals.edits_of(reception.site, MANAGER, recorded.visit)[0]
    assert (first.field, first.by, first.before) == (EditField.AT, FRONT.label, NINE.isoformat())


NO_VALUES: list[tuple[EditField, str | int | None]] = [
    (EditField.AT, None),
    (EditField.AT, "yesterday"),
    (EditField.AT, "2026-03-02T08:00:00"),
    (EditField.AT, 5),
    (EditField.REPORT, "0" * 36),
    (EditField.REPORT, 7),
    (EditField.PARTY_SIZE, 0),
    (EditField.PARTY_SIZE, 100),
    (EditField.PARTY_SIZE, True),
    (EditField.PARTY_SIZE, "3"),
    (EditField.PARTY_SIZE, None),
]


def test_what_cannot_be_a_value_is_no_edit(reception: Reception) -> None:
    recorded = reception.arrive()
    for field, to in NO_VALUES:
        with pytest.raises(InputError) as refused:
            arrivals.edit_visit(reception.site, FRONT, recorded.visit, field, to, reason="no reason")
        assert refused.value.code == "visit.edit", (field, to)
    assert reception.office.acts("attribution.visit-edited") == []


def test_visits_are_listed_newest_first_in_pages(reception: Reception) -> None:
    recorded = []
    for alias in "甲乙丙":
        reception.office.pass_by(minutes=1)
        recorded.append(reception.arrive(alias=alias).visit)
    first = arrivals.visits(reception.site, MANAGER, "garden", limit=2)
    assert [view.id for view in first] == [recorded[2], recorded[1]]
    assert "丙" not in str(asdict(first[0])), "who it was is told with a reason alone"
    rest = arrivals.visits(reception.site, MANAGER, "garden", after=first[-1].id, limit=2)
    assert [view.id for view in rest] == [recorded[0]]


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"report": "0" * 36}, "report.unknown"),
    ({"party_size": 0}, "arrival.party-size"),
    ({"phone": "0"}, "phone.form"),
    ({"link": "g" * 64}, "arrival.link"),
    ({"check": "none"}, "identity.unknown"),
]


def test_an_arrival_that_cannot_be_changes_nothing(reception: Reception) -> None:
    for arrival, code in IMPOSSIBLE:
        with pytest.raises(ConsentryError) as refused:
            reception.arrive(**arrival)
        assert refused.value.code == code
    assert reception.events() == []


def test_one_link_opens_one_visit(reception: Reception) -> None:
    reception.arrive(link="a" * 64)
    with pytest.raises(InputError) as refused:
        reception.arrive(link="a" * 64)
    assert refused.value.code == "arrival.link-used"


def test_a_report_of_another_project_is_none_here(reception: Reception, li_na: Actor) -> None:
    filed, _ = reception.reported(li_na)
    with pytest.raises(NotFoundError) as refused:
        Reception(reception.office, "lake").arrive(report=filed.report)
    assert refused.value.code == "report.unknown"


@pytest.mark.parametrize(
    "call",
    [
        lambda site: arrivals.record_arrival(site, NOBODY, "garden", Arrival()),
        lambda site: arrivals.expected_today(site, NOBODY, "garden"),
        lambda site: arrivals.visits(site, FRONT, "garden"),
        lambda site: arrivals.edits_of(site, FRONT, "0" * 36),
        lambda site: arrivals.edit_visit(site, NOBODY, "0" * 36, EditField.PARTY_SIZE, 1, reason="none"),
        lambda site: arrivals.visit_receipt(site, NOBODY, "0" * 36),
    ],
)
def test_nobody_does_more_than_they_may(reception: Reception, call: object) -> None:
    assert callable(call)
    with pytest.raises(DeniedError):
        call(reception.site)


def test_the_judge_reads_what_concerns_some_people_alone(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    recorded = reception.arrive(code=reception.code(li_na, filed, kept))
    reception.arrive(phone=OTHER_PHONE)
    arrivals.edit_visit(reception.site, FRONT, recorded.visit, EditField.AT, "2026-03-02T08:00:00+08:00", reason="miswritten")
    person = next(visit.person for visit in reception.visits() if visit.id == recorded.visit)
    assert len(reception.events()) == 4
    chosen = reception.events([person])
    assert len(chosen) == 3
    assert all(event in reception.events() for event in chosen)
    assert reception.events([]) == []


def test_nothing_of_a_person_stands_in_the_ledger(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    code = reception.code(li_na, filed, kept)
    reception.arrive(alias="欧阳", code=code, phone=PHONE, check=checked(reception, "11010119900101001X"))
    text = repr(reception.office.acts())
    salt = base64.urlsafe_b64encode(kept.salt).decode().rstrip("=")
    for said in ("欧阳", PHONE, PHONE[3:], mask(PHONE), "11010119900101001X", salt, code.split(".")[2]):
        assert said not in text
