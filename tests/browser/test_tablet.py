"""The page of a door in a real browser, with a real controller: every way in, what is refused and how it is told, what stays of nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from consentry.access.controller.way_back import is_vouched
from tests.access.controller.playground import SIGNING_KEY
from tests.access.proofs.house import DURESS, PIN, UNIT, house
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.tablet_door import CARD, CARD_PIN, CARD_WITH_PIN, OTHER_CARD, opened_entrance
from tests.browser.test_accessibility import FAINT, NAMELESS
from tests.browser.windows import close_window, open_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Route

    from tests.browser.tablet_door import Entrance

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TABLET: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
TRIES = 4
"""An admission holds for ten seconds, in which a busy machine may not have opened the page."""
SMALL = """() => [...document.querySelectorAll('button, a')].filter((one) => one.checkVisibility())
  .filter((one) => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < 44).map((one) => one.outerHTML)"""
# Playwright's own keys come one by one, on a busy machine with a person's pauses between them.
READER = """(text) => [...text, "Enter"].forEach((key) =>
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""
SAID = """(kinds) => {
  const found = document.querySelector("dialog[data-verdict][open]");
  return kinds.includes(found?.dataset.kind) && !found.innerText.includes("Checking") ? found.innerText : null;
}"""
WRITTEN = "() => document.documentElement.outerHTML + JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"


@pytest.fixture(scope="module")
def entrance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entrance]:
    with opened_entrance(tmp_path_factory.mktemp("entrance")) as found:
        yield found


@pytest.fixture
def show(browser: Browser, entrance: Entrance) -> Iterator[Callable[..., Page]]:
    """Open the page of a door; whatever leaves the controller or goes wrong on the page fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(door: str = "gate", more: str = "", state: Callable[[dict[str, Any]], None] | None = None, **look: Any) -> Page:  # noqa: ANN401 - Playwright's
        contexts.append(open_window(browser, **{"locale": "en-GB", "reduced_motion": "reduce", **TABLET, **look}))
        page = contexts[-1].new_page()
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith((entrance.origin, "data:")) else troubles.append(request.url))
        if state is not None:
            page.route("**/state?**", lambda route: changed(route, state))
        page.goto(f"{entrance.origin}/?door={door}{more}")
        page.wait_for_selector("[data-way=pin]:not([hidden])")
        return page

    yield open_page
    for context in contexts:
        close_window(context)
    assert troubles == []


def with_digits(route: Route) -> None:
    route.fulfill(json={**route.fetch().json(), "unit_digits": len(UNIT), "pin_digits": len(PIN)})


def with_doubt(route: Route) -> None:
    route.fulfill(json={**route.fetch().json(), "clock_in_doubt": True})


def changed(route: Route, change: Callable[[dict[str, Any]], None]) -> None:
    state = route.fetch().json()
    change(next(door for door in state["doors"] if door["id"] == "gate"))
    route.fulfill(body=json.dumps(state), content_type="application/json")


def scan(page: Page, text: str) -> None:
    """Type as a reader does, and no more often than the controller takes readings."""
    page.wait_for_timeout(500)
    page.evaluate(READER, text)


def told(page: Page, *kinds: str) -> str:
    """Return what the screen says, once it says something of a kind. It goes away by itself after seconds, and is read while it is there."""
    said = page.wait_for_function(SAID, arg=kinds).json_value()
    assert isinstance(said, str)
    return said


def put_away(page: Page) -> None:
    """Close what the screen says, unless it went away by itself."""
    page.evaluate("document.querySelector('dialog[data-verdict][open] [data-do=close]')?.click()")


def enter(page: Page, text: str) -> None:
    for key in text:
        page.click(f"dialog[open] [data-key='{key}']")
    page.click("dialog[open] [data-do=next]")


def pin(page: Page, unit: str, secret: str) -> None:
    page.wait_for_timeout(500)
    page.click("[data-way=pin] button")
    enter(page, unit)
    enter(page, secret)


def test_a_card_a_telephone_and_a_guest_get_in_and_the_next_person_finds_the_page_as_it_was(show: Callable[..., Page], entrance: Entrance) -> None:
    page = show(more="&en=North%20lobby&zh=%E5%8C%97%E9%97%A8")
    expect(page.locator("h1")).to_have_text("North lobby")
    for shown in (CARD, entrance.phone(), entrance.guest()):
        page.click("[data-language]")
        scan(page, shown)
        assert "请进" in told(page, "granted").split("\n")[0]
        put_away(page)
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert shown not in page.evaluate(WRITTEN)
    assert entrance.gate.kinds("door = 'gate' AND kind = 'granted'") == ["granted"] * 3


def test_a_pin_for_duress_shows_what_any_other_pin_shows_and_no_digit_is_written(show: Callable[..., Page], entrance: Entrance) -> None:
    page, seen = show(), []
    for secret in (PIN, DURESS):
        page.click("[data-way=pin] button")
        enter(page, UNIT)
        for key in secret:
            page.click(f"[data-key='{key}']")
        assert page.inner_text("[data-dots]") == "●" * len(secret)
        assert secret not in page.evaluate(WRITTEN)
        page.click("[data-panel=pin] [data-do=next]")
        told(page, "granted")
        # What it said stays in the page after it went away.
        seen.append(page.inner_html("dialog[data-verdict]"))
        put_away(page)
    assert seen[0] == seen[1]
    assert len(entrance.gate.rows("seq", "reports LIKE '%duress%'")) == 1


def test_where_all_have_as_many_digits_the_first_key_begins_and_the_last_one_ends_an_entry(show: Callable[..., Page], entrance: Entrance) -> None:
    page = show()
    page.route("**/state?**", with_digits)
    page.wait_for_event("response", lambda one: "/state?" in one.url)
    page.click("[data-way=pin] button")
    expect(page.locator("[data-dots]")).to_have_text("○" * len(UNIT))
    expect(page.locator("[data-panel=pin] [data-do=next]")).to_be_hidden()
    for key in UNIT + PIN:
        page.click(f"[data-panel=pin] [data-key='{key}']")
    told(page, "granted")
    put_away(page)
    for key in UNIT + PIN:
        page.keyboard.press(key)
        page.wait_for_timeout(120)
    told(page, "granted")
    put_away(page)
    for (took,) in entrance.gate.rows("took_ms", "reader = 'pin' AND kind = 'granted'")[-2:]:
        assert 0 < took < 60_000


def test_a_card_that_has_a_pin_asks_for_it(show: Callable[..., Page]) -> None:
    page = show()
    scan(page, CARD_WITH_PIN)
    expect(page.locator("#pin-title")).to_have_text("Enter the PIN of this card")
    expect(page.locator("[data-panel=pin] [data-hint]")).to_contain_text("If it has no PIN, cancel and use another way")
    for key in (*CARD_PIN, "Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(100)
    assert "Come in" in told(page, "granted")


def test_what_is_refused_does_not_tell_whether_a_number_exists_and_in_both_languages(show: Callable[..., Page], entrance: Entrance) -> None:
    page, seen = show(), set()
    pin(page, UNIT, "000000")
    seen.add(told(page, "denied"))
    put_away(page)
    pin(page, "9999", "000000")
    seen.add(told(page, "denied"))
    put_away(page)
    scan(page, "0000000000")
    expect(page.locator("#pin-title")).to_have_text("Enter the PIN of this card")
    page.wait_for_timeout(500)
    enter(page, "000000")
    seen.add(told(page, "denied"))
    assert len(seen) == 1
    assert "换一种方式" in seen.pop()
    scan(page, entrance.phone("vault"))
    assert "does not open this door" in told(page, "denied")


def test_five_failures_make_a_number_wait_and_the_seconds_left_count_down(show: Callable[..., Page]) -> None:
    page = show("vault")
    for _ in range(6):
        pin(page, "7777", "123456")
        page.wait_for_selector("dialog[data-verdict][open] >> text=/Not opened|Please wait/")
        if "Not opened" in page.inner_text("dialog[data-verdict]"):
            put_away(page)
    first = page.inner_text("#verdict-more")
    assert 0 < int("".join(filter(str.isdigit, first))) <= 60
    expect(page.locator("#verdict-more")).not_to_have_text(first)
    put_away(page)
    scan(page, OTHER_CARD)
    expect(page.locator("[data-waiting]")).to_contain_text("second person")
    scan(page, CARD)
    assert "Come in" in told(page, "granted")


def test_a_guest_whose_host_must_agree_is_asked_to_wait(show: Callable[..., Page], entrance: Entrance) -> None:
    page = show()
    scan(page, entrance.guest(host=True))
    expect(page.locator("[data-waiting]")).to_contain_text("Your host is being asked")
    page.click("[data-language]")
    expect(page.locator("[data-waiting]")).to_contain_text("正在等待主人同意")


@pytest.mark.parametrize(("door", "words"), [("shut", "locked this door"), ("open", "stands open")])
def test_a_door_that_staff_closed_or_opened_says_so(show: Callable[..., Page], door: str, words: str) -> None:
    expect(show(door).locator("[data-standing]")).to_contain_text(words)


def test_a_clock_in_doubt_is_told_in_both_languages(show: Callable[..., Page]) -> None:
    page = show()
    expect(page.locator("[data-standing]")).to_be_hidden()
    page.route("**/state?**", with_doubt)
    expect(page.locator("[data-standing]")).to_contain_text("This door's clock is in doubt")
    page.click("[data-language]")
    expect(page.locator("[data-standing]")).to_contain_text("时钟可能不准")


def test_a_fire_is_told_before_all_else_and_what_is_entered_goes_after_fifteen_seconds(show: Callable[..., Page]) -> None:
    page = show(state=lambda door: door.update(mode="fire"))
    expect(page.locator("[data-standing]")).to_contain_text("Leave at once")
    page.clock.install()
    page.click("[data-way=pin] button")
    page.click("[data-key='3']")
    page.clock.run_for(16_000)
    expect(page.locator("[data-panel=pin]")).not_to_be_visible()
    page.click("[data-way=pin] button")
    assert page.inner_text("[data-dots]") == ""


def test_without_the_server_the_face_is_out_of_service_in_its_place_and_the_others_go_on(show: Callable[..., Page]) -> None:
    page = show(state=lambda door: door["readers"].update(face="unavailable"))
    tile = page.locator("[data-way=face] button")
    expect(tile).to_contain_text("Not available now; the other ways are open")
    tile.click(force=True)
    assert "Face is not available now" in told(page, "denied")
    scan(page, CARD)
    assert "Come in" in told(page, "granted")


def test_a_face_goes_to_the_server_with_a_signed_way_back_and_its_admission_opens_the_door_once(
    new_window: Callable[..., BrowserContext], entrance: Entrance
) -> None:
    context = new_window(locale="en-GB", **TABLET)
    page, asked, admissions = context.new_page(), [], []

    def recognise(route: Route) -> None:
        to = route.fetch(max_redirects=0).headers["location"]
        if not to.startswith(f"{entrance.server.address}/door/gate/face?"):
            # On a busy machine a controller may believe for a moment that its server is gone.
            route.fulfill(status=303, headers={"Location": to})
            return
        asked.append(parse_qs(urlsplit(to).query))
        admissions.append(house().face_shown("tablet", datetime.now(UTC) + timedelta(seconds=9)))
        route.fulfill(status=303, headers={"Location": f"{asked[-1]['back'][0]}#{admissions[-1]}"})

    page.route("**/face?**", recognise)
    page.goto(f"{entrance.origin}/?door=gate")
    said = ""
    for _ in range(TRIES):
        put_away(page)
        page.click("[data-way=face] button:not([aria-disabled=true])")
        said = told(page, "granted", "denied")
        if "Come in" in said:
            break
    assert "Come in" in said
    assert "CF1" not in page.evaluate(WRITTEN)
    (back,), (proof,) = asked[0]["back"], asked[0]["proof"]
    assert back.startswith(f"{entrance.origin}/?door=gate")
    assert is_vouched(SIGNING_KEY.public_key().public_bytes_raw(), "gate", back, proof)
    page.goto(f"{entrance.origin}/?door=gate#{admissions[-1]}")
    page.wait_for_selector("dialog[data-verdict][open][data-kind=denied]")


@pytest.mark.parametrize(("scheme", "device", "beside"), [("light", TABLET, True), ("dark", DESKTOP, True), ("dark", {"viewport": PHONE["viewport"]}, False)])
def test_the_ways_are_of_one_size_and_everything_can_be_read_named_and_touched(
    show: Callable[..., Page],
    scheme: str,
    device: dict[str, Any],
    beside: bool,
) -> None:
    page = show("gate", "&call=1001", color_scheme=scheme, **device)
    boxes = [box for name in ("face", "qr", "pin") if (box := page.locator(f"[data-way={name}] button").bounding_box())]
    assert len({(round(box["width"]), round(box["height"])) for box in boxes}) == 1
    assert len({round(box["y" if beside else "x"]) for box in boxes}) == 1
    assert len(boxes) == 3
    for act in ("", "[data-way=qr] button", "[data-way=pin] button"):
        if act:
            page.click(act)
        assert [page.evaluate(check) for check in (NAMELESS, FAINT, SMALL)] == [[], [], []]
        page.keyboard.press("Escape")
    scan(page, "CG1.a.b")
    told(page, "denied")
    assert [page.evaluate(check) for check in (NAMELESS, SMALL)] == [[], []]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_works_with_the_keyboard_alone(show: Callable[..., Page]) -> None:
    page = show()
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.parentElement.dataset.way") == "pin"
    page.keyboard.press("Enter")
    for key in (*UNIT, "Enter", *PIN, "Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(90)
    assert "Come in" in told(page, "granted")
