"""Withdrawing, a lost receipt, rights and records, by forms alone."""

from __future__ import annotations

import html
import json
import re
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest

from consentry.consent import service as consent
from consentry.consent.model import ConsentState
from consentry.consent.requests import Answer, Decision, RefusalGround, RequestKind
from consentry.portal.leaving import KINDS
from tests.consent.shop import OFFICER, acts, agree
from tests.portal.forms import Page, send

if TYPE_CHECKING:
    import httpx

    from consentry.consent.model import Given
    from consentry.platform.site import Site
    from tests.api.client import Client

BASES = ("", "/kiosk/kiosk")
bases = pytest.mark.parametrize("base", BASES, ids=["telephone", "station"])


def fill(client: Client, path: str, **answers: str) -> httpx.Response:
    """Open a page and send its form."""
    return send(client, Page(client.get(f"{path}?lang=en")).forms[0], **answers)


def heading(answer: httpx.Response) -> str:
    return html.unescape(re.findall(r"<h1[^>]*>([^<]*)</h1>", answer.text)[0])


@pytest.fixture
def given(station_site: Site) -> Given:
    return agree(station_site, station="kiosk", phone="13800138000")


@bases
def test_a_consent_is_withdrawn_with_its_code_however_it_is_typed_and_at_once(visitor: Client, station_site: Site, given: Given, base: str) -> None:
    typed = given.withdraw_secret.lower().replace("-", " ")
    answer = fill(visitor, f"{base}/withdraw", secret=typed)
    assert heading(answer) == "Withdrawn"
    assert consent.state_of(station_site, given.consent) is ConsentState.WITHDRAWN
    assert acts(station_site, "consent.withdrawn")[0].details["via"] == ("kiosk" if base else "phone")


@pytest.mark.parametrize("path", ["/withdraw", "/receipt", "/found", "/kiosk/kiosk/withdraw", "/kiosk/kiosk/resume"])
def test_a_code_that_no_consent_has_changes_nothing_and_is_told_kindly(visitor: Client, station_site: Site, given: Given, path: str) -> None:
    for secret in ("", "abc", "0" * 26, "ü" * 26, "0" * 5000):
        answer = fill(visitor, path, secret=secret)
        assert answer.status_code == 404
        assert "This code is not known here" in answer.text
        assert "letter by letter" in answer.text
    assert consent.state_of(station_site, given.consent) is ConsentState.GIVEN


def test_withdrawing_again_gives_the_same_receipt(visitor: Client, given: Given) -> None:
    first, again = (fill(visitor, "/withdraw", secret=given.withdraw_secret) for _ in range(2))
    bundles = [json.loads(b64decode(re.findall(r'href="data:application/json;base64,([^"]+)"', answer.text)[0])) for answer in (first, again)]
    assert bundles[0]["entries"] == bundles[1]["entries"]
    assert heading(again) == "Withdrawn"


def test_a_certificate_is_promised_while_the_vault_has_not_confirmed(visitor: Client, given: Given) -> None:
    done = fill(visitor, "/withdraw", secret=given.withdraw_secret)
    asked = send(visitor, Page(done).forms[0])
    assert heading(asked) == "Not confirmed yet"
    assert heading(send(visitor, Page(asked).forms[0])) == "Not confirmed yet"


@pytest.mark.parametrize("hint", ["13800138000", "13900139000", "nobody", "", "x" * 500, "00000000-0000-4000-8000-000000000000"])
def test_whether_a_hint_fits_or_not_the_answer_is_the_same_to_the_letter(visitor: Client, given: Given, hint: str) -> None:
    answers = [visitor.post("/lost?lang=en", data={"hint": tried}).text for tried in (hint, given.consent)]
    assert answers[0] == answers[1]


def test_a_consent_whose_receipt_is_lost_rests_until_the_receipt_is_found(visitor: Client, station_site: Site, given: Given) -> None:
    fill(visitor, "/lost", hint=given.consent)
    assert consent.is_suspended(station_site, given.consent)
    assert heading(fill(visitor, "/found", secret=given.withdraw_secret)) == "Thank you"
    assert not consent.is_suspended(station_site, given.consent)


def test_a_person_sees_and_saves_all_that_is_kept_of_them(visitor: Client, given: Given) -> None:
    answer = fill(visitor, "/receipt", secret=given.withdraw_secret)
    saved = json.loads(b64decode(re.findall(r'href="data:application/json;base64,([^"]+)"', answer.text)[0]))
    shown = json.loads(html.unescape(re.findall(r"<pre[^>]*>(.*?)</pre>", answer.text, re.DOTALL)[0]))
    assert saved == shown
    assert saved["person"] == given.person
    assert saved["left"] == {"phone": "13800138000"}
    assert saved["consents"][0]["record"]["record_id"] == given.consent


@pytest.mark.parametrize(("base", "kind"), [("", kind) for kind in KINDS] + [("/kiosk/kiosk", RequestKind.SEE)])
def test_each_kind_of_request_gets_a_number_at_once_and_the_number_shows_how_it_stands(visitor: Client, base: str, kind: RequestKind) -> None:
    filed = fill(visitor, f"{base}/rights", kind=kind, contact="13800138000")
    number = re.findall(r"Request number ([0-9A-Z-]+)\.", filed.text)[0]
    answer = send(visitor, Page(visitor.get(f"{base}/rights/answer?lang=en")).forms[0], number=number)
    assert "Not answered yet" in answer.text


def test_the_answer_to_a_request_and_what_can_be_done_against_it_are_shown_to_whoever_has_its_number(visitor: Client, station_site: Site) -> None:
    filed = fill(visitor, "/rights", kind="correct", contact="a@example.org", words="My <alias> is wrong.")
    number = re.findall(r"Request number ([0-9A-Z-]+)\.", filed.text)[0]
    (request,) = consent.requests(station_site, OFFICER)
    consent.answer_request(station_site, OFFICER, request.id, Answer(Decision.REFUSED, "We hold <nothing> of you.", RefusalGround.NOTHING_HELD))
    answer = fill(visitor, "/rights/answer", number=number)
    assert "We hold &lt;nothing&gt; of you." in answer.text
    assert "Refused" in answer.text
    assert "What you can do against it" in answer.text


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"contact": "a@example.org"}, "Choose what you would like."),
        ({"kind": "lost", "contact": "a@example.org"}, "Choose what you would like."),
        ({"kind": "see"}, "Give the code of your receipt or a way to reach you."),
    ],
)
def test_a_request_that_lacks_something_is_shown_again_with_what_was_filled_in(visitor: Client, station_site: Site, answers: dict[str, str], told: str) -> None:
    answer = fill(visitor, "/rights", words="my words", **answers)
    assert answer.status_code == 422
    assert told in answer.text
    assert "my words" in answer.text
    assert consent.requests(station_site, OFFICER) == []


def test_the_other_way_of_each_language_says_the_same(visitor: Client) -> None:
    for path in (
        "/withdraw",
        "/lost",
        "/found",
        "/rights",
        "/rights/answer",
        "/receipt",
        "/kiosk/kiosk",
        "/consent/greeting",
        "/kiosk/kiosk/recognise/greeting",
    ):
        shapes = [re.findall(r"<(\w+)", visitor.get(f"{path}?lang={language}").text) for language in ("zh-CN", "en")]
        assert shapes[0] == shapes[1], path
