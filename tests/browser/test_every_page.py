"""Every page in both languages, in light and dark, on a desk and on a phone: it stands, it fits, it asks nothing of other hosts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Running, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "overview": "/console",
    "footfall-day": "/console/footfall",
    "footfall-week": "/console/footfall?view=week",
    "footfall-line": "/console/footfall?line=front/door",
    "cameras": "/console/cameras",
    "camera": "/console/cameras/front",
    "camera-incomplete": "/console/cameras/terrace",
    "alarms": "/console/alarms",
    "alarms-history": "/console/alarms?show=closed",
    "doors-none": "/console/doors",
    "sales": "/console/attribution",
    "sales-deal": "/console/attribution/deals/{signed}",
    "sales-board": "/console/attribution/commission",
    "sales-agency": "/console/attribution/agencies/{agency}",
    "consent": "/console/consent",
    "consent-publish": "/console/consent/publish",
    "consent-assessments": "/console/consent/assessments",
    "consent-records": "/console/consent/records",
    "consent-requests": "/console/consent/requests",
    "stations": "/console/stations",
    "reviews": "/console/stations/reviews",
    "ledger": "/console/ledger",
    "ledger-entry": "/console/ledger/1",
    "ledger-nothing": "/console/ledger?action=staff.disabled",
    "staff": "/console/staff",
    "api-keys": "/console/staff/keys",
    "settings": "/console/settings",
    "settings-file": "/console/settings?part=file",
    "account": "/console/account",
    "no-such-camera": "/console/cameras/nowhere",
}
LOOKS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "en-light-desktop": ("en", "light", DESKTOP),
    "zh-light-phone": ("zh-CN", "light", PHONE),
    "zh-dark-desktop": ("zh-CN", "dark", DESKTOP),
    "en-dark-phone": ("en", "dark", PHONE),
}
WIDER = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - window.innerWidth"
WORDS = """() => {
  const walker = document.createTreeWalker(document.querySelector('.frame'), NodeFilter.SHOW_TEXT);
  const words = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!element.closest('code, .mono, pre, textarea, .brand-name')) words.push(walker.currentNode.textContent);
  }
  return words;
}"""
NAMES_OF_DATA = re.compile(
    r"vault-watch|"
    r"Consentry|CSV|XLSX|UTC|Webhook|API|English|Zhang Min|Riverside flagship|Etc/GMT\S*|camera|data|\[\[(camera|door)\]\]|TLS|ACME|IANA|PEM|UTF-8|HTTP\S*|Web|"
    r"[0-9a-f]{8,}|Model|mobilefacenet|PostgreSQL|postgresql\S*|secrets\S*|site\.toml|main\.key|vault\.key|root|off|files|acme|starttls|tls|local-authority|init|Phone|before|changed|changes|sha256|[vV]\d+|https?:\S*"
)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_and_fits(tour: Callable[..., Visit], shop: Running, name: str, look: str) -> None:
    language, scheme, device = LOOKS[look]
    seen = tour(shop, "administrator", language=language, scheme=scheme, device=device)
    seen.go(shop.place(PAGES[name]))
    seen.shoot(f"{name}-{look}")
    assert seen.page.locator("html").get_attribute("lang") == {"en": "en-US", "zh-CN": "zh-CN"}[language]
    assert seen.page.locator("h1").count() == 1
    assert seen.page.evaluate(WIDER) <= 0
    assert seen.troubles == []


@pytest.mark.parametrize("name", [name for name in PAGES if name not in {"settings-file", "consent-publish", "consent-assessments"}])
def test_a_chinese_page_holds_no_english_sentence(tour: Callable[..., Visit], shop: Running, name: str) -> None:
    seen = tour(shop, "administrator", language="zh-CN")
    seen.go(shop.place(PAGES[name]))
    words = [NAMES_OF_DATA.sub("", text) for text in seen.page.evaluate(WORDS)]
    assert [text for text in words if re.search(r"[A-Za-z]{3,}", text)] == []


@pytest.mark.parametrize("look", LOOKS)
def test_signing_in_stands_and_fits(tour: Callable[..., Visit], shop: Running, look: str) -> None:
    language, scheme, device = LOOKS[look]
    seen = tour(shop, language=language, scheme=scheme, device=device)
    seen.go("/console")
    seen.page.wait_for_url("**/console/sign-in*")
    seen.shoot(f"sign-in-{look}")
    assert seen.page.evaluate(WIDER) <= 0
    assert seen.troubles == []


def test_a_page_that_somebody_may_not_see_says_so_and_shows_nothing_else(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager")
    seen.go("/console/ledger")
    assert "Ledger: your role does not include this page" in seen.page.inner_text("main")
    assert seen.page.locator("main table").count() == 0
    assert seen.page.locator(".side .nav-link").all_inner_texts()[:4] == [
        "Overview",
        "Footfall",
        "Cameras",
        "Alarms\n3",
    ] or "Ledger" not in seen.page.inner_text(".side")
    seen.shoot("denied")


def test_an_auditor_begins_with_what_an_auditor_may_see(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "auditor")
    seen.go("/console")
    seen.page.wait_for_url("**/console/cameras")


def test_language_and_light_are_remembered(visit: Callable[..., Visit], shop: Running) -> None:
    seen = visit(shop, "manager", language="zh-CN")
    seen.go("/console/alarms")
    seen.page.click(".who")
    seen.page.click(".menu a[lang=en]")
    seen.page.wait_for_selector("h1:has-text('Alarms')")
    seen.page.click(".who")
    seen.page.click(".menu a:has-text('Dark')")
    seen.page.wait_for_selector("body.body--dark")
    seen.go("/console")
    expect(seen.page.locator("h1")).to_have_text("Overview")
    seen.page.wait_for_selector("body.body--dark")


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"])
def test_choosing_a_language_leads_to_no_other_site(visit: Callable[..., Visit], shop: Running, back: str) -> None:
    seen = visit(shop, "manager")
    seen.page.goto(f"{shop.origin}/console/preferences?language=en&back={back}")
    assert seen.page.url.startswith(shop.origin)
