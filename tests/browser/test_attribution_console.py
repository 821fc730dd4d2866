"""What a sales office does in the console: invites, refuses with a cite, corrects without changing, signs in person, appeals before a second person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.opening import open_site
from tests.browser.conftest import PHONE, downloaded
from tests.browser.demo_site import PASSWORD
from tests.browser.test_accessibility import FAINT, NAMELESS, SETTLED, SMALL
from tests.browser.test_every_page import WIDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Running, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SALES = "/console/attribution"
PLACES = ("", "/reports/{report}", "/visits/{visit}", "/deals/{deal}", "/record", "/appeals/{appeal}", "/commission", "/agencies/{agency}", "/rules", "/desks")


def open_dialog(page: Page, words: str) -> None:
    page.click(f"main button[aria-haspopup=dialog]:has-text('{words}')")
    page.wait_for_selector("dialog[open]")


def send(page: Page, **answers: str) -> None:
    """Fill the open dialog in and send it."""
    for name, value in answers.items():
        page.fill(f"dialog[open] [name={name}]", value)
    page.click("dialog[open] button[type=submit]")


def await_act(page: Page, outcome: str) -> None:
    """Wait for what an act in one's own name leads to, and give the password where it asks for it: some minutes after signing in it does."""
    page.wait_for_selector(f"#password-dialog[open], {outcome}")
    if page.locator("#password-dialog[open]").count():
        page.fill("#password-dialog input[name=password]", PASSWORD)
        page.click("#password-dialog button[type=submit]")
    page.wait_for_selector(outcome)


def test_names_stay_hidden_until_a_reason_is_in_the_ledger(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "auditor")
    page = seen.page
    seen.go(shop.place(f"{SALES}/reports/{{report}}"))
    assert "孙女士" not in page.inner_text("main")
    page.fill("input[name=reason]", "渠道询问是否重复")
    page.fill("input[name=ticket]", "case 31")
    page.click("button:has-text('Show names')")
    page.wait_for_selector("text=孙女士")
    assert ("attribution.reports-viewed", "渠道询问是否重复") in shop.acts()
    assert page.locator("main button:has-text('Accept')").count() == 0, "an auditor looks and does nothing"


def test_a_report_is_refused_with_the_entry_that_shows_the_duplicate(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager")
    page = seen.page
    seen.go(shop.place(f"{SALES}/reports/{{report}}"))
    page.wait_for_selector("text=Possible, never certain")
    own, later = (int(re.findall(pattern, page.inner_text("main"))[0]) for pattern in (r"Entry in the ledger\s+(\d+)", r"entry (\d+)"))
    open_dialog(page, "Refuse")
    send(page, cites=str(later))
    page.wait_for_selector("dialog[open] [role=alert]")
    page.keyboard.press("Escape")
    page.click("main li a:has-text('Open')")
    page.wait_for_selector(f"dd:text-is('{later}')")
    open_dialog(page, "Refuse")
    assert page.input_value("dialog[open] input[name=cites]") == str(own)
    send(page)
    page.wait_for_selector("dd .badge:has-text('refused')")
    seen.shoot("attribution-refused")


def test_a_correction_is_added_and_the_first_value_stands(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager")
    page = seen.page
    seen.go(shop.place(f"{SALES}/visits/{{visit}}"))
    before = page.inner_text(".story")
    open_dialog(page, "Correct an entry")
    send(page, to="7", reason="一车人同来")
    page.wait_for_selector(".story >> text=2 should be 7; the first stands")
    assert page.inner_text(".story").startswith(before)
    assert "2" in page.inner_text("dt:has-text('People') + dd")


def test_a_proposal_is_signed_in_person_and_its_bundle_verifies_without_the_site(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager")
    page = seen.page
    seen.go(shop.place(f"{SALES}/deals/{{deal}}"))
    assert page.locator(".steps .badge").all_inner_texts()[-1] in {"R7", "R9"}
    open_dialog(page, "Send it back")
    send(page, reason="请向前台核实带访人")
    await_act(page, "p:has-text('The proposal was sent back.')")
    page.wait_for_selector("dialog[open]", state="detached")
    open_dialog(page, "Sign the verdict")
    send(page, reason="没有人凭码带访")
    await_act(page, "h2:has-text('Verdict 1')")
    seen.shoot("attribution-signed")
    with downloaded(page) as files:
        page.click("button:has-text('Download the bundle')")
    (name, data), *_ = files.items()
    assert name.startswith("verdict-")
    with open_site(shop.file) as site:
        found = verify_bundle(data, Trust((log_key(site),)))
    assert {"attribution.verdict-signed", "attribution.deal-recorded"} <= {entry.act.action for entry in found.entries}
    assert page.locator("svg.qr").count() == 1


def test_whoever_opened_an_appeal_is_told_beforehand_and_a_second_person_decides_the_appeal(visit: Callable[..., Visit], shop: Running) -> None:
    signer, second = visit(shop, "manager"), visit(shop, "administrator")
    signer.go(shop.place(f"{SALES}/deals/{{signed}}"))
    page = signer.page
    open_dialog(page, "Open an appeal")
    send(page, words="The buyer says that a friend brought them.")
    page.wait_for_selector("dialog[open]", state="detached")
    signer.go(f"{SALES}/appeals")
    page.locator("main a[aria-label='Open this appeal']").last.click()
    page.wait_for_selector("text=You cannot decide this one.")
    assert page.locator("main button:has-text('Decide the appeal')").count() == 0
    second.go(page.url.removeprefix(shop.origin))
    second.page.click("button:has-text('Read it')")
    await_act(second.page, "p.said:has-text('The buyer says that a friend brought them.')")
    second.page.fill("main input[name=reason]", "前台扫了到访码")
    second.page.click("button:has-text('Decide the appeal')")
    await_act(second.page, "dd:has-text('upheld')")
    second.shoot("attribution-appeal-decided")


def test_links_and_codes_are_shown_once(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager")
    page = seen.page
    seen.go(shop.place(f"{SALES}/agencies/{{agency}}"))
    open_dialog(page, "Invite an agent")
    send(page, name="赵磊")
    page.wait_for_selector("code.shown-once:has-text('/agent/welcome#')")
    page.wait_for_selector("text=This link opens on this machine only.")
    page.click("button:has-text('Copy the link')")
    page.wait_for_selector("button:has-text('Copied')")
    seen.shoot("attribution-agent-link")
    page.reload()
    page.wait_for_selector("text=赵磊")
    assert page.locator("code.shown-once").count() == 0
    seen.go(f"{SALES}/desks")
    open_dialog(page, "Pair a desk")
    send(page, name="前台右侧")
    assert re.fullmatch(r"[2-9A-Z]{10}", page.inner_text("code.shown-once"))
    page.reload()
    page.wait_for_selector("h1")
    assert page.locator("code.shown-once").count() == 0


def test_a_contract_is_recorded_and_leads_to_its_proposal(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager")
    page = seen.page
    seen.go(f"{SALES}/record")
    page.fill("input[name=unit]", "8-1602")
    page.fill("input[name=signed]", "2020-01-01T10:00")
    page.fill("input[name=commission]", "12,000.50")
    page.fill("input[name=alias-0]", "周")
    page.fill("input[name=phone-0]", "13812340033")
    page.click("button:has-text('Record the contract')")
    page.wait_for_selector("main [role=alert]")
    signed = page.evaluate("(zone) => new Date(Date.now() - 6e4).toLocaleString('sv', { timeZone: zone }).slice(0, 16).replace(' ', 'T')", _zone(shop))
    page.fill("input[name=signed]", signed)
    page.click("button:has-text('Record the contract')")
    page.wait_for_selector("h1:has-text('8-1602')")
    assert "CNY 12,000.50" in page.inner_text("main")
    assert "came by themselves" in page.inner_text("main")


def test_the_board_says_why_commission_is_held_and_is_a_file_for_accounting(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager")
    seen.go(f"{SALES}/commission?state=held")
    assert "an appeal is open" in seen.page.inner_text("table")
    with downloaded(seen.page) as files:
        seen.page.click("button:has-text('CSV')")
    (data,) = files.values()
    assert "5-0702" in data.decode("utf-8-sig")
    assert "王" not in data.decode("utf-8-sig")


def test_every_place_can_be_named_read_and_touched_in_either_light(visit: Callable[..., Visit], shop: Running) -> None:
    desk, phone = visit(shop, "administrator", language="zh-CN", scheme="dark"), visit(shop, "administrator", device=PHONE)
    for path in PLACES:
        for seen in (desk, phone):
            seen.go(shop.place(SALES + path))
        desk.page.wait_for_function(SETTLED["dark"])
        phone.page.wait_for_function(SETTLED["light"])
        assert desk.page.evaluate(FAINT) == [], path
        assert phone.page.evaluate(FAINT) == [], path
        assert desk.page.evaluate(NAMELESS) == [], path
        assert phone.page.evaluate(SMALL) == [], path
        assert phone.page.evaluate(WIDER) <= 0, path
    assert desk.troubles == phone.troubles == []


def _zone(shop: Running) -> str:
    with open_site(shop.file) as site:
        return site.settings.site.zone
