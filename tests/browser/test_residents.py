"""A resident's telephone in a real browser: the pass that it makes, also cut off and with a wrong clock; a guest's link; looks and access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consentry.access.model import AccessEvent, CredentialKind
from consentry.access.passes import Place, Verified, verify
from tests.browser.conftest import DESKTOP, PHONE, SHOTS
from tests.browser.drawn_codes import read
from tests.browser.residents_block import NAME, PASSPHRASE, opened_flats
from tests.browser.test_consent import found_on
from tests.browser.windows import signed_in_state, window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Request

    from tests.browser.residents_block import Flats

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ("/resident", "/resident/guests", "/resident/delegates", "/resident/log", "/resident/phone")
LOOKS: dict[str, dict[str, Any]] = {
    "phone-light": {"locale": "zh-CN", "color_scheme": "light", **PHONE},
    "desktop-dark": {"locale": "en", "color_scheme": "dark", **DESKTOP},
}
KEPT = """async () => {
  const opened = indexedDB.open("consentry-resident", 1);
  const database = await new Promise((resolve) => { opened.onsuccess = () => resolve(opened.result); });
  const asked = database.transaction("phone").objectStore("phone").get("phone");
  const { pair } = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  return crypto.subtle.exportKey("pkcs8", pair.privateKey).then(() => "exported", (error) => error.name);
}"""


@pytest.fixture(scope="module")
def flats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flats]:
    with opened_flats(tmp_path_factory.mktemp("flats") / "site") as found:
        yield found


@pytest.fixture(scope="module")
def state(browser: Browser, flats: Flats) -> Any:  # noqa: ANN401 - what Playwright keeps of a browser
    """Sign in once; every telephone begins there."""
    return signed_in_state(browser, f"{flats.origin}/resident", NAME, PASSPHRASE, then=".held")


@pytest.fixture
def context(browser: Browser, state: Any) -> Iterator[BrowserContext]:  # noqa: ANN401 - as above
    with window(browser, locale="en-GB", storage_state=state, **PHONE) as found:
        yield found


def set_up(context: BrowserContext, flats: Flats) -> Page:
    """Make a telephone a pass, and wait until its page is kept."""
    page = context.new_page()
    page.goto(f"{flats.origin}/resident/phone?lang=en")
    page.click("[data-do=set-up]")
    page.wait_for_selector("[data-part=pass]:not([hidden]) svg.qr path[d]", state="attached")
    page.evaluate("navigator.serviceWorker.ready")
    return page


def code_on(page: Page) -> str:
    """Return what the code on a page says."""
    svg = page.locator("svg.qr").first
    return read(svg.locator("path").get_attribute("d") or "", int((svg.get_attribute("viewBox") or "").split()[-1]))


def watched(page: Page) -> list[Request]:
    """Return what a page will have asked for."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.extend([request]))
    return sent


def proved(flats: Flats, code: str, door: str, now: datetime | None = None) -> Verified | AccessEvent:
    return verify(code, Place(flats.site, door, flats.issuers), now or datetime.now(UTC))


def test_the_telephone_s_code_opens_the_chosen_door_alone_also_without_network_and_its_key_stays(context: BrowserContext, flats: Flats) -> None:
    page = set_up(context, flats)
    shown = proved(flats, code_on(page), "front")
    assert isinstance(shown, Verified)
    assert shown.kind is CredentialKind.PHONE
    assert proved(flats, code_on(page), "lift") is AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS
    assert page.evaluate(KEPT) == "InvalidAccessError"
    page.screenshot(path=SHOTS / "residents-phone-pass.png", full_page=True)

    context.set_offline(True)
    page.goto(f"{flats.origin}/resident/phone?lang=en#door=lift")
    page.reload()
    page.wait_for_selector("[data-tell]:not([hidden]) >> text=No network.")
    page.wait_for_selector("svg.qr path[d]", state="attached")
    assert page.input_value("#door") == "lift"
    assert isinstance(proved(flats, code_on(page), "lift"), Verified)
    page.screenshot(path=SHOTS / "residents-phone-pass-offline.png", full_page=True)


def test_a_new_code_comes_each_half_minute_and_none_when_the_pass_is_over(context: BrowserContext, flats: Flats) -> None:
    page = set_up(context, flats)
    context.set_offline(True)
    first, now = code_on(page), datetime.now(UTC)
    page.clock.set_fixed_time(now + timedelta(minutes=5))
    # Not the next code only: a half minute may have begun just before the clock was set.
    while not isinstance(proved(flats, code_on(page), "front", now + timedelta(minutes=5)), Verified):
        page.wait_for_timeout(100)
    assert isinstance(proved(flats, first, "front", now + timedelta(minutes=5)), AccessEvent)
    page.clock.set_fixed_time(now + timedelta(days=91))
    page.wait_for_selector("[data-tell] >> text=This pass is out of date.")
    assert page.locator("[data-code-card]").is_hidden()
    page.clock.set_fixed_time(now - timedelta(days=2))
    page.wait_for_selector("[data-tell] >> text=before the pass began")


def test_a_wrong_clock_is_told_and_allowed_for(context: BrowserContext, flats: Flats) -> None:
    page = context.new_page()
    page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=10))
    page.goto(f"{flats.origin}/resident/phone?lang=en")
    page.click("[data-do=set-up]")
    page.wait_for_selector("[data-clock]:not([hidden]) >> text=seconds off")
    page.wait_for_selector("svg.qr path[d]", state="attached")
    assert isinstance(proved(flats, code_on(page), "front"), Verified)


def test_a_pass_that_was_reported_lost_is_told_and_forgotten_and_a_stranger_is_asked_to_sign_in(
    new_window: Callable[..., BrowserContext], context: BrowserContext, flats: Flats
) -> None:
    page = set_up(context, flats)
    page.goto(f"{flats.origin}/resident?lang=en")
    while page.locator("li:has-text('Phone pass') .state.accepted").count():
        page.click("li:has(.state.accepted):has-text('Phone pass') button")
        page.wait_for_selector("text=It is reported lost")
        page.goto(f"{flats.origin}/resident?lang=en")
    page.goto(f"{flats.origin}/resident/phone?lang=en")
    page.wait_for_selector("text=This pass was ended.")
    assert page.locator("[data-part=pass]").is_hidden()
    stranger = new_window(locale="en-GB").new_page()
    stranger.goto(f"{flats.origin}/resident/phone?lang=en")
    stranger.wait_for_selector("text=Sign in first")


def test_a_guest_at_the_door_rings_on_the_open_page_and_is_let_in_from_there(context: BrowserContext, flats: Flats) -> None:
    page = context.new_page()
    page.goto(f"{flats.origin}/resident/log?lang=en")
    page.wait_for_selector("[data-asking]", state="attached")
    flats.ring()
    page.wait_for_selector("[data-asking][aria-live=assertive] .asking >> text=at South gate since")
    assert page.title().startswith("(1) ")
    page.screenshot(path=SHOTS / "residents-rings.png", full_page=True)
    page.click(".asking button")
    page.wait_for_selector("text=The door opens for your guest within a few seconds.")
    assert [order.what.value for order in flats.heard()] == ["host-agreed"]


def test_a_guest_opens_the_link_holds_the_code_to_the_reader_and_its_secret_goes_nowhere(new_window: Callable[..., BrowserContext], flats: Flats) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    for name, look in LOOKS.items():
        context = new_window(reduced_motion="reduce", **look)
        page = context.new_page()
        sent = watched(page)
        path, _, secret = flats.guest.partition("#")
        page.goto(f"{flats.origin}{path}?lang={look['locale']}#{secret}")
        page.wait_for_selector("svg.qr")
        shown = proved(flats, code_on(page), "front")
        assert isinstance(shown, Verified)
        assert (shown.kind, shown.uses) == (CredentialKind.GUEST, 2)
        assert [one.url for one in sent if secret in one.url or secret in one.headers.get("referer", "")] == []
        assert found_on(page) == {}, name
        page.screenshot(path=SHOTS / f"residents-guest-{name}.png", full_page=True)


def test_somebody_invited_chooses_a_passphrase_and_comes_to_their_own_page(new_window: Callable[..., BrowserContext], flats: Flats) -> None:
    context = new_window(locale="zh-CN", **PHONE)
    page = context.new_page()
    page.goto(f"{flats.origin}{flats.invitation}")
    page.wait_for_selector("#again")
    assert page.input_value("#name") == "li.min"
    page.fill("#passphrase", PASSPHRASE)
    page.fill("#again", PASSPHRASE)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=您还没有通行方式")


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_can_be_named_read_and_touched(new_window: Callable[..., BrowserContext], flats: Flats, state: Any, look: str) -> None:  # noqa: ANN401 - as above
    context = new_window(storage_state=state, reduced_motion="reduce", **LOOKS[look])
    page = context.new_page()
    SHOTS.mkdir(parents=True, exist_ok=True)
    for path in PAGES:
        page.goto(f"{flats.origin}{path}?lang={LOOKS[look]['locale']}")
        page.wait_for_selector("h1")
        assert found_on(page) == {}, path
        page.screenshot(path=SHOTS / f"residents-{look}{path.replace('/', '-')}.png", full_page=True)
