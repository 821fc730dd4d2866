"""An agent's telephone in a real browser: what leaves it and what does not, lists, codes, the pinned file, being cut off, looks and access."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consentry.attribution.commitment import Ground, is_opened
from consentry.attribution.service import arrivals
from consentry.attribution.visiting import Arrival, Binding
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.clock import FixedClock
from consentry.platform.opening import open_site
from consentry.portal.agents_offline import pinned_file
from tests.attribution.deals.hall import Hall
from tests.attribution.reports.office import MANAGER, PASSPHRASE, Office
from tests.browser.conftest import DESKTOP, PHONE, SHOTS, downloaded
from tests.browser.drawn_codes import read
from tests.browser.sales_office import AGENT, NEWCOMER
from tests.browser.test_consent import found_on
from tests.browser.windows import signed_in_state, window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Request

    from tests.browser.sales_office import SalesOffice

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VECTORS = json.loads((Path(__file__).parents[1] / "attribution" / "reports" / "commitments.json").read_text(encoding="utf-8"))
COMMIT = """async ({ root, vectors }) => {
  const { commitment } = await import(`${root}/agent-commitment.js`);
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
  return Promise.all(vectors.map((one) => commitment(one, bytes(one.salt), one.phone)));
}"""
LIST = '姓名,电话,预计到访\n王五,13500001111,\n李,12345,\n赵六,13500001111,\n\n陈,+85291234567,2020-01-01 10:00\n"钱, 女士",135 0000 2222,\n'
PAGES = ("/agent", "/agent/report", "/agent/batch", "/agent/verdicts", "/agent/device")


@dataclass(slots=True)
class Telephone:
    """A browser in which an agent is signed in: what it sent, and everything that went wrong on its pages."""

    page: Page
    origin: str
    sent: list[Request] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.origin}{path}{'&' if '?' in path else '?'}lang=en")

    def enter(self, alias: str, phone: str) -> None:
        """Type a client in, and go on to saving."""
        self.go("/agent/report")
        self.page.fill("#alias", alias)
        self.page.fill("#phone", phone)
        self.page.click("form[data-client] .act")
        self.part("save")

    def saved(self, selector: str = "[data-do=save]") -> list[dict[str, Any]]:
        """Save the receipt file, and return what it holds."""
        with downloaded(self.page) as files:
            self.page.click(selector)
        found: list[dict[str, Any]] = json.loads(next(iter(files.values())))["reports"]
        return found

    def part(self, name: str) -> None:
        self.page.wait_for_selector(f"[data-part={name}]:not([hidden])")

    def everything_sent(self) -> str:
        """Return every address, header and body that left this browser, as one text."""
        return "\n".join(f"{one.url}\n{json.dumps(one.all_headers())}\n{one.post_data or ''}" for one in self.sent if not one.url.startswith("blob:"))


@pytest.fixture(scope="module")
def state(browser: Browser, office: SalesOffice) -> Any:  # noqa: ANN401 - what Playwright keeps of a browser
    """Sign in once; every telephone begins there."""
    return signed_in_state(browser, f"{office.origin}/agent", AGENT, PASSPHRASE, then=".cards")


@pytest.fixture
def telephone(browser: Browser, office: SalesOffice, state: Any) -> Iterator[Telephone]:  # noqa: ANN401 - as above
    with window(browser, locale="en-GB", storage_state=state, **PHONE) as context:
        yield watched(context, office.origin)


def watched(context: BrowserContext, origin: str) -> Telephone:
    found = Telephone(context.new_page(), origin)
    found.page.on("request", lambda request: found.sent.extend([request]))
    found.page.on("pageerror", lambda error: found.troubles.append(str(error)))
    found.page.on("console", lambda said: found.troubles.append(said.text) if re.search("Content Security|Trusted", said.text) else None)
    return found


def payload(content: bytes) -> FilePayload:
    """Return a file as a person chooses it."""
    return {"name": "chosen", "mimeType": "text/plain", "buffer": content}


def opens(kept: dict[str, Any]) -> bool:
    """Return whether number and salt of a receipt file open its commitment, by the server's own code."""
    ground = Ground(kept["origin"], kept["project"], kept["agency"], kept["nonce"])
    return is_opened(bytes.fromhex(kept["commitment"]), ground, _salt(kept), kept["phone"])


def _salt(kept: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64decode(kept["salt"] + "=")


def test_the_page_commits_as_the_server_does(telephone: Telephone) -> None:
    telephone.go("/agent/report")
    root = telephone.page.evaluate("document.querySelector('link').href.replace(/\\/[^/]+$/, '')")
    assert telephone.page.evaluate(COMMIT, {"root": root, "vectors": VECTORS}) == [one["commitment"] for one in VECTORS]


def test_neither_number_nor_salt_is_in_anything_that_the_browser_sends_until_the_desk_scans_the_code(telephone: Telephone, office: SalesOffice) -> None:
    telephone.enter("周女士", "138 1234 9001")
    assert telephone.page.locator("[data-do=file]").is_hidden(), "nothing is filed before the file was offered"
    (first,) = telephone.saved()
    telephone.page.click("[data-do=file]")
    telephone.part("done")
    (kept,) = telephone.saved("[data-do=again]")
    telephone.page.click("[data-code-link]")
    telephone.page.click("main form .act")
    telephone.part("whole")
    shown = read(telephone.page.get_attribute("svg.qr path", "d") or "", int((telephone.page.get_attribute("svg.qr", "viewBox") or "").split()[-1]))

    sent = telephone.everything_sent()
    assert kept["commitment"] in sent
    assert "138****9001" in sent
    for secret in ("13812349001", "1234 9001", "12349001", kept["salt"], _salt(kept).hex(), _salt(kept).hex().upper()):
        assert secret not in sent, secret
    assert {**kept, "report": None, "filed": None, "receipt": None} == first
    assert (kept["phone"], opens(kept)) == ("+8613812349001", True)
    assert shown.endswith(f".{kept['salt']}.+8613812349001")
    with open_site(office.file) as site:
        proven = verify_bundle(base64.b64decode(kept["receipt"]), Trust((log_key(site),)))
        assert proven.entries[0].act.details["commitment"] == kept["commitment"]
        assert arrivals.record_arrival(site, MANAGER, "garden", Arrival(alias="周", code=shown)).binding is Binding.BOUND
    assert telephone.troubles == []


def test_a_list_from_excel_is_read_in_the_page_and_each_wrong_row_is_told_by_its_number(telephone: Telephone) -> None:
    telephone.go("/agent/batch")
    telephone.page.set_input_files("#list", files=payload(LIST.encode("gb18030")))
    telephone.page.click("form[data-list] .act")
    telephone.part("save")
    checked = [row.split("\t") for row in telephone.page.locator("[data-table=checked] tbody tr").all_inner_texts()]
    assert [(row[0], row[-1]) for row in checked] == [
        ("2", "Ready"),
        ("3", "This is no telephone number: 11 digits, or + and the country's code."),
        ("4", "The same number as in row 2."),
        ("6", "The planned time is past, or more than 60 days away."),
        ("7", "Ready"),
    ]
    kept = telephone.saved()
    telephone.page.click("[data-do=file]")
    telephone.part("done")
    assert telephone.page.inner_text("[data-value=filed]") == "2"
    assert [one["alias"] for one in kept] == ["王五", "钱, 女士"]
    assert [opens(one) for one in kept] == [True, True]
    sent = telephone.everything_sent()
    assert "135****1111" in sent
    assert [secret for one in kept for secret in (one["phone"], one["phone"][3:], one["salt"]) if secret in sent] == []
    telephone.go("/agent/device")
    telephone.page.wait_for_selector("[data-kept] li:nth-child(2)")
    assert {one["report"] is not None for one in telephone.saved()} == {True}


def test_what_could_not_be_filed_without_the_network_is_filed_from_the_same_page_when_it_is_back(telephone: Telephone) -> None:
    telephone.enter("孙", "13812349002")
    telephone.saved()
    telephone.page.context.set_offline(True)
    telephone.page.click("[data-do=file]")
    telephone.page.wait_for_selector("[data-tell]:has-text('Nothing was filed')")
    telephone.page.wait_for_selector("[data-offline]")
    telephone.page.context.set_offline(False)
    telephone.page.click("[data-do=file]")
    telephone.part("done")
    telephone.enter("孙", "13812349002")
    telephone.saved()
    telephone.page.click("[data-do=file]")
    telephone.page.wait_for_selector("[data-tell]:has-text('Your agency has a live report of this name and number already.')")


def test_the_pinned_file_commits_from_a_disk_without_any_connection_and_its_draft_is_filed(
    telephone: Telephone, new_window: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    telephone.go("/agent/report")
    telephone.page.click("[data-pasted] summary")
    telephone.page.click("[data-do=terms]")
    terms = telephone.page.locator("[data-pasted] textarea").first
    terms.wait_for(state="visible")
    (tmp_path / "consentry.html").write_bytes(pinned_file().content)
    own = watched(new_window(locale="en-GB"), "")
    own.page.goto((tmp_path / "consentry.html").as_uri())
    for name, value in {"terms": terms.input_value(), "alias": "吴", "phone": "13812349003"}.items():
        own.page.fill(f"#{name}", value)
    own.page.click("form >> nth=0 >> button")
    own.page.wait_for_selector("#result:not([hidden])")
    (kept,) = own.saved("#save")
    draft = own.page.input_value("#draft")
    assert (kept["phone"], opens(kept), "13812349003" in draft, kept["salt"] in draft) == ("+8613812349003", True, False, False)

    telephone.page.fill("#draft", json.dumps({"format": "x", "reports": [kept]}))
    telephone.page.click("[data-pasted] form button")
    telephone.page.wait_for_selector("[data-tell]:has-text('That was your receipt file')")
    telephone.page.fill("#draft", draft)
    telephone.page.click("[data-pasted] form button")
    telephone.part("pasted")
    assert (kept["salt"] in telephone.everything_sent(), "12349003" in telephone.everything_sent()) == (False, False)

    report = telephone.page.inner_text("[data-value=pasted]").split(" · ")[1]
    telephone.go(f"/agent/reports/{report}/code")
    telephone.page.click("main form .act")
    telephone.part("bare")
    own.page.fill("#code", telephone.page.inner_text("code"))
    own.page.set_input_files("#file", files=payload(_file([kept])))
    own.page.click("form >> nth=1 >> button")
    own.page.wait_for_selector("svg:not([hidden])")
    shown = read(own.page.get_attribute("svg path", "d") or "", int((own.page.get_attribute("svg", "viewBox") or "").split()[-1]))
    assert shown.endswith(f".{kept['salt']}.+8613812349003")
    telephone.page.click("details summary")
    telephone.page.set_input_files("#file", files=payload(_file([kept])))
    telephone.part("whole")
    assert [one.url for one in own.sent if not one.url.startswith(("file:", "blob:"))] == []
    assert own.troubles == telephone.troubles == []


def _file(reports: list[dict[str, Any]]) -> bytes:
    return json.dumps({"format": "consentry-agent-receipt/1", "reports": reports}).encode()


def test_a_client_who_bought_before_anybody_opened_the_report_is_shown_by_the_agent_s_own_file(telephone: Telephone, office: SalesOffice) -> None:
    telephone.enter("郑", "13812349004")
    (kept,) = telephone.saved()
    telephone.page.click("[data-do=file]")
    telephone.part("done")
    report = telephone.page.inner_text("[data-value=report]")
    with open_site(office.file) as site:
        hall = Hall(Office(site, FixedClock(site.clock.now())))
        hall.signed(hall.bought("+8613812349004", "9-904"))
    telephone.page.evaluate("indexedDB.deleteDatabase('consentry-agent')")
    telephone.go(f"/agent/reports/{report}/appeal")
    telephone.page.wait_for_selector("[data-part=bare]:not([hidden])")
    telephone.page.click("details summary")
    telephone.page.set_input_files("#file", files=payload(_file([{**kept, "nonce": "0" * 64}])))
    telephone.page.wait_for_selector("[data-tell]:has-text('The file does not hold this client.')")
    telephone.page.set_input_files("#file", files=payload(_file([kept])))
    telephone.part("whole")
    assert found_on(telephone.page) == {}
    telephone.page.screenshot(path=SHOTS / "agents-appeal-with-report.png", full_page=True)
    assert kept["salt"] not in telephone.everything_sent(), "nothing is sent before the agent sends it"
    telephone.page.fill("#words", "We reported her before she bought.")
    telephone.page.click("main form .act")
    telephone.page.wait_for_selector("text=Appeal received")
    telephone.go("/agent/verdicts")
    assert telephone.page.locator("text=An agency appealed on").count() == 1
    assert telephone.troubles == []


def test_a_one_time_link_carries_its_secret_in_no_request_address_and_leads_to_the_first_page(
    new_window: Callable[..., BrowserContext], office: SalesOffice
) -> None:
    context = new_window(locale="en-GB", **PHONE)
    guest = watched(context, office.origin)
    guest.page.goto(f"{office.origin}{office.invitation}")
    guest.page.wait_for_selector("#again")
    assert guest.page.input_value("#name") == NEWCOMER
    guest.page.fill("#passphrase", PASSPHRASE)
    guest.page.fill("#again", PASSPHRASE)
    guest.page.keyboard.press("Enter")
    guest.page.wait_for_selector("text=No reports yet.")
    secret = office.invitation.partition("#")[2]
    assert [one.url for one in guest.sent if secret in one.url or secret in one.headers.get("referer", "")] == []


LOOKS: dict[str, dict[str, Any]] = {
    "phone, light": {"locale": "zh-CN", "color_scheme": "light", **PHONE},
    "phone, dark": {"locale": "en", "color_scheme": "dark", **PHONE},
    "desktop, dark": {"locale": "zh-CN", "color_scheme": "dark", **DESKTOP},
}


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_can_be_named_read_and_touched(new_window: Callable[..., BrowserContext], office: SalesOffice, state: Any, look: str) -> None:  # noqa: ANN401 - as above
    context = new_window(storage_state=state, reduced_motion="reduce", **LOOKS[look])
    page = context.new_page()
    SHOTS.mkdir(parents=True, exist_ok=True)
    for path in PAGES:
        page.goto(f"{office.origin}{path}?lang={LOOKS[look]['locale']}")
        page.wait_for_selector("h1")
        assert found_on(page) == {}, path
        page.screenshot(path=SHOTS / f"agents-{look.replace(', ', '-')}{path.replace('/', '-')}.png", full_page=True)
