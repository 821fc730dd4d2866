"""The visitor's page: the secret of the link and nothing else opens it; who claims, the answer, disputes, the verdict, rights."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.service import arrivals, statements
from consentry.attribution.visiting import Answer, Arrival, Binding
from consentry.consent import service as consent
from consentry.consent.requests import RequestKind
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.portal.phrases import phrases
from tests.attribution.deals.conftest import cheap_hashes  # noqa: F401 - used by every test here
from tests.attribution.deals.hall import MANAGER, PROJECT, Hall
from tests.attribution.reports.office import OTHER_PHONE, PHONE, office_on
from tests.portal.agents_hall import Reader
from tests.portal.forms import Page

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.attribution.visiting import Recorded
    from consentry.platform.actors import Actor
    from consentry.platform.database import Database


@pytest.fixture
def hall(sqlite_database: Database, tmp_path: Path) -> Hall:
    return Hall(office_on(sqlite_database, tmp_path))


@pytest.fixture
def li_na(hall: Hall) -> Actor:
    return hall.office.agent(hall.office.agency("Blue sky"))


@pytest.fixture
def visit(hall: Hall, li_na: Actor) -> Recorded:
    return hall.brought(li_na)


@pytest.fixture
def reader(hall: Hall) -> Reader:
    return Reader(hall.site)


def secret_of(visit: Recorded) -> str:
    assert visit.secret is not None
    return visit.secret


def chosen_by_hand(hall: Hall, agent: Actor, phone: str | None) -> str:
    """Let somebody come whom the desk finds in its list, without a code; return their secret."""
    filed, _ = hall.reported(agent)
    hall.pass_by(hours=1)
    return secret_of(arrivals.record_arrival(hall.site, MANAGER, PROJECT, Arrival(alias="王", report=filed.report, phone=phone)))


def test_the_page_asks_for_the_secret_and_takes_it_from_no_address(reader: Reader, visit: Recorded) -> None:
    page = reader.get("/buyer", params={"secret": secret_of(visit)})
    assert "li.na" not in page.text
    assert "/carried.js" in page.text
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("secret", ["", "nonsense", "00000-00000-00000-00000-000000"])
def test_without_the_right_secret_nothing_is_shown_and_nothing_is_recorded(hall: Hall, reader: Reader, visit: Recorded, secret: str) -> None:
    before = len(hall.office.acts())
    for path in ("", "/answer", "/statement", "/appeal", "/copy", "/request"):
        fields = {"answer": "nobody", "kind": "delete" if path == "/request" else "dispute", "words": "it was not so", "deal": "x"}
        answer = reader.post(f"/buyer{path}", secret=secret, **fields)
        assert (answer.status_code, "No visit has this code." in answer.text) == (404, True), path
        assert visit.visit not in answer.text
    assert len(hall.office.acts()) == before


def test_a_visitor_sees_who_claims_them_on_what_evidence_and_the_secret_is_in_no_link(reader: Reader, visit: Recorded) -> None:
    answer = reader.post("/buyer", secret=secret_of(visit))
    assert "<strong>li.na</strong>, Blue sky" in answer.text
    assert "the number is yours" in answer.text
    assert "The same telephone number · recorded by one side (B)" in answer.text
    assert [address for address, _ in Page(answer).links if secret_of(visit) in address] == []


def test_three_choices_of_one_kind_are_offered_and_without_a_claim_two(hall: Hall, reader: Reader, visit: Recorded) -> None:
    buttons = re.findall(r'<button class="choice" name="answer" value="([^"]+)">', reader.post("/buyer", secret=secret_of(visit)).text)
    assert buttons == ["confirmed", "nobody", "somebody-else"]
    alone = reader.post("/buyer", secret=secret_of(hall.walked_in(OTHER_PHONE))).text
    assert re.findall(r'name="answer" value="([^"]+)"', alone) == ["nobody", "somebody-else"]
    assert "Nobody. Your visit is recorded as one of your own." in alone


def test_an_answer_is_given_once_with_a_receipt_of_the_log(hall: Hall, reader: Reader, visit: Recorded) -> None:
    secret = secret_of(visit)
    done = reader.post("/buyer/answer", secret=secret, answer="confirmed")
    assert "Your answer is in the log." in done.text
    papers = [base64.b64decode(paper) for paper in re.findall(r"data:application/json;base64,([^\"]+)", done.text)]
    proven = [verify_bundle(paper, Trust((log_key(hall.site),))).entries[0].act.action for paper in papers]
    assert proven == ["attribution.visitor-answered", "attribution.arrived", "attribution.visitor-answered"]
    assert "You said: this agent brought me" in done.text
    again = reader.post("/buyer/answer", secret=secret, answer="nobody")
    assert (again.status_code, "You have answered already" in again.text) == (422, True)
    assert statements.claim_of(hall.site, secret).answer is Answer.CONFIRMED


def test_whoever_was_chosen_from_the_list_confirms_with_the_number_that_was_reported(hall: Hall, reader: Reader, li_na: Actor) -> None:
    secret = chosen_by_hand(hall, li_na, None)
    assert 'name="phone"' in reader.post("/buyer", secret=secret).text
    assert "Please type the number" in reader.post("/buyer/answer", secret=secret, answer="confirmed").text
    wrong = reader.post("/buyer/answer", secret=secret, answer="confirmed", phone="13812340000")
    assert "not the number that the agent reported" in wrong.text
    assert "13812340000" not in wrong.text
    assert "Your answer is in the log." in reader.post("/buyer/answer", secret=secret, answer="confirmed", phone=PHONE).text
    assert 'name="phone"' not in reader.post("/buyer", secret=chosen_by_hand(hall, hall.office.agent(hall.office.agency("Red"), "chen"), PHONE)).text


def test_an_answer_that_does_not_exist_records_nothing(hall: Hall, reader: Reader, visit: Recorded) -> None:
    answer = reader.post("/buyer/answer", secret=secret_of(visit), answer="everybody")
    assert (answer.status_code, "Please choose one." in answer.text) == (422, True)
    assert statements.claim_of(hall.site, secret_of(visit)).answer is None


def test_a_dispute_is_kept_and_what_was_typed_is_not_lost_where_it_cannot_be(hall: Hall, reader: Reader, visit: Recorded) -> None:
    secret = secret_of(visit)
    assert "is with the sales office" in reader.post("/buyer/statement", secret=secret, kind="earlier_visit", words="I came in January.").text
    assert "I was here before, and nobody recorded it" in reader.post("/buyer", secret=secret).text
    assert [one.words for one in statements.statements(hall.site, MANAGER)] == ["I came in January."]
    refused = reader.post("/buyer/statement", secret=secret, kind="dispute", words="x" * 2001)
    assert (refused.status_code, "x" * 2001 in refused.text) == (422, True)


def test_the_verdict_is_read_taken_home_and_appealed_against(hall: Hall, reader: Reader, visit: Recorded) -> None:
    secret = secret_of(visit)
    hall.pass_by(days=1)
    deal = hall.bought()
    hall.signed(deal)
    assert "The client belongs to agency Blue sky" in reader.post("/buyer", secret=secret).text
    bundle = reader.post("/buyer/bundle", secret=secret, deal=deal.id)
    assert verify_bundle(bundle.content, Trust((log_key(hall.site),))).document is not None
    assert "Your appeal is received." in reader.post("/buyer/appeal", secret=secret, deal=deal.id, words="Nobody brought me.").text
    assert "The buyer appealed on" in reader.post("/buyer", secret=secret).text
    other = secret_of(hall.walked_in(OTHER_PHONE))
    assert reader.post("/buyer/bundle", secret=other, deal=deal.id).status_code == 404
    assert "no verdict that concerns you" in reader.post("/buyer/appeal", secret=other, deal=deal.id, words="Nobody brought me.").text


def test_everything_that_is_held_is_given_and_deletion_is_asked_for(hall: Hall, reader: Reader, visit: Recorded) -> None:
    secret = secret_of(visit)
    copied = reader.post("/buyer/copy", secret=secret)
    held = json.loads(base64.b64decode(re.findall(r"data:application/json;base64,([^\"]+)", copied.text)[0]))
    assert (held["visit"]["id"], held["person"]["mask"]) == (visit.visit, "138****5678")
    asked = reader.post("/buyer/request", secret=secret, kind="delete", contact="wang@example.com")
    number = re.findall(r"number ([0-9A-Z-]{20,})", asked.text)[0]
    assert consent.request_state(hall.site, number).kind is RequestKind.DELETE
    assert reader.post("/buyer/request", secret=secret, kind="estate").status_code == 422


def test_every_binding_grade_answer_and_finding_has_words() -> None:
    words = phrases("en")["buyer"]
    assert {one.value for one in Binding} == set(words["binding"]) == set(phrases("en")["agent"]["binding"])
    assert {one.value for one in Answer} == set(words["answer"])
