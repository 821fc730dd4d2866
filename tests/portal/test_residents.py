"""The pages of residents and their guests, asked as a browser without scripts asks: the door, ways in, guests, helpers, the log, the face, both languages."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import text

from consentry.access.api.resident_cookies import resident_holder
from consentry.access.model import AccessEvent, CredentialKind, CredentialState, ReaderKind
from consentry.access.register import Why
from consentry.access.residence import GuestState, LoggedWho
from consentry.access.service import own_ways, residents
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.http.access import serve_site
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.portal.page import router
from consentry.portal.phrases import phrases
from consentry.staff import passwords
from tests.access.register.house import STAFF
from tests.access.residents.block import PASSPHRASE, Block, block_on, token_of
from tests.api.client import Client
from tests.portal.agents_hall import Reader

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from consentry.access.register import PersonView
    from consentry.platform.database import Database
    from consentry.platform.site import Site

OWN_PAGES = ("/resident", "/resident/guests", "/resident/delegates", "/resident/log")
PIN = "735092"


class Tenant(Reader):
    """Somebody who reads residents' pages in English and keeps the cookies that they are given."""

    def __init__(self, site: Site) -> None:
        app = FastAPI()
        answer_problems(app)
        serve_site(app, site, resident_holder, RateLimit(per_second=1000, burst=10_000))
        app.include_router(router)
        self.client = Client(app)
        self.cookies: dict[str, str] = {}

    def sign_in(self, name: str, passphrase: str = PASSPHRASE) -> httpx.Response:
        return self.post("/resident/sign-in?lang=en", name=name, passphrase=passphrase)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)
    monkeypatch.setattr(passwords, "_NOBODY", cheap.hash("nobody"))


@pytest.fixture
def block(sqlite_database: Database, tmp_path: Path) -> Block:
    return block_on(sqlite_database, tmp_path)


@pytest.fixture
def person(block: Block) -> PersonView:
    return block.house.member()


@pytest.fixture
def tenant(block: Block, person: PersonView) -> Tenant:
    """Return Wang An at their telephone, signed in."""
    block.account(person)
    found = Tenant(block.site)
    found.sign_in("wang.an")
    return found


def text_of(answer: httpx.Response) -> str:
    """Return what a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def guest_form(block: Block, **said: str) -> dict[str, str]:
    """Return what a browser sends for a guest of one hour at the front door, by the clock of the site (UTC+8)."""
    assert block.site.settings.site.zone == "Asia/Shanghai"
    return {"name": "Chen", "door-front": "on", "starts": "2026-03-01T20:00", "until": "2026-03-01T21:00", "uses": "1", **said}


def test_a_stranger_is_sent_to_the_sign_in_of_residents_and_every_own_page_runs_nothing_of_others(block: Block, tenant: Tenant) -> None:
    for path in OWN_PAGES:
        sent = Tenant(block.site).get(path)
        assert (sent.status_code, sent.headers["location"]) == (303, "/resident/sign-in?lang=en")
        answer = tenant.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert re.findall(r"<style|<script>|\son\w+=|\sstyle=", answer.text) == []
        loaded = re.findall(r'(?:<script type="module" src|<link rel="stylesheet" href)="([^"]+)"', answer.text)
        assert [tenant.get(address).status_code for address in loaded] == [200] * len(loaded)


def test_a_one_time_link_sets_the_passphrase_once_and_signs_in_and_signing_out_ends_it(block: Block, person: PersonView) -> None:
    secret, guest = token_of(residents.invite_resident(block.site, STAFF, person.id, "wang.an")), Tenant(block.site)
    assert "wang.an" in guest.post("/resident/welcome", secret=secret).text
    for wrong, words in (({"again": "another"}, "The two passphrases differ."), ({"passphrase": "short", "again": "short"}, "fewer than 12 characters")):
        answer = guest.post("/resident/welcome/passphrase", **{"secret": secret, "passphrase": PASSPHRASE, "again": PASSPHRASE, **wrong})
        assert (answer.status_code, words in answer.text) == (422, True)
    done = guest.post("/resident/welcome/passphrase", secret=secret, passphrase=PASSPHRASE, again=PASSPHRASE)
    assert (done.status_code, done.headers["location"]) == (303, "/resident?lang=en")
    assert "3-1201" in guest.get("/resident").text
    assert guest.post("/resident/welcome", secret=secret).status_code == 404
    kept = dict(guest.cookies)
    assert guest.post("/resident/sign-out").headers["location"].startswith("/resident/sign-in")
    guest.cookies = kept
    assert guest.get("/resident").status_code == 303
    refused = guest.sign_in("wang.an", "not the passphrase")
    assert (refused.status_code, "Name or passphrase is wrong." in refused.text) == (401, True)


def test_the_first_page_shows_each_way_in_sets_a_pin_and_reports_a_card_lost(block: Block, person: PersonView, tenant: Tenant) -> None:
    assert "You have no way in yet." in tenant.get("/resident").text
    card = block.house.card(person)
    assert "The two PINs differ." in tenant.post("/resident/pin", pin=PIN, again="906173").text
    assert "This is not your passphrase." in tenant.post("/resident/pin", pin=PIN, again=PIN).text
    assert "PIN is 6 to 12 digits" in tenant.post("/resident/pin", pin="123", again="123", passphrase=PASSPHRASE).text
    done = tenant.post("/resident/pin", pin=PIN, again=PIN, duress="735094", passphrase=PASSPHRASE)
    assert ("Your PIN is set." in done.text, PIN in done.text, "735094" in done.text) == (True, False, False)
    said = text_of(tenant.get("/resident"))
    assert re.search(r"Card Works .* PIN Works ", said)
    assert [word for word in ("PIN Works", "with a duress") if word in said] == ["PIN Works"]
    lost = text_of(tenant.post(f"/resident/ways/{card.id}/lost"))
    assert "It is reported lost and opens nothing any more." in lost
    assert "Card Reported lost by you" in lost


def test_a_face_is_turned_off_with_a_receipt_and_the_page_says_what_stays(block: Block, person: PersonView, tenant: Tenant) -> None:
    block.house.card(person)
    block.house.face(person)
    asked = text_of(tenant.get("/resident/face"))
    assert ("You keep: Card" in asked, "No reason is needed" in asked) == (True, True)
    done = tenant.post("/resident/face")
    assert "Your face is off" in done.text
    (paper,) = re.findall(r"data:application/json;base64,([^\"]+)", done.text)
    assert verify_bundle(base64.b64decode(paper), Trust((log_key(block.site),))).entries[0].act.action == "consent.withdrawn"
    assert "Face" not in re.sub(r"<title>.*</title>", "", tenant.get("/resident").text)
    assert [send("/resident/face").status_code for send in (tenant.get, tenant.post)] == [303, 303]


def test_a_guest_pass_is_given_shown_to_the_guest_and_ended(block: Block, tenant: Tenant) -> None:
    for wrong, words in (
        ({"door-front": ""}, "Choose at least one"),
        ({"door-lift": "on"}, "needs your yes"),
        ({"until": "x"}, "Choose an end"),
        ({"uses": "x"}, "how often"),
    ):
        form = guest_form(block, **wrong)
        answer = tenant.post("/resident/guests", **{name: value for name, value in form.items() if value})
        assert (answer.status_code, words in answer.text) == (422, True), wrong
        assert 'value="Chen"' in answer.text
    given = tenant.post("/resident/guests", **guest_form(block))
    address = re.findall(r"<textarea[^>]*>([^<]+)<", given.text)[0]
    assert "/guest?lang=en#" in address
    visitor = Tenant(block.site)
    secret = address.partition("#")[2]
    shown = visitor.post("/guest", secret=secret)
    assert ("Chen" in shown.text, "2026-03-01 20:00" in shown.text, '<svg class="qr"' in shown.text) == (False, True, True)
    assert "Hold this code to the reader" in shown.text
    assert visitor.post("/guest", secret=secret[:-1]).status_code == 404
    assert visitor.get("/guest").status_code == 200
    listed = tenant.get("/resident/guests").text
    assert secret not in listed
    tenant.post(re.findall(r'action="(/resident/guests/[^"]+/end)', listed)[0])
    over = visitor.post("/guest", secret=secret)
    assert ("Your host ended this pass." in over.text, '<svg class="qr"' in over.text) == (True, False)
    assert tenant.post("/resident/guests/nowhere/end").status_code == 404


def test_a_guest_who_waits_is_asked_about_on_the_first_page_and_let_in_by_one_touch(block: Block, tenant: Tenant) -> None:
    controller = block.controller()
    tenant.post("/resident/guests", **guest_form(block, host="on", **{"door-lift": "on"}))
    assert "data-guest" not in tenant.get("/resident").text
    guest = block.listed(block.signed_in("wang.an"))
    with block.site.database.reading() as session:
        credential, visitor = session.execute(text("SELECT credential, person FROM access_guest")).one()
    controller.happen(AccessEvent.VERIFICATION_REQUIRED, "front", reader=ReaderKind.QR, person=visitor, credential=credential)
    controller.send()
    (asks,) = tenant.get("/resident/waiting?lang=en").json()
    assert (asks["guest"], asks["door"], asks["name"], asks["line"][:19]) == (guest.id, "front", "Chen", "at front since 20:0")
    assert re.search(r"A guest is waiting Chen at front since 20:0", text_of(tenant.get("/resident")))
    done = tenant.post(f"/resident/guests/{guest.id}/yes", door="front")
    assert "The door opens for your guest" in done.text
    assert [order.credential for order in controller.send().orders] == [credential]
    assert "Nobody waits there" in tenant.post(f"/resident/guests/{guest.id}/yes", door="lift").text
    back = tenant.get(f"/resident/guests/{guest.id}/yes")
    assert (back.status_code, back.headers["location"]) == (303, "/resident?lang=en"), "who comes back to the address of a form sees the first page"


def test_a_helper_s_pin_is_shown_once_and_the_log_names_them_to_whom_they_help(block: Block, person: PersonView, tenant: Tenant) -> None:
    assert "You hold nothing that can be given." in tenant.get("/resident/delegates").text
    tenant.post("/resident/pin", pin=PIN, again=PIN, passphrase=PASSPHRASE)
    (way,) = own_ways.own_ways(block.site, block.signed_in("wang.an"))
    form = {"name": "Aunt Zhou", "credential": way.id, "door-front": "on", "until": "2026-03-08T20:00"}
    assert "Choose at least one of your doors." in tenant.post("/resident/delegates", **{**form, "door-front": "", "door-garage": "on"}).text
    given = tenant.post("/resident/delegates", **form)
    (pin,) = re.findall(r'<output class="secret">(\d+)<', given.text)
    listed = tenant.get("/resident/delegates").text
    assert (pin in listed, "Aunt Zhou" in listed) == (False, True)
    controller = block.controller()
    controller.grant(person.id, reader=ReaderKind.PIN)
    controller.send()
    assert re.search(r"2026-03-01 20:00:\d\d front You · PIN Opened", text_of(tenant.get("/resident/log")))
    tenant.post(re.findall(r'action="(/resident/delegates/[^"]+/end)', listed)[0])
    assert "Ended" in text_of(tenant.get("/resident/delegates"))


def test_a_lent_card_is_had_back_by_one_touch_after_its_time_too(block: Block, person: PersonView, tenant: Tenant) -> None:
    card = block.house.card(person)
    tenant.post("/resident/delegates", name="Aunt Zhou", credential=card.id, **{"door-front": "on"}, until="2026-03-01T21:00")
    block.house.pass_by(hours=3)
    lent = tenant.get("/resident")
    assert re.search(r"Card Lent for now .* I have it back", text_of(lent))
    (back,) = re.findall(r'action="(/resident/ways/[^"]+/back)', lent.text)
    assert "Your card opens your doors again." in text_of(had := tenant.post(back))
    assert ("Card Works" in text_of(had), back in had.text) == (True, False)
    assert "It has ended already." in text_of(tenant.post(back))


def test_the_log_goes_on_to_the_next_page(block: Block, person: PersonView, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentry.portal.residents_ways._PAGE_SIZE", 2)
    controller = block.controller()
    for _ in range(3):
        controller.grant(person.id)
    controller.send()
    first = tenant.get("/resident/log")
    older = re.findall(r'href="(/resident/log\?before=[^"]+)"', first.text)[0].replace("&amp;", "&")
    assert [first.text.count("<time>"), tenant.get(older).text.count("<time>")] == [2, 1]


def test_the_phone_pass_is_one_shell_for_everybody_whose_worker_keeps_it_and_nothing_of_anybody(block: Block, tenant: Tenant) -> None:
    mine, anybody = tenant.get("/resident/phone?lang=en"), Tenant(block.site).get("/resident/phone?lang=en")
    assert mine.text == anybody.text
    assert "trusted-types consentry-resident" in mine.headers["content-security-policy"]
    worker = tenant.get("/resident-worker.js")
    assert worker.headers["service-worker-allowed"] == "/resident/phone"
    kept = re.findall(r'"(/portal/[^"]+)"', worker.text)
    assert [tenant.get(path).status_code for path in kept] == [200] * len(kept)
    assert set(re.findall(r'(?:src|href)="(/portal/[^"]+)"', mine.text)) <= set(kept)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_whatever_can_be_shown_has_words(language: str) -> None:
    known: Any = phrases(language)["resident"]
    assert set(known["kind"]) == set(CredentialKind)
    assert {*CredentialState, *Why, "over"} <= set(known["stands"])
    assert set(known["event"]) == set(AccessEvent)
    assert set(known["way"]) == set(ReaderKind)
    assert set(known["state"]) == set(GuestState)
    assert set(LoggedWho) <= set(known["log"])
