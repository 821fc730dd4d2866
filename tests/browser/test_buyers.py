"""A visitor's telephone in a real browser: the link opens the claim, the secret stays out of every address, the answer is one touch, nothing hinders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from consentry.attribution.service import statements
from consentry.attribution.visiting import Answer
from consentry.platform.opening import open_site
from tests.browser.conftest import DESKTOP, PHONE, SHOTS, downloaded
from tests.browser.test_consent import found_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

    from tests.browser.sales_office import SalesOffice

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOXES = "(all) => all.map((one) => [one.offsetWidth, one.offsetHeight])"


def test_the_link_opens_the_claim_and_one_touch_answers_it(new_window: Callable[..., BrowserContext], office: SalesOffice) -> None:
    context = new_window(locale="en-GB", **PHONE)
    page = context.new_page()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.extend([request.url, request.headers.get("referer", "")]))
    page.goto(f"{office.origin}/buyer?lang=en#{office.unanswered}")
    page.wait_for_selector(".three")
    assert page.inner_text(".card strong") == "Chen Jie"
    assert len({tuple(box) for box in page.locator(".three .choice").evaluate_all(BOXES)}) == 1, "no choice is larger than another"
    page.click(".three >> text=Nobody brought me")
    page.wait_for_selector("text=Your answer is in the log.")
    assert [address for address in addresses if office.unanswered in address] == []
    assert office.unanswered not in page.url
    with open_site(office.file) as site:
        assert statements.claim_of(site, office.unanswered).answer is Answer.NOBODY


def test_without_scripts_the_code_is_typed_and_everything_works(new_window: Callable[..., BrowserContext], office: SalesOffice) -> None:
    context = new_window(locale="en-GB", java_script_enabled=False, **PHONE)
    page = context.new_page()
    page.goto(f"{office.origin}/buyer?lang=en")
    page.fill("#secret", office.bought.lower().replace("-", " "))
    page.click("text=Show >> nth=-1")
    expect(page.locator(".reason").first).to_contain_text("The client belongs to agency 蓝天经纪 Blue sky")
    with downloaded(page) as files:
        page.click("text=Save the evidence")
    assert next(iter(files)).startswith("verdict-")
    page.click("text=Something is wrong")
    page.fill("#words", "I found the hall myself.")
    page.click("details[open] .act")
    page.wait_for_selector("text=somebody looks at it")
    page.click("text=中文")
    expect(page.locator("h1")).to_have_text("您的到访")


@pytest.mark.parametrize(("language", "scheme", "device"), [("zh-CN", "dark", PHONE), ("en", "light", DESKTOP)])
def test_the_claim_can_be_named_read_and_touched(
    new_window: Callable[..., BrowserContext], office: SalesOffice, language: str, scheme: str, device: dict[str, Any]
) -> None:
    context = new_window(locale=language, color_scheme=scheme, reduced_motion="reduce", **device)
    page = context.new_page()
    page.goto(f"{office.origin}/buyer?lang={language}")
    assert found_on(page) == {}
    page.goto(f"{office.origin}/buyer?lang={language}#{office.bought}")
    page.wait_for_selector(".reason")
    for summary in page.locator("summary").all():
        summary.click()
    assert found_on(page) == {}
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"buyers-{language}-{scheme}.png", full_page=True)
