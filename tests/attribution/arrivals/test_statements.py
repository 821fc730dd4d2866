"""What visitors see and say of their own visit, by the secret of their link."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.model import Grade, Statement
from consentry.attribution.service import agent_visits, statements, visitor_rights
from consentry.attribution.visiting import Answer, Binding, Voiced
from consentry.consent import service as consents
from consentry.consent.requests import RequestKind
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError
from consentry.staff.model import Reason
from tests.attribution.arrivals.reception import FRONT, SECRET, Device, Reception, link_of
from tests.attribution.reports.office import MANAGER, NINE, OPERATOR, PHONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.platform.actors import Actor


def by_code(reception: Reception, agent: Actor) -> str:
    """Let a client come whose agent shows the whole code, and return the secret of the visitor's link."""
    filed, kept = reception.reported(agent)
    reception.office.pass_by(hours=1)
    secret = reception.arrive(alias="王", code=reception.code(agent, filed, kept)).secret
    assert secret is not None
    return secret


def by_name(reception: Reception, agent: Actor, **arrival: object) -> str:
    """Let somebody come who names a report, and shows no code."""
    filed, _ = reception.reported(agent)
    reception.office.pass_by(hours=1)
    secret = reception.arrive(report=filed.report, **arrival).secret
    assert secret is not None
    return secret


def test_a_visitor_sees_who_claims_them_and_on_what_evidence(reception: Reception, li_na: Actor) -> None:
    claim = statements.claim_of(reception.site, by_code(reception, li_na))
    assert claim.report is not None
    assert (claim.report.agency, claim.report.agent, claim.report.filed, claim.report.binding) == ("Blue sky", "li.na", NINE, Binding.BOUND)
    assert (claim.evidence, claim.answer, claim.number_known) == (("phone:B",), None, True)


def test_a_link_that_the_desk_made_opens_the_visit_however_it_is_typed(reception: Reception) -> None:
    visit = reception.arrive(link=link_of(SECRET)).visit
    for typed in (SECRET, SECRET.lower(), f" {SECRET[:5]}-{SECRET[5:]} ", SECRET.replace("0", "O").replace("1", "l")):
        assert statements.claim_of(reception.site, typed).visit == visit


def test_a_secret_that_was_never_given_gets_one_answer(reception: Reception) -> None:
    reception.arrive()
    said = set()
    for secret in ("", "x", SECRET, "0" * 26, "é" * 30, "\ud800", "A" * 10_000):
        for call in every_use_of(reception, secret):
            with pytest.raises(NotFoundError) as refused:
                call()
            said.add(str(refused.value))
    assert len(said) == 1


def every_use_of(reception: Reception, secret: str) -> tuple[Callable[[], object], ...]:
    return (
        lambda: statements.claim_of(reception.site, secret),
        lambda: statements.confirm(reception.site, secret, Answer.NOBODY),
        lambda: statements.state(reception.site, secret, Voiced.DISPUTE, "no"),
        lambda: statements.receipts_of_visit(reception.site, secret),
        lambda: visitor_rights.copy_of_visit(reception.site, secret),
        lambda: visitor_rights.ask_about_visit(reception.site, secret, RequestKind.DELETE),
    )


def test_code_and_tap_together_are_evidence_of_both_sides(reception: Reception, li_na: Actor) -> None:
    secret = by_code(reception, li_na)
    receipt = statements.confirm(reception.site, secret, Answer.CONFIRMED)
    verify_bundle(receipt.data, Trust((log_key(reception.site),)))
    assert reception.visits()[0].grade is Grade.TWO_SIDED
    assert {link.grade for link in reception.links()} == {Grade.LOGGED, Grade.TWO_SIDED}
    assert statements.claim_of(reception.site, secret).answer is Answer.CONFIRMED
    assert len(statements.receipts_of_visit(reception.site, secret)) == 2


def test_a_visitor_answers_once(reception: Reception, li_na: Actor) -> None:
    secret = by_code(reception, li_na)
    statements.confirm(reception.site, secret, Answer.NOBODY)
    with pytest.raises(ConflictError) as refused:
        statements.confirm(reception.site, secret, Answer.CONFIRMED)
    assert refused.value.code == "visit.answered"


def test_the_tap_binds_a_visit_that_no_code_bound(reception: Reception, li_na: Actor) -> None:
    secret = by_name(reception, li_na, phone=PHONE)
    assert not reception.visits()[0].bound
    reception.office.pass_by(hours=2)
    statements.confirm(reception.site, secret, Answer.CONFIRMED)
    (visit,) = reception.visits()
    assert (visit.bound, visit.at) == (True, NINE + timedelta(hours=1))
    assert visit.grade is Grade.LOGGED
    assert [(link.kind, link.grade) for link in reception.links()] == [("phone", Grade.LOGGED)]


def test_a_code_that_revealed_no_number_and_a_tap_are_no_evidence_of_both_sides(reception: Reception, li_na: Actor) -> None:
    filed, _ = reception.reported(li_na)
    secret = reception.arrive(code=reception.code(li_na, filed), phone=PHONE).secret or ""
    statements.confirm(reception.site, secret, Answer.CONFIRMED)
    (visit,) = reception.visits()
    assert (visit.bound, visit.grade) == (True, Grade.LOGGED)
    assert [(link.kind, link.grade) for link in reception.links()] == [("phone", Grade.LOGGED)]


def test_the_secret_of_a_link_that_the_desk_made_is_told_to_nobody_else(reception: Reception, desk: Device) -> None:
    (outcome,) = desk.send(desk.entry(alias="王"), attendant=FRONT).outcomes
    assert outcome.recorded is not None
    assert (outcome.recorded.secret, reception.arrive(link=link_of(SECRET)).secret) == (None, None)


def test_without_a_number_the_tap_asks_for_it(reception: Reception, li_na: Actor) -> None:
    secret = by_name(reception, li_na)
    for phone, code in ((None, "visit.number-needed"), ("+8613900001111", "visit.other-number"), ("12", "phone.form")):
        with pytest.raises(ConsentryError) as refused:
            statements.confirm(reception.site, secret, Answer.CONFIRMED, phone=phone)
        assert refused.value.code == code
    assert not reception.visits()[0].bound
    statements.confirm(reception.site, secret, Answer.CONFIRMED, phone="138 1234 5678")
    assert reception.visits()[0].bound


def test_a_number_that_did_not_open_the_commitment_cannot_be_tapped_right(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    twin = "+8613800005678"
    secret = reception.arrive(code=reception.code(li_na, filed, kept), phone=twin).secret or ""
    with pytest.raises(ConflictError) as refused:
        statements.confirm(reception.site, secret, Answer.CONFIRMED, phone=twin)
    assert refused.value.code == "visit.other-number"


def test_where_nobody_claims_there_is_nobody_to_confirm(reception: Reception) -> None:
    secret = reception.arrive().secret or ""
    with pytest.raises(ConflictError) as refused:
        statements.confirm(reception.site, secret, Answer.CONFIRMED, phone=PHONE)
    assert refused.value.code == "visit.nobody-claims"
    statements.confirm(reception.site, secret, Answer.NOBODY)
    assert statements.statements(reception.site, MANAGER) == []


@pytest.mark.parametrize("answer", [Answer.NOBODY, Answer.SOMEBODY_ELSE])
def test_a_visitor_who_contradicts_a_claim_is_a_dispute_for_staff(reception: Reception, li_na: Actor, answer: Answer) -> None:
    secret = by_code(reception, li_na)
    statements.confirm(reception.site, secret, answer)
    assert reception.visits()[0].bound
    (dispute,) = statements.statements(reception.site, MANAGER)
    assert (dispute.kind, dispute.words) == (Voiced.DISPUTE, "")


def test_a_statement_is_found_credible_by_a_person_and_only_then_read_so(reception: Reception, li_na: Actor) -> None:
    secret = by_code(reception, li_na)
    statements.state(reception.site, secret, Voiced.EARLIER_VISIT, "我二月十日来过，接待我的是张经理")
    stated = reception.site.clock.now()
    (waiting,) = statements.statements(reception.site, MANAGER)
    assert waiting.words.startswith("我二月")
    assert "二月" not in repr(reception.office.acts())
    assert [event.credible for event in reception.events() if isinstance(event, Statement)] == [False]
    reception.office.pass_by(days=1)
    with pytest.raises(DeniedError):
        statements.decide_statement(reception.site, FRONT, waiting.id, credible=True, reason="the diary has it")
    statements.decide_statement(reception.site, MANAGER, waiting.id, credible=True, reason="the diary has it")

    (read,) = [event for event in reception.events() if isinstance(event, Statement)]
    assert (read.at, read.credible) == (stated, True)
    with pytest.raises(ConflictError):
        statements.decide_statement(reception.site, MANAGER, waiting.id, credible=False, reason="thought again")
    assert statements.statements(reception.site, MANAGER) == []
    assert statements.claim_of(reception.site, secret).statements[0].reason == "the diary has it"


def test_a_dispute_is_no_event_of_the_judge(reception: Reception, li_na: Actor) -> None:
    secret = by_code(reception, li_na)
    before = reception.events()
    statements.state(reception.site, secret, Voiced.DISPUTE, "nobody brought me")
    assert reception.events() == before


@pytest.mark.parametrize("words", ["", "   ", "x" * 2001])
def test_words_have_bounds(reception: Reception, words: str) -> None:
    secret = reception.arrive().secret or ""
    with pytest.raises(InputError) as refused:
        statements.state(reception.site, secret, Voiced.DISPUTE, words)
    assert refused.value.code == "statement.words"


def test_one_visitor_cannot_fill_the_records(reception: Reception) -> None:
    secret = reception.arrive().secret or ""
    for _ in range(statements.MOST_STATEMENTS):
        statements.state(reception.site, secret, Voiced.DISPUTE, "no")
    with pytest.raises(ConflictError) as refused:
        statements.state(reception.site, secret, Voiced.DISPUTE, "no")
    assert refused.value.code == "statement.enough"


def test_a_copy_holds_everything_and_a_request_goes_the_way_of_all_others(reception: Reception, li_na: Actor) -> None:
    secret = by_code(reception, li_na)
    statements.state(reception.site, secret, Voiced.DISPUTE, "not me")
    copy = visitor_rights.copy_of_visit(reception.site, secret)
    assert copy["person"] == {
        "pseudonym": reception.visits()[0].person,
        "alias": "王",
        "mask": "138****5678",
        "number_hashed": True,
        "document_hashed": False,
        "restricted_until": None,
    }
    assert copy["links"] == [{"kind": "phone", "grade": "B"}]
    filed = visitor_rights.ask_about_visit(reception.site, secret, RequestKind.DELETE, words="please")
    (request,) = consents.requests(reception.site, OPERATOR)
    assert request.kind is RequestKind.DELETE
    details = consents.request_details(reception.site, OPERATOR, request.id, Reason("handling it", "T-1"))
    assert reception.visits()[0].id in details.words
    assert consents.request_state(reception.site, filed.number).answered is None


def test_the_agent_gets_the_receipt_of_the_same_entries(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    secret = reception.arrive(code=reception.code(li_na, filed, kept)).secret or ""
    statements.confirm(reception.site, secret, Answer.CONFIRMED)
    mine = agent_visits.agent_visit_receipts(reception.site, li_na, filed.report)
    theirs = statements.receipts_of_visit(reception.site, secret)
    assert [sealed.bundle.entries[0].entry for sealed in mine] == [sealed.bundle.entries[0].entry for sealed in theirs]
    (seen,) = agent_visits.agent_visits(reception.site, li_na, filed.report)
    assert (seen.binding, seen.answer) == (Binding.BOUND, Answer.CONFIRMED)
    stranger = reception.office.agent(reception.office.agency("Red hill"), "wang.wei")
    with pytest.raises(NotFoundError):
        agent_visits.agent_visits(reception.site, stranger, filed.report)
