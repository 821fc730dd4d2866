"""A face at a door, the whole way: consent and enrolment at the station, the door's screen, the station again, and the door; then everything against it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.sync_api import expect

from consentry.access.model import AccessEvent, ReaderKind
from tests.browser.conftest import CHROMIUM, DESKTOP, PHONE, QUIET, SHOTS
from tests.browser.demo_site import PASSWORD
from tests.browser.face_door import CARD, DOOR, STATION, opened_face_door
from tests.browser.obedient import CAMERA, before_the_camera
from tests.browser.test_accessibility import FAINT, NAMELESS
from tests.browser.test_tablet import READER
from tests.browser.windows import open_window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.face_door import FaceDoor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.realtime]

WALL: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
LOOKS: tuple[tuple[str, Literal["light", "dark"], dict[str, Any]], ...] = (("wall", "light", WALL), ("dark", "dark", DESKTOP), ("phone", "dark", PHONE))
TRIES = 12
"""On a slow machine ten seconds may end before the head has turned; whoever stands there presses the button again."""
TOLD = "dialog[data-verdict][open]:not(:has-text('Checking'))"
AGAIN = ", ".join(f"[data-capture][data-stage={stage}]" for stage in ("timeout", "liveness", "quality", "nobody"))
SMALL = """() => [...document.querySelectorAll('a, button, input')].filter((one) => one.checkVisibility() && !one.classList.contains('skip'))
  .filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""
WRITTEN = "() => document.documentElement.outerHTML + JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"


@dataclass(frozen=True, slots=True)
class Wall:
    """The screen beside the door, and whoever stands before its camera."""

    page: Page
    door: FaceDoor

    def show(self, language: str = "en") -> None:
        """Show the door's own page."""
        self.page.goto(f"{self.door.tablet}/?door={DOOR}&lang={language}&en=North%20lobby&zh=%E5%8C%97%E9%97%A8%E5%A4%A7%E5%A0%82")

    def choose_face(self) -> None:
        """Choose the face, once it is in service, and arrive at the station."""
        self.page.click("[data-way=face] button:not([aria-disabled=true])")
        self.page.wait_for_selector("[data-capture][data-stage=ready]")
        self.page.wait_for_selector("[data-record]:focus")

    def name(self, text: str) -> None:
        """Hold a code or a card to a reader that types: into the station's field, or at the door in one go."""
        if self.page.evaluate("document.activeElement.tagName") == "INPUT":
            self.page.keyboard.type(text)
            self.page.keyboard.press("Enter")
        else:
            self.page.evaluate(READER, text)

    def told(self) -> str:
        """Return what the door's page says in the end, and put it away. A capture that ended too early is begun again."""
        for _ in range(TRIES):
            found = self.page.wait_for_selector(f"{TOLD}, {AGAIN}")
            assert found is not None
            if found.get_attribute("data-verdict") is not None:
                # It goes away by itself after seconds, but its text stays.
                said = found.text_content() or ""
                self.page.keyboard.press("Escape")
                return said
            self.page.click("[data-begin]")
        message = "no capture ended well"
        raise AssertionError(message)

    def shoot(self, name: str) -> None:
        """Keep a picture, without what the camera shows."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"door-face-{name}.png", mask=[self.page.locator("video")])


@pytest.fixture(scope="module")
def door(shared: Path) -> Iterator[FaceDoor]:
    with opened_face_door(shared / "models") as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return the browser of the wall tablet. The key of the station lies in it."""
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=["--no-sandbox", *QUIET, *CAMERA])
    yield open_window(chromium, locale="en-GB", reduced_motion="reduce", **WALL)
    chromium.close()


@contextmanager
def standing(context: BrowserContext, door: FaceDoor, who: str) -> Iterator[Wall]:
    """Let somebody stand before the tablet; nothing goes wrong on the pages that they see."""
    wall, troubles = Wall(context.new_page(), door), list[str]()
    wall.page.add_init_script(before_the_camera(who))
    wall.page.on("pageerror", lambda error: troubles.append(str(error)))
    wall.page.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text or "Trusted" in said.text else None)
    yield wall
    # One page at a time: a browser does not draw the camera of a page that nobody sees.
    wall.page.close()
    assert troubles == []


def pair(wall: Wall) -> None:
    """Make the tablet the door's station."""
    page = wall.page
    page.goto(f"{wall.door.origin}/kiosk/{STATION}?lang=en")
    page.fill("[data-pairing] input", wall.door.pairing_code())
    page.click("[data-pairing] button")
    page.wait_for_selector("html[data-paired=true]")


def enrol(wall: Wall) -> tuple[str, str]:
    """Agree and enrol with staff beside, and return the number of the record and the code that withdraws."""
    page = wall.page
    page.goto(f"{wall.door.origin}/kiosk/{STATION}?lang=en")
    page.click("text=Open a door >> nth=0")
    page.click("text=14 or older")
    page.click("text=Yes, I agree")
    page.click("summary")
    page.fill("input[name=name]", wall.door.desk.name)
    page.fill("input[name=password]", PASSWORD)
    page.click("text=Sign in and open the camera")
    page.wait_for_selector("[data-capture][data-stage=enrolled]")
    return page.inner_text("dd code"), page.inner_text("code.secret")


def withdraw(wall: Wall, secret: str) -> None:
    page = wall.page
    page.goto(f"{wall.door.origin}/withdraw?lang=en")
    page.fill("input[name=secret]", secret)
    page.click("text=Withdraw now")
    page.wait_for_selector("h1:has-text('Withdrawn')")


def readable(wall: Wall, name: str) -> None:
    """See that a page can be read, named and touched on a wall, on a desk in the dark, and on a telephone."""
    page = wall.page
    for look, scheme, device in LOOKS:
        page.set_viewport_size(device["viewport"])
        # Somebody is there: a page that is left alone goes back to the door.
        page.mouse.move(1, 1)
        page.mouse.move(2, 2)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert [page.evaluate(check) for check in (NAMELESS, FAINT, SMALL)] == [[], [], []]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        wall.shoot(f"{name}-{look}")
    page.set_viewport_size(WALL["viewport"])


def let_in(wall: Wall, record: str) -> None:
    """Pass by the face, and see it at the strike, in the controller's journal and at the console; nothing of it stays on the screen."""
    door = wall.door
    wall.show()
    wall.choose_face()
    readable(wall, "waiting")
    assert not door.relay.released
    wall.name(record)
    assert "Come in" in wall.told()
    assert door.relay.released, "the strike was told"
    assert door.gate.rows("door, reader", "kind = 'granted'") == [(DOOR, "face")]
    door.until(lambda: [(event.reader, event.person) for event in door.told() if event.kind is AccessEvent.GRANTED] == [(ReaderKind.FACE, door.person)])
    assert record not in wall.page.evaluate(WRITTEN)


def refused_as_everything_is(wall: Wall, record: str) -> str:
    """Be refused for somebody else's record with the words for a pass that is none; a card shown at the station opens. Return the words."""
    wall.show("zh-CN")
    wall.name("CG1.no.pass")
    refused = wall.told()
    wall.choose_face()
    expect(wall.page.locator("html")).to_have_attribute("lang", "zh-CN")
    readable(wall, "waiting-zh")
    wall.name(record)
    assert wall.told() == refused
    wall.choose_face()
    wall.name(CARD)
    assert "请进" in wall.told()
    return refused


def out_of_service(wall: Wall) -> None:
    """Find the face out of service, and every other way as it was."""
    wall.page.click("[data-way=face] button")
    assert "人脸暂时不可用" in wall.told()
    expect(wall.page.locator("[data-way=face] button[aria-disabled=true]")).to_contain_text("其他方式照常")
    wall.shoot("away")
    wall.name(CARD)
    assert "请进" in wall.told()


def test_a_face_opens_the_door_only_for_whom_it_is_and_only_as_long_as_they_agree(door: FaceDoor, context: BrowserContext) -> None:
    with standing(context, door, "astronaut") as wall:
        pair(wall)
        record, secret = enrol(wall)
        door.link_face(record)
        let_in(wall, record)
    with standing(context, door, "officer") as wall:
        refused = refused_as_everything_is(wall, record)
    with standing(context, door, "astronaut") as wall:
        withdraw(wall, secret)
        wall.show("zh-CN")
        wall.choose_face()
        wall.name(record)
        assert wall.told() == refused
        door.vault.kill()
        out_of_service(wall)
    granted = [event.reader for event in door.told() if event.kind is AccessEvent.GRANTED]
    assert granted.count(ReaderKind.FACE) == 1
