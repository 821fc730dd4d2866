"""Saying yes or no, without a script: the text as hashed, nothing ticked, both answers alike and equally far away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from consentry.consent import service as consent
from consentry.consent.model import Purpose
from consentry.consent.rules.notices import sha256_of
from tests.consent.shop import ENGLISH, OFFICER, TERMS, TEXTS, acts
from tests.portal.forms import Page, send

if TYPE_CHECKING:
    from consentry.platform.site import Site
    from tests.api.client import Client

PLACES = {"station": "/kiosk/kiosk/agree/greeting", "telephone": "/consent/greeting"}
places = pytest.mark.parametrize("begin", PLACES.values(), ids=PLACES)
languages = pytest.mark.parametrize("language", ["zh-CN", "en"])


def notice_page(client: Client, begin: str, language: str = "en") -> Page:
    """Go from the first page of a decision to the notice by the links that a person presses."""
    first = Page(client.get(f"{begin}?lang={language}"))
    return Page(client.get(first.link("/notice")))


def given(site: Site) -> list[str]:
    """Return the consents that were given."""
    return [act.object.removeprefix("consent:") for act in acts(site, "consent.given")]


@places
@languages
def test_the_text_shown_is_character_by_character_the_one_that_is_hashed(visitor: Client, station_site: Site, begin: str, language: str) -> None:
    notice = consent.current_notice(station_site, Purpose.GREETING)
    assert notice is not None
    page = notice_page(visitor, begin, language)
    assert page.text["shown"] == consent.text_shown(notice, language)
    assert sha256_of(page.text["shown"]) == page.forms[0].fields["notice"] == notice.sha256[language]


def test_words_that_look_like_markup_are_shown_as_words_and_hash_the_same(visitor: Client, station_site: Site) -> None:
    sly = {**TEXTS, "en": type(ENGLISH)(**{**{name: getattr(ENGLISH, name) for name in ENGLISH.__slots__}, "rights": "a <b>c</b> & d\n\n e"})}
    consent.publish_notice(station_site, OFFICER, Purpose.GREETING, sly, TERMS)
    page = notice_page(visitor, PLACES["station"])
    assert "a <b>c</b> & d\n\n e" in page.text["shown"]
    assert sha256_of(page.text["shown"]) == page.forms[0].fields["notice"]


@places
def test_yes_and_no_are_buttons_of_one_form_alike_but_for_their_words(visitor: Client, begin: str) -> None:
    text = visitor.get(f"{begin}/notice?age=14&lang=en").text
    buttons = re.findall(r"<button ([^>]*)>([^<]*)</button>", text.partition('class="equal"')[2].partition("</div>")[0])
    assert [words for _, words in buttons] == ["Yes, I agree", "No, I do not"]
    assert len({re.sub(r'value="\w+"', "", attributes) for attributes, _ in buttons}) == 1


@places
def test_nothing_is_ticked_and_no_control_stands_between_the_notice_and_either_answer(visitor: Client, begin: str) -> None:
    (form,) = [form for form in notice_page(visitor, begin).forms if form.method == "post"]
    assert form.ticked == []
    assert {(name, value) for name, value, _ in form.buttons} == {("answer", "yes"), ("answer", "no")}


def test_a_yes_gives_a_consent_and_a_receipt_whose_secret_withdraws_it_and_stands_apart_from_the_proof(visitor: Client, station_site: Site) -> None:
    answer = send(visitor, notice_page(visitor, PLACES["telephone"]).forms[0], answer="yes")
    assert answer.status_code == 200
    proof, _, rest = answer.text.partition('aria-labelledby="secret"')
    secret = re.search(r'<code class="secret">([0-9A-Z-]+)</code>', rest)
    assert secret is not None
    assert secret[1] not in proof
    assert "Ends by itself if no face is enrolled before" in proof
    assert consent.consent_by_secret(station_site, secret[1]).id in proof
    assert answer.headers["cache-control"] == "no-store"


@places
def test_a_no_takes_as_many_requests_as_a_yes_keeps_nothing_of_the_person_and_offers_the_other_ways(visitor: Client, station_site: Site, begin: str) -> None:
    answer = send(visitor, notice_page(visitor, begin).forms[0], answer="no")
    assert answer.status_code == 200
    assert "Hold your card to the reader." in answer.text
    assert "Speak to anyone at the desk." in answer.text
    assert given(station_site) == []
    assert len(acts(station_site, "consent.refused")) == 1


def test_nobody_gets_to_a_notice_without_saying_their_age(visitor: Client) -> None:
    answer = visitor.get("/consent/greeting/notice?lang=en")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/consent/greeting?lang=en"


@pytest.mark.parametrize("purpose", ["greeting", "door_access"])
def test_a_child_is_shown_the_other_ways(visitor: Client, station_site: Site, purpose: str) -> None:
    first = Page(visitor.get(f"/consent/{purpose}?lang=en"))
    text = visitor.get(first.link("/young")).text
    assert "Hold your card to the reader." in text
    assert given(station_site) == []


def test_the_european_profile_asks_for_sixteen_years(visitor: Client, station_site: Site) -> None:
    file = station_site.store.path
    file.write_text(file.read_text(encoding="utf-8").replace('embedder = "mobilefacenet"', 'embedder = "mobilefacenet"\nprofile = "eu"'), encoding="utf-8")
    station_site.store.reload()
    asked = visitor.get("/consent/greeting?lang=en").text
    assert "16 or older" in asked
    assert "14" not in re.sub(r"<[^>]*>", "", asked)
    assert visitor.get("/consent/greeting/notice?age=14&lang=en").status_code == 303


def test_a_form_that_claims_no_age_gives_no_consent(visitor: Client, station_site: Site) -> None:
    answer = send(visitor, notice_page(visitor, PLACES["telephone"]).forms[0], answer="yes", age="")
    assert answer.status_code == 422
    assert "text/html" in answer.headers["content-type"]
    assert given(station_site) == []


def test_a_notice_that_changed_meanwhile_is_shown_again_and_nothing_is_recorded(visitor: Client, station_site: Site) -> None:
    old = notice_page(visitor, PLACES["telephone"]).forms[0]
    changed = {**TEXTS, "en": type(ENGLISH)(**{**{name: getattr(ENGLISH, name) for name in ENGLISH.__slots__}, "complaint": "The county office"})}
    consent.publish_notice(station_site, OFFICER, Purpose.GREETING, changed, TERMS)
    again = send(visitor, old, answer="yes")
    assert "The notice changed while you were reading" in again.text
    assert "The county office" in again.text
    assert given(station_site) == []
    assert send(visitor, Page(again).forms[0], answer="yes").status_code == 200
    assert len(given(station_site)) == 1


def test_a_telephone_number_is_left_only_by_whoever_wants_to_and_asked_for_again_where_it_is_none(visitor: Client, station_site: Site) -> None:
    form = notice_page(visitor, PLACES["telephone"]).forms[0]
    again = send(visitor, form, answer="yes", phone="call me")
    assert "This is not written like a telephone number" in again.text
    assert given(station_site) == []
    left = []
    for number in ("138 0013 8000", ""):
        answer = send(visitor, notice_page(visitor, PLACES["telephone"]).forms[0], answer="yes", phone=number)
        (secret,) = re.findall(r'<code class="secret">([0-9A-Z-]+)</code>', answer.text)
        left.append(consent.copy_of(station_site, secret)["left"])
    assert left == [{"phone": "13800138000"}, {}]


def test_the_same_form_sent_twice_is_one_consent(visitor: Client, station_site: Site) -> None:
    form = notice_page(visitor, PLACES["telephone"]).forms[0]
    assert [send(visitor, form, answer="yes").status_code for _ in range(2)] == [200, 409]
    assert len(given(station_site)) == 1


@pytest.mark.parametrize(
    "path", ["/consent/sale_attribution", "/consent/anything", "/kiosk/nowhere", "/kiosk/gate/agree/greeting", "/kiosk/kiosk/recognise/sale_attribution"]
)
def test_what_is_not_open_there_is_told_as_a_page(visitor: Client, path: str) -> None:
    answer = visitor.get(f"{path}?lang=en")
    assert answer.status_code == 404
    assert "This page does not exist here" in answer.text


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=%ff", b"a=1&" * 40, b"answer=" + b"y" * 20_000, b""])
def test_a_form_that_cannot_be_read_is_refused_with_a_page(visitor: Client, station_site: Site, body: bytes) -> None:
    answer = visitor.post("/consent/greeting?lang=en", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 422
    assert "Please go back and begin again" in answer.text
    assert given(station_site) == []


@languages
def test_a_telephone_is_told_that_its_camera_cannot_enrol(visitor: Client, language: str) -> None:
    text = visitor.get(f"/consent/door_access/notice?age=14&lang={language}").text
    assert {"en": "A telephone's camera cannot be vouched for", "zh-CN": "手机摄像头无法担保真实"}[language] in text.replace("&#39;", "'")
