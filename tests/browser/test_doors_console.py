"""What a property manager does at the doors in the console: opens for somebody, gives cards and numbers, changes rules, calls the roll."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from consentry.access.model import AccessEvent, DoorEvent, ReaderKind
from consentry.access.records.people import DoorPersonRow
from consentry.access.service.people import unname
from consentry.access.service.residents import invite_resident
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.ledger.work import writing
from consentry.platform.opening import open_site
from tests.access.register.house import STAFF
from tests.browser.conftest import PHONE, downloaded
from tests.browser.demo_doors import opened_estate
from tests.browser.test_accessibility import FAINT, NAMELESS, SETTLED, SMALL
from tests.browser.test_attribution_console import await_act, open_dialog, send
from tests.browser.test_every_page import WIDER, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.browser.conftest import Visit
    from tests.browser.demo_doors import Estate

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOORS = "/console/doors"
PLACES = ("", "/events", "/people", "/people/{person}", "/loans", "/groups", "/guests", "/inside", "/modes", "/policy", "/simulator", "/controllers")
OF_DATA = re.compile(
    r"Etc/GMT\S*|API|Consentry|DESFire|Zhang Min|first-1|office-hours|short|closed|garage|hall|inside|main|cleaners|guards|residents|[0-9a-f]{8,}"
)
NEW_CARD = "04 11 22 33 44 55 66"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with opened_estate(tmp_path_factory.mktemp("estate") / "site") as found:
        yield found


def test_every_place_can_be_read_named_and_touched_on_a_phone_in_the_dark(tour: Callable[..., Visit], estate: Estate) -> None:
    seen = tour(estate, "manager", language="zh-CN", scheme="dark", device=PHONE)
    for path in PLACES:
        seen.go(DOORS + path.format(person=estate.person))
        seen.page.wait_for_function(SETTLED["dark"])
        assert seen.page.evaluate(FAINT) == [], path
        assert seen.page.evaluate(NAMELESS) == [], path
        assert seen.page.evaluate(SMALL) == [], path
        assert seen.page.evaluate(WIDER) <= 0, path
        english = [OF_DATA.sub("", words) for words in seen.page.evaluate(WORDS)]
        assert [words for words in english if re.search(r"[A-Za-z]{3,}", words)] == [], path
    assert seen.troubles == []


@pytest.mark.parametrize("path", ["", "/policy", "/people/{person}"])
def test_the_fullest_places_stand_and_fit_on_a_desk_in_the_light(tour: Callable[..., Visit], estate: Estate, path: str) -> None:
    seen = tour(estate, "manager")
    seen.go(DOORS + path.format(person=estate.person))
    seen.page.wait_for_function(SETTLED["light"])
    assert (seen.page.evaluate(FAINT), seen.page.evaluate(WIDER) <= 0, seen.troubles) == ([], True, [])


def test_a_door_is_opened_for_somebody_with_a_reason_that_stays(visit: Callable[..., Visit], estate: Estate) -> None:
    estate.report()
    seen = visit(estate, "manager")
    seen.go(DOORS)
    assert "No notice is published" in seen.page.inner_text("section:has(h2:text-is('South gate'))")
    assert "2.6 s · 1 passage" in seen.page.inner_text("section:has(h2:text-is('How long each way takes'))")
    seen.page.click("button[aria-label='Open South gate for somebody']")
    send(seen.page, reason="a courier for house 3")
    seen.page.wait_for_selector("text=The controller opens it within seconds.")
    assert [(order.door, order.what.value) for order in estate.report().orders] == [("front", "release")]
    assert ("access.door-opened", "a courier for house 3") in estate.acts()


def test_events_appear_by_themselves_and_say_why_somebody_was_refused(visit: Callable[..., Visit], estate: Estate) -> None:
    seen = visit(estate, "manager")
    seen.go(f"{DOORS}/events?door=hall")
    before = seen.page.locator("tbody tr").count()
    estate.happen(AccessEvent.DENIED_AUTHENTICATION_FACTOR_LOST, "hall", reader=ReaderKind.CARD, person=estate.guard)
    estate.happen(DoorEvent.OPENED, "front")
    seen.page.wait_for_selector("tr:has-text('refused: reported lost') >> text=Keep it, and give its owner a new one.")
    assert seen.page.locator("tbody tr").count() == before + 1, "the other door's event is not asked for"
    seen.go(f"{DOORS}/events?what=alarming")
    assert set(seen.page.locator("tbody tr .badge.bad").all_inner_texts()) == {"forced open"}


def test_a_card_is_read_at_the_desk_a_number_is_shown_once_and_a_lost_card_ends(visit: Callable[..., Visit], estate: Estate) -> None:
    seen = visit(estate, "manager")
    page = seen.page
    seen.go(f"{DOORS}/people/{estate.guard}")
    open_dialog(page, "Give a card")
    page.wait_for_selector("dialog[open] input:focus")
    page.keyboard.type(NEW_CARD)
    page.keyboard.press("Enter")
    page.wait_for_selector("li:has-text('Card:') >> nth=1")
    open_dialog(page, "Make a number")
    page.select_option("dialog[open] select[name=card]", index=1)
    page.check("dialog[open] input[name=duress]")
    send(page)
    page.wait_for_selector("code.shown-once >> nth=1")
    pin, duress = page.locator("code.shown-once").all_inner_texts()
    assert re.fullmatch(r"\d{6,}", pin)
    assert pin[-1] != duress[-1]
    page.reload()
    page.wait_for_selector("li:has-text('with a number for duress')")
    assert pin not in page.inner_text("main")
    page.locator("button[aria-label^='Change Card']").first.click()
    page.select_option("dialog[open] select[name=state]", "lost")
    send(page, reason="left on the bus")
    page.wait_for_selector("li:has-text('Card:') .badge:has-text('lost')")
    assert ("access.credential-changed", "left on the bus") in estate.acts()


def test_names_stay_hidden_until_a_reason_and_a_part_of_a_name_finds_one(visit: Callable[..., Visit], estate: Estate) -> None:
    seen = visit(estate, "manager")
    page = seen.page
    seen.go(f"{DOORS}/people")
    assert "王安" not in page.inner_text("main")
    page.fill("main form:not(.filters) input[name=part]", "王")
    page.fill("input[name=reason]", "住户来电补卡")
    page.fill("input[name=ticket]", "case 7")
    page.click("button:has-text('Show names')")
    page.wait_for_selector("tr:has-text('王安'):has-text('3-1201')")
    assert page.locator("tbody tr").count() == 1
    assert ("access.people-viewed", "住户来电补卡") in estate.acts()


def test_a_draft_is_compared_before_it_is_applied_and_a_trial_tells_what_it_did(visit: Callable[..., Visit], estate: Estate) -> None:
    seen, other = visit(estate, "manager"), visit(estate, "second")
    page = seen.page
    other.go(f"{DOORS}/policy")
    seen.go(f"{DOORS}/policy")
    page.click("button[aria-label='Change the rule for Residents']")
    page.uncheck("dialog[open] input[name=door][value=hall]")
    send(page)
    page.wait_for_selector("h2:has-text('Draft, not in force')")
    other.page.click("button[aria-label='Remove the rule for Guards']")
    other.page.wait_for_selector(".toast.bad")
    other.page.click("[aria-live] button:has-text('Show it as it is now')")
    other.page.wait_for_selector("text=Somebody else changed it last.")
    page.reload()
    page.click("button:has-text('Show who gains or loses what')")
    page.wait_for_selector("li:has-text('Hall of house 3'):has-text('lose Mon–Sun: the whole day') .badge:has-text('loses')")
    seen.shoot("doors-draft")
    page.fill("main form.whole input[name=reason]", "house 3 has its own entrance now")
    page.click("button:has-text('Apply it')")
    page.wait_for_selector("li:has-text('Version 2') .badge:has-text('in force')")
    assert ("access.policy-applied", "house 3 has its own entrance now") in estate.acts()
    seen.go(f"{DOORS}/simulator?person={estate.person}")
    page.click("button:has-text('Show what they hold')")
    page.select_option("select[name=door]", "hall")
    page.click("button:has-text('Try it')")
    page.wait_for_selector("text=The door stays shut")
    assert "No rule lets this person through this door" in page.inner_text("main")
    page.select_option("select[name=door]", "front")
    page.click("button:has-text('Try it')")
    page.wait_for_selector("text=The door opens")
    seen.shoot("doors-trial")


def test_a_card_is_lent_for_a_day_comes_back_and_its_owner_who_left_is_erased_with_a_certificate(visit: Callable[..., Visit], estate: Estate) -> None:
    seen = visit(estate, "manager")
    page = seen.page
    seen.go(f"{DOORS}/people/{estate.tenant}")
    page.click("button[aria-label^='Lend Card']")
    page.check("dialog[open] input[name=door][value=front]")
    send(page, name="保姆", reason="asked for it at the desk")
    page.wait_for_selector("text=The card is the borrower's now.")
    seen.go(f"{DOORS}/loans")
    page.wait_for_selector("tr:has-text('South gate') .badge:has-text('lent')")
    page.click("tr button:has-text('It is back')")
    send(page, reason="handed in")
    page.wait_for_selector("text=Nothing is lent")
    with open_site(estate.file) as site:
        invite_resident(site, STAFF, estate.tenant, "tenant")
    seen.go(f"{DOORS}/people/{estate.tenant}")
    open_dialog(page, "They leave")
    send(page, reason="moved out")
    page.wait_for_selector("h3:has-text('What stays, and why')")
    with open_site(estate.file) as site, writing(site) as work:
        for row in work.session.scalars(select(DoorPersonRow).where(DoorPersonRow.left.is_not(None))):
            unname(row)
    seen.go(f"{DOORS}/people/{estate.tenant}")
    page.wait_for_selector("text=Nobody knows any more.")
    assert page.locator("ul.plain-list >> text=name and unit").count() == 0, "the name went by itself; the account did not"
    open_dialog(page, "Erase")
    page.check("dialog[open] input[name=sure]")
    send(page, reason="request 12")
    page.wait_for_selector("h2:has-text('Certificate of erasure')")
    with downloaded(page) as files:
        page.click("button:has-text('Download the certificate')")
    with open_site(estate.file) as site:
        (entry,) = verify_bundle(files[f"erasure-{estate.tenant}.json"], Trust((log_key(site),))).entries
    assert (entry.act.action, entry.act.reason) == ("access.person-erased", "request 12")


def test_a_lockdown_waits_for_a_second_person(visit: Callable[..., Visit], estate: Estate) -> None:
    first, second = visit(estate, "manager"), visit(estate, "second")
    page = first.page
    first.go(f"{DOORS}/modes")
    open_dialog(page, "Propose a mode")
    page.check("dialog[open] input[name=door][value=front]")
    send(page, reason="a stranger in the yard")
    await_act(page, "p:has-text('You proposed it')")
    second.go(f"{DOORS}/modes")
    second.page.click("button:has-text('Confirm')")
    await_act(second.page, "li .badge:has-text('stands')")
    second.shoot("doors-lockdown")
    open_dialog(second.page, "End it")
    send(second.page, reason="it was the gardener")
    await_act(second.page, "h2:has-text('Every door is as usual')")


def test_the_roll_names_who_is_inside_for_a_reason_and_what_it_does_not_know(visit: Callable[..., Visit], estate: Estate) -> None:
    seen = visit(estate, "manager")
    seen.go(f"{DOORS}/inside")
    assert seen.page.locator("table").count() == 0
    seen.page.fill("input[name=reason]", "fire drill")
    seen.page.click("button:has-text('Show who is inside')")
    seen.page.wait_for_selector("tr:has-text('王安')")
    assert "was opened" in seen.page.inner_text("main"), "a door that was forced let people in whom nobody counted"
    assert ("access.inside-viewed", "fire drill") in estate.acts()
    seen.shoot("doors-inside")


def test_a_guests_link_and_a_controllers_code_are_shown_once(visit: Callable[..., Visit], estate: Estate) -> None:
    seen = visit(estate, "manager")
    page = seen.page
    seen.go(f"{DOORS}/guests")
    open_dialog(page, "Let a guest in")
    page.check("dialog[open] input[name=door][value=front]")
    tomorrow = page.evaluate("() => new Date(Date.now() + 864e5).toISOString().slice(0, 11)")
    send(page, unit="3-1201", name="刘师傅", starts=f"{tomorrow}09:00", until=f"{tomorrow}12:00")
    page.wait_for_selector("code.shown-once:has-text('#')")
    assert page.locator("svg.qr").count() == 1
    page.reload()
    page.wait_for_selector(".badge:has-text('not yet')")
    assert page.locator("code.shown-once").count() == 0
    seen.go(f"{DOORS}/controllers")
    page.click("button[aria-label='Pair a device as garage']")
    send(page)
    assert re.fullmatch(r"[2-9A-Z]{10}", page.locator("code.shown-once").first.inner_text())


def test_an_alarm_of_a_door_is_escalated_and_taken_on(visit: Callable[..., Visit], estate: Estate) -> None:
    estate.happen(DoorEvent.TAMPER, "hall")
    seen = visit(estate, "manager")
    seen.go(DOORS)
    seen.page.click(".parts a:has-text('Alarms')")
    row = "li:has-text('Reader or controller opened: Hall of house 3')"
    seen.page.click(f"{row} button:has-text('Escalate')")
    seen.page.wait_for_selector(f"{row} .badge:has-text('Escalated')")
    seen.page.click(f"{row} button:has-text('Acknowledge')")
    send(seen.page, note="looking after it")
    seen.page.wait_for_selector("text=You look after it.")
    assert {"alarm.escalated", "alarm.closed"} <= {action for action, _ in estate.acts()}, "what is over already is closed by whoever takes it on"


def test_an_auditor_looks_and_does_nothing(visit: Callable[..., Visit], estate: Estate) -> None:
    seen = visit(estate, "auditor")
    for path in ("", "/policy", "/modes", "/controllers"):
        seen.go(DOORS + path)
        assert seen.page.locator("main.main button").count() == 0, path
