"""A guardian at a station: offered only where the site lets guardians decide, asked through staff, shown the notice for children, answered yes or no alike."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.consent import service as consent
from consentry.consent.model import Audience, Guardian, Purpose, Relation, Verification
from consentry.consent.rules.guardians import child_terms
from consentry.ledger.rules.canonical import canonical
from consentry.recognition.records import StationRow
from tests.consent.shop import CHINESE, DESK, ENGLISH, NOON, OFFICER, TERMS, acts
from tests.portal.forms import Form, Page, send
from tests.recognition.house import Device

if TYPE_CHECKING:
    from consentry.platform.site import Site
    from tests.api.client import Client

BEGIN = "/kiosk/kiosk/agree/greeting"
MOTHER = Guardian("Zhao Wenxiu", Relation.PARENT, Verification.DOCUMENT)
RULES = {"zh-CN": replace(CHINESE, special_rules="只存于本机，不转移，不披露"), "en": replace(ENGLISH, special_rules="Kept here, not disclosed")}


@pytest.fixture
def children_site(station_site: Site) -> Site:
    """Return the site with guardians let, a notice for children of greetings, and none of doors."""
    file = station_site.store.path
    file.write_text(file.read_text(encoding="utf-8").replace("[recognition]\n", "[recognition]\nguardians = true\n"), encoding="utf-8")
    station_site.store.reload()
    consent.publish_notice(station_site, OFFICER, Purpose.GREETING, RULES, child_terms(TERMS), Audience.CHILDREN)
    return station_site


@pytest.fixture
def device(children_site: Site) -> Device:
    """Return the device that is the kiosk."""
    made = Device()
    row = StationRow(station="kiosk", public_key=made.public_key, paired=NOON, paired_by="staff:1", registered="{}", stopped=None)
    with children_site.database.transaction() as session:
        session.add(row)
    return made


def asked(site: Site) -> str:
    return consent.ask_guardian(site, DESK, Purpose.GREETING, "kiosk", MOTHER, present=True)


def deciding(visitor: Client, site: Site, language: str = "en") -> Form:
    """Return the form with the guardian's two answers, as staff hand it over."""
    answer = visitor.send("POST", f"{BEGIN}/guardian?lang={language}", data={"question": asked(site)})
    assert answer.status_code == 200
    return next(form for form in Page(answer).forms if form.buttons)


def signed(form: Form, device: Device) -> dict[str, str]:
    said = {"action": form.fields["action"], "notice_sha256": form.fields["notice"], "purpose": "greeting", "station": "kiosk"}
    claim = canonical(dict(said)).decode()
    return {"claim": claim, "signature": device.sign(claim)}


@pytest.mark.parametrize("begin", [BEGIN, "/kiosk/gate/agree/door_access", "/consent/greeting", "/kiosk/kiosk/agree/door_access"])
@pytest.mark.parametrize(("language", "word"), [("en", "guardian"), ("zh-CN", "监护人")])
def test_without_the_setting_no_page_speaks_of_guardians(visitor: Client, begin: str, language: str, word: str) -> None:
    for page in ("", "/young"):
        assert word not in visitor.get(f"{begin}{page}?lang={language}").text
    assert visitor.get(f"{begin}/guardian?lang={language}").status_code == 404


@pytest.mark.usefixtures("children_site")
def test_a_child_is_told_of_guardians_only_where_one_can_decide(visitor: Client) -> None:
    assert Page(visitor.get(f"{BEGIN}/young?lang=en")).link("/guardian") == f"{BEGIN}/guardian?lang=en"
    telephone = visitor.get("/consent/greeting/young?lang=en")
    assert "can decide at a station, with a member of staff" in telephone.text
    assert not any("/guardian" in address for address, _ in Page(telephone).links)
    for begin in ("/kiosk/kiosk/agree/door_access", "/consent/door_access"):
        assert "guardian" not in visitor.get(f"{begin}/young?lang=en").text
        assert visitor.get(f"{begin}/guardian?lang=en").status_code == 404
    assert visitor.get("/consent/greeting/guardian?lang=en").status_code == 404


@pytest.mark.usefixtures("children_site")
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_staff_have_closed_lists_and_nothing_is_chosen_for_them(visitor: Client, language: str) -> None:
    text = visitor.get(f"{BEGIN}/guardian?lang={language}").text
    values = re.findall(r'<option value="([^"]*)">([^<]*)</option>', text)
    assert [value for value, _ in values] == ["", *Relation, "", *Verification]
    assert all(words for value, words in values if value)
    assert "selected" not in text
    assert "checked" not in text


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_guardian_reads_the_notice_for_children_as_hashed_and_both_answers_are_alike(visitor: Client, children_site: Site, language: str) -> None:
    answer = visitor.send("POST", f"{BEGIN}/guardian?lang={language}", data={"question": asked(children_site)})
    notice = consent.current_notice(children_site, Purpose.GREETING, Audience.CHILDREN)
    assert notice is not None
    page = Page(answer)
    assert page.text["shown"] == consent.text_shown(notice, language)
    assert page.text["question"] == {"en": "Do you agree for your child?", "zh-CN": "您同意为您的孩子登记吗？"}[language]
    assert MOTHER.name not in answer.text
    buttons = re.findall(r'<button (class="choice" name="answer"[^>]*)>', answer.text)
    assert len(buttons) == 2
    assert len({re.sub(r'value="\w+"', "", attributes) for attributes in buttons}) == 1


def test_a_guardians_yes_that_the_station_signed_brings_the_receipt_and_the_camera(visitor: Client, children_site: Site, device: Device) -> None:
    form = deciding(visitor, children_site)
    answer = send(visitor, form, answer="yes", **signed(form, device))
    assert answer.status_code == 200
    assert "Now the camera" in answer.text
    secret = re.findall(r'<code class="secret">([0-9A-Z-]+)</code>', answer.text)[0]
    found = consent.consent_by_secret(children_site, secret)
    assert (found.audience, found.station) == (Audience.CHILDREN, "kiosk")
    assert consent.copy_of(children_site, secret)["left"] == {"guardian": MOTHER.name}
    assert [act.actor for act in acts(children_site, "consent.given")] == [DESK.label]


def test_a_guardians_no_leads_to_the_other_ways(visitor: Client, children_site: Site) -> None:
    answer = send(visitor, deciding(visitor, children_site), answer="no")
    assert "Hold your card to the reader." in answer.text
    assert [act.actor for act in acts(children_site, "consent.refused")] == [DESK.label]
    assert acts(children_site, "consent.given") == []


def test_what_no_station_signed_or_staff_did_not_open_gives_no_consent(visitor: Client, children_site: Site, device: Device) -> None:
    form = deciding(visitor, children_site)
    assert send(visitor, form, answer="yes").status_code == 422
    for question in ("", "forged.a.b"):
        assert send(visitor, form, answer="yes", question=question, **signed(form, device)).status_code == 422
    assert visitor.send("POST", f"{BEGIN}/guardian?lang=en", data={"question": "forged.a.b"}).status_code == 422
    elsewhere = replace(form, action="/consent/greeting?lang=en")
    assert send(visitor, elsewhere, answer="yes", **signed(form, device)).status_code == 422
    assert acts(children_site, "consent.given") == []


def test_a_notice_for_children_that_changed_meanwhile_is_shown_again_with_the_same_question(visitor: Client, children_site: Site, device: Device) -> None:
    form = deciding(visitor, children_site)
    changed = {**RULES, "en": replace(RULES["en"], complaint="The county office")}
    consent.publish_notice(children_site, OFFICER, Purpose.GREETING, changed, child_terms(TERMS), Audience.CHILDREN)
    again = send(visitor, form, answer="yes", **signed(form, device))
    assert "The notice changed while you were reading" in again.text
    assert "The county office" in again.text
    shown = next(one for one in Page(again).forms if one.buttons)
    assert send(visitor, shown, answer="yes", **signed(shown, device)).status_code == 200
    assert len(acts(children_site, "consent.given")) == 1
