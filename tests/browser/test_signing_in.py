"""From the one-time link to a working account, and back in with a second factor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pyotp
import pytest

from tests.browser.demo_site import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Running, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def next_code(secret: str) -> str:
    """Return a code of a time step that was not used yet, waiting for it where it must."""
    time.sleep(30 - time.time() % 30 + 0.5)
    return pyotp.TOTP(secret).now()


def test_the_first_administrator_is_led_from_the_link_to_an_empty_site(visit: Callable[..., Visit], empty: Running) -> None:
    seen = visit(empty)
    page = seen.page
    seen.go(empty.welcome)
    seen.shoot("welcome")
    page.fill("input[name=name]", "Lin Wei")
    page.fill("input[name=password]", "short")
    page.evaluate("document.querySelector('form').noValidate = true")
    page.click("button[type=submit]")
    page.wait_for_selector("[role=alert] >> text=fewer than 12 characters")
    seen.shoot("welcome-refused")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/console/account")
    page.wait_for_selector("text=Set up a second factor first")
    seen.shoot("account-first")
    secret = enrol(page)
    seen.shoot("account-recovery-codes")
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) >= 8
    page.click("text=I have written them down")
    page.wait_for_selector("h1:has-text('Overview')")
    seen.shoot("overview-empty")
    for name in ("cameras", "footfall", "alarms", "staff/keys"):
        seen.go(f"/console/{name}")
        page.wait_for_selector(".nothing")
        seen.shoot(f"{name.replace('/', '-')}-empty")
    sign_out(page)
    sign_in(page, "Lin Wei")
    page.wait_for_selector("text=Second factor")
    seen.shoot("sign-in-second-step")
    page.fill("form:visible input[name=code]", "000000")
    page.click("button:has-text('Sign in') >> visible=true")
    page.wait_for_selector("[role=alert]")
    page.fill("form:visible input[name=code] >> nth=0", next_code(secret))
    page.click("button:has-text('Sign in') >> visible=true")
    page.wait_for_selector("h1:has-text('Overview')")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies["consentry"]["httpOnly"]
    assert cookies["consentry"]["sameSite"] == "Strict"
    assert seen.troubles == []


def enrol(page: Page) -> str:
    page.click("button:has-text('Add an authenticator')")
    page.wait_for_selector("svg.qr")
    page.click("summary:has-text('camera does not work')")
    secret = page.inner_text(".shown-once")
    page.fill("input[name=code]", pyotp.TOTP(secret).now())
    page.click("button:has-text('Add it')")
    page.wait_for_selector(".codes li")
    return secret


def sign_out(page: Page) -> None:
    page.click(".who")
    page.click(".menu a:has-text('Sign out')")
    page.click("main button:has-text('Sign out')")
    page.wait_for_selector("input[name=password]")


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")


def test_a_wrong_password_is_refused_in_place_and_the_right_one_leads_on(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, language="zh-CN")
    seen.go("/console/alarms")
    sign_in(seen.page, "Zhang Min", "something else entirely")
    seen.page.wait_for_selector("[role=alert]")
    assert "不正确" in seen.page.inner_text("[role=alert]")
    seen.shoot("sign-in-refused")
    sign_in(seen.page, "Zhang Min")
    seen.page.wait_for_selector("h1:has-text('告警')")
    assert seen.page.url.endswith("/console/alarms")


def test_a_page_left_open_does_nothing_after_signing_out_elsewhere_and_is_where_one_comes_back_to(visit: Callable[..., Visit], shop: Running) -> None:
    elsewhere = visit(shop)
    elsewhere.go("/console/alarms")
    sign_in(elsewhere.page, "Zhang Min")
    elsewhere.page.wait_for_selector("h1:has-text('Alarms')")
    shop.tokens["left-open"] = next(cookie["value"] for cookie in elsewhere.page.context.cookies() if cookie["name"] == "consentry")
    seen = visit(shop, "left-open")
    seen.go("/console/alarms")
    sign_out(elsewhere.page)
    seen.page.click("button:has-text('Escalate') >> nth=0")
    seen.page.wait_for_url("**/console/sign-in?next=%2Fconsole%2Falarms")


@pytest.mark.parametrize("path", ["/console/welcome?token=nothing", "/console/welcome"])
def test_a_link_that_is_none_says_what_to_do(visit: Callable[..., Visit], shop: Running, path: str) -> None:
    seen = visit(shop)
    seen.go(path)
    seen.page.wait_for_selector("text=Ask an administrator for a new one.")
    seen.shoot("welcome-no-link")


def test_a_ticket_of_the_handover_works_for_nobody_else(shop: Running, visit: Callable[..., Visit]) -> None:
    seen = visit(shop)
    seen.go("/console/sign-in")
    answer = seen.page.evaluate("fetch('/console/handover', {method: 'POST', headers: {'X-Ticket': 'guess'}}).then((answer) => answer.status)")
    assert answer == 404
