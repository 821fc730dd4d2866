"""Agreeing, withdrawing and asking on a telephone, with and without scripts; and the accessibility of every page of this kind."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Running
from tests.browser.stations import STATION
from tests.browser.test_accessibility import FAINT, FOCUSED, NAMELESS, SMALL
from tests.browser.windows import window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.conftest import Visit
    from tests.browser.stations import Shop

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KIOSK = f"/kiosk/{STATION}"
TABLET: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}
PAGES = (
    "/",
    "/notice",
    "/consent/greeting",
    "/consent/greeting/young",
    "/consent/greeting/notice?age=14",
    "/withdraw",
    "/lost",
    "/found",
    "/rights",
    "/rights/answer",
    "/receipt",
    "/consent/nothing",
    KIOSK,
    f"{KIOSK}/agree/greeting",
    f"{KIOSK}/agree/greeting/notice?age=14",
    f"{KIOSK}/recognise/greeting",
    f"{KIOSK}/withdraw",
)
WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
OUTLINE = "() => [...document.querySelectorAll('h1, h2, h3, [role=heading]')].map((one) => Number(one.getAttribute('aria-level') ?? one.tagName[1]))"


@pytest.fixture(scope="module")
def open_site(recognising_shop: Shop, browser: Browser) -> Iterator[Running]:
    """Return the shop, one device of which is paired, so that its purpose is open."""
    with window(browser) as context:
        page = context.new_page()
        page.goto(f"{recognising_shop.origin}{KIOSK}")
        page.fill("[data-pairing] input", recognising_shop.pairing_code())
        page.click("[data-pairing] button")
        page.wait_for_selector("html[data-paired=true]")
        yield Running(recognising_shop.file, recognising_shop.origin)


def in_language(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def agree(page: Page, origin: str) -> str:
    """Say yes on a telephone, and return the code that withdraws."""
    page.goto(f"{origin}/?lang=en")
    page.click("text=Read the notice and decide")
    page.click("text=14 or older")
    page.click("text=Yes, I agree")
    return page.inner_text("code.secret")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_person_agrees_sees_their_record_withdraws_and_gets_a_receipt(open_site: Running, new_window: Callable[..., BrowserContext], scripts: bool) -> None:
    context = new_window(java_script_enabled=scripts, locale="en-GB", **PHONE)
    page = context.new_page()
    secret = agree(page, open_site.origin)
    page.goto(f"{open_site.origin}/receipt?lang=en")
    page.fill("input[name=secret]", secret)
    page.click("main form button")
    expect(page.locator("pre")).to_contain_text("ConsentGiven")
    page.goto(f"{open_site.origin}/withdraw?lang=en")
    page.fill("input[name=secret]", secret)
    page.click("text=Withdraw now")
    expect(page.locator("h1")).to_have_text("Withdrawn")
    expect(page.locator("svg.qr")).to_have_count(1)


def test_the_code_of_the_receipt_withdraws_by_one_press_where_giving_took_three_and_leaves_no_trace_in_the_address(
    open_site: Running, visit: Callable[..., Visit]
) -> None:
    giver, leaver = visit(open_site, device=PHONE), visit(open_site, device=PHONE)
    asked: list[str] = []
    leaver.page.on("request", lambda request: asked.append(request.url))
    secret = agree(giver.page, open_site.origin)
    leaver.page.goto(f"{open_site.origin}/withdraw?lang=en#{secret}")
    leaver.page.wait_for_selector("button:focus")
    assert leaver.page.input_value("input[name=secret]") == secret
    assert secret not in leaver.page.url
    leaver.page.keyboard.press("Enter")
    leaver.page.wait_for_selector("h1:text-is('Withdrawn')")
    assert not any(secret in url for url in asked)
    assert giver.troubles == leaver.troubles == []


def test_a_notice_is_read_and_answered_by_keyboard_alone(open_site: Running, visit: Callable[..., Visit]) -> None:
    seen = visit(open_site)
    seen.go("/consent/greeting?lang=en")
    walk_to(seen.page, "14 or older")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("text=Do you agree?")
    walk_to(seen.page, "No, I do not")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("h1:has-text('That is fine')")


def walk_to(page: Page, words: str) -> None:
    """Press Tab until the control of that name has the focus, which is seen at every stop."""
    for _ in range(30):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        assert stop["shown"], stop
        if stop["text"] == words:
            return
    pytest.fail(f"the keyboard does not come to {words}")


def test_a_yes_at_a_kiosk_whose_browser_cannot_reach_its_key_is_sent_all_the_same(open_site: Running, visit: Callable[..., Visit]) -> None:
    seen = visit(open_site, device=TABLET)
    seen.page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('full', 'QuotaExceededError'); }")
    seen.go(f"{KIOSK}/agree/greeting/notice?age=14&lang=en")
    seen.page.click("text=Yes, I agree")
    seen.page.wait_for_selector("h1:text-is('Your receipt')")


def test_reading_aloud_starts_with_the_page_and_stops_again(open_site: Running, visit: Callable[..., Visit]) -> None:
    seen = visit(open_site)
    spoken = "window.said = []; speechSynthesis.speak = (one) => window.said.push([one.lang, one.text]);"
    seen.page.add_init_script(spoken)
    seen.go("/consent/greeting/notice?age=14&lang=en")
    seen.page.click("[data-read]")
    said = seen.page.evaluate("window.said")
    assert {language for language, _ in said} == {"en"}
    assert any("Demo Ltd" in text for _, text in said), "the notice itself is read"
    assert seen.page.get_attribute("[data-read]", "aria-pressed") == "true"


def test_a_printed_receipt_has_the_secret_on_a_sheet_of_its_own(open_site: Running, new_window: Callable[..., BrowserContext]) -> None:
    context = new_window(locale="en-GB")
    page = context.new_page()
    secret = agree(page, open_site.origin)
    page.emulate_media(media="print")
    cards = page.locator(".receipt .card")
    assert cards.nth(1).evaluate("(card) => getComputedStyle(card).breakBefore") == "page"
    assert secret in cards.nth(1).inner_text()
    assert secret not in cards.nth(0).inner_text()
    assert page.locator("nav, button").filter(visible=True).count() == 0
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A5"))) >= 2


@pytest.mark.parametrize(("language", "scheme"), [("zh-CN", "light"), ("en", "dark")])
def test_every_page_can_be_named_read_and_touched_in_either_light_and_language(
    open_site: Running, visit: Callable[..., Visit], language: str, scheme: str
) -> None:
    on_telephone = visit(open_site, language=language, scheme=scheme, device=PHONE)
    on_tablet = visit(open_site, language=language, scheme=scheme, device=TABLET)
    for path in PAGES:
        seen = on_tablet if path.startswith("/kiosk") else on_telephone
        seen.go(in_language(path, language))
        assert found_on(seen.page) == {}, path
        seen.shoot(f"portal-{language}-{re.sub(r'[^a-z]+', '-', path.partition('?')[0]).strip('-') or 'home'}")
    assert [trouble for trouble in (*on_telephone.troubles, *on_tablet.troubles) if "404" not in trouble] == []


def found_on(page: Page) -> dict[str, object]:
    """Return what hinders people on a page."""
    levels = page.evaluate(OUTLINE)
    jumps = [pair for pair in itertools.pairwise((0, *levels)) if pair[1] > pair[0] + 1]
    found = {"nameless": page.evaluate(NAMELESS), "faint": page.evaluate(FAINT), "small": page.evaluate(SMALL), "wide": page.evaluate(WIDE), "outline": jumps}
    return {name: one for name, one in found.items() if one}


@pytest.mark.parametrize(("path", "device"), [(KIOSK, PHONE), ("/consent/greeting/notice?age=14", DESKTOP), (f"{KIOSK}/agree/greeting/notice?age=14", PHONE)])
def test_a_page_fits_other_screens_than_its_own(open_site: Running, visit: Callable[..., Visit], path: str, device: dict[str, Any]) -> None:
    seen = visit(open_site, device=device)
    seen.go(in_language(path, "en"))
    assert not seen.page.evaluate(WIDE)
    seen.shoot(f"portal-other-{re.sub(r'[^a-z]+', '-', path.partition('?')[0]).strip('-')}")
