"""A device at the front desk, as tests hold it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.browser.conftest import SHOTS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.sales_hall import SalesHall

__all__ = ["TABLET", "Tablet"]

TABLET: dict[str, Any] = {"viewport": {"width": 1180, "height": 820}}
KEPT = """async () => {
  const opened = indexedDB.open("consentry-desk", 1);
  await new Promise((done) => { opened.onsuccess = done; });
  const all = (name) => new Promise((done) => {
    const asked = opened.result.transaction(name).objectStore(name).getAll();
    asked.onsuccess = () => done(asked.result);
  });
  const [desks, queue, refused] = await Promise.all(["desks", "queue", "refused"].map(all));
  const { privateKey } = desks[0].pair;
  const left = await Promise.all(["pkcs8", "jwk"].map((form) => crypto.subtle.exportKey(form, privateKey).then(() => form, () => null)));
  opened.result.close();
  return { queue, refused, extractable: privateKey.extractable, left: left.filter(Boolean), counter: desks[0].counter };
}"""


@dataclass(slots=True)
class Tablet:
    """A device at the front desk, and everything that went wrong on its pages."""

    page: Page
    hall: SalesHall
    troubles: list[str] = field(default_factory=list)

    @property
    def desk(self) -> str:
        return self.page.url.split("/desk/")[1].partition("?")[0]

    def pair(self, code: str | None = None) -> None:
        """Become a desk, by the code that staff show or a fresh one."""
        self.page.goto(f"{self.hall.origin}/desk")
        self.page.wait_for_selector("[data-stage=pairing]")
        self.page.keyboard.type(code or self.hall.pairing_code())
        self.page.keyboard.press("Enter")
        self.at_work()
        self.page.wait_for_selector("[data-value=awaited-at]:not(:empty)")
        self.page.wait_for_selector("[data-value=shell]:not(:empty)")

    def at_work(self) -> None:
        self.page.wait_for_selector("[data-stage=working]")

    def cut_off(self, *, off: bool = True) -> None:
        self.page.context.set_offline(off)

    def receive(self, mode: str = "code", **fields: str) -> None:
        """Fill the form and press Enter."""
        self.page.wait_for_selector("[data-side=receiving]:not([hidden])")
        self.page.check(f"input[value={mode}]")
        for name, text in fields.items():
            self.page.fill(f"#{name}", text)
        self.page.press("#people", "Enter")

    def outcome(self) -> list[str]:
        """Wait until the site has answered, and return what the screen says of it."""
        self.page.wait_for_selector("[data-outcome] .good, [data-outcome] .bad")
        return self.page.locator("[data-outcome] p").all_inner_texts()

    def go_on(self) -> None:
        """Go on to the next visitor; the button has the focus."""
        self.page.wait_for_selector("[data-next]:focus")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("#code:focus")

    def wait_until_sent(self) -> None:
        self.page.wait_for_selector("body[data-waiting='0'][data-network=on]")

    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(KEPT)
        return found

    def shoot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"desk-{name}.png", full_page=True)
