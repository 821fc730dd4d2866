"""A tablet that is a station, as the tests use it: what is pressed on its pages, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.browser.conftest import SHOTS
from tests.browser.demo_site import PASSWORD
from tests.browser.stations import STATION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Page

LOOKING = ("opening", "looking", "turn-left", "turn-right", "blink")
LONGEST_MS = 180_000
"""A ticket holds for a minute at most; on a busy machine what follows takes its time."""
TRIES = 12
TOO_SOON = ("timeout", "nobody", "quality")
"""What a capture comes to whose ten seconds ended, on a busy machine, before enough was seen; whoever stands there presses the button again."""


@dataclass(slots=True)
class Device:
    """A tablet that is the station, and everything that went wrong on its pages."""

    page: Page
    origin: str
    troubles: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Show the start of the station."""
        self.page.goto(f"{self.origin}/kiosk/{STATION}?lang=en")

    def agree(self) -> str:
        """Say yes, and return the number of the record."""
        self.start()
        self.page.click("text=Be greeted when you return >> nth=0")
        self.page.click("text=14 or older")
        self.page.click("text=Yes, I agree")
        self.page.wait_for_selector("[data-begin]")
        return self.page.inner_text("dd code") if self.page.is_visible("dd code") else self.page.text_content("dd code") or ""

    def secret(self) -> str:
        """Return the code that withdraws, as the receipt shows it."""
        return self.page.inner_text("code.secret")

    def to_recognising(self) -> None:
        """Choose to be recognised."""
        self.start()
        self.page.click("text=Recognise me")
        self.page.wait_for_selector("[data-begin]")

    def with_staff(self, name: str, password: str = PASSWORD) -> None:
        """Let a member of staff stand by and open the camera."""
        self.page.click("summary")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=password]", password)
        self.page.click("text=Sign in and open the camera")

    def result(self) -> str:
        """Wait until the camera is closed again, and return the result."""
        shut = "".join(f":not([data-stage={stage}])" for stage in (*LOOKING, "ready"))
        self.page.wait_for_selector(f"[data-capture]{shut}", timeout=LONGEST_MS)
        assert self.page.evaluate("document.querySelector('video').srcObject") is None, "the camera is closed"
        return self.page.get_attribute("[data-capture]", "data-stage") or ""

    def recognised(self, begin: Callable[[], None], again: Sequence[str] = TOO_SOON) -> str:
        """Try to be recognised, and once more where its time ended too soon; return the result. ``begin`` opens the camera."""
        result = ""
        for _ in range(TRIES):
            self.to_recognising()
            begin()
            result = self.result()
            if result not in again:
                break
        return result

    def alone(self) -> None:
        """Open the camera with nobody of the staff beside it."""
        self.page.click("[data-begin]")

    def shoot(self, name: str) -> None:
        """Keep a picture of the whole page, without what the camera shows."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"kiosk-{name}.png", full_page=True, mask=[self.page.locator("video")])


def pair(device: Device, code: str) -> None:
    device.page.fill("[data-pairing] input", code)
    device.page.click("[data-pairing] button")
    device.page.wait_for_selector("html[data-paired=true]")
